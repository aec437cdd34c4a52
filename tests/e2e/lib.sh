# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the end-to-end scripts that run on any board. BOARD=linux starts portillond, any other its image in QEMU
# (tools/qemu_gate); both with a card reader by cardsim and a maintenance line of 115200 baud. Everything lies in a
# scratch folder, which is the current one afterwards:
#   gate.tty    the maintenance line          gate.sock   the gate's control socket
#   cards.sock  cardsim's control socket      outputs     what the control socket told since the gate started
# A script calls board_or_skip first, then make_site, start_reader, start_gate; it ends with `finish`.
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "${BASH_SOURCE[0]}")/scratch.sh"
: "${BOARD:=linux}" "${BAUD:=115200}"
gate='' reader='' line='' watcher=''
client_s=10 # an emulated gate takes its time
logs+=(build.log)
mkfifo watch.in && exec 9<>watch.in # stays open: what socat reads from does not end

# board_or_skip NAME: builds the board's image, or skips the whole script and says why.
board_or_skip() {
    [ "$BOARD" = linux ] && return
    emulator_or_skip "$1 on $BOARD"
    board_image "$BOARD" >build.log 2>&1 && return
    report 1 "the image of $BOARD builds"
    finish
}

make_site() { # make_site ZONE: site, gate.id
    "$portillon" site init site >out 2>err && "$portillon" identity site --device e2e-1 --name "Essai" --zone "$1" -o gate.id >out 2>err
}

start_reader() { # start_reader CARDS
    local where="--pty $work/reader"
    [ "$BOARD" = linux ] || where="--listen unix:$work/reader"
    rm -f cards.sock
    # shellcheck disable=SC2086
    "$BUILD/cardsim" --instant $where --control cards.sock --cards "$1" >cardsim.log 2>&1 &
    reader=$!
    running+=("$reader")
    await_path cards.sock
}
stop_reader() { end "$reader" KILL; }

start_gate() { # start_gate [OPTION...]: returns when it answers on the maintenance line
    rm -f gate.sock line.tty
    [ "$BOARD" = linux ] || rm -f gate.tty
    if [ "$BOARD" = linux ]; then
        "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty line.tty --control gate.sock \
            --reader "pn532_uart:$work/reader:115200" --verbose "$@" >>gate.log 2>&1 &
    else
        "$BUILD/qemu_gate" --board "$root/boards/$BOARD" --build "$root/build/$BOARD" --identity gate.id \
            --flash gate.flash --create-flash --pty gate.tty --control gate.sock --cardsim reader --baud "$BAUD" "$@" \
            >>gate.log 2>&1 &
    fi
    gate=$!
    running+=("$gate")
    await_path gate.sock || return 1
    if [ "$BOARD" = linux ] && [ -z "$line" ]; then
        start_line line.tty gate.tty "$BAUD"
    fi
    : >outputs
    echo watch >&9
    socat - UNIX-CONNECT:gate.sock <watch.in >outputs 2>/dev/null &
    watcher=$!
    running+=("$watcher")
    eventually 30 gate_answers
}
gate_answers() { timeout 5 "$portillon" status --port gate.tty --site site --json --timeout 1 >out 2>err; }
reader_is() { gate_answers && [ "$(member reader_up)" = "$1" ]; }

leave_gate() { # leave_gate SIGNAL
    end "$gate" "$1"
    end "$watcher" KILL
}
stop_gate() { leave_gate TERM; }
kill_gate() { leave_gate KILL; } # on an emulated board this is a power cut

# put_settings CBOR: as a technician, through the bridge; CBOR in printf's notation
put_settings() {
    local key status
    # shellcheck disable=SC2059
    printf "$1" >settings.cbor
    key=$("$portillon" identity key site --device e2e-1 --role technician) || return 1
    start_bridge gate.tty || return 1
    client openssl technician "$key" put /settings -t 60 -f settings.cbor && [ ! -s err ]
    status=$?
    end "$bridge" INT
    return $status
}

tap() { "$BUILD/cardsim" ctl cards.sock tap "$@" >tap.out; }

# Outputs: how often the relay or a light was seen to go on, and whether both are off now.
rises() { # rises NAME
    grep -a ^outputs outputs | awk -v name="$1=1" '{ on = index($0, name) > 0; n += on && !was; was = on } END { print n + 0 }'
}
is_quiet() { grep -a ^outputs outputs | tail -n 1 | grep -q 'relay=0 .*red=0'; }
# A red light that blinks is dark every other quarter of a second: it is off when nothing changed for longer.
is_at_rest() { is_quiet && [ $(($(date +%s%3N) - $(date -r outputs +%s%3N))) -ge 600 ] && is_quiet; }

# verdict_of CARD [MS]: taps it and prints what the gate showed, granted or refused; returns when it is at rest. On a busy
# machine the reader may be lost for a moment and miss a card, which is then held there again.
verdict_of() {
    local verdict
    for _ in 1 2 3 4 5; do
        verdict=$(shown_for "$@")
        [ "$verdict" = 'nothing shown' ] || break
        eventually 30 reader_is 1
    done
    echo "$verdict"
}
shown_for() { # shown_for CARD [MS]: of one tap
    local relay red verdict='nothing shown'
    relay=$(rises relay) red=$(rises red)
    tap "$@"
    for _ in $(seq 60); do
        [ "$(rises relay)" -gt "$relay" ] && verdict=granted && break
        [ "$(rises red)" -gt "$red" ] && verdict=refused && break
        sleep 0.05
    done
    if [ "$verdict" = granted ]; then eventually 8 is_quiet; else eventually 8 is_at_rest; fi
    echo "$verdict"
}
