#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A card emulator taped to the reader, and a fire contact that chatters. Before, each refusal and each change of the
# contact took a record: a small chip lost its first passages within a minute, a large one within a night.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
gate_options=(--port gate.tty --site site)
ask() { echo "$1" | socat - UNIX-CONNECT:gate.sock >/dev/null; }
many_taps() { [ "$(taps)" -gt 20000 ]; }
sql() { sqlite3 passages.db "$1"; }
taps() { run 0 status "${gate_options[@]}" --json && member taps; }

{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id &&
    printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv -o list.1; } >out 2>err
"$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash=1M --pty gate.tty --control gate.sock \
    --reader-helper "$BUILD/e2e/tap_source" --reader wait=listed,every=100000,04000001 >gate.log 2>&1 &
gate=$!
running+=("$gate")
await ' is up, ' gate.log && run 0 whitelist push "${gate_options[@]}" list.1 && run 0 settings "${gate_options[@]}" --set open_ms=500 &&
    touch listed && sleep 1 && rm listed && [ "$(taps)" -ge 1 ]
report $? "a gate with a small chip has a passage that nobody has fetched"
end "$gate" TERM
"$BUILD/portillond" --identity gate.id --flash gate.flash --pty gate.tty --control gate.sock \
    --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=500,05000001 >gate.log 2>&1 &
running+=($!)
await ' is up, ' gate.log && touch go
for _ in $(seq 200); do # a thousand taps an emulator takes two and a half minutes for, in a second
    ask 'inputs fire=1' && ask 'inputs fire=0'
    sleep 0.1
done
eventually 60 many_taps
rm -f go
report $? "$(taps) taps of an unknown card, and a fire contact that goes on and off"
run 0 status "${gate_options[@]}" --json && [ "$(member journal.tail)" = 1 ] && [ "$(member journal.head)" -lt 400 ]
report $? "take $(member journal.head) records, and the first one is there"
sleep 61
run 0 passages pull "${gate_options[@]}" --store passages.db && [ "$(sql "SELECT count(*) FROM journal WHERE kind = 'gap'")" = 0 ] &&
    [ "$(sql "SELECT count(*) FROM passages WHERE verdict = 'granted'")" -ge 1 ]
report $? "the passage is fetched"
[ "$(sql "SELECT count(*) FROM passages WHERE reason = 'unknown_card'")" -ge 100 ] &&
    [ "$(sql "SELECT total(ref) + (SELECT count(*) FROM passages WHERE reason = 'unknown_card') FROM events WHERE what = 'unknown_card_repeated'")" = "$(taps).0" ]
report $? "each refusal is a record, or counted"
[ "$(sql "SELECT total(ref) FROM events WHERE what = 'fire_start_repeated'")" != 0.0 ] && [ "$(sql "SELECT count(*) FROM events WHERE what = 'fire_start'")" -le 20 ]
report $? "so is the fire contact"
finish
