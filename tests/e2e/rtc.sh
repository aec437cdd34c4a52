#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond with a hardware clock: it has the time at the start, and keeps one that the office sets. The clock is a file
# (preload/rtc_file.c); no hardware was tried.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
case $BUILD in
*-sanitize | *-fuzz) skip_all "portillond with a hardware clock" "a library cannot be loaded before that of the sanitizer" ;;
esac
gcc -shared -fPIC -D_GNU_SOURCE -Wall -Werror -o rtc_file.so "$root/tests/e2e/preload/rtc_file.c" 2>err
report $? "a stand-in for the hardware clock is built"
run 0 site init site && run 0 identity site --device porte-1 --name "Portail nord" --zone building -o gate.id
report $? "an identity is made"

start() { # start OPTION...: up within 10 s
    : >gate.log # what the run before said is not to be waited for
    rm -f gate.tty
    LD_PRELOAD=$work/rtc_file.so "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash=1M --reader none \
        --pty gate.tty "$@" >gate.log 2>&1 &
    gate=$!
    running+=("$gate")
    eventually 10 grep -qs ' is up, ' gate.log
}
# shows NAME: the clock of the gate is set, and stands less than a minute after the seconds NAME
shows() {
    local utc_s
    gate_status && [ "$(member clock)" = set ] && utc_s=$(date -d "$(member time)" +%s) && [ "$utc_s" -ge "$1" ] && [ "$utc_s" -lt $(($1 + 60)) ]
}

before=$(($(date +%s) - 7200)) # the clock is two hours behind the system's
echo "$before" >rtc
start --rtc rtc && shows "$before"
report $? "the time of a gate at its start is that of the hardware clock"
later=$((before + 3600))
run 0 clock set --port gate.tty --site site --role technician --to "@$later" && [ "$(cat rtc)" -ge "$later" ] && [ "$(cat rtc)" -lt $((later + 60)) ]
report $? "setting the clock of the gate sets the hardware clock"
end "$gate" KILL
start --rtc rtc && shows "$later"
report $? "the time survives the end of the gate"
end "$gate" TERM

rm gate.flash gate.flash.anchor
: >rtc
start --rtc rtc && eventually 5 grep -qxF 'portillond: rtc: the hardware clock was never set, or its cell is empty: the time is unknown until the office sets it' gate.log &&
    gate_status && [ "$(member clock)" = unset ]
report $? "a clock that was never set is told, and the gate runs without the time"
run 0 clock set --port gate.tty --site site && [ -s rtc ]
report $? "which the office then sets"
end "$gate" TERM
start --rtc no-such-clock && eventually 5 grep -qF 'portillond: no-such-clock: cannot open the hardware clock: No such file or directory' gate.log
report $? "a clock that is not there is told"
end "$gate" TERM
"$BUILD/portillond" --identity gate.id --flash gate.flash --rtc rtc --no-rtc 2>gate.log
[ $? = 2 ] && grep -qF -- '--rtc and --no-rtc contradict each other' gate.log
report $? "a clock and no clock are refused"
finish
