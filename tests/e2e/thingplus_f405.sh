#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The firmware of thingplus_f405 on QEMU's netduinoplus2, the same chip: USARTs work, the rest of it reads as zero, and no
# NOR chip can be attached. So it must come up without oscillators, storage, clock and random numbers, say so, and
# stay manageable. A virtual PN532 stands on its second USART.
# image: thingplus_f405
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err qemu.log)

emulator_or_skip "thingplus_f405 in QEMU"

image=$root/build/thingplus_f405/portillon
board_image thingplus_f405 >out 2>&1 &&
    [ -s "$image.elf" ] && [ -s "$image.bin" ] && [ -s "$image.hex" ] && [ -s "$image.map" ]
report $? "the image builds: elf, bin, hex and map"
[ $failed = 0 ] || exit 1 # an older image proves nothing
address_of() { arm-none-eabi-nm "$image.elf" | awk -v name="$1" '$3 == name {print $1}'; } # address_of SYMBOL
[ "$(address_of __vectors)" = 08000000 ] && [ "$(address_of __identity)" = 080e0000 ]
report $? "vectors and identity lie where chip and flashing tool look for them"
[ "$(address_of __anchor)" = 080a0000 ] && [ "$(stat -c %s "$image.bin")" -le $((0xA0000)) ]
report $? "the program stays below sector 9, where the anchor begins"

"$portillon" site init site >out 2>&1 &&
    "$portillon" identity site --device quai-1 --name "Quai" --zone canteen -o gate.id >out 2>&1
report $? "an identity is made"
[ $failed = 0 ] || exit 1

# start [OPTION...]: the machine, its maintenance port (USART3, QEMU's third serial) at gate.tty
start() {
    rm -f gate.tty serial qemu.log
    qemu-system-arm -M netduinoplus2 -display none -monitor none -kernel "$image.elf" \
        -chardev socket,id=port,path=serial,server=on,wait=off -serial null -serial null -serial chardev:port "$@" >qemu.out 2>&1 &
    qemu=$!
    running+=("$qemu")
    await_path serial
    socat -T 600 "PTY,link=gate.tty,raw,echo=0" "UNIX-CONNECT:serial" 2>>qemu.out &
    line=$!
    running+=("$line")
    await_path gate.tty
}

stop() {
    { kill "$line" "$qemu"; wait "$line" "$qemu"; } 2>/dev/null
}

banner() { # banner: Enter is pressed until a line comes, 10 s at most; it is in out
    for _ in $(seq 20); do
        { printf '\r'; sleep 0.5; } | timeout 2 socat - "FILE:gate.tty,raw,echo=0" | tr -d '\r' >out 2>/dev/null
        grep -q Portillon out && return 0
    done
    false
}

status() { run 0 status --port gate.tty --site site "$@"; } # status [OPTION...]

identity=(-device "loader,file=gate.id,addr=0x080E0000,force-raw=on")

# ---- without a reader ----
start "${identity[@]}"
banner && grep -q 'Portillon .*Quai.*out_of_order' out
report $? "Enter gets the banner: it came up with every oscillator dead"
status --json
report $? "DTLS and /status answer"
status && grep -qi 'no storage' out
report $? "/status says that storage is missing"
grep -q '^readout  *unknown' out
report $? "/status says that QEMU has no option bytes to tell of readout protection"
grep -q 'clock  *UNSET' out
report $? "it claims no clock"
grep -q 'reader  *DOWN' out
report $? "a reader that is not there is down, and no hang"
run 0 clock set --port gate.tty --site site && status && grep -qE '^clock +.*agrees with' out
report $? "the clock can be set, without a calendar chip to keep it"
echo 00112233445566778899aabbccddeeff >wrong.key && chmod 600 wrong.key
run 1 status --port gate.tty --key-file wrong.key && says "refused the maintenance key"
report $? "a wrong key gets nothing"
timeout 60 "$portillon" selftest --port gate.tty --site site --no-questions >out 2>err
grep -q '^readout lock  *skipped' out && ! grep -q '^brown-out' out
report $? "nor does the self-test claim that it is on"

client_s=10 # an emulated gate takes its time
start_bridge gate.tty
key=$("$portillon" identity key site --device quai-1 --role maintenance)
for build in gnutls openssl; do
    if ! command -v coap-client-$build >/dev/null; then
        skip "coap-client-$build" "libcoap3-bin is not installed"
        continue
    fi
    client $build maintenance "$key" get /.well-known/core && grep -q '</status>' out
    report $? "coap-client-$build reads /.well-known/core over the emulated USART"
    client $build maintenance "$key" get /status && grep -qa quai-1 out
    report $? "coap-client-$build reads /status"
done
end "$bridge" INT

noise() { head -c 3000 /dev/zero | openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00; }
noise 2>err | timeout 5 socat -u - "FILE:gate.tty,raw,echo=0"
banner && status --json
report $? "noise on the line: it answers as before"

# A wrong idea of the clock is wrong tenfold (16 MHz for 168); a busy computer is not.
uptime_s() { status --json && member uptime_s; }
before=$(uptime_s) started=$SECONDS
sleep 4
after=$(uptime_s) passed=$((SECONDS - started))
[ $((after - before)) -ge $((passed / 2)) ] && [ $((after - before)) -le $((passed * 2)) ]
report $? "its seconds are seconds: the clock it counts in is the one it runs at"
stop

# ---- with a virtual PN532 on USART6, QEMU's sixth serial ----
start "${identity[@]}" -serial null -serial null -serial unix:reader,server=on,wait=off
"$BUILD/cardsim" --connect unix:reader --control cardsim.ctl >cardsim.log 2>&1 &
running+=($!)
reader_is_up() { status --json && [ "$(member reader_up)" = 1 ]; }
eventually 20 reader_is_up && member reader | grep -q '^PN532 .* at 460800 baud$'
report $? "a PN532 on the second USART is found, and the line's speed raised"
"$BUILD/cardsim" ctl cardsim.ctl tap 04A1B2C3 >out 2>err
tapped_once() { status --json && [ "$(member taps)" = 1 ]; }
eventually 20 tapped_once && [ "$(member granted)" = 0 ]
report $? "a card is seen, and without storage refused"
stop

# ---- what it does to its pins: QEMU logs each access to a part it does not model ----
# GPIOx_BSRR is at offset 18: the low half sets pins, the high half resets them. Relay PB8, amber PC2.
pins() { grep -E "^GPIO$1: unimplemented device write \(size 4, offset 0x018, value 0x$2\)" qemu.log; }
start "${identity[@]}" -d unimp -D qemu.log
has_blinked() { [ "$(pins C 00000002 | wc -l)" -ge 3 ]; }
eventually 30 has_blinked
stop
[ -n "$(pins B 01000000)" ] && [ -z "$(pins B 00000100)" ]
report $? "starting without storage, the relay pin is driven, and never on"
[ -n "$(pins C 00000004)" ] && [ -n "$(pins C 00040000)" ] && [ -n "$(pins C 00000002)" ]
report $? "the amber light and the board's own blink: out of order"
grep -q 'value 0x0000aaaa' qemu.log && grep -q 'value 0x0000cccc' qemu.log
report $? "the watchdog is started and fed"
lacks qemu.log '^Flash.*device write .*offset 0x004'
report $? "internal flash, which QEMU does not model, is never unlocked"

start -d unimp -D qemu.log
blinks_fast() { [ "$(pins C 00000004 | wc -l)" -gt 5 ]; }
eventually 30 blinks_fast
{ printf '\r'; sleep 0.5; } | timeout 2 socat - "FILE:gate.tty,raw,echo=0" >out 2>err && [ ! -s err ]
heard=$?
stop
[ $heard = 0 ] && [ ! -s out ] && blinks_fast && [ -z "$(pins B 00000100)" ]
report $? "without an identity: silent, amber blinking fast, relay off"
finish
