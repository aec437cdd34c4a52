#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond with GPIO lines, from its configuration file alone. libgpiod is replaced by preload/gpiod_files.c, in which the
# levels of the lines are files; the kernel's own simulation (gpio-sim) is not there on most machines that test.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
gate=$BUILD/portillond pid=
logs=(log lines/outputs)
case $BUILD in
*-sanitize | *-fuzz) skip_all "portillond on GPIO lines" "a library cannot be loaded before that of the sanitizer" ;;
esac
mkdir lines
gcc -shared -fPIC -D_GNU_SOURCE -Wall -Werror -o gpiod_files.so "$root/tests/e2e/preload/gpiod_files.c" 2>log
report $? "a stand-in for libgpiod is built"

level() { # level LINE 0|1: physical, of an input
    echo "$2" >level.new && mv level.new "lines/in.$1"
}
at_rest() { level 6 1 && level 7 0 && level 8 0 && level 9 1; }
start() { # start: up within 10 s
    : >log # what the run before said is not to be waited for
    LD_PRELOAD=$work/gpiod_files.so GPIO_FILES=$work/lines "$gate" --config gate.conf >log 2>&1 &
    pid=$!
    running+=("$pid")
    eventually 10 grep -qs ' is up, ' log
}
ask_gate() { echo "$1" | timeout 5 socat - UNIX-CONNECT:gate.sock; }
get_has() { ask_gate get | grep -qF -- "$1"; }
last_of() { [ "$(grep "^$1 " lines/outputs | tail -n 1)" = "$1 $2" ]; } # last_of LINE LEVEL: of an output
relay_on() { last_of 1 low; }
relay_off() { last_of 1 high; }

"$portillon" site init site >/dev/null 2>log &&
    "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id >/dev/null 2>>log
report $? "an identity is made"
cat >gate.conf <<'END'
identity = gate.id
flash = gate.flash
create-flash = 1M
reader = none
control = gate.sock
gpio.relay = LINE1, active-low
gpio.green = LINE2
gpio.red = "LINE3"
gpio.amber = LINE4
gpio.buzzer = none
gpio.rotation = LINE6, pull-up, active-low
gpio.fire = LINE7, pull-up, active-low
gpio.tamper = LINE8, no-pull, active-low
gpio.button = LINE9, pull-up, active-low, debounce=20
END
at_rest
start
report $? "a gate on GPIO lines starts from its configuration file alone"
[ "$(head -n 4 lines/outputs)" = "$(printf '1 high\n2 low\n3 low\n4 low')" ] && [ "$(grep -c '^1 ' lines/outputs)" = 1 ]
report $? "its outputs are off from the first moment, and the relay does not move"
get_has ' rotation=0 fire=0 tamper=0 button=0 '
report $? "contacts at rest are no input"

level 7 1
eventually 5 relay_on && eventually 5 last_of 2 high && get_has 'relay=1' && get_has ' fire=1 '
report $? "an open fire loop releases the gate: relay and green light are on"
ask_gate 'inputs fire=0' | grep -qF 'error the inputs of this gate are wires' && relay_on
report $? "the control socket shows the inputs and changes none"
level 7 0
eventually 5 relay_off && eventually 5 last_of 2 low && get_has ' fire=0 '
report $? "a closed fire loop ends it"
rm lines/in.7
eventually 5 relay_on && eventually 5 grep -qxF 'portillond: gpio.fire: LINE7: cannot be read, counts as an open contact: Input/output error' log
report $? "a fire line that cannot be read releases the gate, and is told"
level 7 0
eventually 5 relay_off && eventually 5 grep -qxF 'portillond: gpio.fire: LINE7: works again' log
report $? "it ends when the line can be read again"
level 8 1
eventually 5 get_has ' tamper=1 ' && eventually 5 last_of 4 high && relay_off
report $? "an open housing is seen, and opens nothing"
level 8 0

level 7 1 && eventually 5 relay_on && end "$pid" TERM
[ $? = 0 ] && [ "$(grep '^1 ' lines/outputs | tail -n 2)" = "$(printf '1 high\n1 released')" ] && last_of 2 released &&
    [ "$(grep '^2 ' lines/outputs | tail -n 2 | head -n 1)" = '2 low' ]
report $? "at the end the outputs are off before the lines are given back"
start && eventually 5 relay_on && { end "$pid" KILL; relay_on; } && level 7 0 && : >lines/outputs && start && relay_off
report $? "after a crash the next start takes the relay off"
end "$pid" TERM
: >lines/outputs
sed -i 's/LINE9/LINE99/' gate.conf
LD_PRELOAD=$work/gpiod_files.so GPIO_FILES=$work/lines timeout 10 "$gate" --config gate.conf >log 2>&1
[ $? = 1 ] && grep -qxF 'portillond: gpio.button: LINE99: cannot use this line: No such file or directory' log && last_of 1 released
report $? "a line that is not there ends the start, and the others are given back"
finish
