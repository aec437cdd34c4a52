#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# passages pull when things go wrong: the tool killed in the middle, again and again; two stations at one gate.
# KILLS=n: times it is killed (default 12).
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
KILLS=${KILLS:-12}
ask() { sqlite3 "$1" "$2"; }
journal() { run 0 status --port line.tty --baud 230400 --site site --json && member "journal.$1"; }
pull() { run 0 passages pull --port line.tty --baud 230400 --site site --store "$1" --json; }
taps() { pass_until 30 has_counted journal.head $((head + $1)); } # taps COUNT
# whole STORE: every number from the first to the gate's head, each once, and nothing odd
whole() {
    [ "$(ask "$1" 'SELECT min(seq) || " " || max(seq) || " " || count(*) FROM journal')" = "1 $((head - 1)) $((head - 1))" ] &&
        [ "$(ask "$1" 'SELECT count(*) FROM anomalies')" = 0 ] && [ "$(ask "$1" 'PRAGMA integrity_check')" = ok ]
}

{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id
    printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv -o list.1
} >out 2>err
start_scripted wait=go,every=1000,04000001,0800AA01 --flash gate.flash --control gate.sock
run 0 whitelist push --port gate.tty --site site list.1 && pass_until 60 has_counted journal.head 1501
start_line gate.tty line.tty 230400 1 # a pull of some seconds
gate_tty=line.tty gate_baud=230400 # from now on
head=$(journal head)
[ "${head:-0}" -gt 1500 ]
report $? "a gate has ${head:-0} records"

# ---- killed in the middle ----
killed=0 lost=0
for i in $(seq "$KILLS"); do
    "$portillon" passages pull --port line.tty --baud 230400 --site site --store killed.db >/dev/null 2>&1 &
    pull=$!
    sleep "0.$((i * 37 % 90 + 10))"
    kill -9 $pull 2>/dev/null && killed=$((killed + 1))
    wait $pull 2>/dev/null
    acked=$(journal acked) || acked=unknown # a gate that says nothing proves nothing
    there=0
    [ ! -s killed.db ] || there=$(ask killed.db "SELECT count(*) FROM journal WHERE seq <= $acked" 2>>sqlite.log)
    [ "$there" = "$acked" ] || lost=$((lost + 1))
done
[ $lost = 0 ] && [ $killed -gt 0 ]
report $? "a pull killed $killed times of $KILLS: whatever was acknowledged is stored, each time"
pull killed.db && whole killed.db && [ "$(journal pending)" = 0 ]
report $? "the next pull has the rest: nothing lost, nothing twice"

# ---- two stations ----
pull first.db && whole first.db && pull second.db && whole second.db
report $? "what one station acknowledged is there for two others"
taps 100
before=$head head=$(journal head)
[ "$head" -gt "$before" ] && pull second.db && whole second.db && pull first.db && whole first.db && pull killed.db && whole killed.db
report $? "new passages reach all of them, whichever comes first"
taps 50
head=$(journal head)
pull first.db &
first=$!
second() { "$portillon" passages pull --port line.tty --baud 230400 --site site --store second.db >two.out 2>&1; }
eventually 60 second # one line, one station at a time: the other tries again
wait $first
pull first.db && pull second.db && whole first.db && whole second.db
report $? "two at once at one line: the second waits its turn, and both have all of it"
finish
