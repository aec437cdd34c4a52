#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a technician does at a gate: settings, and the walk over its board, against a real portillond whose inputs are
# pressed and whose outputs are watched on its control socket.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
exec </dev/null
matches() { grep -qE -- "$1" out; }
events() { sqlite3 passages.db "SELECT count(*) FROM events WHERE what = '$1' AND ref = $2"; }

gate_is() { ask_gate get | grep -q "gate=$1 "; } # gate_is STATE
start_gate() { # start_gate [OPTION...]
    start_scripted wait=go,every=1000,04000001 --flash gate.flash --control gate.sock "$@" && await 'reader up' gate.log
}
stop_gate() { end "$gate" TERM; }

options=(--port gate.tty --site site)
{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id; } \
    >out 2>err && start_gate
report $? "a gate comes up"

# ---- status ----
run 0 status "${options[@]}" --json && [ -z "$(member reset)" ] && [ -z "$(member stack)" ] && [ "$(member tap_us.worst)" = 0 ] &&
    [ "$(member flash.size)" = 16777216 ] && [ "$(member flash.sector)" = 4096 ]
report $? "status says nothing of what this board does not know, and the flash's size"
touch go && eventually 20 has_counted taps 1 && rm go && run 0 status "${options[@]}" --json && [ "$(member taps)" -ge 1 ] &&
    [ "$(member tap_us.last)" -gt 0 ] && [ "$(member tap_us.worst)" -ge "$(member tap_us.last)" ] &&
    run 0 status "${options[@]}" && matches '^taps .* from card to relay [0-9.]+ ms, at worst'
report $? "after a tap status tells how long it took"

# ---- settings ----
run 0 settings "${options[@]}" && matches '^open_ms +5000 ms$' && matches '^buzzer_on +yes$'
report $? "settings are shown"
run 0 settings "${options[@]}" --set open_ms=3000 --set buzzer_on=no && matches '^open_ms +3000 ms \(was 5000\)$' &&
    matches '^buzzer_on +no \(was yes\)$' && matches '^retention_days +90 days$'
report $? "two are changed, and the rest stays"
stop_gate && start_gate && run 0 settings "${options[@]}" --json && [ "$(member open_ms)" = 3000 ] && [ "$(member buzzer_on)" = 0 ]
report $? "they survive a restart, and --json is JSON that sqlite3 reads"
run 2 settings "${options[@]}" --set opne_ms=3000 && says "no such setting" && says "rotation_fitted, buzzer_on"
report $? "a name the gate does not have is refused, and those it has are named"
run 2 settings "${options[@]}" --set open_ms=499 && says "from 500 to 30000" && run 2 settings "${options[@]}" --set retention_days=93 &&
    says "from 1 to 92" && run 2 settings "${options[@]}" --set open_ms=2s && run 2 settings "${options[@]}" --set buzzer_on=maybe &&
    says "yes or no" && run 2 settings "${options[@]}" --set open_ms && says NAME=VALUE
report $? "so is a value out of bounds or of another kind"
run 2 settings "${options[@]}" --set buzzer_on=yes --set open_ms=1 && run 0 settings "${options[@]}" --json && [ "$(member buzzer_on)" = 0 ]
report $? "one that is wrong, and none is changed"
run 2 settings "${options[@]}" --set open_ms=4000 --set open_ms=5000 && says "twice"
report $? "one given twice is refused"
run 0 passages pull "${options[@]}" --store passages.db && [ "$(events open_ms_set 3000)" = 1 ] && [ "$(events buzzer_on_set 0)" = 1 ] &&
    run 0 settings "${options[@]}" --set open_ms=3000 && says "nothing to change" && run 0 passages pull "${options[@]}" --store passages.db &&
    [ "$(events open_ms_set 3000)" = 1 ]
report $? "a change is in the journal with its value; what is so already is not changed again"
run 0 settings "${options[@]}" --set buzzer_on=oui && matches '^buzzer_on +yes \(was no\)$' &&
    run 0 settings "${options[@]}" --set buzzer_on=non && matches '^buzzer_on +no \(was yes\)$'
report $? "oui and non are understood, as French messages show them"
run 1 settings "${options[@]}" --role maintenance && says "does not allow it to role maintenance"
report $? "the maintenance role may not"

# ---- groups, and opening by hand (by_hand.sh does both on every board) ----
printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv >out 2>err &&
    run 0 whitelist push "${options[@]}" && run 0 profiles "${options[@]}" && matches '^externe +on$' && [ "$(wc -l <out)" = 6 ]
report $? "the groups of a list are listed"
run 0 profiles "${options[@]}" off INTERNE && matches '^interne +OFF \(was on\)$' && matches '1 group turned off, 1 of 6 off now' &&
    run 0 profiles "${options[@]}" --json off interne && [ "$(member profiles.interne)" = 0 ] && [ "$(member 'changed[0]')" = "" ]
report $? "one is turned off, however it is written"
run 2 profiles off intrne "${options[@]}" && says "did you mean interne?" && says "It has externe, demi-pension" && run 2 profiles off "${options[@]}" &&
    says "which?" && run 2 profiles externe "${options[@]}" && says "say on or off" && run 2 profiles off --all externe "${options[@]}" && says "not both" &&
    run 2 profiles --all "${options[@]}" && says "on or off?" && run 0 profiles "${options[@]}" --json && [ "$(member profiles.externe)" = 1 ]
report $? "what is no group, or not clear, turns nothing"
run 0 profiles on --all "${options[@]}" && matches 'all groups may pass again'
report $? "and all are on again"
if [ -e "$BUILD/locale/fr/LC_MESSAGES/portillon.mo" ]; then
    LANGUAGE=fr run 0 profiles "${options[@]}" off interne && matches '^demi-pension +activé$' && matches '^interne +DÉSACTIVÉ \(était activé\)$' &&
        LANGUAGE=fr run 0 status "${options[@]}" && matches '^portillon Portail nord \(porte-1\), bâtiment, ' && matches '^groupes   DÉSACTIVÉS.: interne' &&
        LANGUAGE=fr run 0 settings "${options[@]}" --set buzzer_on=oui && matches '^buzzer_on +oui \(avant.: non\)$' &&
        LANGUAGE=fr run 0 settings "${options[@]}" --set buzzer_on=non && LANGUAGE=fr run 0 profiles on --all "${options[@]}"
    report $? "groups, status and settings in French"
fi
run 0 settings "${options[@]}" --set open_ms=30000
for _ in 1 2 3 4; do run 0 open "${options[@]}" --json || break; done
[ "$(member ahead)" = 3 ] && run 1 open "${options[@]}" && says "as many people are waiting"
report $? "as many may wait as there is room for"
ask_gate 'inputs fire=1' >/dev/null && eventually 10 gate_is released && run 0 open "${options[@]}" && matches 'open for all' && ask_gate 'inputs fire=0' >/dev/null &&
    eventually 10 gate_is idle && run 0 settings "${options[@]}" --set open_ms=3000
report $? "opening a gate that the fire panel released does nothing, and says so"

# ---- the walk, alone ----
run 0 selftest "${options[@]}" --no-questions && matches '^reader +passed +tap_source' && matches '^flash +passed .*sector of 4 KiB' &&
    matches '^clock +passed' && matches '^battery clock +passed' && matches '^relay +skipped' && matches '^4 passed, 0 failed, 9 skipped$'
report $? "without anybody there, reader, flash and clocks are tried"
run 0 selftest "${options[@]}" --no-questions --json && [ "$(member passed)" = 4 ] && [ "$(member 'steps[1].name')" = flash ] &&
    [ "$(member 'steps[1].result')" = passed ] && [ "$(member device)" = porte-1 ]
report $? "--json tells the same"
LC_ALL=C.UTF-8 LANGUAGE=fr run 0 selftest "${options[@]}" --no-questions --json && [ "$(member 'steps[1].result')" = passed ] && [ "$(member 'steps[5].detail')" = "nobody to ask" ] &&
    LC_ALL=C.UTF-8 LANGUAGE=fr run 0 selftest "${options[@]}" --no-questions && prints "personne à qui demander" && matches '^mémoire flash +réussi ' && matches '^relais +non fait '
report $? "also in French, where the table is French"
run 1 selftest "${options[@]}" --role maintenance -n && says "does not allow it"
report $? "the maintenance role may not test either"

# ---- the walk, with somebody there ----
# walk ANSWERS [skip]: runs it with these answers typed, one a line; presses each input as it is asked for, or (skip) leaves
# out tamper contact and button
walk() {
    socat -t 60 - UNIX-CONNECT:gate.sock >seen 2>/dev/null <<<watch &
    local watch=$! wait_s=20 # a busy machine takes its time
    [ "${2:-}" != skip ] || wait_s=3
    running+=("$watch")
    mkfifo typed
    timeout 60 "$portillon" selftest "${options[@]}" --input-time "$wait_s" <typed >out 2>err &
    local test=$!
    running+=("$test")
    exec 9>typed
    # shellcheck disable=SC2086
    printf '%s\n' $1 >&9
    await "(rotation sensor) now" err && ask_gate 'press rotation' >/dev/null
    await "(tamper contact) now" err && [ "${2:-}" != skip ] && ask_gate 'inputs tamper=1' >/dev/null
    [ "${2:-}" = skip ] && echo >&9
    await "for one person) now" err && ask_gate 'inputs tamper=0' >/dev/null && [ "${2:-}" != skip ] && ask_gate 'press button' >/dev/null
    await "the fire input" err && ask_gate 'inputs fire=1' >/dev/null
    wait "$test"
    status=$?
    exec 9>&-
    rm typed
    ask_gate 'inputs fire=0' >/dev/null
    { kill "$watch" && wait "$watch"; } 2>/dev/null
    true
}
walk "y y y y y" && [ $status = 0 ] && matches '^13 passed, 0 failed, 0 skipped$'
report $? "each light, buzzer, relay and input, seen and pressed: all passed"
for output in 10000 01000 00100 00010 00001; do
    times=$(grep '^outputs' seen | sed 's/.*relay//; s/[^01]//g' | grep -cx "$output")
    [ "$times" = 1 ] || [ "$output $times" = "00010 2" ] || break # the open housing lights amber as well
done
[ "$output $times" = "00001 1" ]
report $? "each output was driven, alone"
grep '^outputs' seen | awk '{ at = $2 } $3 == "relay=1" && $4 == "green=0" { from = at } $3 == "relay=0" && from { print at - from; exit }' \
    >span && [ "$(cat span)" -ge 950000 ] && [ "$(cat span)" -le 1200000 ]
report $? "the relay for a second ($(cat span) us)"
run 0 passages pull "${options[@]}" --store passages.db && [ "$(events test_opening 2)" = 1 ] && [ "$(events fire_start 0)" = 2 ] &&
    [ "$(events tamper_start 0)" = 1 ]
report $? "its opening is in the journal with who asked, and so are fire and tamper"
walk "n s a y y y" skip && [ $status = 1 ] && matches '^green light +failed' && matches '^red light +skipped' && matches '^amber light +passed' &&
    matches '^tamper +skipped' && matches '^button +failed +not seen in 3 s' && matches '^9 passed, 2 failed, 2 skipped$'
report $? "a light that did not come on and a button not seen: failed, exit status 1"
[ "$(grep -o 'The amber light comes on' err | wc -l)" = 2 ]
report $? "again tries it again"

# On a terminal, with the seconds that are left; Enter skips what is asked before the inputs, and the first of these.
{ printf 's\ns\ns\ns\ns\n' && await "(rotation sensor) now" typescript && sleep 2.2 && echo && sleep 0.5 && printf '\003' && sleep 0.5; } |
    timeout 60 script -qefc "$portillon selftest ${options[*]} --input-time 20" typescript >/dev/null
tr '\r' '\n' <typescript >shown
grep -q '  20 s left: ' shown && grep -q '  19 s left: ' shown && grep -q '  18 s left: ' shown && lacks shown '  21 s left' &&
    grep -qE 'rotation +skipped +not tried' typescript
report $? "the seconds that are left for an input count down on a terminal"

# ---- things that are broken ----
stop_gate
head -c 4096 /dev/zero >tiny.flash
start_scripted none --flash tiny.flash --control gate.sock
run 1 selftest "${options[@]}" --no-questions && matches '^reader +failed' && matches '^flash +failed +no chip that can be used' &&
    matches '^2 passed, 2 failed, 9 skipped$'
report $? "no reader and no memory chip: both are named"
run 1 open "${options[@]}" && says "out of order" && says "nothing opens unlogged" && run 1 profiles "${options[@]}" && says "memory chip does not answer"
report $? "without its memory nothing is opened or turned, and it says why"
stop_gate
start_gate --no-rtc
run 0 selftest "${options[@]}" --no-questions && matches '^battery clock +skipped'
report $? "a board without a battery-backed clock is no failure"
mkfifo typed
"$portillon" selftest "${options[@]}" <typed >out 2>err &
test=$!
exec 9>typed
await "green light" err && kill -INT $test
wait $test
[ $? = 130 ] && matches '^flash +passed'
report $? "Ctrl-C ends it, and what was found is told"
exec 9>&-

finish
