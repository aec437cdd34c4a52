#!/usr/bin/env bash
# The reader adapter with real libnfc and a virtual PN532: what cards look like, and what each fault does.
# reader_probe stands for the gate and prints each report; a test waits for lines beyond those it has seen.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${BUILD:=build/linux}"
BUILD=$(realpath "$BUILD")
work=$(mktemp -d)
number=0 cardsim='' probe=''
cleanup() {
    for pid in $probe $cardsim; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT

ok() {
    number=$((number + 1))
    echo "ok $number - $1"
}
not_ok() {
    number=$((number + 1))
    echo "not ok $number - $1"
    shift
    printf '# %s\n' "$@"
    tail -n 8 "$work/events" | sed 's/^/# event: /'
}

start_cardsim() {
    "$BUILD/cardsim" --pty "$work/tty" --control "$work/control" >"$work/cardsim.log" 2>&1 &
    cardsim=$!
    for _ in $(seq 100); do [ -S "$work/control" ] && [ -e "$work/tty" ] && return; sleep 0.02; done
}
start_probe() {
    : >"$work/events"
    seen=0
    "$BUILD/e2e/reader_probe" "$@" "$BUILD/portillon-reader" "pn532_uart:$work/tty:115200" >"$work/events" 2>&1 &
    probe=$!
}
stop_probe() {
    kill "$probe" 2>/dev/null
    wait "$probe" 2>/dev/null
    probe=''
}
child_of_probe() { pgrep -P "$probe" | head -n 1; }
ctl() { "$BUILD/cardsim" ctl "$work/control" "$@" >>"$work/ctl.log" 2>&1; }

# await PATTERN [SECONDS]: the next event that matches (extended regular expression), within 5 s. What comes
# before it is in $skipped, the event in $event.
await() {
    local limit=$((${2:-5} * 50)) line
    skipped=''
    while [ $limit -gt 0 ]; do
        while line=$(sed -n "$((seen + 1))p" "$work/events") && [ -n "$line" ]; do
            seen=$((seen + 1))
            event=${line#* }
            [[ $event =~ ^$1 ]] && return 0
            skipped="$skipped$event;"
        done
        sleep 0.02
        limit=$((limit - 1))
    done
    event="nothing like '$1' (but: ${skipped:-nothing})"
    return 1
}

start_cardsim
start_probe
if await 'up pn532_uart'; then ok "the reader is reported up by its name"; else not_ok "reader up" "$event"; fi
if await empty; then ok "an empty field is reported once the reader is up"; else not_ok "empty" "$event"; fi

# card NAME, how it is put, what must be read
while IFS='|' read -r name put expected; do
    # shellcheck disable=SC2086
    ctl put $put
    if await "card $expected"; then ok "$name is read as it was put"; else not_ok "$name is read as it was put" "$event"; fi
    ctl take all
    await empty || not_ok "$name leaves" "$event"
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
    # shellcheck disable=SC2086
    ctl put $put
    await "card "
    sleep 1.5
    held=$seen
    if [ "$(wc -l <"$work/events")" = "$held" ]; then ok "a card held (${put%% *}) is reported once"; else
        not_ok "a card held (${put%% *}) is reported once" "$(tail -n +$((held + 1)) "$work/events")"
    fi
    ctl take all
    await empty || not_ok "the held card (${put%% *}) leaves" "$event"
done

# Cards beside one that stays: each is told when it comes and when it leaves.
while IFS='|' read -r lying beside uid; do
    # shellcheck disable=SC2086
    ctl put $lying
    await 'card '
    sleep 0.3
    # shellcheck disable=SC2086
    if ctl put $beside && await "card $uid" && ctl take "$uid" && await "gone $uid" && ctl put "$uid" &&
        await "card $uid" && sleep 0.3 && ctl take all && await empty; then
        ok "${beside%% *} beside a ${lying%% *} is read each time"
    else
        not_ok "${beside%% *} beside a ${lying%% *} is read each time" "$event" "before: $skipped"
        ctl take all
        await empty
    fi
done <<'CARDS'
ntag213 04B1B2B3B4B5B6|desfire-ev2 04A1B2C3D4E581|04A1B2C3D4E581
desfire-ev2 04A1B2C3D4E580|classic 01020304|01020304
classic FFFFFFFF|ultralight 04112233445567|04112233445567
random|iso4 0A0B0C0E|0A0B0C0E
iso4 00112233445566778890|classic 04ED0B12|04ED0B12
CARDS

# Each fault, at an empty field: reported, and the next card is read.
for fault in drop-ack bad-checksum silence-after-ack truncated-frame garbage-before-ack reset; do
    ctl fault $fault
    if await 'down reader error: (no|bad) answer' && await 'up '; then
        ctl fault none
        ctl put classic 04ED0B11
        if await 'card 04ED0B11'; then ok "$fault is reported, and the reader works again"; else
            not_ok "$fault: the next card is read" "$event"
        fi
    else
        not_ok "$fault is reported, and the reader works again" "$event"
    fi
    ctl take all
    await empty
done
for fault in stale-reply slow; do
    ctl fault $fault
    sleep 0.8
    ctl put classic 04ED0B11
    if await 'card 04ED0B11'; then ok "$fault leaves the reader working"; else not_ok "$fault leaves the reader working" "$event"; fi
    ctl take all
    await empty
done
ctl fault hang forever
if await 'down ' 1; then ok "a chip that hangs is reported within a second"; else not_ok "a chip that hangs is reported" "$event"; fi
sleep 2
ctl fault none
if await 'up '; then ok "... and works again when it does"; else not_ok "a chip that hung works again" "$event"; fi
if [[ $skipped == *down* ]]; then not_ok "one outage is one report" "$skipped"; else ok "one outage is one report"; fi
await empty

# What costs the process its life, with a card held: the same tap goes on.
ctl put desfire-ev2 04A1B2C3D4E580
await 'card '
for fault in kill stop; do
    case $fault in
    kill) kill -KILL "$(child_of_probe)" && down='down reader process ended by signal 9 .SIGKILL.' ;;
    stop) kill -STOP "$(child_of_probe)" && down='down no answer for 1 s' ;;
    esac
    if await "$down" 1 && await 'up ' && await 'card 04A1B2C3D4E580' && [[ $skipped != *empty* ]]; then
        ok "$fault: noticed within a second, restarted, and the card held is still the same tap"
    else
        not_ok "$fault with a card held" "$event" "before: $skipped"
    fi
done
ctl take all
if await empty; then ok "... until it leaves"; else not_ok "the card leaves" "$event"; fi

# The line goes, and comes back.
kill "$cardsim"
wait "$cardsim" 2>/dev/null
if await 'down '; then ok "a reader that is unplugged is reported"; else not_ok "unplugged" "$event"; fi
sleep 1
start_cardsim
if await 'up '; then ok "... and found again when it is back"; else not_ok "plugged in again" "$event"; fi
stop_probe

start_probe -x 60
await empty
ctl put desfire-ev2 04A1B2C3D4E580
if await 'answer AF[0-9A-F]{14}'; then ok "an exchange brings the card's answer"; else not_ok "exchange" "$event"; fi
ctl take all
await empty
ctl fault status-bit7
ctl put desfire-ev2 04A1B2C3D4E580
if await 'answer io' && await 'down .*SIGABRT' && await 'up ' && await 'card ' && await 'answer AF'; then
    ok "an abort in an exchange fails that exchange only"
else
    not_ok "an abort in an exchange" "$event"
fi
ctl take all
await empty
ctl fault card-gone
ctl put desfire-ev2 04A1B2C3D4E580
if await 'answer (not_found|timeout)' && await empty; then ok "a card gone in an exchange is an empty field"; else
    not_ok "a card gone in an exchange" "$event"
fi

child=$(child_of_probe)
kill -KILL "$probe"
wait "$probe" 2>/dev/null
probe=''
sleep 0.2
# (in a container whose init does not reap, it stays as a zombie)
if [ -n "$child" ] && ! grep -q '^State:.[^Z]' "/proc/$child/status" 2>/dev/null; then ok "the process dies with the gate"; else not_ok "the process dies with the gate" "pid $child"; fi
"$BUILD/portillon-reader" auto 2>"$work/by-hand"
if [ $? = 2 ] && grep -q 'not a command' "$work/by-hand"; then ok "started by hand it says what it is"; else
    not_ok "started by hand it says what it is" "$(cat "$work/by-hand")"
fi
echo "1..$number"
