#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A list over a serial line: tests/e2e/slow_line passes bytes at the line's pace, DELAY_MS later each way, as a
# USB adapter does. A full upload to portillond beside Debian's ZMODEM (sz to rz) with the same file over the
# same line, like for like: both whole, with all bytes that pass on the wire; then lists of which some cards changed, and all
# that passes on the wire for them, both ways, frames,
# DTLS and CoAP included. usage: BUILD=build/linux DELAY_MS=8 CARDS=100000 tests/bench/upload.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build/linux}")
DELAY_MS=${DELAY_MS:-8} CARDS=${CARDS:-100000}
[ "$DELAY_MS, $CARDS" = "8, 100000" ] || unset BENCH_COUNTS # the table has those of these alone
portillon=$BUILD/portillon
work=$(mktemp -d)
running=()
missed=0
trap '[ ${#running[@]} = 0 ] || { kill -9 "${running[@]}" && wait; } 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
    echo "upload: $*" >&2
    tail -n 5 out err gate.log >&2 2>/dev/null
    exit 1
}

await_link() {
    for _ in $(seq 500); do
        [ -L "$1" ] && return 0
        sleep 0.01
    done
    fail "$1 did not come up"
}

start_line() { # start_line FAR NEAR BAUD: sets line
    rm -f "$2"
    "$BUILD/e2e/slow_line" "$1" "$2" "$3" "$DELAY_MS" >line.log 2>&1 &
    line=$!
    running+=("$line")
    await_link "$2"
}

stop_line() {
    kill "$line"
    wait "$line" 2>/dev/null
}

# make_list VERSION CARDS SEED BLOCKED: list.VERSION
make_list() {
    awk -v cards="$2" -v seed="$3" -v blocked="$4" 'BEGIN { print "UID;Profil"
        for (i = 0; i < cards; i++) printf "%02X%06X;%s\n", seed, i, i == blocked ? "interne" : "DP" }' >cards.csv
    "$portillon" whitelist build site --csv cards.csv --list-version "$1" -o "list.$1" >out 2>err || fail "no list"
}

push() { # push LIST PORT BAUD: json in out
    timeout 900 "$portillon" whitelist push --accept-removals --site site --port "$2" --baud "$3" --json "$1" >out 2>err || fail "push $1"
}
member() { sqlite3 :memory: "SELECT json_extract(CAST(readfile('out') AS TEXT), '\$.$1')"; }

# judge WHAT VALUE AIM least|most: one line
judge() {
    local verdict
    verdict=$(awk -v v="$2" -v a="$3" -v d="$4" 'BEGIN { print (d == "least" ? v >= a : v <= a) ? "met" : "MISSED" }')
    [ "$verdict" = met ] || missed=$((missed + 1))
    printf '  %-52s %12s         aim: at %s %s, %s\n' "$1" "$2" "$4" "$3" "$verdict"
}

zmodem() { # zmodem FILE BAUD: prints seconds
    mkdir -p received
    rm -f received/* far.tty
    (cd received && exec socat PTY,link=../far.tty,rawer EXEC:"rz -q -y -b") 2>rz.log &
    local far=$! started
    running+=("$far")
    await_link far.tty
    start_line far.tty near.tty "$2"
    started=$(date +%s.%N)
    # shellcheck disable=SC2094
    timeout 900 sz -q -b "$1" <near.tty >near.tty 2>sz.log || fail "sz failed: $(tail -n 1 sz.log)"
    awk -v a="$started" -v b="$(date +%s.%N)" 'BEGIN { printf "%.2f", b - a }'
    stop_line
    kill "$far" 2>/dev/null
    wait "$far" 2>/dev/null
    cmp -s "$1" "received/$(basename "$1")" || fail "rz received something else"
}

# What the line carried since start_line, once it has stopped: bytes to the gate, bytes back.
wire() { awk '{ print $1, $(NF - 2) }' line.log; }
# overhead NAME SIZE: of what the line carried for a file of this size, to its end and back
overhead() {
    wire | awk -v name="$1" -v size="$2" '{ printf "      %-48s %12.3f         and %.3f back\n", name ": bytes on the wire for each of the list", $1 / size, $2 / size
        printf "      %-48s %12.0f\n", "  more than its own, for each 1,024 of them", ($1 - size) * 1024 / size }'
}
# keep NAME VALUE TOLERANCE: a count that make bench compares. A busy host repeats pieces, and asks once more whether a gate
# is done: the tolerance is in percent.
keep() { [ -z "${BENCH_COUNTS:-}" ] || printf '%s\t%s\t%s\tless\n' "$@" >>"$BENCH_COUNTS"; }

percent() { awk -v bytes="$1" -v s="$2" -v baud="$3" 'BEGIN { printf "%.1f", 1000 * bytes / s / baud }'; }

{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id; } \
    >out 2>err || fail "no site"
"$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty \
    --reader-helper "$BUILD/e2e/tap_source" --reader wait=go >gate.log 2>&1 &
running+=($!)
for _ in $(seq 1000); do
    grep -q ' is up, ' gate.log && break
    sleep 0.01
done

# A piece of 1,024 bytes of the list has 1,101 on the line, in a record and a frame of its own: DTLS adds 29 bytes (header,
# nonce, tag), CoAP with its options, COBS and the CRC the rest. ZMODEM has a CRC and what it has to escape.
version=1
for baud in 115200 921600; do
    cards=$((baud / 23)) # some 20 seconds
    make_list $version "$cards" "$version" -1
    size=$(stat -c %s "list.$version")
    printf '\nA new list of %d cards (%d bytes) at %d bit/s, delay %d ms: share of the line rate, percent\n' \
        "$cards" "$size" "$baud" "$DELAY_MS"
    start_line gate.tty line.tty $baud
    push "list.$version" line.tty $baud
    stop_line
    aim=90
    [ $baud = 921600 ] && aim=80
    judge "blocks of the list" "$(percent "$(member block_bytes_per_second)" 1 $baud)" $aim least
    printf '  %-52s %12s\n' "the whole push, handshake, head and commit included" "$(percent "$size" "$(member seconds)" $baud)"
    overhead "push" "$size"
    keep "push of a new list of $cards cards, bytes to the gate" "$(wire | cut -d' ' -f1)" 3
    printf '  %-52s %12s\n' "ZMODEM, sz to rz, whole" "$(percent "$size" "$(zmodem "list.$version" $baud)" $baud)"
    overhead "ZMODEM" "$size"
    version=$((version + 1))
done

# build_changed CARDS CHANGED: site/whitelist.list, in which so many of the cards have other rights, evenly spread. The list
# before it stays in the site folder, as from one day to the next.
build_changed() {
    awk -v cards="$1" -v changed="$2" 'BEGIN { print "UID;Profil"
        for (i = 0; i < cards; i++) printf "50%06X;%s\n", i, int(i * changed / cards) < int((i + 1) * changed / cards) ? "interne" : "DP" }' >cards.csv
    "$portillon" whitelist build site --accept-removals --csv cards.csv --list-version $version >out 2>err || fail "no list"
    version=$((version + 1))
}
has_twin() { "$portillon" status --port gate.tty --site site --json 2>/dev/null | grep -q '"twin_whole": *true'; }

# changes WHAT CARDS CARDS_AFTER CHANGED AIM PERCENT: bytes on the wire for the second of two lists, both ways, which may differ by that
# much from run to run, and the time of the busier way on a line of 115,200 bit/s, 10 bits a byte
changes() {
    local bytes to_gate
    build_changed "$2" 0
    push site/whitelist.list gate.tty 115200
    for _ in $(seq 600); do has_twin && break || sleep 0.1; done
    build_changed "$3" "$4"
    start_line gate.tty line.tty 921600
    push site/whitelist.list line.tty 921600
    stop_line
    to_gate=$(awk '{ print $1 }' line.log)
    bytes=$(awk '{ print $1 + $(NF - 2) }' line.log)
    printf '\n%s, a gate that is up\n' "$1"
    keep "$1, bytes on the wire" "$bytes" "$6"
    judge "bytes on the wire, both ways, all overhead included" "$bytes" "$5" most
    printf '  %-52s %12s\n' "seconds on a line of 115200 bit/s, modelled" "$(awk -v b="$to_gate" 'BEGIN { printf "%.2f", b / 11520 }')"
    printf '  %-52s %12s\n' "blocks with changes, of $(member blocks)" "$(member blocks_sent)"
    printf '      %-48s %12s\n' "the list as a whole, bytes" "$(stat -c %s site/whitelist.list)"
}
changes "one card changed among 20000" 20000 20000 1 3000 30
changes "10 cards changed among 1000" 1000 1000 10 4000 30
changes "$((CARDS / 100)) cards changed among $CARDS" "$CARDS" "$CARDS" $((CARDS / 100)) 120000 10
changes "a tenth more cards than $CARDS" "$CARDS" $((CARDS * 11 / 10)) 0 250000 10

printf '\n%d aims missed\n' "$missed"
[ "$missed" = 0 ]
