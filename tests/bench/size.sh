#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lines of firmware/; for a microcontroller also code and RAM of each module, from the linker's map, and the stack.
# usage: BUILD=build/linux BOARD=emcraft_sf2 tests/bench/size.sh
# boards: linux emcraft_sf2 thingplus_f405
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BOARD:=linux}"
lines() { cat "$@" | grep -cvE '^[[:space:]]*(/?\*|//|$)'; }
mapfile -t sources < <(find firmware -name '*.[ch]')
printf 'firmware/: %d lines of %d sources and headers, %d of them code\n' "$(cat "${sources[@]}" | wc -l)" \
    "${#sources[@]}" "$(lines "${sources[@]}")"
[ "$BOARD" = linux ] && exit
map=build/$BOARD/portillon.map
[ -e "$map" ] || { echo "size: make BOARD=$BOARD first" >&2; exit 1; }
# Input sections of the map: a name, alone on its line if long, then address, size and object.
awk '
    function hex(text,    i, n) { n = 0; text = tolower(text); sub(/^0x/, "", text)
        for (i = 1; i <= length(text); i++) n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
        return n }
    /^Linker script and memory map/ { on = 1 }
    !on { next }
    /^ \.[a-zA-Z_]/ && NF == 1 { name = $1; next }
    /^ \.[a-zA-Z_]/ && NF >= 4 { name = $1; size = $3; object = $4 }
    /^ +0x/ && NF >= 3 && name != "" { size = $2; object = $3 }
    object != "" {
        n = hex(size)
        sub(/\(/, ":", object); sub(/\)$/, "", object); sub(/.*\//, "", object); sub(/^lib(firmware|mbedtls|tinycbor)\.a:/, "", object)
        sub(/(\.c)?\.o(bj)?$/, "", object)
        if (name ~ /^\.(text|rodata|vectors)/) code[object] += n
        else if (name ~ /^\.data/) { code[object] += n; ram[object] += n }
        else if (name ~ /^\.(bss|noinit)/) ram[object] += n
        name = object = ""
    }
    END { for (o in code) seen[o]; for (o in ram) seen[o]; for (o in seen) if (code[o] + ram[o]) printf "%d %d %s\n", code[o], ram[o], o }
' "$map" | sort -rn | awk 'BEGIN { printf "%-40s %8s %8s\n", "module", "code", "RAM" }
    { printf "%-40s %8d %8d\n", $3, $1, $2; code += $1; ram += $2 }
    END { printf "%-40s %8d %8d\n", "all (without stack)", code, ram
        counts = ENVIRON["BENCH_COUNTS"]
        if (counts) printf "code, bytes\t%d\t0.5\tless\nRAM without stack, bytes\t%d\t0.5\tless\n", code, ram >>counts }'
# The deepest chain of calls; all that hal/cortex_m/stack says stands in the output of the build.
CROSS=arm-none-eabi- BUILD=build/$BOARD hal/cortex_m/stack "build/$BOARD/portillon.elf" | awk '/bytes at worst/ {
    printf "%-40s %8s %8d\n", "stack at worst", "", $2
    counts = ENVIRON["BENCH_COUNTS"]
    if (counts) printf "stack at worst, bytes\t%d\t0.5\tless\n", $2 >>counts }'
