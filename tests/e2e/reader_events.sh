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

# must STATUS NAME: a step on the way to the next check, which counts only when it fails
must() { [ "$1" = 0 ] || told "$1" "$2"; }
