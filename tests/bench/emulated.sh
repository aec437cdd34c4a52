#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How long a card takes on an emulated microcontroller, in its own time: QEMU runs with -icount, so its clock counts
# instructions (8 ns each) and a busy host changes nothing. A plugin (plugin/guest_clock.c) tells instructions and
# guest time when the last byte of the reader's frame is taken from its UART and when the relay's output is written.
# First with nothing else to do, then while a list of CARDS cards is pushed at 115200 baud, of guest time as well. Once
# for a gate of each of ZONES; at the canteen each tap is the first passage of a card in a meal.
# The emulated flash chip takes no time. So the plugin also counts the bytes on its line and its programs, and their
# times stand beside the instructions: SPI at the board's rate, programs by the datasheets (tests/fakes/nor_sheet.h). The
# chip of the board has sectors of 64 KiB; bench_chip has both sizes.
# cardsim's radio and line keep the host's time: they are milliseconds too quick for a guest that is slower than the host.
# usage: BUILD=build/linux BOARD=emcraft_sf2 ZONES="building canteen" TAPS=100 CARDS=100000 tests/bench/emulated.sh
# boards: emcraft_sf2
set -u
: "${BOARD:=emcraft_sf2}" "${TAPS:=100}" "${CARDS:=100000}" "${ZONES:=building canteen}"
[ "$CARDS, $ZONES" = "100000, building canteen" ] || unset BENCH_COUNTS # the table has those of these alone
if [ -z "${ZONE:-}" ]; then
    status=0
    for zone in $ZONES; do ZONE=$zone "$0" || status=1; done
    exit $status
fi
echo "-- zone: $ZONE"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/lib.sh
. "$here/../e2e/lib.sh"
board_or_skip "the time a card takes"
elf=$root/build/$BOARD/portillon.elf
# While the guest sleeps its clock follows the host's: a host that is slow to wake cardsim or QEMU shows there.
renice -n -10 -p $$ >/dev/null 2>&1 || echo "(not root: a busy host shows in the time from card to relay)"
portillon_options=(--port gate.tty --site site)

give_up() {
    echo "emulated: $1" >&2
    cat out err gate.log >&2 2>/dev/null
    exit 1
}

# keep NAME TOLERANCE: a count that make bench compares, from standard input. Instructions depend a little on the moment at
# which a card is laid: the tolerance is in percent.
keep() { [ -z "${BENCH_COUNTS:-}" ] || awk -v name="$ZONE, $1" -v tolerance="$2" '{ printf "%s\t%d\t%d\tless\n", name, $1, tolerance }' >>"$BENCH_COUNTS"; }

# Accesses to the reader's receive register and to the outputs are looked at in the functions that make them.
rx='' out='' spi='' spi_khz='' functions='' # set there
# shellcheck source=/dev/null
. "$root/boards/$BOARD/bench.conf"
ranges=$(arm-none-eabi-nm -nS "$elf" | awk -v names=" $functions " \
    'NF == 4 && index(names, " " $4 " ") { printf ",from=%s,len=%s", $1, $2 }')
gcc -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o guest_clock.so "$here/plugin/guest_clock.c" || give_up "the plugin does not build"
turn=$(arm-none-eabi-nm "$elf" | awk '$3 == "portillon_poll" { print $1 }')
program=$(arm-none-eabi-nm "$elf" | awk '$3 == "nor_program" { print $1 }')
plugin() { echo "$work/guest_clock.so,clock=$work/guest_ns,log=$work/$1.clock,rx=$rx,out=$out,spi=$spi,program=$program,turn=$turn$ranges"; }

tapped=250 # different cards, one after the other
for card in $(seq $tapped); do printf 'card%d classic 04ED%04X\n' "$card" "$card"; done >cards
make_list() { # make_list VERSION: no block of it is in another version
    awk -v cards="$CARDS" -v version="$1" -v tapped=$tapped 'BEGIN { print "Carte;Profil"
        for (i = 1; i <= tapped; i++) printf "04ED%04X;DP\n", i
        for (; i < cards; i++) printf "%02X%06X;DP\n", 16 * version, i }' >list.csv
    "$portillon" whitelist build site --csv list.csv --list-version "$1" -o "list.$1" >out 2>err || give_up "no list"
}

start_paced() { # as lib.sh's, but with the times that radio takes
    "$BUILD/cardsim" --baud 115200 --listen "unix:$work/reader" --control cards.sock --cards cards >cardsim.log 2>&1 &
    running+=($!)
    await_path cards.sock
}
measured_gate() { # measured_gate NAME
    start_gate --icount --log "$1.log" --clock "$work/guest_ns" --plugin "$(plugin "$1")" && eventually 10 reader_is 1 || give_up "the gate does not come up"
    [ "$ZONE" = building ] || "$portillon" clock set "${portillon_options[@]}" >out 2>err || give_up "the clock is not set"
}

guest_ms() { echo $(($(od -An -td8 guest_ns) / 1000000)); }

# take_taps NAME COUNT: taps, each once the gate is at rest, at no fixed phase to the reader's looking. TAPS_WHILE=PID: as
# many as fit while it runs
next_card=0
take_taps() {
    local before rested_ms
    for _ in $(seq "$2"); do
        [ -z "${TAPS_WHILE:-}" ] || kill -0 "$TAPS_WHILE" 2>/dev/null || return 0
        before=$(rises relay)
        next_card=$((next_card % tapped + 1))
        "$BUILD/cardsim" ctl cards.sock tap card$next_card 100 | sed 's/.*at_us=//' >>"$1.taps"
        for _ in $(seq 100); do
            [ "$(rises relay)" -gt "$before" ] && is_quiet && break
            sleep 0.03
        done
        # A card that comes before the arm has fallen back waits for it; that takes 300 ms of the guest's time.
        rested_ms=$(($(guest_ms) + 350 + RANDOM % 300))
        while [ "$(guest_ms)" -lt "$rested_ms" ] && kill -0 "$gate"; do sleep 0.05; done
    done
}

# figures NAME: for each tap that opened: microseconds card to relay; from frame to relay microseconds, instructions,
# bytes on the flash chip's line, programs
figures() {
    awk -v taps="$1.taps" -v clock="$1.clock" '
        $1 == "outputs" { n++; on = substr($2, length($2)) ~ /[13579bdf]/; if (on && !was) rise[n] = 1; was = on }
        END {
            while ((getline at < taps) > 0) tap[++tap_count] = at
            while ((getline line < clock) > 0) {
                split(line, f, " ")
                if (!(f[1] in rise)) continue
                while (next_tap < tap_count && tap[next_tap + 1] < f[2]) next_tap++
                laid = -1 # guest time of the moment the card was laid, between two samples
                for (i = 11; i in f; i++) {
                    split(f[i - 1], newer, ":"); split(f[i], older, ":")
                    if (older[1] <= tap[next_tap] && newer[1] >= tap[next_tap]) {
                        share = newer[1] > older[1] ? (tap[next_tap] - older[1]) / (newer[1] - older[1]) : 0
                        laid = older[2] + share * (newer[2] - older[2])
                        break
                    }
                }
                printf "%d %d %d %d %d\n", laid < 0 ? -1 : (f[3] - laid) / 1000, (f[3] - f[6]) / 1000, f[4] - f[7], f[8], f[9]
            }
        }' "$1.log"
}
summary() { # summary COLUMN FILE: median, 99th percentile, worst, and how many
    awk -v column="$1" '$column >= 0 { print $column }' "$2" | sort -n |
        awk '{ a[NR] = $1 } END { at = int(NR * 0.99 + 0.999); if (NR) print a[int((NR + 1) / 2)], a[at], a[NR], NR }'
}
row() { # row NAME UNIT COLUMN
    local state median p99 worst taps
    for state in idle loaded; do
        read -r median p99 worst taps < <(summary "$3" $state.figures)
        printf '%-34s %-7s median %8d  p99 %8d  worst %8d %s  (%d taps)\n' "$1" "$state" "$median" "$p99" "$worst" "$2" "$taps"
    done
}

# At the canteen a meal is on, from an hour ago.
make_rules() {
    local from to
    from=$(TZ=Europe/Paris date -d '1 hour ago' +%H:%M) to=$(TZ=Europe/Paris date -d '4 hours' +%H:%M)
    [ "$ZONE" = building ] || sed -i "s/^\[services\]\$/&\nrepas = mon-sun $from-$to/" site/site.conf
}
make_site "$ZONE" && make_rules && start_paced && BAUD=2000000 start_gate || give_up "the gate does not come up"
make_list 1 && make_list 2
timeout 600 "$portillon" whitelist push "${portillon_options[@]}" list.1 >out 2>err || give_up "the first list is not taken"
put_settings '\xa1\x67open_ms\x19\x01\xf4' || give_up "the opening is not shortened" # {"open_ms": 500}
twin_is_whole() { gate_answers && [ "$(member list.twin_whole)" = 1 ]; }
eventually 120 twin_is_whole || give_up "the list is not copied to its twin"
stop_gate

measured_gate idle
awk 'NR == FNR { if ($1 == "outputs") { n++; if ($2 == "8") amber = 1; else if (amber && !ready) ready = n } next }
    $1 == ready { printf "boot to ready, list of %d cards     %d ms (%.1f million instructions)\n", cards, $3 / 1000000, $4 / 1000000 }' \
    cards="$CARDS" idle.log idle.clock
awk 'NR == FNR { if ($1 == "outputs") { n++; if ($2 == "8") amber = 1; else if (amber && !ready) ready = n } next }
    $1 == ready { print $4 }' idle.log idle.clock | keep "boot to ready, instructions" 2
take_taps idle "$TAPS"
stop_gate
figures idle >idle.figures

measured_gate loaded
pushed_ms=$(guest_ms)
timeout 900 "$portillon" whitelist push "${portillon_options[@]}" list.2 >push.out 2>push.err &
push=$!
running+=("$push")
sleep 2
TAPS_WHILE=$push take_taps loaded 1000000
wait $push || give_up "the second list is not taken: $(cat push.err)"
pushed_ms=$(($(guest_ms) - pushed_ms))
stop_gate
figures loaded >loaded.figures
# What portillon says of its pace is of the host's time. Ten bits a byte.
grep -o '[0-9.]* KiB on the line' push.out | awk -v ms="$pushed_ms" -v cards="$CARDS" '
    { printf "upload of %d cards, amid taps      %.1f s, %.1f KiB/s, %d%% of what 115200 baud carry\n",
        cards, ms / 1000, $1 * 1000 / ms, 100 * $1 * 1024 * 10 / 115200 * 1000 / ms }'

row "last byte of frame to relay" instructions 3
row "last byte of frame to relay" us 2
row "  of it bytes on the chip's line" bytes 4
row "  of it programs of the chip" times 5
# What the emulated chip does not take: each byte on the line, and each program of a record of 32 bytes.
for state in idle loaded; do
    read -r _ _ bytes _ < <(summary 4 $state.figures)
    read -r _ _ programs _ < <(summary 5 $state.figures)
    awk -v state=$state -v bytes="$bytes" -v programs="$programs" -v khz="$spi_khz" 'BEGIN {
        printf "%-34s %-7s worst  SPI %.3f ms; programs, typical / maximum: S25FL128S %.2f / %.2f ms, W25Q128JV %.2f / %.2f ms\n",
            "  the chip\047s time for these", state, bytes * 8 / khz, programs * 0.250, programs * 0.750, programs * 0.1075, programs * 0.422 }'
done
for state in idle loaded; do
    awk -v state=$state '$1 == "turn" { most = $2 }
        END { printf "%-34s %-7s worst  %8d instructions\n", "turn of the loop", state, most }' $state.clock
done
row "card laid to relay" us 1
summary 1 idle.figures >a && summary 1 loaded.figures >b
paste -d' ' a b | awk '{ printf "p99 card to relay, loaded to idle    %.2f (at most 1.5)\n", $6 / $2 }'
summary 3 idle.figures >a && summary 3 loaded.figures >b
# Not the worst of the idle taps: it is one that a busy host held up.
awk '{ print $1 }' a | keep "idle tap, instructions, median" 2
awk '{ print $1 }' b | keep "loaded tap, instructions, median" 5
awk '{ print $2 }' b | keep "loaded tap, instructions, p99" 25
summary 4 idle.figures | keep "idle tap, bytes on the chip's line, median" 0
summary 5 idle.figures | keep "idle tap, programs, median" 0
for state in idle loaded; do
    awk '$1 == "turn" { most = $2 } END { print most }' $state.clock | keep "turn of the loop, $state, instructions, worst" 10
done
paste -d' ' a b | awk 'function aim(name, count, most) {
        printf "aim: %-29s %8d instructions, at most %6d: %s\n", name, count, most, count <= most ? "met" : "MISSED"
        missed += count > most
    }
    { aim("median of idle taps", $1, 27000); aim("worst idle tap", $3, 150000)
      aim("p99 of loaded taps", $6, 60000); aim("worst loaded tap", $7, 150000); exit missed > 0 }'
