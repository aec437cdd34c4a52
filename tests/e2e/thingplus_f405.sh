#!/usr/bin/env bash
# The firmware of thingplus_f405 on QEMU's netduinoplus2, the same chip: USARTs work, the rest of it reads as zero, and no
# NOR chip can be attached. So it must come up without oscillators, storage, clock and random numbers, say so, and
# stay manageable. A virtual PN532 stands on its second USART.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err qemu.log)

for needed in qemu-system-arm:qemu-system-arm arm-none-eabi-gcc:gcc-arm-none-eabi socat:socat; do
    command -v "${needed%%:*}" >/dev/null && continue
    echo "ok 1 - thingplus_f405 in QEMU # SKIP ${needed##*:} is not installed"
    exit 0
done

case $(arm-none-eabi-gcc --print-file-name=picolibc.specs) in
/*) ;;
*)
    echo "ok 1 - thingplus_f405 in QEMU # SKIP picolibc-arm-none-eabi is not installed"
    exit 0
    ;;
esac

image=$root/build/thingplus_f405/portillon
board_image thingplus_f405 >out 2>&1 &&
    [ -s "$image.elf" ] && [ -s "$image.bin" ] && [ -s "$image.hex" ] && [ -s "$image.map" ]
report $? "the image builds: elf, bin, hex and map"
[ $failed = 0 ] || exit 1 # an older image proves nothing
[ "$(arm-none-eabi-nm "$image.elf" | awk '$3 == "__vectors" {print $1}')" = 08000000 ] &&
    [ "$(arm-none-eabi-nm "$image.elf" | awk '$3 == "__identity" {print $1}')" = 080e0000 ]
report $? "vectors and identity lie where chip and flashing tool look for them"

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
    for _ in $(seq 500); do [ -S serial ] && break; sleep 0.01; done
    socat -T 600 "PTY,link=gate.tty,raw,echo=0" "UNIX-CONNECT:serial" 2>>qemu.out &
    line=$!
    running+=("$line")
    for _ in $(seq 500); do [ -e gate.tty ] && return 0; sleep 0.01; done
    false
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

status() { # status: JSON in out
    timeout 30 "$portillon" status --port gate.tty --site site --json >out 2>err
}
field() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('out') AS TEXT), '\$.$1')"; }

identity=(-device "loader,file=gate.id,addr=0x080E0000,force-raw=on")

# ---- without a reader ----
start "${identity[@]}"
banner && grep -q 'Portillon .*Quai.*out_of_order' out
report $? "Enter gets the banner: it came up with every oscillator dead"
status
report $? "DTLS and /status answer"
timeout 30 "$portillon" status --port gate.tty --site site >out 2>err && grep -qi 'no storage' out
report $? "/status says that storage is missing"
grep -q 'clock  *UNSET' out
report $? "it claims no clock"
grep -q 'reader  *DOWN' out
report $? "a reader that is not there is down, and no hang"
timeout 30 "$portillon" clock set --port gate.tty --site site >out 2>err
timeout 30 "$portillon" status --port gate.tty --site site >out 2>err && ! grep -q 'clock  *UNSET' out
report $? "the clock can be set, without a calendar chip to keep it"
echo 00112233445566778899aabbccddeeff >wrong.key
timeout 30 "$portillon" status --port gate.tty --key-file wrong.key >out 2>err
[ $? = 1 ]
report $? "a wrong key gets nothing"

"$portillon" bridge --port gate.tty --udp 127.0.0.1:0 >out 2>bridge.err &
running+=($!)
bridge=$!
await 'coaps://127.0.0.1:' bridge.err
url=$(grep -o 'coaps://127.0.0.1:[0-9]*' bridge.err)
key=$("$portillon" identity key site --device quai-1 --role maintenance)
for client in coap-client-gnutls coap-client-openssl; do
    if ! command -v $client >/dev/null; then
        count=$((count + 1)) && echo "ok $count - $client reads /status # SKIP libcoap3-bin is not installed"
        continue
    fi
    timeout 20 $client -B 10 -u maintenance -k "$key" -m get "$url/.well-known/core" >out 2>err && grep -q '</status>' out
    report $? "$client reads /.well-known/core over the emulated USART"
    timeout 20 $client -B 10 -u maintenance -k "$key" -m get "$url/status" >out 2>err && grep -qa quai-1 out
    report $? "$client reads /status"
done
kill -INT $bridge && wait $bridge 2>/dev/null

head -c 3000 /dev/urandom | timeout 5 socat -u - "FILE:gate.tty,raw,echo=0"
sleep 1.5 # half a frame is given up after a second of quiet
banner && status
report $? "noise on the line: it answers as before"

# A wrong idea of the clock is wrong tenfold (16 MHz for 168); a busy computer is not.
uptime_s() { status && field uptime_s; }
before=$(uptime_s) started=$SECONDS
sleep 6
after=$(uptime_s) passed=$((SECONDS - started))
[ $((after - before)) -ge $((passed / 2)) ] && [ $((after - before)) -le $((passed * 2)) ]
report $? "its seconds are seconds: the clock it counts in is the one it runs at"
stop

# ---- with a virtual PN532 on USART6, QEMU's sixth serial ----
start "${identity[@]}" -serial null -serial null -serial unix:reader,server=on,wait=off
"$BUILD/cardsim" --connect unix:reader --control cardsim.ctl >cardsim.log 2>&1 &
running+=($!)
reader_up() {
    for _ in $(seq 30); do
        status && [ "$(field reader_up)" = 1 ] && return 0
        sleep 0.3
    done
    false
}
reader_up && field reader | grep -q '^PN532 .* at 460800 baud$'
report $? "a PN532 on the second USART is found, and the line's speed raised"
"$BUILD/cardsim" ctl cardsim.ctl tap 04A1B2C3 >out 2>err
sleep 1
status && [ "$(field taps)" = 1 ] && [ "$(field granted)" = 0 ]
report $? "a card is seen, and without storage refused"
stop

# ---- what it does to its pins: QEMU logs each access to a part it does not model ----
# GPIOx_BSRR is at offset 18: the low half sets pins, the high half resets them. Relay PB8, amber PC2.
pins() { grep -E "^GPIO$1: unimplemented device write \(size 4, offset 0x018, value 0x$2\)" qemu.log; }
start "${identity[@]}" -d unimp -D qemu.log
sleep 3
stop
[ -n "$(pins B 01000000)" ] && [ -z "$(pins B 00000100)" ]
report $? "starting without storage, the relay pin is driven, and never on"
[ -n "$(pins C 00000004)" ] && [ -n "$(pins C 00040000)" ] && [ -n "$(pins C 00000002)" ]
report $? "the amber light and the board's own blink: out of order"
grep -q 'value 0x0000aaaa' qemu.log && grep -q 'value 0x0000cccc' qemu.log
report $? "the watchdog is started and fed"

start -d unimp -D qemu.log
sleep 2
{ printf '\r'; sleep 0.5; } | timeout 2 socat - "FILE:gate.tty,raw,echo=0" >out 2>err && [ ! -s err ]
heard=$?
stop
[ $heard = 0 ] && [ ! -s out ] && [ "$(pins C 00000004 | wc -l)" -gt 5 ] && [ -z "$(pins B 00000100)" ]
report $? "without an identity: silent, amber blinking fast, relay off"
finish
