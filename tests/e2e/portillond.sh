#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond as a program: it starts and stops, refuses what it cannot use with one line, and comes up on any flash.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
gate=$BUILD/portillond pid=
logs=(log)
[ -x "$gate" ] || { echo "not ok 1 - $gate is built" && exit 1; }

# refused NAME STATUS WORDS OPTION...: the gate ends at once with STATUS and one line that holds WORDS
refused() {
    local name=$1 status=$2 words=$3
    shift 3
    timeout 10 "$gate" "$@" >log 2>&1
    local got=$?
    [ $got = "$status" ] && [ "$(wc -l <log)" = 1 ] && grep -qF -- "$words" log
    report $? "$name"
}

# start OPTION...: the gate in the background, up within 5 s; its output in log
start() {
    [ -z "$pid" ] || { kill -9 "$pid" && wait "$pid"; } 2>/dev/null # one that a failed check left running
    rm -f gate.sock
    "$gate" --identity gate.id --reader none --control gate.sock --pty gate.tty "$@" >log 2>&1 &
    pid=$!
    running+=("$pid")
    for _ in $(seq 500); do
        grep -q ' is up, ' log && [ -S gate.sock ] && return 0
        kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.01
    done
    return 1
}

# stop [SIGNAL]: sets status to the exit status
stop() {
    end "$pid" "${1:-TERM}"
    status=$?
    [ "${1:-}" = KILL ] || pid=
}

"$portillon" site init site >/dev/null 2>log &&
    "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id >/dev/null 2>>log
report $? "an identity is made"

# ---- options ----
"$gate" --help >log 2>&1 && grep -q '^Example' log && grep -q -- '--die-after' log
report $? "--help shows an example and the test options"
"$gate" --version >log 2>&1 && grep -qE '^portillond [0-9]+\.[0-9]+\.[0-9]+' log && [ "$(wc -l <log)" = 3 ]
report $? "--version prints a line for itself and one a library"
refused "no option at all names the one missing" 2 "--identity FILE is missing"
refused "no flash option" 2 "--flash FILE is missing" --identity gate.id
refused "an unknown option" 2 "no such option: --door" --identity gate.id --door
refused "an option without its value" 2 "takes a value: --flash" --identity gate.id --flash
refused "a stray word" 2 "not open" --identity gate.id --flash f open
refused "a sector size no chip has" 2 "--sector takes 4096 or 65536, not 512" --identity gate.id --flash f --sector 512
refused "a flash size that is no number" 2 "not lots" --identity gate.id --flash f --create-flash=lots
refused "a negative flash size" 2 "not -1" --identity gate.id --flash f --create-flash=-1
refused "two maintenance ports" 2 "choose one" --identity gate.id --flash f --pty a --serial b
refused "an anchor without its file" 2 "takes a value: --anchor" --identity gate.id --flash f --anchor
refused "the flash as its own anchor" 2 "are the same file: f" --identity gate.id --flash f --create-flash --anchor f
[ ! -e f ] && [ ! -e f.anchor ]
report $? "wrong options create nothing"

# ---- identity ----
refused "a missing identity" 1 "none.id: cannot open" --identity none.id --flash f --create-flash
head -c 200 gate.id >short.id && chmod 600 short.id
refused "a short identity" 1 "short.id: an identity file has 264 or 412 bytes, this one has 200" --identity short.id --flash f
(cat gate.id && echo) >long.id && chmod 600 long.id
refused "a long identity" 1 "long.id: an identity file has 264 or 412 bytes, this one has 265" --identity long.id --flash f
head -c 264 /dev/zero >zero.id && chmod 600 zero.id
refused "264 zeros" 1 "zero.id: is not a gate's identity" --identity zero.id --flash f
(head -c 100 gate.id && printf '\252' && tail -c 163 gate.id) >bad.id && chmod 600 bad.id
refused "an identity with a changed byte" 1 "bad.id: is a damaged identity" --identity bad.id --flash f
cp gate.id open.id && chmod 644 open.id
refused "an identity others can read" 1 "open.id: mode 0644" --identity open.id --flash f
refused "a folder as identity" 1 "not a regular file" --identity . --flash f

# ---- flash, control, serial ----
refused "a missing flash" 1 "none.flash: cannot open" --identity gate.id --flash none.flash
refused "a flash in a folder that is not there" 1 "none/f: cannot create" --identity gate.id --flash none/f --create-flash
refused "a folder as flash" 1 "site" --identity gate.id --flash site
touch notes
refused "a file in the way of the pty" 1 "notes: is in the way" --identity gate.id --flash f --create-flash --pty notes
refused "a file in the way of the socket" 1 "notes: is in the way" --identity gate.id --flash f --control notes
refused "a serial port that is not there" 1 "/dev/none: cannot open" --identity gate.id --flash f --serial /dev/none
refused "a speed no port has" 1 "12345 is not a baud rate" --identity gate.id --flash f --serial /dev/null --baud 12345
refused "a reader's program that is not there" 1 "none: cannot start" --identity gate.id --flash f --reader-helper ./none
[ -f notes ] && [ ! -e gate.sock ] && [ ! -e gate.tty ]
report $? "what was refused leaves nothing behind"
rm -f f f.anchor

# ---- the anchor, a second file of two sectors ----
start --flash f --create-flash --verbose && [ "$(stat -c '%s %a' f.anchor)" = "8192 600" ]
report $? "an anchor is made beside the flash: two sectors, the owner's alone"
grep -qF 'portillond: anchor f.anchor: 2 sectors of 4096 bytes' log
report $? "--verbose says where the anchor is"
rm -f g
refused "an anchor that another gate uses" 1 "f.anchor: another gate is using this anchor" \
    --identity gate.id --flash g --create-flash --anchor f.anchor --reader none
stop && rm -f f.anchor g
head -c 8191 /dev/zero >f.anchor
refused "an anchor of another size" 1 "f.anchor: the anchor has 8191 bytes, not 8192" --identity gate.id --flash f --reader none
[ "$(stat -c %s f.anchor)" = 8191 ]
report $? "it is left as it is"
rm -f f.anchor
refused "an anchor in a folder that is not there" 1 "none/a: cannot create the anchor: No such file" \
    --identity gate.id --flash f --anchor none/a --reader none
refused "a folder as anchor" 1 "site: cannot open the anchor" --identity gate.id --flash f --anchor site --reader none
mkdir elsewhere && start --flash f --anchor elsewhere/a && [ -s elsewhere/a ] && [ ! -e f.anchor ] && lacks log anchor && stop
report $? "an anchor is made where --anchor says, and nowhere else"
head -c 8192 /dev/urandom >elsewhere/a && start --flash f --anchor elsewhere/a && ask_gate get | grep -q ' storage=ok$' && stop && [ $status = 0 ]
report $? "an anchor full of random bytes: up"
start --flash f --anchor none && grep -qF 'no anchor (--anchor none)' log && [ ! -e f.anchor ] && [ ! -e none ] && stop
report $? "--anchor none: none is made, and the gate says so"
rm -rf f elsewhere

# ---- start and stop ----
start --flash gate.flash --create-flash
report $? "it comes up on a flash it makes"
[ "$(stat -c '%s %a' gate.flash)" = "16777216 600" ]
report $? "the flash has 16 MiB and is the owner's alone"
grep -q 'no_list' log
report $? "it says that no list is installed"
[ -L gate.tty ] && [ -c gate.tty ]
report $? "the link leads to a pty"
ask_gate get | grep -qE '^ok relay=0 .* fire=0 .* list=0 .* storage=ok$'
report $? "the control socket answers"
ask_gate 'inputs fire=1' >/dev/null
for _ in $(seq 100); do ask_gate get | grep -q '^ok relay=1 .* gate=released' && break; sleep 0.01; done
ask_gate get | grep -q '^ok relay=1 .* gate=released'
report $? "the fire input releases the gate"
ask_gate 'inputs fire=0' >/dev/null
"$gate" --identity gate.id --flash gate.flash --reader none --control gate.sock --pty gate.tty >second 2>&1
[ $? = 1 ] && grep -q 'gate.flash: another gate is using' second && [ -S gate.sock ] && [ -c gate.tty ]
report $? "a second gate on the same flash is refused, and the first goes on"
"$gate" --identity gate.id --flash other.flash --create-flash --reader none --control gate.sock >second 2>&1
[ $? = 1 ] && grep -q 'gate.sock: another gate listens' second && ask_gate get | grep -q '^ok'
report $? "a second gate on the same control socket is refused"
ticks() { awk '{print $14 + $15}' /proc/$pid/stat; }
before=$(ticks) && sleep 1 && after=$(ticks) && [ $((after - before)) -le 10 ]
report $? "an idle gate uses at most a tenth of a processor"
stop
[ $status = 0 ] && [ ! -e gate.sock ] && [ ! -L gate.tty ]
report $? "SIGTERM ends it cleanly: status 0, no socket, no link"
start --flash gate.flash && stop INT && [ $status = 0 ] && [ ! -e gate.sock ]
report $? "it starts again on the same flash, and SIGINT ends it too"
start --flash gate.flash && stop KILL && [ -S gate.sock ] && [ -L gate.tty ] && start --flash gate.flash &&
    [ -c gate.tty ] && ask_gate get | grep -q ^ok && stop && [ $status = 0 ]
report $? "after kill -9 it takes over the socket and the link left behind"

# ---- flash of any content and size ----
head -c 16777216 /dev/urandom >random.flash
start --flash random.flash && ask_gate get | grep -q ' list=0 .* storage=ok$' && grep -q no_list log && stop && [ $status = 0 ]
report $? "a flash full of random bytes: up, without a list"
start --flash random.flash && ask_gate get | grep -q ' list=0 .* storage=ok$' && stop && [ $status = 0 ]
report $? "and up again after that"
head -c 16777216 /dev/zero >zero.flash
start --flash zero.flash && ask_gate get | grep -q ' list=0 .* storage=ok$' && stop && [ $status = 0 ]
report $? "a flash full of zeros: up, without a list"
truncate -s 8M half.flash
start --flash half.flash && grep -q 'half.flash: 8388608 bytes, not the 16777216' log && ask_gate get | grep -q ' list=0 ' && stop
report $? "a flash of half the size: says so, and comes up"
start --flash small.flash --create-flash=8M && lacks log 'not the' && stop
report $? "a flash of the size asked for: nothing to say"
head -c 5000001 /dev/urandom >odd.flash
start --flash odd.flash && grep -q 'odd.flash: 5000001 bytes' log && ask_gate get | grep -q ' list=0 ' && stop
report $? "a flash that is not whole sectors: says so, and comes up"
[ "$(stat -c %s odd.flash)" = 5000001 ]
report $? "its size is left alone"
for size in 0 1 4095 4096 65536; do
    head -c $size /dev/urandom >tiny.flash
    start --flash tiny.flash && grep -q 'storage is missing' log &&
        ask_gate get | grep -q ' gate=out_of_order .* list=0 .* storage=missing$' && stop && [ $status = 0 ]
    report $? "a flash of $size bytes: up, out of order, storage missing"
done
start --flash big.flash --create-flash=16M --sector 65536 && ask_gate get | grep -q ' storage=ok$' && stop && [ $status = 0 ]
report $? "sectors of 64 KiB work"
start --flash slow.flash --create-flash --flash-timing real && ask_gate get | grep -q ' storage=ok$' && stop && [ $status = 0 ]
report $? "a flash as slow as a real one works"

# ---- power cuts while starting on a new flash ----
cuts=0 cut_failed=0
for n in $(seq 1 40); do
    rm -f cut.flash
    "$gate" --identity gate.id --flash cut.flash --create-flash --reader none --die-after "$n" >/dev/null 2>&1 &
    cut_pid=$!
    running+=("$cut_pid")
    for _ in $(seq 100); do kill -0 $cut_pid 2>/dev/null || break; sleep 0.01; done
    kill -0 $cut_pid 2>/dev/null && kill $cut_pid && wait $cut_pid && break # fewer operations than n
    wait $cut_pid 2>/dev/null
    start --flash cut.flash && ask_gate get | grep -q ' storage=ok$' && stop && [ $status = 0 ] || { cut_failed=1 && break; }
    cuts=$n
done 2>/dev/null
[ $cut_failed = 0 ] && [ $cuts -ge 2 ]
report $? "a power cut in any of the first flash operations ($cuts tried): up again"

finish
