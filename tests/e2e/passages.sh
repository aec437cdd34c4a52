#!/usr/bin/env bash
# passages pull when things go wrong: the tool killed in the middle, again and again; two stations at one gate.
# KILLS=n: times it is killed (default 12).
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
KILLS=${KILLS:-12}
ask() { sqlite3 "$1" "$2"; }
journal() { run 0 status --port line.tty --baud 230400 --site site --json && member "journal.$1"; }
pull() { run 0 passages pull --port line.tty --baud 230400 --site site --store "$1" --json; }
inputs() { echo "inputs $1" | socat - UNIX-CONNECT:gate.sock >/dev/null; }
taps() { # taps SECONDS
    touch go && sleep "$1" && rm go && sleep 0.2
}
# whole STORE: every number from the first to the gate's head, each once, and nothing odd
whole() {
    [ "$(ask "$1" 'SELECT min(seq) || " " || max(seq) || " " || count(*) FROM journal')" = "1 $((head - 1)) $((head - 1))" ] &&
        [ "$(ask "$1" 'SELECT count(*) FROM anomalies')" = 0 ] && [ "$(ask "$1" 'PRAGMA integrity_check')" = ok ]
}

{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id
    printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv -o list.1
} >out 2>err
"$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty --control gate.sock \
    --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=1000,04000001,0800AA01 >gate.log 2>&1 &
running+=($!)
# A gate that fire has released waits for nobody: passages come as fast as the reader tells them.
await ' is up, ' gate.log && run 0 whitelist push --port gate.tty --site site list.1 && inputs fire=1 && touch go
for _ in $(seq 100); do # however slow this computer is
    sleep 0.3
    run 0 status --port gate.tty --site site --json && [ "$(member journal.head)" -gt 1500 ] && break
done
rm go && sleep 0.2
"$BUILD/e2e/slow_line" gate.tty line.tty 230400 1 >line.log 2>&1 & # a pull of some seconds
running+=($!)
for _ in $(seq 500); do
    [ -L line.tty ] && break
    sleep 0.01
done
head=$(journal head)
[ "${head:-0}" -gt 1500 ]
report $? "a gate has ${head:-0} records"

# ---- killed in the middle ----
killed=0 lost=0
for i in $(seq "$KILLS"); do
    "$portillon" passages pull --port line.tty --baud 230400 --site site --store killed.db >/dev/null 2>&1 &
    pull=$!
    sleep "$((i % 2)).$((i * 37 % 90 + 10))"
    kill -9 $pull 2>/dev/null && killed=$((killed + 1))
    wait $pull 2>/dev/null
    acked=$(journal acked)
    there=$(ask killed.db "SELECT count(*) FROM journal WHERE seq <= ${acked:-0}" 2>/dev/null || echo 0)
    [ "${there:-0}" = "${acked:-0}" ] || lost=$((lost + 1))
done
[ $lost = 0 ] && [ $killed -gt 0 ]
report $? "a pull killed $killed times of $KILLS: whatever was acknowledged is stored, each time"
pull killed.db && whole killed.db && [ "$(journal pending)" = 0 ]
report $? "the next pull has the rest: nothing lost, nothing twice"

# ---- two stations ----
pull first.db && whole first.db && pull second.db && whole second.db
report $? "what one station acknowledged is there for two others"
taps 0.5
before=$head head=$(journal head)
[ "$head" -gt "$before" ] && pull second.db && whole second.db && pull first.db && whole first.db && pull killed.db && whole killed.db
report $? "new passages reach all of them, whichever comes first"
taps 0.3
head=$(journal head)
pull first.db &
first=$!
for _ in $(seq 20); do # one line, one station at a time: the other tries again
    "$portillon" passages pull --port line.tty --baud 230400 --site site --store second.db >two.out 2>&1 && break
    sleep 0.2
done
wait $first
pull first.db && pull second.db && whole first.db && whole second.db
report $? "two at once at one line: the second waits its turn, and both have all of it"
finish
