#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hal/spi_nor against a NOR chip nobody here wrote: the one QEMU puts on the emcraft-sf2's SPI bus. What the driver
# did is judged from the file behind the chip, and QEMU tells of every command it did not know.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out qemu.log)
command -v qemu-system-arm >/dev/null || skip_all "the driver works QEMU's NOR chip" "qemu-system-arm is not installed"

start_qemu() {
    qemu-system-arm -M emcraft-sf2 -display none -monitor none -serial none -serial none \
        -S -qtest "unix:qtest,server=on,wait=off" -qtest-log none -d guest_errors -D qemu.log \
        -drive "file=nor.bin,if=mtd,format=raw" &
    qemu=$!
    running+=("$qemu")
    await_path qtest
}
stop_qemu() {
    end "$qemu" KILL # a power cut: what is in the file is what survived
    rm -f qtest
}
probe() { "$BUILD/e2e/nor_probe" qtest "$@" >out 2>&1; }
# Bytes of the file behind the chip: at $1, $2 of them.
behind() { tail -c +$(($1 + 1)) nor.bin | head -c "$2"; }
is_byte() { [ "$(behind "$1" 1 | od -An -tx1)" = " $2" ]; }

head -c 16777216 /dev/zero >nor.bin # all programmed: erase must show
head -c 3000 /dev/urandom >data
head -c 65536 /dev/zero | tr '\0' '\377' >blank
: >qemu.log
start_qemu

probe && [ "$(cat out)" = "S25SL12801 16777216 65536" ]
report $? "the chip is identified"

probe erase 0x120000
report $? "a sector is erased"
behind 0x120000 65536 | cmp -s - blank && is_byte 0x11FFFF 00 && is_byte 0x130000 00
report $? "it is blank in the file, and its neighbours are untouched"

probe program 0x120321 data read 0x120321 3000 back && cmp -s data back
report $? "3,000 bytes across pages are programmed and read back"
behind 0x120321 3000 | cmp -s - data && is_byte 0x120320 ff
report $? "they are in the file"

printf '\360' >byte && probe program 0x12FFFF byte && printf '\074' >byte && probe program 0x12FFFF byte
report $? "programming ones over zeros is no error"
is_byte 0x12FFFF 30
report $? "and clears bits only"

probe read 0xFFFF00 256 back && [ "$(wc -c <back)" = 256 ]
report $? "the last page is within reach"

stop_qemu
start_qemu
probe read 0x120321 3000 back && cmp -s data back
report $? "all is there after QEMU was killed"
stop_qemu

[ -e qemu.log ] && [ ! -s qemu.log ]
report $? "QEMU saw no command it does not know, and no write without enable"
finish
