#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The reader adapter with real libnfc and a virtual PN532: what cards look like, and what each fault does.
# reader_probe stands for the gate and prints each report; a test waits for lines beyond those it has seen.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"

start() { start_probe reader_probe "$@" "$BUILD/portillon-reader" "pn532_uart:$work/tty:115200"; } # start [OPTION...]
child_of_probe() { pgrep -P "$probe" | head -n 1; }

start_cardsim
start
next_event 'up pn532_uart'
told $? "the reader is reported up by its name"
next_event empty
told $? "an empty field is reported once the reader is up"

# card NAME, how it is put, what must be read
while IFS='|' read -r name put expected; do
    # shellcheck disable=SC2086 # the words of the command
    ctl put $put
    next_event "card $expected"
    told $? "$name is read as it was put"
    ctl take all
    next_event empty
    must $? "$name leaves"
done <<'CARDS'
a card with a 4-byte UID|classic 04ED0B11|04ED0B11 atqa 0004 sak 08 ats - 
its namesake but for a leading zero|classic 4ED0B110|4ED0B110 atqa 0004 sak 08 ats - 
a card with a 7-byte UID|ultralight 04112233445566|04112233445566 atqa 0044 sak 00 ats - 
a DESFire|desfire-ev2 04A1B2C3D4E580|04A1B2C3D4E580 atqa 0344 sak 20 ats 7577810280 
a card with a 10-byte UID|iso4 04112233445566778899|04112233445566778899 atqa [0-9A-F]{4} sak 20 ats 78807002 
a card with ATQA, SAK and ATS of its own|iso4 0A0B0C0D atqa=0048 sak=28 ats=0675338140C1|0A0B0C0D atqa 0048 sak 28 ats 75338140C1 
a card with a random UID|random|08[0-9A-F]{6} atqa [0-9A-F]{4} sak 20 ats [0-9A-F]+ 
CARDS

for put in "classic 04ED0B11" "ultralight 04112233445566" "desfire-ev2 04A1B2C3D4E580" random; do
    # shellcheck disable=SC2086 # the words of the command
    ctl put $put
    next_event "card "
    must $? "a card held (${put%% *}) is read"
    sleep 1.5
    no_event
    told $? "a card held (${put%% *}) is reported once"
    ctl take all
    next_event empty
    must $? "the held card (${put%% *}) leaves"
done

# Cards beside one that stays: each is told when it comes and when it leaves.
while IFS='|' read -r lying beside uid; do
    # shellcheck disable=SC2086 # the words of the command
    ctl put $lying
    next_event 'card '
    must $? "a card that stays (${lying%% *}) is read"
    sleep 0.3
    # shellcheck disable=SC2086 # the words of the command
    ctl put $beside && next_event "card $uid" && ctl take "$uid" && next_event "gone $uid" && ctl put "$uid" &&
        next_event "card $uid"
    told $? "${beside%% *} beside a ${lying%% *} is read each time"
    sleep 0.3
    ctl take all
    next_event empty
    must $? "${beside%% *} and ${lying%% *} leave"
done <<'CARDS'
ntag213 04B1B2B3B4B5B6|desfire-ev2 04A1B2C3D4E581|04A1B2C3D4E581
desfire-ev2 04A1B2C3D4E580|classic 01020304|01020304
classic FFFFFFFF|ultralight 04112233445567|04112233445567
random|iso4 0A0B0C0E|0A0B0C0E
iso4 00112233445566778890|classic 04ED0B12|04ED0B12
CARDS

check_unreadable_cards

# Each fault, at an empty field: reported, and the next card is read.
for fault in drop-ack bad-checksum silence-after-ack truncated-frame garbage-before-ack reset; do
    ctl fault $fault
    next_event 'down reader error: (no|bad) answer' && next_event 'up ' && ctl fault none && ctl put classic 04ED0B11 &&
        next_event 'card 04ED0B11'
    told $? "$fault is reported, and the reader works again"
    ctl fault none
    ctl take all
    next_event empty
    must $? "$fault: the card leaves"
done
for fault in stale-reply slow; do
    ctl fault $fault
    sleep 0.8
    ctl put classic 04ED0B11
    next_event 'card 04ED0B11'
    told $? "$fault leaves the reader working"
    ctl take all
    next_event empty
    must $? "$fault: the card leaves"
done
ctl fault hang forever
next_event 'down ' 1
told $? "a chip that hangs is reported within a second"
sleep 2
ctl fault none
next_event 'up '
told $? "... and works again when it does"
[[ $skipped != *down* ]]
told $? "one outage is one report"
next_event empty
must $? "the field is empty after it"

# What costs the process its life, with a card held: the same tap goes on.
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'card '
must $? "a card is held"
for fault in kill stop; do
    case $fault in
    kill) kill -KILL "$(child_of_probe)" && down='down reader process ended by signal 9 .SIGKILL.' ;;
    stop) kill -STOP "$(child_of_probe)" && down='down no answer for 1 s' ;;
    esac
    from=$seen
    next_event "$down" 1 && next_event 'up ' && next_event 'card 04A1B2C3D4E580' && ! between "$from" ' empty'
    told $? "$fault: noticed within a second, restarted, and the card held is still the same tap"
done
ctl take all
next_event empty
told $? "... until it leaves"

# The line goes, and comes back.
end "$cardsim" TERM
next_event 'down '
told $? "a reader that is unplugged is reported"
start_cardsim
next_event 'up '
told $? "... and found again when it is back"
stop_probe

start -x 60
next_event empty
must $? "the field is empty at a new start"
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'answer AF[0-9A-F]{14}'
told $? "an exchange brings the card's answer"
ctl take all
next_event empty
must $? "the card leaves after an exchange"
ctl fault status-bit7
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'answer io' && next_event 'down .*SIGABRT' && next_event 'up ' && next_event 'card ' && next_event 'answer AF'
told $? "an abort in an exchange fails that exchange only"
ctl take all
next_event empty
must $? "the card leaves after an abort"
ctl fault card-gone
ctl put desfire-ev2 04A1B2C3D4E580
next_event 'answer (not_found|timeout)' && next_event empty
told $? "a card gone in an exchange is an empty field"

child=$(child_of_probe)
end "$probe" KILL
# In a container whose init does not reap, it stays as a zombie.
has_died() { [ ! -e "/proc/$child" ] || grep -q '^State:.Z' "/proc/$child/status"; }
[ -n "$child" ] && eventually 5 has_died
told $? "the process dies with the gate"
"$BUILD/portillon-reader" auto 2>by-hand
[ $? = 2 ] && grep -q 'not a command' by-hand
told $? "started by hand it says what it is"
finish
