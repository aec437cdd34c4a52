#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From a card laid on the reader to the relay, on Linux with libnfc, and how much of it is the reader's: portillond
# tells for each tap when libnfc had the card and when the relay moved; cardsim, with the times that radio and a line of
# 115200 baud take, when the card was laid. Idle, then while a list of CARDS cards is pushed at 115200 baud.
# usage: BUILD=build/linux TAPS=100 CARDS=20000 tests/bench/tap.sh
set -u
: "${TAPS:=100}" "${CARDS:=20000}"
here=$(cd "$(dirname "$0")" && pwd)
BOARD=linux
# shellcheck source=tests/e2e/lib.sh
. "$here/../e2e/lib.sh"
echo "lea classic 04ED0B12" >cards
make_list() {
    awk -v cards="$CARDS" -v version="$1" 'BEGIN { print "Carte;Profil"; print "04ED0B12;DP"
        for (i = 1; i < cards; i++) printf "%02X%06X;DP\n", 16 * version, i }' >list.csv
    "$portillon" whitelist build site --csv list.csv --list-version "$1" -o "list.$1" >out 2>err
}
take_taps() { # take_taps NAME COUNT
    for _ in $(seq "$2"); do
        [ -z "${TAPS_WHILE:-}" ] || kill -0 "$TAPS_WHILE" 2>/dev/null || return 0
        told=$(grep -ac '^tap granted' outputs)
        laid=$("$BUILD/cardsim" ctl cards.sock tap lea 100 | sed 's/.*at_us=//')
        for _ in $(seq 100); do
            [ "$(grep -ac '^tap granted' outputs)" -gt "$told" ] && is_quiet && break
            sleep 0.03
        done
        grep -a '^tap granted' outputs | tail -n 1 | sed 's/[a-z_]*=//g' |
            awk -v laid="$laid" '{ print $8 - laid + $10, $8 - laid, $10 }' >>"$1"
        sleep "0.$((40 + RANDOM % 40))"
    done
}
column() { # column FILE NUMBER NAME
    awk -v column="$2" '{ print $column }' "$1" | sort -n | awk -v name="$3" -v file="$1" '{ a[NR] = $1 / 1000 }
        END { printf "%-28s %-7s median %7.2f  p99 %7.2f  worst %7.2f ms  (%d taps)\n", name, file, a[int((NR + 1) / 2)], a[int(NR * 0.99 + 0.999)], a[NR], NR }'
}
make_site building && rm -f cards.sock && {
    "$BUILD/cardsim" --baud 115200 --pty "$work/reader" --control cards.sock --cards cards >cardsim.log 2>&1 &
    running+=($!)
} && await_path cards.sock && start_gate && eventually 10 reader_is 1 && make_list 1 && make_list 2 &&
    timeout 300 "$portillon" whitelist push --port gate.tty --site site list.1 >out 2>err &&
    put_settings '\xa1\x67open_ms\x19\x01\xf4' || { echo "tap: the gate does not come up" >&2; cat out err gate.log >&2; exit 1; }
take_taps idle "$TAPS"
timeout 600 "$portillon" whitelist push --port gate.tty --site site list.2 >push.out 2>&1 &
push=$!
running+=("$push")
TAPS_WHILE=$push take_taps loaded 100000
wait $push && grep -o '[0-9.]* KiB on the line.*' push.out
for state in idle loaded; do
    column $state 1 "card laid to relay"
    column $state 2 "  of it until libnfc knows it"
    column $state 3 "  of it in the gate"
done
