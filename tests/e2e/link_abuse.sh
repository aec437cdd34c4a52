#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The maintenance line abused while cards are tapped: noise, half and huge frames, wrong keys, replayed datagrams, a
# role that asks too much. Each gets no answer or a CoAP error; no tap is lost, none waits, and the gate stays
# manageable.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
tap_every_us=5000
cards=$(for i in $(seq 1 99); do printf ',04%06X' $((0x100 + i)); done),04000001 # one in a hundred is let in

at_gate() { run 0 "$@" --port gate.tty --site site; }
status_of() { at_gate status --json && member "$1"; } # status_of MEMBER
raw_line() { stty -F gate.tty raw -echo; }

# taps_during NAME COMMAND...: the command succeeds; meanwhile and after, taps are decided on at their pace, each
# as it should be, half of them within 50 ms of the card (a busy machine holds up single ones, noise or no noise;
# how much of the line a turn takes is counted in scenario/test_portillon_abuse.c)
taps_during() {
    local name=$1 status first last
    shift
    first=$(wc -l <taps)
    "$@"
    status=$?
    sleep 0.3
    last=$(wc -l <taps)
    sed -n "$((first + 1)),$((last))p" taps >slice
    awk -v granted=0 '
        / granted / && !/reason=- / || / refused / && !/reason=unknown_card / { print "wrong: " $0; wrong = 1 }
        { for (i = 1; i <= NF; i++) if (sub(/^decide_us=/, "", $i) && $i + 0 > 50000) { print "slow: " $0; slow++ } }
        END { if (NR < 30) print "only " NR " taps"; exit wrong || NR < 30 || slow * 2 > NR }' slice >err 2>&1
    [ $? = 0 ] && [ $status = 0 ]
    report $? "$name ($(wc -l <slice) taps meanwhile, the slowest decided in $(grep -o 'decide_us=[0-9]*' slice | cut -d= -f2 | sort -n | tail -1) us)"
}

{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id &&
        "$portillon" identity key site --device porte-1 --role maintenance >maintenance.key &&
        "$portillon" identity key site --device porte-1 --role technician >technician.key &&
        printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv --list-version 1 -o list
} >out 2>err
start_scripted "wait=go,every=$tap_every_us$cards" --flash gate.flash --control gate.sock && at_gate whitelist push --accept-removals list && at_gate clock set
report $? "a gate with a list comes up"
mkfifo watch.in && exec 9<>watch.in && echo watch >&9
socat - UNIX-CONNECT:gate.sock <watch.in 2>/dev/null |
    tee watched | grep --line-buffered '^tap ' >taps &
running+=($!)
(while sleep 0.1; do echo 'press rotation'; done) | socat - UNIX-CONNECT:gate.sock >/dev/null 2>&1 &
running+=($!)
disown -a # they are killed at the end, without a word
await 'ok relay=' watched
touch go
await ' granted ' taps && await ' refused ' taps
report $? "cards are tapped, one is let in, one is not"

# ---- bytes that are no frames ----
noise() { raw_line && head -c 2000000 /dev/urandom | timeout 20 cat >gate.tty; }
taps_during "two megabytes of noise" noise
half_frames() { # frames that end in the middle, as when a cable is pulled
    raw_line
    for length in $(seq 1 200); do head -c "$length" /dev/urandom | tr '\0' '\1' && printf '\0'; done >gate.tty
}
taps_during "two hundred half frames" half_frames
huge_frames() { raw_line && for _ in 1 2 3 4 5; do head -c 65536 /dev/zero | tr '\0' '\377' && printf '\0'; done >gate.tty; }
taps_during "frames of 64 KiB" huge_frames
[ "$(status_of 'link.bad_frames')" -gt 200 ]
report $? "the gate answers as before, and counts the bad frames"

# ---- a person at a terminal ----
banner() {
    raw_line && exec 3<>gate.tty
    timeout 0.2 cat <&3 >/dev/null # the gate's goodbye to the last client
    printf '\r\n' >&3
    timeout 1 cat <&3 >banner
    exec 3<&-
    [ "$(tr -d '\0\r' <banner | grep -c .)" = 1 ] && grep -aq 'Portillon .*Portail nord: ' banner && lacks banner 04000001
}
taps_during "Enter gets one line: name, version, state" banner

# ---- clients that may not ----
start_bridge gate.tty
report $? "the bridge is up"
wrong_keys() {
    for _ in $(seq 10); do
        for build in openssl gnutls; do
            client $build maintenance 00112233445566778899aabbccddeeff get /status && turned_away 'Portail nord' || return 1
            client $build directeur "$(cat maintenance.key)" get /status && turned_away 'Portail nord' || return 1
        done
    done
}
taps_during "forty handshakes with a wrong key or name" wrong_keys
killed_clients() { # each at another moment of its handshake, and the next one gets in with its first
    for build in openssl gnutls; do
        for ms in $(seq -f %03g 4 2 24); do
            "coap-client-$build" -B 5 -u maintenance -k "$(cat maintenance.key)" "$url/status" >out 2>err &
            sleep "0.$ms"
            { kill -9 $! && wait $!; } 2>/dev/null
            client $build maintenance "$(cat maintenance.key)" get /status
            grep -aq 'Portail nord' out || return 1
        done
    done
}
taps_during "clients killed in their handshakes keep nobody out" killed_clients
too_much() {
    printf '\241\147open_ms\031\165\060' >settings # {"open_ms": 30000}
    for build in openssl gnutls; do
        for call in "get /settings" "put /settings" "post /selftest" "delete /status"; do
            # shellcheck disable=SC2086
            client $build maintenance "$(cat maintenance.key)" $call -t 60 -f settings
            grep -aqE '4\.0[35]' out err || return 1
        done
    done
    client openssl technician "$(cat technician.key)" get /settings && grep -aq open_ms out && lacks out "$(printf '\165\060')"
}
taps_during "maintenance asking for what is a technician's gets 4.03, and changes nothing" too_much
malformed() {
    head -c 700 /dev/urandom >junk
    for path in /time /settings /passages/ack /whitelist/head '/whitelist/block?n=0' '/whitelist/block?n=99999999999'; do
        for method in put post; do
            client openssl technician "$(cat technician.key)" $method "$path" -f junk
            grep -aqE '[45]\.[0-9][0-9]' out err || return 1
        done
    done
}
taps_during "junk as payload of every resource gets a CoAP error" malformed
end "$bridge" INT

# ---- what was recorded from the line, once more ----
socat -r recorded PTY,link=line.tty,rawer GOPEN:gate.tty,rawer 2>/dev/null &
tap=$!
running+=("$tap")
await_path line.tty
run 0 clock set --port line.tty --site site --to 2026-09-01T06:30:00Z --role technician
status=$?
end "$tap" TERM
[ $status = 0 ] && [ -s recorded ] && at_gate clock set --role technician
report $? "the clock is set over a line that is listened to"
opened=$(status_of link.sessions)
replay() { raw_line && for _ in $(seq 20); do cat recorded; done >gate.tty; }
taps_during "the same bytes, twenty times over" replay
drift=$(status_of drift_s) && [ "$drift" -ge -60 ] && [ "$drift" -le 60 ] && [ "$(status_of link.sessions)" = $((opened + 2)) ]
report $? "open no session and set no clock"

# ---- after all that ----
kill -0 "$gate" && at_gate status --json && [ "$(member storage_ok)" = 1 ] && [ "$(member list.version)" = 1 ] && [ "$(member journal.lost)" = 0 ]
report $? "the gate runs its list, and lost no record"
rm go
eventually 30 journal_rests
# Refusals that were only counted are told each minute.
every_tap_is_told() {
    at_gate passages pull --store passages.db &&
        [ "$(sqlite3 passages.db "SELECT (SELECT count(*) FROM passages) + total(ref) FROM events WHERE what = 'unknown_card_repeated'")" = "$(wc -l <taps).0" ]
}
eventually 90 every_tap_is_told
report $? "every tap seen is a passage pulled, or counted ($(wc -l <taps))"
finish
