# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts that watch what a reader reports: a virtual PN532 (cardsim) at `tty`, and a probe that stands for
# the gate and prints each report, "TIME EVENT", in `events`. A script waits for the next events. It ends with `finish`.
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
cardsim='' probe='' event='' skipped='' seen=0 # seen: lines of events that were waited for
logs=(event.log)

start_cardsim() {
    "$BUILD/cardsim" --pty "$work/tty" --control "$work/control" >cardsim.log 2>&1 &
    cardsim=$!
    running+=("$cardsim")
    await_path control && await_path tty
}
start_probe() { # start_probe PROBE ARGUMENT...
    : >events
    seen=0
    "$BUILD/e2e/$1" "${@:2}" >events 2>&1 &
    probe=$!
    running+=("$probe")
}
stop_probe() { end "$probe" TERM; }
ctl() { "$BUILD/cardsim" ctl control "$@" >>ctl.log 2>&1; }

# next_event PATTERN [SECONDS]: the next event that matches (extended regular expression), within 10 s. What comes
# before it is in $skipped, the event in $event.
next_event() {
    local end=$((SECONDS + ${2:-10})) line
    skipped=''
    while [ $SECONDS -le $end ]; do
        while line=$(sed -n "$((seen + 1))p" events) && [ -n "$line" ]; do
            seen=$((seen + 1))
            event=${line#* }
            [[ $event =~ ^$1 ]] && return 0
            skipped="$skipped$event;"
        done
        sleep 0.02
    done
    event="nothing like '$1' (but: ${skipped:-nothing})"
    return 1
}

no_event() { event=$(tail -n +$((seen + 1)) events) && [ -z "$event" ]; } # since the last that was waited for
# between LINE PATTERN: some event after that line, of those waited for, matches
between() { sed -n "$(($1 + 1)),${seen}p" events | grep -qE -- "$2"; }

# told STATUS NAME: report, with the event and what came before it should the check fail
told() {
    { echo "event: $event" && echo "before: $skipped" && tail -n 8 events; } >event.log
    report "$1" "$2"
}

# Cards that the gate refuses whoever holds them: told without a UID, or as a card without its ATS.
check_unreadable_cards() {
    local put
    for put in "typeb 1A2B3C4D" "felica 0102030405060708"; do
        # shellcheck disable=SC2086 # the words of the command
        ctl put $put
        next_event 'card - ' 2
        told $? "a ${put%% *} card is told without a UID"
        sleep 1.5
        no_event
        told $? "... once while it is held"
        ctl put classic 04ED0B11
        next_event 'card 04ED0B11' && ctl take 04ED0B11 && next_event empty
        told $? "... and a card beside it is read"
        ctl take all
        next_event 'gone -'
        told $? "... until it leaves"
    done
    ctl put iso4 0A0B0C1D ats=none
    next_event 'card 0A0B0C1D atqa 0004 sak 20 ats none'
    told $? "a card that sends no ATS is told as such"
    ctl take all
    next_event empty && ctl put desfire-ev2 04A1B2C3D4E580 && next_event 'card 04A1B2C3D4E580'
    told $? "... and the next card is read"
    ctl take all
    next_event empty
    must $? "the next card leaves"
}

# must STATUS NAME: a step on the way to the next check, which counts only when it fails
must() { [ "$1" = 0 ] || told "$1" "$2"; }
