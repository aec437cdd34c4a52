#!/usr/bin/env bash
# The PN532 driver on a pseudo terminal, with a virtual PN532 at its other end: what cards look like, whether
# libnfc's nfc-list reads the same, and what each fault does. pn532_probe stands for the gate and prints each
# report; a test waits for lines beyond those it has seen. How long things take is for test_pn532_faults, whose
# time is its own; here a busy machine may make the driver lose the chip now and then, and must not fail a test.
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
check() { # check NAME COMMAND...
    local name=$1
    shift
    if "$@"; then ok "$name"; else not_ok "$name" "${event:-}" "before: ${skipped:-}"; fi
}

start_cardsim() {
    "$BUILD/cardsim" --pty "$work/tty" --control "$work/control" >"$work/cardsim.log" 2>&1 &
    cardsim=$!
    for _ in $(seq 100); do [ -S "$work/control" ] && [ -e "$work/tty" ] && return; sleep 0.02; done
}
start_probe() {
    : >"$work/events"
    seen=0
    "$BUILD/e2e/pn532_probe" "$@" "$work/tty" >"$work/events" 2>&1 &
    probe=$!
}
stop_probe() {
    kill "$probe" 2>/dev/null
    wait "$probe" 2>/dev/null
    probe=''
}
ctl() { "$BUILD/cardsim" ctl "$work/control" "$@" >>"$work/ctl.log" 2>&1; }

# await PATTERN [SECONDS]: the next event that matches (extended regular expression), within 10 s. What comes
# before it is in $skipped, the event in $event.
await() {
    local limit=$((${2:-10} * 50)) line
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
# Nothing since that would end the tap or begin another.
same_tap() {
    event=$(tail -n +$((seen + 1)) "$work/events" | grep -vE ' (up|down) ' | grep -v " ${1:-none}")
    [ -z "$event" ]
}

start_cardsim
start_probe
check "the reader is reported up with its firmware" await 'up PN532 firmware 1\.6$'
check "an empty field is reported" await empty

# As nfc-list prints it: UID, ATQA, SAK and ATS in hex, without blanks. "-": no ATS.
nfc_list() {
    LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/tty:115200 timeout 10 nfc-list 2>/dev/null | awk -F': ' '
        function hex(text) { gsub(/[^0-9a-f]/, "", text); return toupper(text) }
        /ATQA/ { atqa = hex($2) } /UID/ { uid = hex($2) } /SAK/ { sak = hex($2) } / ATS/ { ats = hex($2) }
        END { print uid, "atqa", atqa, "sak", sak, "ats", ats == "" ? "-" : ats }'
}
# card NAME, how it is put
while IFS='|' read -r name put uid; do
    # shellcheck disable=SC2086
    ctl put $put
    await 'card ' || not_ok "$name is read" "$event"
    ours=${event#card } ours=${ours%% seen_us*}
    sleep 0.3
    check "$name is told once, with the UID it has" eval '[[ $ours == $uid\ * ]] && same_tap "card ${ours%% *}"'
    stop_probe
    for _ in 1 2 3 4 5; do # it gives up quickly on a busy machine
        theirs=$(nfc_list)
        [[ $theirs == " atqa"* ]] || break
    done
    if [[ $uid == '08*' ]]; then ours=${ours#* } theirs=${theirs#* }; fi # the field was off: another random UID
    if [ "$ours" = "$theirs" ]; then ok "... and nfc-list sees the same"; else not_ok "nfc-list sees the same" "$ours" "$theirs"; fi
    start_probe
    await 'card ' || not_ok "$name is read again" "$event"
    ctl take all
    await empty || not_ok "$name leaves" "$event"
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
start_probe
await empty
for put in "classic 04ED0B11" "ultralight 04112233445566" "desfire-ev2 04A1B2C3D4E580" random; do
    # shellcheck disable=SC2086
    ctl put $put
    await 'card '
    sleep 1.5
    check "a card held (${put%% *}) is one tap" same_tap 'card ' 
    ctl take all
    check "... and leaves" await empty
done
ctl put classic 04ED0B11
await 'card 04ED0B11'
ctl take all
ctl put desfire-ev2 04A1B2C3D4E580
check "a card put in another's place is told" await 'card 04A1B2C3D4E580'
ctl take all
await empty

# One of each fault.
for fault in drop-ack garbage-before-ack bad-checksum silence-after-ack truncated-frame stale-reply reset slow; do
    ctl fault $fault
    sleep 0.05
    ctl put classic 04ED0B11
    check "$fault at an empty field: the next card is told" await 'card 04ED0B11'
    ctl fault $fault
    sleep 0.7
    check "$fault with a card held: the same tap" same_tap 'card 04ED0B11' 
    ctl take all
    await empty || not_ok "$fault: the card leaves" "$event"
done
ctl put desfire-ev2 04A1B2C3D4E580
await 'card '
ctl fault hang forever
check "a chip that hangs is told" await 'down no answer'
sleep 1.5
check "... once" eval '[ "$(wc -l <"$work/events")" = "$seen" ]'
ctl fault none
check "... and so is its return" await 'up '
check "... with the card that is still there, and no empty field before it" eval "await 'card 04A1B2C3D4E580' && [[ \$skipped != *empty* ]]"
ctl take all
await empty
stop_probe

start_probe -x 60
await empty
ctl put desfire-ev2 04A1B2C3D4E580
check "an exchange brings the card's answer" await 'answer AF04010112001805'
ctl take all
await empty
ctl put ntag213 04B1B2B3B4B5B6
check "an NTAG tells its version" await 'answer 0004040201000F03'
ctl take all
await empty
for fault in status-bit7 status-bit6; do
    ctl fault $fault
    ctl put desfire-ev2 04A1B2C3D4E580
    check "$fault in an exchange fails that exchange only" await 'answer io'
    ctl take all
    await empty
done
ctl fault card-gone
ctl put desfire-ev2 04A1B2C3D4E580
check "a card gone in an exchange is told" await 'answer not_found'
check "... and is an empty field" await empty
stop_probe

start_probe -b 460800
check "the line is raised where it can be" await 'up PN532 firmware 1\.6 at 460800 baud'
stop_probe
echo "1..$number"
