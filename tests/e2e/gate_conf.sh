#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond from a configuration file: it starts from that alone, the command line goes first, and each wrong line is
# named with its file and number.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
gate=$BUILD/portillond example=$root/boards/linux/gate.conf
logs=(log)

# refused NAME STATUS WORDS OPTION...: the gate ends at once with STATUS and one line that holds WORDS
refused() {
    local name=$1 status=$2 words=$3
    shift 3
    timeout 10 "$gate" "$@" >log 2>&1
    local got=$?
    [ $got = "$status" ] && [ "$(wc -l <log)" = 1 ] && grep -qF -- "$words" log
    report $? "$name"
}
# wrong NAME WORDS LINES(printf): a configuration with these lines is refused with WORDS
wrong() {
    # shellcheck disable=SC2059 # LINES is a format
    printf "$3" >wrong.conf
    refused "$1" 2 "portillond: wrong.conf:$2" --config wrong.conf
}
start() { # start OPTION...: up within 10 s
    : >log # what the run before said is not to be waited for
    "$gate" "$@" >log 2>&1 &
    pid=$!
    running+=("$pid")
    eventually 10 grep -qs ' is up, ' log
}
ask_gate() { echo "$1" | timeout 5 socat - UNIX-CONNECT:"$2"; }

"$portillon" site init site >/dev/null 2>log &&
    "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id >/dev/null 2>>log
report $? "an identity is made"

# ---- a gate from its file alone ----
cat >gate.conf <<'END'
# the gate of this test
identity = gate.id
flash = "nord # 1.flash"   # a name with a hash
create-flash = 8M

fsync = yes
no-rtc = no
verbose = yes
reader = none
pty = gate.tty
control = gate.sock
END
start --config gate.conf
report $? "a gate starts from a configuration file alone"
[ "$(stat -c %s 'nord # 1.flash')" = 8388608 ] && [ -e 'nord # 1.flash.anchor' ] && [ -L gate.tty ] &&
    grep -qF 'flash nord # 1.flash: 2048 sectors of 4096 bytes' log && ask_gate get gate.sock | grep -q '^ok relay=0'
report $? "with the flash, the ports and the messages of the file"
end "$pid" TERM
report $? "it stops with exit status 0"

start --control other.sock --config gate.conf --pty other.tty
[ -S other.sock ] && [ -L other.tty ] && [ ! -e gate.sock ] && [ ! -e gate.tty ]
report $? "the command line goes before the file, wherever --config stands"
end "$pid" TERM

# ---- the example ----
"$gate" --help | sed -nE 's/^  --([a-z-]+).*/\1/p' | grep -vxE 'config|version' >options
wc -l <options | grep -qxE '1[0-9]|2[0-9]' && ! sed -nE 's/^#?([a-z-]+) = .*/\1/p' "$example" | grep -vxF -f - options
report $? "the example names each option of --help"
sed -E -e 's/^#([a-z.-]+ = )/\1/' -e '/^pty = /d' -e 's/GPIO/no-such-line-/' "$example" >all.conf
[ "$(grep -c '^gpio\..*no-such-line' all.conf)" = 9 ]
report $? "the example names each output and input"
refused "each line of the example is accepted" 1 "gpio.relay: no-such-line-17: cannot use this line: " --config all.conf
sed 's|/etc/portillon/gate.id|none.id|' "$example" >as_it_is.conf
refused "the example is accepted as it is" 1 "none.id: cannot open" --config as_it_is.conf

# ---- wrong lines ----
refused "a file that is not there" 2 "none.conf: cannot read this file: No such file" --config none.conf
refused "a folder as configuration" 2 "site: cannot read this file" --config site
refused "a configuration without its name" 2 "takes a value: --config" --config
head -c 70000 /dev/zero | tr '\0' '\n' >long.conf
refused "a file without end" 2 "long.conf: a configuration has at most 65536 bytes" --config long.conf
wrong "an unknown option" '2: no such option in a configuration: flahs' 'identity = gate.id\nflahs = x\n'
wrong "a second file" '1: no such option in a configuration: config' 'config = gate.conf\n'
wrong "help" '1: no such option in a configuration: help' 'help = yes\n'
wrong "no value" '3: there is no value for flash' '\n# x\nflash = # none\n'
wrong "no equals sign" '1: a line is `option = value`, not verbose' 'verbose\n'
wrong "an option twice" '3: this option stands in the file twice: flash' 'flash = a\n\nflash = b\n'
wrong "a quote that is not closed" '1: a quote is not closed' 'flash = "a\n'
wrong "a quote within a value" '1: quotes stand around a whole value' 'flash = a"b"\n'
wrong "neither yes nor no" '1: an option without a value takes yes or no, not maybe' 'fsync = maybe\n'
wrong "a sector size no chip has" '1: --sector takes 4096 or 65536, not 512' 'sector = 512\n'
wrong "a size that is none" '2: --create-flash takes a size of at most 128M, not lots' '\ncreate-flash = lots\n'
wrong "a control byte" '1: the line holds a byte that is no text' 'flash = a\001\n'
wrong "an output that no gate has" '1: gpio.door: no such output or input' 'gpio.door = GPIO17\n'
wrong "a line without its number" '2: gpio.relay: a line is CHIP:NUMBER' '\ngpio.relay = gpiochip0:\n'
wrong "a flag that no line has" '1: gpio.relay: a line takes active-low' 'gpio.relay = GPIO17, inverted\n'
wrong "a line with two uses" '2: gpio.red: this line has another use' 'gpio.relay = GPIO17\ngpio.red = GPIO17\n'
wrong "an output twice" '2: gpio.relay: stands in the file twice' 'gpio.relay = GPIO17\ngpio.relay = GPIO18\n'
wrong "a fire loop whose cut wire looks closed" '1: gpio.fire: a cut wire would look' 'gpio.fire = GPIO6, pull-up\n'
wrong "a fire loop without a resistor" '1: gpio.fire: say pull-up or pull-down' 'gpio.fire = GPIO6, active-low\n'
printf 'identity = gate.id\nflash = f\ngpio.relay = GPIO17\n' >no_fire.conf
refused "a gate with a relay and no word about fire" 2 "gpio.fire is missing; without one: gpio.fire = none" --config no_fire.conf
printf 'identity = gate.id\nflash = f\ncreate-flash = yes\ngpio.relay = no-such-chip:17\ngpio.fire = none\n' >no_chip.conf
refused "a chip that is not there" 1 "gpio.relay: no-such-chip:17: cannot use this line: " --config no_chip.conf
printf 'identity = gate.id\nflash = f\nserial = /dev/ttyS0\n' >serial.conf
refused "two maintenance ports, one in the file" 2 "choose one" --config serial.conf --pty gate.tty
printf 'identity = gate.id\n' >half.conf
refused "what the file lacks is named" 2 "--flash FILE is missing" --config half.conf
[ ! -e f ] && [ ! -e a ]
report $? "wrong files create nothing"
finish
