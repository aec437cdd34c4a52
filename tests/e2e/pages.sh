#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The commands of the README pages, typed word for word from a clone in which make has run: their indented lines.
# image: emcraft_sf2
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(walk.log)

# A person types the next command when the last one has answered; a script waits until what runs beside it is up.
walk() { # walk FILE HEADING: types them in a folder of its own; walk.log has what they print
    local folder=$work/walk.$RANDOM
    rm -rf "$work/gates"
    mkdir -p "$folder/clone/build" && ln -s "$root"/{boards,tools} "$folder/clone" && ln -s "$BUILD" "$folder/clone/build/linux"
    ln -s "$root/build/emcraft_sf2" "$folder/clone/build/emcraft_sf2"
    { echo 'make() { :; }' && page_commands "$1" "$2" | sed '/&$/ { n; s/^/sleep 3\n/; }' &&
        echo 'ended=$?; kill $(jobs -p); wait; exit $ended'; } >typed
    # shellcheck disable=SC2030
    (cd "$folder/clone" && PATH=/usr/sbin:/usr/bin:/sbin:/bin exec timeout 100 bash -e "$work/typed") >walk.log 2>&1
    local status=$?
    gates=$folder/gates
    return $status
}
has_line() { grep -qF -- "$1" walk.log; }

[ "$(page_commands README.md '## A gate of your own' | grep -c '^portillon ')" -ge 7 ]
report $? "the page of a gate of one's own has commands"
walk README.md '## A gate of your own' && [ "$(sqlite3 "$gates/passages.sqlite" 'SELECT group_concat(verdict) FROM passages')" = granted ] && has_line 'is up'
report $? "README.md: a gate of one's own, from the school to the passage of a card"
walk boards/linux/README.md '## Start' && has_line 'is running, 20 cards' && has_line 'version 0.1.0' && has_line 'Portail nord (nord)'
report $? "boards/linux/README.md: a gate is started, gets its list and answers"

case $(command -v qemu-system-arm) in
/*)
    check "the image of emcraft_sf2" board_image emcraft_sf2
    walk boards/emcraft_sf2/README.md '## In QEMU' && has_line '20 cards' && has_line 'Self (self)' && has_line '1 since start-up, 1 granted'
    report $? "boards/emcraft_sf2/README.md: a gate in QEMU takes its list and opens"
    ;;
*) skip "boards/emcraft_sf2/README.md" "qemu-system-arm is not installed" ;;
esac
finish
