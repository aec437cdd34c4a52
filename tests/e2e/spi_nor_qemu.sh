#!/usr/bin/env bash
# hal/spi_nor against a NOR chip nobody here wrote: the one QEMU puts on the emcraft-sf2's SPI bus. What the driver
# did is judged from the file behind the chip, and QEMU tells of every command it did not know.
set -u
cd "$(dirname "$0")/../.."
: "${BUILD:=build/linux}"
if ! command -v qemu-system-arm >/dev/null; then
    echo "ok 1 - the driver works QEMU's NOR chip # SKIP qemu-system-arm is not installed"
    exit 0
fi
work=$(mktemp -d)
qemu=
trap '[ -n "$qemu" ] && kill "$qemu" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
n=0
judge() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        sed 's/^/# /' "$work/out" "$work/qemu.log"
    fi
}
start_qemu() {
    qemu-system-arm -M emcraft-sf2 -display none -monitor none -serial none -serial none \
        -S -qtest "unix:$work/qtest,server=on,wait=off" -qtest-log none -d guest_errors -D "$work/qemu.log" \
        -drive "file=$work/nor.bin,if=mtd,format=raw" &
    qemu=$!
    for _ in $(seq 100); do [ -S "$work/qtest" ] && return; sleep 0.05; done
}
stop_qemu() {
    kill -KILL "$qemu" # a power cut: what is in the file is what survived
    wait "$qemu" 2>/dev/null
    qemu=
    rm -f "$work/qtest"
}
probe() { "$BUILD/e2e/nor_probe" "$work/qtest" "$@" >"$work/out" 2>&1; }
# Bytes of the file behind the chip: at $1, $2 of them.
behind() { tail -c +$(($1 + 1)) "$work/nor.bin" | head -c "$2"; }
is_byte() { [ "$(behind "$1" 1 | od -An -tx1)" = " $2" ]; }

head -c 16777216 /dev/zero >"$work/nor.bin" # all programmed: erase must show
head -c 3000 /dev/urandom >"$work/data"
head -c 65536 /dev/zero | tr '\0' '\377' >"$work/blank"
: >"$work/qemu.log"
start_qemu

probe && [ "$(cat "$work/out")" = "S25SL12801 16777216 65536" ]
judge $? "the chip is identified"

probe erase 0x120000
judge $? "a sector is erased"
behind 0x120000 65536 | cmp -s - "$work/blank" && is_byte 0x11FFFF 00 && is_byte 0x130000 00
judge $? "it is blank in the file, and its neighbours are untouched"

probe program 0x120321 "$work/data" read 0x120321 3000 "$work/back" && cmp -s "$work/data" "$work/back"
judge $? "3,000 bytes across pages are programmed and read back"
behind 0x120321 3000 | cmp -s - "$work/data" && is_byte 0x120320 ff
judge $? "they are in the file"

printf '\360' >"$work/byte" && probe program 0x12FFFF "$work/byte" && printf '\074' >"$work/byte" && probe program 0x12FFFF "$work/byte"
judge $? "programming ones over zeros is no error"
is_byte 0x12FFFF 30
judge $? "and clears bits only"

probe read 0xFFFF00 256 "$work/back" && [ "$(wc -c <"$work/back")" = 256 ]
judge $? "the last page is within reach"

stop_qemu
start_qemu
probe read 0x120321 3000 "$work/back" && cmp -s "$work/data" "$work/back"
judge $? "all is there after QEMU was killed"
stop_qemu

! grep -q . "$work/qemu.log"
judge $? "QEMU saw no command it does not know, and no write without enable"
echo "1..$n"
