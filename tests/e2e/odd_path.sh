#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A clone in a folder whose path has a blank, an accent and an apostrophe: it builds, checks its tools and reads an identity
# whose own name has them too. Before, `make flash IDENTITY="...l'..."` was an error of the shell.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(log)
clone="$work/Lycée de l'Arbre"
built=${BUILD#"$root"/}
mkdir -p "$clone/build" && (cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$clone") && ln -s "$root/build/third_party" "$clone/build/third_party"
report $? "the sources are copied to '$clone'"
in_clone() { (cd "$clone" && timeout 300 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$@") >log 2>&1; }

# What was built for this test is taken as built there: only what changed is compiled again.
mkdir -p "$clone/$built" &&
    for part in firmware hal boards mbedtls tools libraries version portillon libfirmware.a libmbedtls.a libtinycbor.a; do
        cp -a "$root/$built/$part" "$clone/$built/"
    done && find "$clone/$built" -type f -exec touch {} + && touch "$clone/tools/demo/demo.c"
variant=${built#build/linux} variant=${variant#-}
in_clone make --no-print-directory "VARIANT=$variant" MBEDTLS_SRC=build/third_party/mbedtls TINYCBOR_SRC=build/third_party/tinycbor "$built/demo" &&
    [ "$clone/$built/demo" -nt "$clone/tools/demo/demo.c" ]
report $? "a program is compiled and linked there"
in_clone tools/layers && lacks log .
report $? "tools/layers runs there"
in_clone "$built/portillon" site init "l'école" --name "Lycée de l'Arbre" &&
    in_clone "$built/portillon" identity "l'école" --device nord --name "Portail de l'est" --zone building
report $? "a site is made there"
in_clone tools/flash describe "l'école/gates/nord.identity" && grep -qxF "nord (Portail de l'est, building)" log
report $? "its identity is read there"
# The recipe reaches tools/flash with IDENTITY as it was typed: PATH's programs are stand-ins, so that nothing is installed.
in_clone make -n --no-print-directory BOARD=thingplus_f405 IDENTITY="l'école/gates/nord.identity" flash && bash -n log 2>log.err
report $? "make flash gives the shell nothing to stumble over"
printf '#!/bin/sh\nprintf "%%s" "$IDENTITY"\n' >"$clone/tools/flash"
printf 'include Makefile\nonly-flash:\n\t@BOARD=$(BOARD) BUILD=$(BUILD) tools/flash\n' >"$clone/flash.mk"
in_clone make -f flash.mk --no-print-directory IDENTITY="l'école/gates/nord.identity" only-flash && [ "$(cat log)" = "l'école/gates/nord.identity" ]
report $? "and tools/flash gets the path as it was typed"
finish
