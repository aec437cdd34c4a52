#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What `make BOARD=...` leaves, and that it fails when an image is over its part's limits.
# boards: emcraft_sf2 thingplus_f405
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "the image"
image=$root/build/$BOARD/portillon
variable() { sed -n "s/^$1 := //p" "$root/boards/$BOARD/board.mk"; }
code_limit=$(variable BOARD_CODE_LIMIT) ram_limit=$(variable BOARD_RAM_LIMIT)
[ "${code_limit:=0}" -gt 0 ] && [ "${ram_limit:=0}" -gt 0 ]
report $? "$BOARD has limits ($code_limit bytes of code, $ram_limit of RAM)"

[ -s "$image.elf" ] && [ -s "$image.map" ] && arm-none-eabi-objcopy -O binary "$image.elf" bin &&
    cmp -s bin "$image.bin" && arm-none-eabi-objcopy -I ihex -O binary "$image.hex" hex && cmp -s hex "$image.bin"
report $? "$BOARD: elf, map, and bin and hex of the same bytes"

# measure CODE_LIMIT RAM_LIMIT: the build's last step
measure() { CROSS=arm-none-eabi- CODE_LIMIT=$1 RAM_LIMIT=$2 "$root/hal/cortex_m/report" "$image.elf" >out 2>err; }
measure "$code_limit" "$ram_limit" && prints "of $code_limit bytes" && prints "of $ram_limit bytes" && prints "stack: "
report $? "code, RAM and stack are printed against the limits, and within them"
# The second opinion: what the linker's program headers load and occupy.
code=$(sed -n 's/.*code \([0-9]*\) of.*/\1/p' out) ram=$(sed -n 's/.*RAM \([0-9]*\) of.*/\1/p' out)
[ "${code:=0}" -gt 0 ] && [ "${ram:=0}" -gt 0 ] && [ "$code" -le "$(stat -c %s "$image.bin")" ] && [ $(($(stat -c %s "$image.bin") - code)) -lt 64 ]
report $? "the code counted is what the image holds ($code bytes)"
ends_with 1 measure $((code - 1)) "$ram_limit" && says "the code does not fit"
report $? "a byte of code too many fails"
ends_with 1 measure "$code_limit" $((ram - 1)) && says "RAM is over"
report $? "so does a byte of RAM"
measure "$code" "$ram"
report $? "exactly full is not over"
deepest=$(sed -n 's/^stack: \([0-9]*\) bytes at worst.*/\1/p' out)
stack() { CROSS=arm-none-eabi- STACK_LIMIT=$1 "$root/hal/cortex_m/stack" "$image.elf" >out 2>err; } # stack LIMIT
[ "${deepest:=0}" -gt 0 ] && ends_with 1 stack $((deepest - 1)) && prints "at worst of $((deepest - 1))" && stack "$deepest"
report $? "so does a stack too small for the deepest chain of calls ($deepest bytes)"
# What the linker put anywhere else than in flash (code) or internal RAM: DDR, on the board that has it.
arm-none-eabi-readelf -lW "$image.elf" | awk '$1 == "LOAD" && $6 != "0x00000" { print $3 }' >segments
elsewhere=$(grep -vE '^0x(000[0-3]|080[0-9a-f]|2000)' segments)
[ "$(wc -l <segments)" -ge 2 ] && [ -z "$elsewhere" ]
report $? "nothing lies outside internal flash and RAM${elsewhere:+: $elsewhere}"
# A frame of more than 1 KiB in firmware/ needs a comment that says why, near the function's head.
sed -n 's/^stack: \([a-z_0-9]*\) takes \([0-9]*\) bytes for itself (\(.*\))$/\1 \3/p' out >large
unexplained=$(while read -r function source; do
    grep -A8 "^[a-z].*\b$function(" "$root/$source" | grep -q 'of stack' || echo "$function"
done <large)
[ -s large ] && [ -z "$unexplained" ]
report $? "each of the $(wc -l <large) large frames in firmware/ says why it is${unexplained:+, but not: $unexplained}"
finish
