#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The PN532 driver on a pseudo terminal, with a virtual PN532 at its other end: what cards look like, whether
# libnfc's nfc-list reads the same, and what each fault does. pn532_probe stands for the gate and prints each
# report; a test waits for lines beyond those it has seen. How long things take is for test_pn532_faults, whose
# time is its own; here a busy machine may make the driver lose the chip now and then, and must not fail a test.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"

start() { start_probe pn532_probe "$@" "$work/tty"; } # start [OPTION...]

# Nothing since that would end the tap or begin another.
same_tap() {
    event=$(tail -n +$((seen + 1)) events | grep -vE ' (up|down) ' | grep -v " ${1:-none}")
    [ -z "$event" ]
}

start_cardsim
start
next_event 'up PN532 firmware 1\.6$'
told $? "the reader is reported up with its firmware"
next_event empty
told $? "an empty field is reported"

# As nfc-list prints it: UID, ATQA, SAK and ATS in hex, without blanks. "-": no ATS.
nfc_list() {
    LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/tty:115200 timeout 10 nfc-list 2>/dev/null | awk -F': ' '
        function hex(text) { gsub(/[^0-9a-f]/, "", text); return toupper(text) }
        /ATQA/ { atqa = hex($2) } /UID/ { uid = hex($2) } /SAK/ { sak = hex($2) } / ATS/ { ats = hex($2) }
        END { print uid, "atqa", atqa, "sak", sak, "ats", ats == "" ? "-" : ats }'
}
# card NAME, how it is put
while IFS='|' read -r name put uid; do
    # shellcheck disable=SC2086 # the words of the command
    ctl put $put
    next_event 'card '
    must $? "$name is read"
    ours=${event#card } ours=${ours%% seen_us*}
    sleep 0.3
    # shellcheck disable=SC2053 # a pattern
    [[ $ours == $uid\ * ]] && same_tap "card ${ours%% *}"
    told $? "$name is told once, with the UID it has"
    stop_probe
    for _ in 1 2 3 4 5; do # it gives up quickly on a busy machine
        theirs=$(nfc_list)
        [[ $theirs == " atqa"* ]] || break
    done
    if [[ $uid == '08*' ]]; then ours=${ours#* } theirs=${theirs#* }; fi # the field was off: another random UID
    event=$theirs
    [ "$ours" = "$theirs" ]
    told $? "... and nfc-list sees the same"
    start
    next_event 'card '
    must $? "$name is read again"
    ctl take all
    next_event empty
    must $? "$name leaves"
done <<'CARDS'
a card with a 4-byte UID|classic 04ED0B11|04ED0B11
its namesake but for a leading zero|classic 4ED0B110|4ED0B110
a Classic with a 7-byte UID|classic 04010203040506|04010203040506
an Ultralight|ultralight 04112233445566|04112233445566
an NTAG213|ntag213 04B1B2B3B4B5B6|04B1B2B3B4B5B6
a DESFire EV1|desfire-ev1 04782E21801D80|04782E21801D80
a DESFire EV2|desfire-ev2 04A1B2C3D4E580|04A1B2C3D4E580
a DESFire EV3|desfire-ev3 04D1D2D3D4D5D6|04D1D2D3D4D5D6
a card with a 10-byte UID|iso4 04112233445566778899|04112233445566778899
a card with ATQA, SAK and ATS of its own|iso4 0A0B0C0D atqa=0048 sak=28 ats=0675338140C1|0A0B0C0D
a card with a random UID|random|08*
CARDS

stop_probe
start
next_event empty
for put in "classic 04ED0B11" "ultralight 04112233445566" "desfire-ev2 04A1B2C3D4E580" random; do
    # shellcheck disable=SC2086 # the words of the command
    ctl put $put
    next_event 'card '
    sleep 1.5
    same_tap 'card '
    told $? "a card held (${put%% *}) is one tap"
    ctl take all
    next_event empty
    told $? "... and leaves"
done
ctl put classic 04ED0B11
next_event 'card 04ED0B11'
ctl take all
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'card 04A1B2C3D4E580'
told $? "a card put in another's place is told"
ctl take all
next_event empty

check_unreadable_cards

# One of each fault.
for fault in drop-ack garbage-before-ack bad-checksum silence-after-ack truncated-frame stale-reply reset slow; do
    ctl fault $fault
    sleep 0.05
    ctl put classic 04ED0B11
    next_event 'card 04ED0B11'
    told $? "$fault at an empty field: the next card is told"
    ctl fault $fault
    sleep 0.7
    same_tap 'card 04ED0B11'
    told $? "$fault with a card held: the same tap"
    ctl take all
    next_event empty
    must $? "$fault: the card leaves"
done
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'card '
ctl fault hang forever
next_event 'down no answer'
told $? "a chip that hangs is told"
sleep 1.5
no_event
told $? "... once"
ctl fault none
next_event 'up '
told $? "... and so is its return"
next_event 'card 04A1B2C3D4E580' && [[ $skipped != *empty* ]]
told $? "... with the card that is still there, and no empty field before it"
ctl take all
next_event empty
stop_probe

start -x 60
next_event empty
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'answer AF04010112001805'
told $? "an exchange brings the card's answer"
ctl take all
next_event empty
ctl put ntag213 04B1B2B3B4B5B6
next_event 'answer 0004040201000F03'
told $? "an NTAG tells its version"
ctl take all
next_event empty
for fault in status-bit7 status-bit6; do
    ctl fault $fault
    ctl put desfire-ev2 04A1B2C3D4E580
    next_event 'answer io' && ctl take all && next_event empty && ctl put desfire-ev2 04A1B2C3D4E580 && next_event 'answer AF'
    told $? "$fault in an exchange fails that exchange only"
    ctl take all
    next_event empty
done
ctl fault card-gone
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'answer not_found'
told $? "a card gone in an exchange is told"
next_event empty
told $? "... and is an empty field"
stop_probe

start -b 460800
next_event 'up PN532 firmware 1\.6 at 460800 baud'
told $? "the line is raised where it can be"
stop_probe
finish
