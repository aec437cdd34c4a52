#!/usr/bin/env bash
# Builds the drivers of thingplus_f405 for this computer, against memory in place of the chip's registers, and runs
# tests/boards/thingplus_f405.c over them.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $(uname -m) in
x86_64 | aarch64) ;;
*) echo "ok 1 - thingplus_f405's registers # SKIP needs 64-bit addresses to put them at" && exit 0 ;;
esac
sources=$(find boards/thingplus_f405 -name "*.c" ! -name main.c)
# shellcheck disable=SC2086
if ! gcc -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wno-int-to-pointer-cast -I. tests/boards/thingplus_f405.c $sources \
    hal/cortex_m/uart_ring.c hal/common/civil_time.c -lcmocka -o "$work/registers" >"$work/log" 2>&1; then
    echo "not ok 1 - the drivers of thingplus_f405 build here"
    sed 's/^/# /' "$work/log"
    exit 1
fi
CMOCKA_MESSAGE_OUTPUT=TAP "$work/registers"
