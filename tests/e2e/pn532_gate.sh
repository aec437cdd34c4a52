#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond with a PN532 on a serial port by our own driver, without libnfc: --reader pn532:DEVICE. The chip is cardsim's.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(log cardsim.log)

plug_in() {
    rm -f cards.sock
    "$BUILD/cardsim" --pty "$work/reader" --control cards.sock >cardsim.log 2>&1 &
    reader=$!
    running+=("$reader")
}
pull_out() { { kill -9 "$reader" && wait "$reader"; } 2>/dev/null; }
says_after() { # says_after LINE WORDS: within 10 s, after that many lines of the log
    for _ in $(seq 500); do
        tail -n +$(($1 + 1)) log | grep -qF -- "$2" && return 0
        sleep 0.02
    done
    false
}
tap() { # and the field is seen empty: a card held, even over an outage of the reader, is one tap
    "$BUILD/cardsim" ctl cards.sock tap "$1" 200 >out 2>err && sleep 1
}
lines() { wc -l <log; }

"$portillon" site init site >out 2>err &&
    "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id >out 2>err &&
    printf 'Carte;Profil\n04A1B2C3D4E580;DP\n' >list.csv && "$portillon" whitelist build site --csv list.csv -o list.1 >out 2>err
report $? "a site, an identity and a list are made"

"$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --reader "pn532:$work/reader" --pty gate.tty --verbose >log 2>&1 &
gate=$!
running+=("$gate")
says_after 0 "$work/reader: cannot open the serial port" && says_after 0 ' is up, ' && says_after 0 'reader down: no answer'
report $? "a port that is not there is told, and the gate runs"
before=$(lines)
plug_in
says_after "$before" "$work/reader: the reader's port is back" && says_after "$before" 'reader up: PN532 firmware 1.6'
report $? "plugged in, it is found by itself"
before=$(lines)
tap 04A1B2C3D4E580 && says_after "$before" 'tap refused: no_list'
report $? "a card is read"
before=$(lines)
timeout 30 "$portillon" whitelist push --accept-removals --port gate.tty --site site list.1 >out 2>err && tap 04A1B2C3D4E580 &&
    says_after "$before" 'tap granted'
report $? "and let in when it is listed"
before=$(lines)
"$BUILD/cardsim" ctl cards.sock tap 04A1B2C3D4E580 100 >out 2>err && sleep 0.5 && tap 04A1B2C3D4E580 &&
    says_after "$before" 'tap granted, passage ' && says_after "$before" 'the relay did not move: the gate is open' &&
    lacks log 'relay after -'
report $? "a tap while the gate is open has no time of the relay"
before=$(lines)
"$BUILD/cardsim" ctl cards.sock tap typeb 1A2B3C4D 1200 >out 2>err && says_after "$before" 'tap refused: unreadable' && sleep 2 &&
    tap 04A1B2C3D4E580 && says_after "$before" 'tap granted'
report $? "a card of type B is refused, and the next card is let in"
before=$(lines)
pull_out
says_after "$before" "the reader's port hung up" && says_after "$before" 'reader down: '
report $? "pulled out, the reader is down"
before=$(lines)
plug_in
says_after "$before" 'reader up: PN532' && tap 04DEADBEEF0080 &&
    says_after "$before" 'tap refused: '
report $? "and back when it is plugged in again"
kill -TERM "$gate" && wait "$gate"
report $? "it stops when asked"
finish
