#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two lanes of a canteen and sync --watch: who ate at one lane is refused at the other, also after that one was out of reach.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs+=(watch.out watch.err)
declare -A pid_of=()
ask() { sqlite3 -readonly -cmd '.timeout 10000' store.db "$1"; }
start() { # start GATE UID: this card is tapped there while go-GATE exists
    rm -f "$1.tty" "$1.log"
    "$BUILD/portillond" --identity "$1.id" --flash "$1.flash" --anchor none --create-flash --pty "$1.tty" --control "$1.sock" \
        --reader-helper "$BUILD/e2e/tap_source" --reader "wait=go-$1,every=500000,$2" >"$1.log" 2>&1 &
    pid_of[$1]=$!
    running+=("$!")
    await ' is up, ' "$1.log"
}
stop() { end "${pid_of[$1]}" TERM; }
told() { [ "$(grep -c "$1" watch.out)" -ge "${2:-1}" ]; }
has() { [ "$(ask "SELECT count(*) FROM passages WHERE device = '$1' AND $2")" -ge 1 ]; }
tap_at() { # tap_at GATE CONDITION: until the store has such a passage of this gate
    touch "go-$1"
    eventually 20 has "$1" "$2"
    local found=$?
    rm "go-$1"
    return $found
}

ok=0
run 0 site init site || ok=1
cat >site/site.conf <<'END'
format = 1
name = Essai
time_zone = Europe/Paris

[services]
repas = mon-sun 00:00-23:59

[profile demi-pension]
called = DP
services = repas
END
for gate in lane-1 lane-2; do
    run 0 identity site --device $gate --name "$gate" --zone canteen -o $gate.id && start $gate 04000001 || ok=1
    echo "$gate $work/$gate.tty" >>site/ports
done
printf 'UID;Profil\n04000001;DP\n04000002;DP\n' >cards.csv && run 0 whitelist build site --csv cards.csv --list-version 1 && run 0 sync --site site --store store.db || ok=1
for gate in lane-1 lane-2; do run 0 settings --site site --gate $gate --port $gate.tty --role technician --set rotation_fitted=0 || ok=1; done
report $ok "two lanes have the list and the time"

"$portillon" sync --site site --store store.db --timeout 3 --every 1 --watch >watch.out 2>watch.err &
watch=$!
running+=("$watch")
eventually 30 told '^lane-1 .*up to date' && eventually 30 told '^lane-2 .*up to date'
report $? "both are followed"
tap_at lane-1 "verdict = 'granted' AND outcome = 'assumed'" && eventually 10 told '^lane-2 .*told of 1 meal elsewhere'
report $? "a meal at one lane is told to the other"
tap_at lane-2 "reason = 'already_passed'" && [ "$(ask "SELECT count(*) FROM passages WHERE device = 'lane-2' AND verdict = 'granted'")" = 0 ]
report $? "the card is refused there"

# ---- a lane that was out of reach ----
stop lane-2 && rm -f lane-2.tty && eventually 20 told '^lane-2 .*FAILED'
stop lane-1 && start lane-1 04000002 && eventually 20 told '^lane-1 .*up to date' 2
tap_at lane-1 "verdict = 'granted' AND tag <> (SELECT tag FROM passages WHERE device = 'lane-2' LIMIT 1)"
report $? "another card eats while the other lane is away"
start lane-2 04000002 && eventually 20 told '^lane-2 .*told of 1 meal elsewhere' 2
report $? "when it is back it is told what it missed, and not again what it knows"
tap_at lane-2 "reason = 'already_passed' AND tag <> (SELECT tag FROM passages WHERE device = 'lane-2' ORDER BY seq LIMIT 1)" &&
    [ "$(ask "SELECT count(*) FROM passages WHERE device = 'lane-2' AND verdict = 'granted'")" = 0 ]
report $? "and refuses that card too"
end "$watch" TERM
[ "$(ask "SELECT count(*) FROM anomalies")" = 0 ] && [ "$(ask "SELECT count(*) FROM journal WHERE what = 'meal_elsewhere'")" = 0 ] &&
    run 0 sync --site site --store store.db
report $? "the store has the passages, and not what it told"
finish
