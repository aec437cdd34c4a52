#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make flash for thingplus_f405, with a stand-in for dfu-util that keeps the chip's flash in a file and talks as dfu-util
# 0.11 does, and one for openocd. No board was ever attached here.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(log)

mkdir bin image none
cat >bin/dfu-util <<'FAKE'
#!/usr/bin/env bash
# The boards attached: one line a board attached: serial and flash layout. chip: what is in flash from 08000000. options:
# the 16 option bytes.
[ "$1" = -l ] && {
    while read -r serial layout; do
        echo "Found DFU: [0483:df11] ver=2200, devnum=9, cfg=1, intf=0, path=\"1-2\", alt=1, name=\"@Option Bytes  /0x1FFFC000/01*016 e\", serial=\"$serial\""
        echo "Found DFU: [0483:df11] ver=2200, devnum=9, cfg=1, intf=0, path=\"1-2\", alt=0, name=\"@Internal Flash  $layout\", serial=\"$serial\""
    done <boards
    [ ! -e forbidden ] || echo "dfu-util: Cannot open DFU device 0483:df11 found on devnum 9 (LIBUSB_ERROR_ACCESS)" >&2
    exit 0
}
while [ $# != 0 ]; do
    case $1 in -s) where=$2 ;; -D | -U) verb=$1 file=$2 ;; -a) alt=$2 ;; -d) ;; -S) [ "$2" = "$(head -n 1 boards | cut -d' ' -f1)" ] || exit 74 ;; esac
    shift 2
done
IFS=: read -r address len modifier <<<"$where"
offset=$((address - 0x08000000))
echo "$verb $where" >>history
[ ! -e reset ] || { echo "dfu-util: No DFU capable USB device available" >&2; exit 74; } # no boot loader any more
if [ "$alt" = 1 ]; then # writing option bytes resets the chip, so there is no answer
    [ "$address" = 0x1FFFC000 ] || exit 74
    if [ "$verb" = -U ]; then [ ! -e options_mute ] && head -c 16 options >"$file"; exit; fi
    cp "$file" options && touch reset
    exit 74
fi
if [ "$verb" = -U ]; then
    [ ! -e locked ] || exit 74
    [ ! -e "$file" ] || { echo "$file already exists" >&2; exit 73; }
    tail -c +$((offset + 1)) chip | head -c "$len" >"$file"
    [ "${modifier:-}" != leave ] || { echo "Submitting leave request..."; exit 74; }
else
    dd if="$file" of=chip bs=4096 seek=$offset oflag=seek_bytes conv=notrunc status=none
    [ ! -e flaky ] || printf '\125' | dd of=chip bs=1 seek=$((offset + 40)) conv=notrunc status=none
    echo "File downloaded successfully"
fi
FAKE
cat >bin/openocd <<'FAKE'
#!/usr/bin/env bash
[ ! -e probe ] && echo "Error: open failed" >&2 && exit 1
printf '%s\n' "$@" >openocd-arguments
for word in "$@"; do
    case $word in "dump_image "*) [ ! -e probed.id ] || cp probed.id "$(cut -d' ' -f2 <<<"$word")" ;; esac
done
FAKE
chmod +x bin/*
PATH=$work/bin:$PATH
f405='/0x08000000/04*016Kg,01*064Kg,07*128Kg'
head -c 90001 /dev/urandom >image/portillon.bin
"$portillon" site init site >log 2>&1
for id in quai-1 quai-2; do
    "$portillon" identity site --device $id --name "Quai d'été" --zone canteen -o $id.id >>log 2>&1
done

attach() { # attach LINE...: the boards there are; the first one's flash is erased
    printf '%s\n' "$@" >boards
    head -c 1048576 /dev/zero | tr '\0' '\377' >chip
    printf '\357\252\377\377\377\377\377\377\377\377\377\377\377\377\377\377' >options # as delivered: EF AA
    rm -f history forbidden locked flaky probe reset options_mute
}

flash() { # flash [VARIABLE=VALUE...]
    env BOARD=thingplus_f405 BUILD=image "$@" "$root/tools/flash" >log 2>&1
}

refused() { # refused NAME WORDS [VARIABLE=VALUE...]: ends with 1, says WORDS, writes nothing
    local name=$1 words=$2
    shift 2
    flash "$@"
    [ $? = 1 ] && grep -qF -- "$words" log && { [ ! -e history ] || lacks history '^-D'; } && lacks log "done"
    report $? "$name"
}

options_are() { # options_are HEX
    [ "$(od -An -tx1 -N 2 options | tr -d ' ')" = "$1" ]
}

holds() { # holds ADDRESS FILE
    tail -c +$(($1 - 0x08000000 + 1)) chip | head -c "$(stat -c %s "$2")" | cmp -s - "$2"
}

# ---- what is not begun ----
attach
: >boards
refused "no board attached: says so, and what to press" "hold BOOT, press and release RESET" IDENTITY=quai-1.id
grep -q 'nothing was written: no board is attached' log
report $? "and that nothing was written"
touch forbidden
refused "a board that may not be opened" "run this with sudo" IDENTITY=quai-1.id
attach "3550 $f405" "3551 $f405"
refused "two boards: both are named" "SERIAL=3551" IDENTITY=quai-1.id
attach "3550 /0x08000000/04*016Kg,01*064Kg,03*128Kg"
refused "a chip with less flash" "not an STM32F405 with 1 MiB" IDENTITY=quai-1.id
attach "3550 $f405"
refused "a missing identity file" "none.id: no such file" IDENTITY=none.id
head -c 200 quai-1.id >short.id
refused "a short identity file" "an identity has 264 bytes, or 412 with keys of cards; this file has 200" IDENTITY=short.id
head -c 264 /dev/urandom >noise.id
refused "264 bytes of something else" "is not a gate's identity" IDENTITY=noise.id
(head -c 100 quai-1.id && printf '\252' && tail -c 163 quai-1.id) >bad.id
refused "an identity with a changed byte" "is a damaged identity" IDENTITY=bad.id
refused "a new board and no identity" "this board has no identity yet" IDENTITY=
refused "a board with nothing to flash" "nothing is flashed for BOARD=linux" BOARD=linux
refused "a programmer nobody knows" "PROBE is dfu" PROBE=jlink IDENTITY=quai-1.id
refused "a lock nobody knows" "LOCK is 1" LOCK=2 IDENTITY=quai-1.id
refused "firmware that was not built" "not built yet" BUILD=none IDENTITY=quai-1.id
touch locked
refused "a locked chip" "its flash cannot be read" IDENTITY=quai-1.id

# ---- writing ----
attach "3550 $f405"
flash IDENTITY=quai-1.id && holds 0x08000000 image/portillon.bin && holds 0x080E0000 quai-1.id
report $? "firmware and identity are where the chip looks for them"
grep -q "identity: quai-1 (Quai d'été, canteen)" log && grep -q 'done, and checked' log
report $? "it names the gate, and says that it checked"
options_are e3aa && [ "$(tail -n 1 history)" = "-D 0x1FFFC000" ] && grep -q 'brown-out reset: level 0, set to 3' log &&
    grep -q 'Disconnect its power' log
report $? "the brown-out reset is set to level 3 at the end, which starts the board"
grep -q 'NOT LOCKED' log
report $? "that its keys can be read is said"
head -c 80000 /dev/urandom >image/portillon.bin
: >history
rm -f reset
flash IDENTITY= && holds 0x08000000 image/portillon.bin && holds 0x080E0000 quai-1.id && lacks history '-D 0x080E'
report $? "without IDENTITY a board keeps its own"
grep -q 'brown-out reset: level 3$' log && [ "$(tail -n 1 history)" = "-U 0x08000000:4:leave" ]
report $? "option bytes that are right are not written; the board is started"
: >history
flash IDENTITY=quai-2.id </dev/null
[ $? = 1 ] && grep -q 'THE BOARD IS ANOTHER GATE: quai-1' log && grep -q 'add REPLACE=1' log && lacks history '^-D' && holds 0x080E0000 quai-1.id
report $? "a board of another gate is not overwritten without a yes"
flash IDENTITY=quai-2.id REPLACE=1 && grep -q 'the board was: quai-1' log && holds 0x080E0000 quai-2.id
report $? "a board that becomes another gate: says which it was"
attach "3550 $f405" "3551 $f405"
flash IDENTITY=quai-1.id SERIAL=3550 && holds 0x080E0000 quai-1.id
report $? "of two boards, the one named is written"
attach "3550 $f405"
flash IDENTITY=quai-1.id LOCK=1 && holds 0x080E0000 quai-1.id && options_are e3bb && grep -q 'read protection is set' log &&
    lacks log 'NOT LOCKED' && [ "$(tail -n 1 history)" = "-D 0x1FFFC000" ]
report $? "LOCK=1 sets read protection level 1 after all else"
attach "3550 $f405"
touch options_mute
flash IDENTITY=quai-1.id
[ $? = 1 ] && options_are efaa && grep -q 'the option bytes cannot be read' log
report $? "option bytes that cannot be read are not written, and that is said"
attach "3550 $f405"
printf '\357\314' | dd of=options conv=notrunc status=none # EF CC: protection for ever, which no chip that was read has
flash IDENTITY=quai-1.id LOCK=1
[ $? = 1 ] && options_are efcc && [ ! -e reset ] && grep -q 'option bytes are unexpected' log
report $? "nor are those that make no sense"
attach "3550 $f405"
touch flaky
flash IDENTITY=quai-1.id
[ $? = 1 ] && grep -q 'does not read back as it was written' log && tail -n 1 history >last && lacks last leave
report $? "what does not read back as written: says so, does not start the board"

# ---- ST-Link ----
attach
flash PROBE=stlink IDENTITY=quai-1.id
[ $? = 1 ] && grep -q 'no ST-Link is attached' log
report $? "no ST-Link attached: says so"
touch probe
cp quai-2.id probed.id
flash PROBE=stlink IDENTITY=quai-1.id </dev/null
[ $? = 1 ] && grep -q 'THE BOARD IS ANOTHER GATE: quai-2' log && lacks openocd-arguments '^program'
report $? "over the ST-Link neither"
rm probed.id
flash PROBE=stlink IDENTITY=quai-1.id && grep -qE '^program .*/identity.bin 0x080E0000 verify$' openocd-arguments &&
    grep -qE '^program .*/portillon.bin 0x08000000 verify$' openocd-arguments && grep -qx 'reset run' openocd-arguments
report $? "openocd is told to write and verify both"
grep -qx 'stm32f2x options_write 0 0xe0' openocd-arguments && ! grep -q lock openocd-arguments && grep -q 'NOT LOCKED' log
report $? "and to set the brown-out level"
flash PROBE=stlink IDENTITY=quai-1.id LOCK=1 && [ "$(grep -n 'stm32f2x' openocd-arguments | cut -d: -f2 | tr '\n' ,)" = \
    "stm32f2x options_write 0 0xe0,stm32f2x lock 0," ]
report $? "with LOCK=1 it locks the chip last"
rm bin/openocd bin/dfu-util
if ! command -v dfu-util >/dev/null; then
    refused "dfu-util not installed: names the package" "sudo apt-get install dfu-util" IDENTITY=quai-1.id
else
    timeout 20 env BOARD=thingplus_f405 BUILD=image IDENTITY=quai-1.id SERIAL=none "$root/tools/flash" >log 2>&1
    [ $? = 1 ] && grep -q 'no board is attached\|may not use it' log
    report $? "the real dfu-util is asked, and finds no board"
fi
finish
