#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hands on the memory chip, power off: the newest sectors of the journal are erased. Before, the gate gave their numbers a
# second time, and a store that had not fetched them never knew.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
gate_options=(--port gate.tty --site site)
journal=$((0xB20000)) # of a chip of 16 MiB: firmware/storage/layout.h
ask() { echo "$1" | socat - UNIX-CONNECT:gate.sock >/dev/null; }
start() {
    rm -f gate.sock
    "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty --control gate.sock \
        --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=500,04000001 >>gate.log 2>&1 &
    gate=$!
    running+=("$gate")
    await_path gate.sock && eventually 10 run 0 status "${gate_options[@]}" --json
}
head_now() { run 0 status "${gate_options[@]}" --json && member journal.head; }
pass() { # pass NUMBER: passages until that many records are there, at a gate that fire has released
    ask 'inputs fire=1' && touch go
    for _ in $(seq 100); do
        sleep 0.1
        [ "$(head_now)" -gt "$1" ] && break
    done
    rm go && sleep 0.2 && ask 'inputs fire=0' && sleep 0.2
}

{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id &&
    printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv -o list.1; } >out 2>err
start && run 0 whitelist push "${gate_options[@]}" list.1 && pass 300 && run 0 passages pull "${gate_options[@]}" --store passages.db
fetched=$(sqlite3 passages.db "SELECT max(seq) FROM journal")
pass $((fetched + 1000))
before=$(head_now) sector=$((fetched / 127 + 2)) left=$(((fetched / 127 + 2) * 127))
[ "$before" -gt $((fetched + 1000)) ] && [ "$fetched" -gt 300 ]
report $? "a gate has given $((before - 1)) numbers, of which $fetched are fetched"
end "$gate" TERM
head -c $((99 * 4096)) /dev/zero | tr '\0' '\377' | dd of=gate.flash bs=4096 seek=$((journal / 4096 + sector)) conv=notrunc 2>/dev/null
start && now=$(head_now) && [ "$now" -ge "$before" ]
report $? "with its sectors from $sector on erased it goes on at $now: no number comes a second time"
run 3 passages pull "${gate_options[@]}" --store passages.db && [ "$(sqlite3 passages.db "SELECT count(*) FROM journal WHERE seq <= $left")" = "$left" ]
report $? "what was left is fetched"
missing=$(sqlite3 passages.db "SELECT ref FROM events WHERE what = 'journal_cut'")
[ "${missing:-0}" -ge $((before - 1 - left - 32)) ] && [ "$missing" -le $((before - 1 - left)) ]
report $? "the journal tells that at least ${missing:-no} records are missing"
[ "$(sqlite3 passages.db "SELECT sum(last_seq - first_seq + 1) FROM anomalies")" -ge "$missing" ]
report $? "and the office which numbers it has not got"
finish
