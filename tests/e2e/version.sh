#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each program tells the version of the Makefile, with the commit in a clone and bare in a source archive; and a new
# commit compiles one source again.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(told made)
version=$(sed -n 's/^VERSION := //p' "$root/Makefile")

# tells PROGRAM: its --version is one line, the version of the Makefile and perhaps a commit
tells() {
    "$BUILD/$1" --version >told 2>&1 &&
        grep -qE "^$1 ${version//./\\.}(\+g[0-9a-f]{7,}(-dirty)?)?\$" told && [ "$(wc -l <told)" = 1 ]
}
# builds TEXT: make in the copy of the sources would build this version
builds() {
    env -u MAKEFLAGS make -s -C copy BOARD=linux VARIANT= build/linux/version >made 2>&1 &&
        [ "$(cat copy/build/linux/version)" = "$1" ]
}
commit() { git -C copy -c user.name=Test -c user.email=test@example.org commit -qam "$1" && git -C copy rev-parse --short=7 HEAD; }

[ -n "$version" ]
report $? "the Makefile has the version"
for program in portillon portillond cardsim; do
    tells $program
    report $? "$program --version tells it"
done
told=$("$portillon" --version | cut -d' ' -f2) && [ -n "$told" ] && [ "$("$BUILD/cardsim" --version | cut -d' ' -f2)" = "$told" ]
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
finish
