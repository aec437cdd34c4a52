#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The programs of the host are hardened as those of a Debian package (dpkg-buildflags, hardening=+all): seen in the programs
# themselves, not in the flags.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out)
case $BUILD in
*-sanitize | *-fuzz) skip_all "hardening" "instrumented builds have checks of their own" ;;
esac
command -v readelf >/dev/null || skip_all "hardening" "binutils is not installed"

has() { grep -qE "$1" out; }
for program in portillond portillon-reader portillon cardsim qemu_gate demo; do
    readelf -W --file-header --dynamic --program-headers --notes --dyn-syms "$BUILD/$program" >out 2>&1
    has 'Type: +DYN' && has 'FLAGS_1.*PIE'
    report $? "$program: its addresses are random (PIE)"
    has 'GNU_RELRO' && has 'FLAGS .*BIND_NOW|BIND_NOW' && has 'FLAGS_1.*NOW'
    report $? "$program: its table of functions is read-only (RELRO, BIND_NOW)"
    has 'GNU_STACK .* RW ' && ! has 'GNU_STACK .* RWE'
    report $? "$program: its stack does not execute"
    has '__stack_chk_fail'
    report $? "$program: a stack overrun is noticed"
    has '__[a-z]+_chk(@|$)'
    report $? "$program: sizes known to the compiler are checked"
    # The mark of the whole program also depends on the C library's start files: the code tells more.
    objdump -d --no-show-raw-insn "$BUILD/$program" | grep -A1 '<main>:' >out
    case $(uname -m) in
    x86_64) has 'endbr64' ;;
    aarch64) has 'paciasp|bti' ;;
    *) true ;;
    esac
    report $? "$program: calls through pointers reach functions only (where the processor checks it)"
done
# The libraries are compiled likewise: mbedtls runs in portillond.
nm "$BUILD/libmbedtls.a" 2>/dev/null >out
has ' U __stack_chk_fail'
report $? "mbedtls is compiled with the stack protector"
finish
