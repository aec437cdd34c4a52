#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each program tells the version of the Makefile, with the commit in a clone and bare in a source archive; and a new
# commit compiles one source again. A new version of a library compiles everything again.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(told made)
version=$(sed -n 's/^VERSION := //p' "$root/Makefile")

# tells PROGRAM [LIBRARY...]: its --version is the version of the Makefile and perhaps a commit, and a line a library
tells() {
    local program=$1
    shift
    "$BUILD/$program" --version >told 2>&1 && [ "$(wc -l <told)" = $((1 + $#)) ] &&
        head -n 1 told | grep -qE "^$program ${version//./\\.}(\+g[0-9a-f]{7,}(-dirty)?)?\$" || return
    for library in "$@"; do
        grep -qE "^$library ([0-9][^ ]* sha256:[0-9a-f]{64} patches:([0-9a-f]{64}|none)|own tree)\$" told || return
    done
}
# builds TEXT: make in the copy of the sources would build this version
builds() {
    env -u MAKEFLAGS make -s -C copy BOARD=linux VARIANT= build/linux/version >made 2>&1 &&
        [ "$(cat copy/build/linux/version)" = "$1" ]
}
commit() { git -C copy -c user.name=Test -c user.email=test@example.org commit -qam "$1" && git -C copy rev-parse --short=7 HEAD; }

[ -n "$version" ]
report $? "the Makefile has the version"
for program in portillon portillond; do
    tells $program mbedtls tinycbor
    report $? "$program --version tells it, and the libraries and their SHA-256"
done
tells cardsim
report $? "cardsim --version tells it"
told=$("$portillon" --version | head -n 1 | cut -d' ' -f2) && [ -n "$told" ] && [ "$("$BUILD/cardsim" --version | cut -d' ' -f2)" = "$told" ]
report $? "programs of one build tell the same"

mkdir copy && cp -r "$root"/{Makefile,boards,firmware,hal,tests,tools} copy
builds "$version"
report $? "a source archive tells the version alone"
git -C copy init -q && git -C copy add Makefile firmware/README.md && id=$(commit first)
builds "$version+g$id"
report $? "a clone tells its commit"
before=$(stat -c %Y.%y copy/build/linux/version)
builds "$version+g$id" && [ "$(stat -c %Y.%y copy/build/linux/version)" = "$before" ]
report $? "while nothing changes nothing is made anew"
echo >>copy/firmware/README.md
builds "$version+g$id-dirty"
report $? "an edited file shows"
id=$(commit second)
builds "$version+g$id"
report $? "and a new commit"

# library_is TEXT [VARIABLE=...]: make in the copy of the sources would build with this mbedtls
library_is() {
    env -u MAKEFLAGS make -s -C copy BOARD=linux VARIANT= "${@:2}" build/linux/hal/error.o >made 2>&1 &&
        grep -qF "mbedtls $1, " copy/build/linux/libraries
}
object() { stat -c %Y.%y copy/build/linux/hal/error.o; }
mkdir -p copy/build/third_party/mbedtls && echo "3.6.6-1 sha256:5 patches:6" >copy/build/third_party/mbedtls/.complete
library_is "3.6.6-1 sha256:5 patches:6"
report $? "a library has the version that its tree tells"
before=$(object) && library_is "3.6.6-1 sha256:5 patches:6" && [ "$(object)" = "$before" ]
report $? "while it stays nothing is compiled again"
echo "3.6.7-1 sha256:7 patches:8" >copy/build/third_party/mbedtls/.complete
library_is "3.6.7-1 sha256:7 patches:8" && [ "$(object)" != "$before" ]
report $? "another version compiles everything again"
cp -r copy/build/third_party/mbedtls mbedtls && library_is "own tree" "MBEDTLS_SRC=$work/mbedtls"
report $? "a tree named by hand is an own tree"
finish
