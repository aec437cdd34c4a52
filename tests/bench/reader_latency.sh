#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a card laid on cardsim to the reader's report of it, over TAPS taps of each kind of card: the PN532 driver
# and, beside it, libnfc in its process. Microseconds: median, 99th percentile, worst. cardsim's radio takes
# about 2.5 ms for a UID card and 10 ms for one that is activated by RATS. The serial line takes no time at first, then
# that of BAUD, as a real one does: the second figure is a gate's.
# usage: BUILD=build/linux TAPS=200 BAUD=115200 tests/bench/reader_latency.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build/linux}")
TAPS=${TAPS:-200} BAUD=${BAUD:-115200}
work=$(mktemp -d)
cardsim='' probe=''
cleanup() {
    for pid in $probe $cardsim; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

measure() { # measure NAME CARD BAUD PROBE...: BAUD 0: a line that takes no time
    local name=$1 card=$2 put='' pace=()
    [ "$3" = 0 ] || pace=(--baud "$3")
    rm -f "$work/events"
    shift 3
    "$BUILD/cardsim" "${pace[@]}" --pty "$work/tty" --control "$work/control" >/dev/null 2>&1 &
    cardsim=$!
    for _ in $(seq 100); do [ -S "$work/control" ] && break; sleep 0.02; done
    "$@" >"$work/events" 2>&1 &
    probe=$!
    for _ in $(seq 250); do grep -qs empty "$work/events" && break; sleep 0.02; done
    for _ in $(seq "$TAPS"); do # at no fixed phase to the reader's looking
        # shellcheck disable=SC2086
        put=$("$BUILD/cardsim" ctl "$work/control" tap $card 100)
        echo "${put##*at_us=}" >>"$work/puts"
        sleep "0.2$((RANDOM % 10))$((RANDOM % 10))"
    done
    sed -n 's/.* card .*seen_us //p' "$work/events" >"$work/seen"
    kill "$probe" "$cardsim"
    wait "$probe" "$cardsim" 2>/dev/null
    probe='' cardsim=''
    # A tap is seen before the next one; a host that is too busy may miss one.
    awk 'NR == FNR { seen[NR] = $1; next }
        { while (seen[next_seen + 1] != "" && seen[next_seen + 1] < $1) next_seen++
          if (seen[next_seen + 1] != "" && seen[next_seen + 1] - $1 < 200000) print seen[next_seen + 1] - $1 }
    ' "$work/seen" "$work/puts" | sort -n | awk -v name="$name" -v taps="$TAPS" '{ a[NR] = $1 }
        END { at = int(NR * 0.99 + 0.5)
            printf "%-46s median %6d  p99 %6d  worst %6d us", name, a[int((NR + 1) / 2)], a[at], a[NR]
            print NR < taps ? "  (" NR " of " taps " taps were seen)" : "" }'
    rm -f "$work/puts" "$work/seen"
}

for card in "classic 04ED0B11" "desfire-ev2 04A1B2C3D4E580"; do
    for baud in 0 "$BAUD"; do
        line="line at $baud" && [ "$baud" = 0 ] && line="line without a pace"
        measure "pn532, ${card%% *}, $line" "$card" "$baud" "$BUILD/e2e/pn532_probe" "$work/tty"
        measure "libnfc, ${card%% *}, $line" "$card" "$baud" "$BUILD/e2e/reader_probe" "$BUILD/portillon-reader" \
            "pn532_uart:$work/tty:115200"
    done
done
