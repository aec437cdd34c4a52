#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cardsim seen by programs nobody here wrote: libnfc's nfc-list and nfc-mfclassic, libfreefare's tools, socat.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(last last.err)
reader=$work/reader control=$work/control
export LIBNFC_DEFAULT_DEVICE=pn532_uart:$reader:115200

ctl() { "$BUILD/cardsim" ctl "$control" "$@"; }
start() { # start LOG OPTION...: sets sim
    local log=$1
    shift
    "$BUILD/cardsim" "$@" >"$log.out" 2>"$log.err" </dev/null &
    sim=$!
    running+=("$sim")
}
list() { timeout 10 nfc-list >last 2>last.err; }
shows() { tr -s ' ' <last | grep -qF -- "$1"; }

cat >cards <<'CARDS'
# name   kind          UID
lea      classic       01020304
noe      ultralight    04A1A2A3A4A5A6
zoe      ntag213       04B1B2B3B4B5B6
anna     desfire-ev1   04782E21801D80        aid=3042F5 key=00112233445566778899AABBCCDDEEFF
hugo     desfire-ev2   04C1C2C3C4C5C6
ines     desfire-ev3   04D1D2D3D4D5D6
milo     iso4          0A0B0C0D
long     iso4          00112233445566778899
phone    random
nina     typeb         1A2B3C4D
kenji    felica        0102030405060708
CARDS
start pty --instant --pty "$reader" --control "$control" --cards cards
await_path "$control"

nothing_listed() { list && shows "NFC device" && shows "opened" && lacks last UID; }
check "an empty field lists nothing" nothing_listed

identity() { # identity NAME ATQA UID SAK [ATS]
    ctl put "$1" >/dev/null || return 1
    list
    ctl take all >/dev/null
    shows "ATQA (SENS_RES): $2" && shows "(NFCID1): $3 " && shows "SAK (SEL_RES): $4" || return 1
    if [ -n "${5:-}" ]; then shows "ATS: $5"; else lacks last "ATS:"; fi
}
check "nfc-list sees a MIFARE Classic" identity lea "00 04" "01 02 03 04" 08
check "nfc-list sees an Ultralight" identity noe "00 44" "04 a1 a2 a3 a4 a5 a6" 00
check "nfc-list sees an NTAG213" identity zoe "00 44" "04 b1 b2 b3 b4 b5 b6" 00
check "nfc-list sees a DESFire EV1" identity anna "03 44" "04 78 2e 21 80 1d 80" 20 "75 77 81 02 80"
check "nfc-list sees a DESFire EV2" identity hugo "03 44" "04 c1 c2 c3 c4 c5 c6" 20 "75 77 81 02 80"
check "nfc-list sees a DESFire EV3" identity ines "03 44" "04 d1 d2 d3 d4 d5 d6" 20 "75 77 81 02 80"
check "nfc-list sees an ISO 14443-4 card" identity milo "00 04" "0a 0b 0c 0d" 20 "78 80 70 02"
check "nfc-list sees a 10-byte UID" identity long "00 84" "00 11 22 33 44 55 66 77 88 99" 20 "78 80 70 02"
other_kind() { # other_kind NAME TEXT
    ctl put "$1" >/dev/null && list && ctl take all >/dev/null && shows "$2" && lacks last "SENS_RES"
}
check "nfc-list sees a card of type B" other_kind nina "PUPI: 1a 2b 3c 4d"
check "nfc-list sees a FeliCa card" other_kind kenji "ID (NFCID2): 01 02 03 04 05 06 07 08"

random_uids_differ() {
    ctl put phone >/dev/null
    list && first=$(grep NFCID3 last)
    list && second=$(grep NFCID3 last)
    ctl take all >/dev/null
    [[ $first == *"08  "* && $second == *"08  "* && $first != "$second" ]]
}
check "a random UID is another one each time" random_uids_differ

all_listed() {
    for card in lea zoe anna long; do ctl put "$card" >/dev/null; done
    list
    ctl take all >/dev/null
    [ "$(grep -c 'UID (NFCID1)' last)" = 4 ]
}
check "nfc-list sees four cards at once" all_listed

if command -v mifare-desfire-info >/dev/null; then
    desfire_info() {
        ctl put "$1" >/dev/null
        timeout 10 mifare-desfire-info >last 2>&1
        local status=$?
        ctl take all >/dev/null
        [ $status = 0 ] && shows "UID: $2" && shows "Version: $3" && shows "Free memory: 4864 bytes" &&
            shows "Master Key version: 0"
    }
    check "mifare-desfire-info reads an EV1" desfire_info anna 0x04782e21801d80 1.0
    check "mifare-desfire-info reads an EV2" desfire_info hugo 0x04c1c2c3c4c5c6 18.0
    check "mifare-desfire-info reads an EV3" desfire_info ines 0x04d1d2d3d4d5d6 51.0
else
    skip "mifare-desfire-info reads a DESFire" "libfreefare-bin is not installed"
fi

classic_dump() {
    ctl put lea >/dev/null
    timeout 20 nfc-mfclassic r a u dump >last 2>&1
    ctl take all >/dev/null
    [ "$(head -c 4 dump | od -An -tx1 | tr -d ' ')" = 01020304 ] && [ "$(wc -c <dump)" = 1024 ]
}
check "nfc-mfclassic dumps a Classic" classic_dump

ultralight_dump() {
    ctl put noe >/dev/null
    timeout 20 nfc-mfultralight r dump.ul >last 2>&1
    ctl take all >/dev/null
    [ "$(head -c 8 dump.ul | od -An -tx1 | tr -d ' ')" = 04a1a28fa3a4a5a6 ] && [ "$(wc -c <dump.ul)" -ge 64 ]
}
check "nfc-mfultralight dumps an Ultralight" ultralight_dump

# A fault may cost the reading at hand, never the next one, and never more than libnfc's own timeouts.
survives() { # survives KIND [COUNT]
    ctl put anna >/dev/null
    ctl fault "$@" >/dev/null
    (list)
    local status=$?
    ctl fault none >/dev/null
    ctl put anna >/dev/null
    [ $status != 124 ] && list && shows "04 78 2e 21 80 1d 80"
}
for fault in drop-ack garbage-before-ack bad-checksum silence-after-ack truncated-frame stale-reply card-gone \
    slow reset hang; do
    check "after $fault the next nfc-list sees the card" survives "$fault"
done
aborts() {
    ctl put anna >/dev/null
    ctl fault status-bit7 >/dev/null
    (list) 2>/dev/null
    local status=$?
    [ $status = 134 ] || echo "status $status" >>last
    [ $status = 134 ] && list && shows "04 78 2e 21 80 1d 80"
}
check "status-bit7 makes libnfc abort, and leaves the port usable" aborts
ctl take all >/dev/null

field_is_empty() { [[ $(ctl status) == *in_field=0* ]]; }
taps_end() {
    [[ $(ctl tap lea 500) == "ok tap lea classic 01020304 ms=500 at_us="* ]] || return 1
    [[ $(ctl status) == *in_field=1* ]] || return 1
    eventually 5 field_is_empty
}
check "a tap ends by itself" taps_end

ctl_statuses() {
    ctl nonsense >last
    [ $? = 1 ] || return 1
    printf 'put lea\n# a comment\n\ntake all\n' | ctl >last || return 1
    [ "$(wc -l <last)" = 2 ] || return 1
    "$BUILD/cardsim" ctl nobody list 2>last
    [ $? = 2 ]
}
check "ctl tells success, error and absence apart" ctl_statuses

idle() { # clock ticks of CPU time over a second with a listing under way
    local before after
    before=$(awk '{ print $14 + $15 }' "/proc/$sim/stat")
    sleep 1
    after=$(awk '{ print $14 + $15 }' "/proc/$sim/stat")
    [ -n "$before" ] && [ -n "$after" ] && [ $((after - before)) -le 1 ]
}
check "an idle cardsim does not spin" idle

second_is_refused() {
    timeout 5 "$BUILD/cardsim" --pty other --control "$control" 2>last </dev/null
    [ $? = 1 ] && grep -q "in use" last && [ ! -e other ] && ctl status >/dev/null
}
check "a control socket in use is not taken over" second_is_refused

stops() {
    kill -TERM "$sim"
    wait "$sim"
    [ $? = 0 ] && [ ! -e "$reader" ] && [ ! -L "$reader" ] && [ ! -e "$control" ]
}
check "SIGTERM ends it and removes link and socket" stops

bad_cards_file() { # bad_cards_file TEXT EXPECTED
    printf '%b' "$1" >bad
    timeout 5 "$BUILD/cardsim" --pty bad-reader --cards bad 2>last </dev/null
    [ $? = 1 ] && grep -qF "$2" last && [ ! -e bad-reader ]
}
check "a wrong line of the cards file is named" bad_cards_file 'a classic 01020304\nb classic 0102030\n' \
    "bad:2: '0102030' is not a UID"
check "a cards file with a NUL is refused" bad_cards_file 'a classic\0 01020304\n' "is not a cards file"
touch precious
keeps_files() {
    timeout 5 "$BUILD/cardsim" --pty precious 2>last </dev/null
    [ $? = 1 ] && [ -f precious ]
}
check "a file in the link's place is left alone" keeps_files

# GetFirmwareVersion by hand, after the wake-up bytes; the answers are the PN532 User Manual's.
hello='\x55\x55\x00\x00\x00\x00\x00\xff\x02\xfe\xd4\x02\x2a\x00'
answer=0000ff00ff000000ff06fad50332010607e800
mkfifo hello.in && exec 8<>hello.in # stays open: a client that ends its side gets no more
has_answered() { [ "$(stat -c %s answer)" -ge $((${1:-1} * ${#answer} / 2)) ]; } # has_answered [COUNT]
speaks() { # speaks SOCAT_ADDRESS
    local got talk
    : >last
    # shellcheck disable=SC2059 # bytes in printf's notation
    printf "$hello" >&8
    timeout 10 socat - "$1" <hello.in >answer 2>>last &
    talk=$!
    eventually 5 has_answered
    end "$talk" TERM
    got=$(od -An -v -tx1 answer | tr -d ' \n')
    echo "$got" >>last
    [ "$got" = "$answer" ]
}
if command -v socat >/dev/null; then
    start unix --listen "unix:$work/line"
    await_path line
    check "it serves a unix socket" speaks "UNIX-CONNECT:$work/line"
    check "it serves the next client too" speaks "UNIX-CONNECT:$work/line"
    listens() { ! kill -0 "$1" 2>/dev/null || (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; } # or it ended
    for _ in 1 2 3 4 5 6 7 8 9 10; do # until a port is free
        port=$((20000 + RANDOM % 12000))
        start tcp --listen "tcp:127.0.0.1:$port"
        until listens "$sim"; do sleep 0.02; done
        kill -0 "$sim" 2>/dev/null && break
    done
    check "it serves TCP" speaks "TCP:127.0.0.1:$port"
    start connect --connect "unix:$work/far"
    check "it connects as soon as the other side listens" speaks "UNIX-LISTEN:$work/far"
    # Twenty commands at once: their answers, 19 bytes each with the ACK, take at least 20 * 19 * 10 / 9600 s.
    start slow --instant --baud 9600 --listen "unix:$work/slow"
    await_path slow
    takes_its_time() {
        local from talk
        : >answer
        from=$(date +%s%3N)
        # shellcheck disable=SC2059 # bytes in printf's notation
        for _ in $(seq 20); do printf "$hello" >&8; done
        timeout 10 socat - "UNIX-CONNECT:$work/slow" <hello.in >answer 2>>last &
        talk=$!
        eventually 8 has_answered 20
        end "$talk" TERM
        echo "$(stat -c %s answer) bytes in $(($(date +%s%3N) - from)) ms" | tee last |
            awk '{ exit !($1 == 380 && $4 >= 395) }'
    }
    check "at 9600 baud bytes take their time" takes_its_time
else
    skip "it serves sockets" "socat is not installed"
fi

start scanner --pty "$reader" --control "$control" --scanner "$work/scanner"
await_path "$control"
scans() { # what a program reads that opens the scanner's line
    local got
    exec 7<>"$work/scanner"
    ctl scan "LYC 0042 é" >last && [[ $(<last) == "ok scan at_us="* ]] && ctl scan-bytes 4142 >last || return 1
    IFS= read -r -t 5 -d $'\r' got <&7
    IFS= read -r -t 5 -N 2 rest <&7
    exec 7<&-
    echo "$got|$rest" >>last
    [ "$got|$rest" = "LYC 0042 é|AB" ]
}
check "a scanner on a second line sends text and CR" scans
both_lines() { ctl put 01020304 >last && list && shows "01 02 03 04" && ctl scan 7 >last; }
check "beside it the reader works" both_lines
scanner_ends() { end "$sim" TERM && [ ! -L "$work/scanner" ] && [ ! -e "$control" ]; }
check "SIGTERM removes the scanner's link as well" scanner_ends
if command -v socat >/dev/null; then
    start scanner2 --pty "$reader" --control "$control" --scanner "unix:$work/scanner.sock"
    await_path "$control"
    scans_over_socket() {
        timeout 10 socat -u "UNIX-CONNECT:$work/scanner.sock" - >scanned 2>>last &
        sleep 0.5
        ctl scan LYC-7 >last && eventually 5 test -s scanned
        [ "$(od -An -tx1 scanned | tr -d ' ')" = 4c59432d370d ]
    }
    check "the scanner's line may be a socket" scans_over_socket
    end "$sim" TERM
fi

start paced --pty paced --control paced.ctl
await_path paced.ctl
paced_list() {
    "$BUILD/cardsim" ctl paced.ctl put anna desfire-ev1 04782E21801D80 >last &&
        LIBNFC_DEFAULT_DEVICE=pn532_uart:$work/paced:115200 list && shows "04 78 2e 21 80 1d 80"
}
check "radio's own pace suits nfc-list as well" paced_list
end "$sim" TERM
start line --pty paced --control paced.ctl --baud 115200
await_path paced.ctl
check "and so does the line's" paced_list
wrong_rate() { # wrong_rate RATE
    timeout 5 "$BUILD/cardsim" --pty other --baud "$1" 2>last </dev/null
    [ $? = 2 ] && grep -qxF "cardsim: --baud takes a number from 9600 to 1288000, not '$1'" last && [ ! -e other ]
}
check "a rate that no line has is refused" wrong_rate 12
check "and so is a word" wrong_rate fast

stdin_commands() {
    printf 'put 01020304\nlist\n' | timeout 2 "$BUILD/cardsim" --pty third >last
    grep -q '^ok put 01020304 classic' last && grep -q '^ok 1 card: .* in$' last
}
check "commands also come from standard input" stdin_commands
finish
