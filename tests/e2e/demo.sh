#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration of `make run`: its table of taps with their lights, the keys, and a real reader that is there or not.
# boards: linux emcraft_sf2
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "the demonstration"
logs=(shown)
demo() { # demo STATUS [NAME=VALUE...]: what it printed is in shown
    local wanted=$1
    shift
    rm -rf data
    env BUILD="$BUILD" BOARD="$BOARD" DATA="$work/data" "$@" timeout 150 "$root/tools/demo/run" >shown 2>&1 </dev/null
    [ $? = "$wanted" ]
}
tap_shows() { grep -qE "^  $1 +$2 +$3 +[0-9.]+ ms  $4( |\$)" shown; } # tap_shows CARD GATE ANSWER LIGHTS

# type_keys KEY...: the demonstration on a terminal, where keys tap cards after the table
type_keys() {
    local status key
    for key; do
        eventually 120 grep -qs 'Your turn' shown && sleep 2 && printf %s "$key"
    done | BUILD=$BUILD BOARD=$BOARD DATA=$work/data timeout 150 script -qefc "$root/tools/demo/run" shown >/dev/null
    status=$?
    sed -i 's/\r$//' shown
    return $status
}

# A second meal while the gate still waits for the first is no refusal; the chip of a board in QEMU says only that it refuses.
second=already_passed stranger=unknown_card keys=(1 3 k k 0) tapped='19 of 19'
[ "$BOARD" = linux ] || { second=refused stranger=refused keys=(1 a 0); }
type_keys "${keys[@]}" && grep -q "^$tapped taps are in the store" shown && grep -q 'went as it should' shown
report $? "$BOARD: every tap of table and keys gets its answer, and its passage reaches the office"
if [ "$BOARD" = linux ]; then
    grep -qE '^  quentin +canteen +repeated .* green$' shown
    report $? "a second tap in an open gate is no passage of its own"
fi
tap_shows amandine canteen OPEN 'green, short beep' && tap_shows amandine canteen $second 'red, long sound' &&
    grep -qE '^  canteen   [56] granted, [12] already_passed, 1 no_right_here, 1 not_yet_valid$' shown
report $? "$BOARD: a second meal at the same service is refused, with its light and sound"
tap_shows stranger building $stranger 'red blinking, 2 beeps'
report $? "$BOARD: an unknown card has another light and sound"
[ "$BOARD" = linux ] || finish

# ---- a real reader ----
before=$SECONDS
demo 1 READER=pn532_uart:/dev/nowhere:115200 && [ $((SECONDS - before)) -lt 8 ] && [ ! -e data ] &&
    grep -qF 'no reader at pn532_uart:/dev/nowhere:115200' shown && grep -qF 'Plug the reader in' shown
report $? "without the reader it ends at once, and says what to do"
demo 1 READER=pn532:/dev/ttyUSB0 && grep -qF 'READER=pn532_uart:/dev/ttyUSB0:115200' shown
report $? "a reader of another driver is told how to be named"

cp "$root/tools/demo/cards.conf" cards && start_reader cards
tap_when_ready() { await 'Tap cards on the reader' shown && sleep 1 && tap amandine 300 && sleep 3 && tap stranger 300; }
tap_when_ready &
running+=($!)
demo 0 "READER=pn532_uart:$work/reader:115200" CARD=04ED0B19 SECONDS_TO_TAP=10 && grep -q '^2 of 2 taps are in the store' shown
report $? "taps on a real reader reach the office"
grep -qE '^  a card +building +OPEN .* green, short beep$' shown && grep -qE '^  a card +building +unknown_card .* red blinking, 2 beeps$' shown
report $? "each with its light and sound"
finish
