#!/usr/bin/env bash
# What a technician does at a gate: settings, and the walk over its board, against a real portillond whose inputs are
# pressed and whose outputs are watched on its control socket.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
exec </dev/null
prints() { grep -qE -- "$1" out; }
ask() { echo "$1" | timeout 5 socat -t 0.2 - UNIX-CONNECT:gate.sock 2>/dev/null; }
events() { sqlite3 passages.db "SELECT count(*) FROM events WHERE what = '$1' AND ref = $2"; }

eventually_is() { # eventually_is STATE: of the gate, up to 10 s
    for _ in $(seq 100); do
        ask get | grep -q "gate=$1 " && return 0
        sleep 0.1
    done
    false
}

start_gate() { # start_gate [OPTION...]
    : >gate.log # what the run before said is not to be waited for
    "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty --control gate.sock \
        --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=1000,04000001 "$@" >gate.log 2>&1 &
    gate=$!
    running+=("$gate")
    await 'reader up' gate.log && [ -S gate.sock ]
}

stop_gate() { { kill "$gate" && wait "$gate"; } 2>/dev/null; }

options=(--port gate.tty --site site)
{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id; } \
    >out 2>err && start_gate
report $? "a gate comes up"

# ---- status ----
run 0 status "${options[@]}" --json && [ -z "$(member reset)" ] && [ -z "$(member stack)" ] && [ "$(member tap_us.worst)" = 0 ] &&
    [ "$(member flash.size)" = 16777216 ] && [ "$(member flash.sector)" = 4096 ]
report $? "status says nothing of what this board does not know, and the flash's size"
touch go && sleep 2.5 && rm go && run 0 status "${options[@]}" --json && [ "$(member taps)" -ge 1 ] &&
    [ "$(member tap_us.last)" -gt 0 ] && [ "$(member tap_us.worst)" -ge "$(member tap_us.last)" ] &&
    run 0 status "${options[@]}" && prints '^taps .* from card to relay [0-9.]+ ms, at worst'
report $? "after a tap status tells how long it took"

# ---- settings ----
run 0 settings "${options[@]}" && prints '^open_ms +5000 ms$' && prints '^buzzer_on +yes$'
report $? "settings are shown"
run 0 settings "${options[@]}" --set open_ms=3000 --set buzzer_on=no && prints '^open_ms +3000 ms \(was 5000\)$' &&
    prints '^buzzer_on +no \(was yes\)$' && prints '^retention_days +90 days$'
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
run 1 settings "${options[@]}" --role maintenance && says "does not allow it to role maintenance"
report $? "the maintenance role may not"

# ---- groups, and opening by hand (by_hand.sh does both on every board) ----
printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv >out 2>err &&
    run 0 whitelist push "${options[@]}" && run 0 profiles "${options[@]}" && prints '^externe +on$' && [ "$(wc -l <out)" = 6 ]
report $? "the groups of a list are listed"
run 0 profiles "${options[@]}" off INTERNE && prints '^interne +OFF \(was on\)$' && prints '1 group turned off, 1 of 6 off now' &&
    run 0 profiles "${options[@]}" --json off interne && [ "$(member profiles.interne)" = 0 ] && [ "$(member 'changed[0]')" = "" ]
report $? "one is turned off, however it is written"
run 2 profiles off intrne "${options[@]}" && says "did you mean interne?" && says "It has externe, demi-pension" && run 2 profiles off "${options[@]}" &&
    says "which?" && run 2 profiles externe "${options[@]}" && says "say on or off" && run 2 profiles off --all externe "${options[@]}" && says "not both" &&
    run 2 profiles --all "${options[@]}" && says "on or off?" && run 0 profiles "${options[@]}" --json && [ "$(member profiles.externe)" = 1 ]
report $? "what is no group, or not clear, turns nothing"
run 0 profiles on --all "${options[@]}" && prints 'all groups may pass again'
report $? "and all are on again"
run 0 settings "${options[@]}" --set open_ms=30000
for _ in 1 2 3 4; do run 0 open "${options[@]}" --json || break; done
[ "$(member ahead)" = 3 ] && run 1 open "${options[@]}" && says "as many people are waiting"
report $? "as many may wait as there is room for"
ask 'inputs fire=1' >/dev/null && eventually_is released && run 0 open "${options[@]}" && prints 'open for all' && ask 'inputs fire=0' >/dev/null &&
    eventually_is idle && run 0 settings "${options[@]}" --set open_ms=3000
report $? "opening a gate that the fire panel released does nothing, and says so"

# ---- the walk, alone ----
run 0 selftest "${options[@]}" --no-questions && prints '^reader +passed +tap_source' && prints '^flash +passed .*sector of 4 KiB' &&
    prints '^clock +passed' && prints '^battery clock +passed' && prints '^relay +skipped' && prints '^4 passed, 0 failed, 9 skipped$'
report $? "without anybody there, reader, flash and clocks are tried"
run 0 selftest "${options[@]}" --no-questions --json && [ "$(member passed)" = 4 ] && [ "$(member 'steps[1].name')" = flash ] &&
    [ "$(member 'steps[1].result')" = passed ] && [ "$(member device)" = porte-1 ]
report $? "--json tells the same"
run 1 selftest "${options[@]}" --role maintenance -n && says "does not allow it"
report $? "the maintenance role may not test either"

# ---- the walk, with somebody there ----
# walk ANSWERS: runs it with these answers typed, one a line; presses each input as it is asked for
walk() {
    socat -t 60 - UNIX-CONNECT:gate.sock >seen 2>/dev/null <<<watch &
    local watch=$!
    running+=("$watch")
    mkfifo typed
    timeout 60 "$portillon" selftest "${options[@]}" --input-time 3 <typed >out 2>err &
    local test=$!
    running+=("$test")
    exec 9>typed
    # shellcheck disable=SC2086
    printf '%s\n' $1 >&9
    await "(rotation sensor) now" err && ask 'press rotation' >/dev/null
    await "(tamper contact) now" err && [ "${2:-}" != skip ] && ask 'inputs tamper=1' >/dev/null
    [ "${2:-}" = skip ] && echo >&9
    await "for one person) now" err && ask 'inputs tamper=0' >/dev/null && [ "${2:-}" != skip ] && ask 'press button' >/dev/null
    await "the fire input" err && ask 'inputs fire=1' >/dev/null
    wait "$test"
    status=$?
    exec 9>&-
    rm typed
    ask 'inputs fire=0' >/dev/null
    { kill "$watch" && wait "$watch"; } 2>/dev/null
    true
}
walk "y y y y y" && [ $status = 0 ] && prints '^13 passed, 0 failed, 0 skipped$'
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
walk "n s a y y y" skip && [ $status = 1 ] && prints '^green light +failed' && prints '^red light +skipped' && prints '^amber light +passed' &&
    prints '^tamper +skipped' && prints '^button +failed +not seen in 3 s' && prints '^9 passed, 2 failed, 2 skipped$'
report $? "a light that did not come on and a button not seen: failed, exit status 1"
[ "$(grep -o 'The amber light comes on' err | wc -l)" = 2 ]
report $? "again tries it again"

# ---- things that are broken ----
stop_gate
head -c 4096 /dev/zero >tiny.flash
rm -f gate.sock
"$BUILD/portillond" --identity gate.id --flash tiny.flash --pty gate.tty --control gate.sock --reader none >gate.log 2>&1 &
gate=$!
running+=("$gate")
await ' is up, ' gate.log
run 1 selftest "${options[@]}" --no-questions && prints '^reader +failed' && prints '^flash +failed +no chip that can be used' &&
    prints '^2 passed, 2 failed, 9 skipped$'
report $? "no reader and no memory chip: both are named"
run 1 open "${options[@]}" && says "out of order" && says "nothing opens unlogged" && run 1 profiles "${options[@]}" && says "memory chip does not answer"
report $? "without its memory nothing is opened or turned, and it says why"
stop_gate
start_gate --no-rtc
run 0 selftest "${options[@]}" --no-questions && prints '^battery clock +skipped'
report $? "a board without a battery-backed clock is no failure"
mkfifo typed
"$portillon" selftest "${options[@]}" <typed >out 2>err &
test=$!
exec 9>typed
await "green light" err && kill -INT $test
wait $test
[ $? = 130 ] && prints '^flash +passed'
report $? "Ctrl-C ends it, and what was found is told"
exec 9>&-

finish
