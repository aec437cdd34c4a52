#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the drivers of thingplus_f405 for this computer, against memory in place of the chip's registers, and runs
# tests/boards/thingplus_f405.c over them.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(log)
case $(uname -m) in
x86_64 | aarch64) ;;
*) skip_all "thingplus_f405's registers" "needs 64-bit addresses to put them at" ;;
esac
mapfile -t sources < <(find "$root/boards/thingplus_f405" -name "*.c" ! -name main.c)
if ! gcc -std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wno-int-to-pointer-cast "-I$root" "$root/tests/boards/thingplus_f405.c" \
    "${sources[@]}" "$root"/hal/cortex_m/uart_ring.c "$root"/hal/common/civil_time.c -lcmocka -o registers >log 2>&1; then
    report 1 "the drivers of thingplus_f405 build here"
    finish
fi
CMOCKA_MESSAGE_OUTPUT=TAP ./registers # its own checks
