#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A meal at another lane, told over the maintenance line by a client that is not ours: it counts at this gate, also after its
# power was cut; told again, or of another day, it changes nothing.
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "meals at other lanes"
command -v coap-client-openssl >/dev/null || skip_all "meals at other lanes" "libcoap3-bin is not installed"
gate_options=(--port gate.tty --site site)
noon=1794826800 # date -d '2026-11-16 12:00 CET' +%s, a Monday

clock_is() { run 0 clock set "${gate_options[@]}" --to "@$1" --role technician; } # clock_is UTC_S
little_endian() { printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }

# tell TAG UTC_S: one meal of the service "dejeuner", whose name has the CRC-32 0xa899ff1d; out has the answer
tell() {
    local status
    # shellcheck disable=SC2059 # a format
    printf "\\xa2\\x67service\\x1a\\xa8\\x99\\xff\\x1d\\x65meals\\x4c$(sed 's/../\\x&/g' <<<"$1")$(little_endian "$2")" >meal.cbor
    start_bridge gate.tty && client openssl maintenance "$(cat maintenance.key)" post /meals -t 60 -f meal.cbor
    status=$?
    end "$bridge" INT
    return $status
}
answers() { # answers WORD: this one is 1, the others are 0
    local word
    for word in taken known later not_now unlisted no_room; do
        grep -aqP "$word\\x0$([ "$word" = "$1" ] && echo 1 || echo 0)" out || return 1
    done
}
reason_of() { sqlite3 passages.db "SELECT reason FROM passages WHERE tag = '$1' ORDER BY seq DESC LIMIT 1"; }
pull() { run 0 passages pull "${gate_options[@]}" --store passages.db --no-clock; }
newest_tag() { sqlite3 passages.db "SELECT tag FROM passages ORDER BY seq DESC LIMIT 1"; }

printf 'amandine classic 04ED0B12\nbasile ultralight 0421C0DE000002\n' >cards
make_site canteen && cat >site/site.conf <<'END' && printf 'Carte;Profil\n04ED0B12;DP\n0421C0DE000002;DP\n' >list.csv
format = 1
name = Essai
time_zone = Europe/Paris

[services]
dejeuner = mon-sun 11:30-13:30

[profile demi-pension]
called = DP
services = dejeuner
END
start_reader cards && start_gate && "$portillon" identity key site --device e2e-1 --role maintenance -o maintenance.key &&
    "$portillon" whitelist build site --csv list.csv --list-version 1 -o list.1 >out 2>err &&
    run 0 whitelist push "${gate_options[@]}" list.1 && clock_is $((noon - 7200)) && eventually 30 reader_is 1
report $? "$BOARD: a gate of the canteen comes up"

[ "$(verdict_of amandine)" = refused ] && pull && amandine=$(newest_tag) && [ ${#amandine} = 16 ] &&
    [ "$(verdict_of basile)" = refused ] && pull && basile=$(newest_tag) && [ "$basile" != "$amandine" ]
report $? "the office knows two pseudonyms"
tell "$amandine" $((noon - 5)) && answers not_now
report $? "two hours before the service no meal of it is taken"
clock_is $noon && tell "$amandine" $((noon - 5)) && answers taken
report $? "in the service a meal at another lane is taken"
tell "$amandine" $((noon - 5)) && answers known && tell "$amandine" $((noon - 86400)) && answers not_now
report $? "the same again is known; yesterday's is none of this service"
[ "$(verdict_of amandine)" = refused ] && pull && [ "$(reason_of "$amandine")" = already_passed ] &&
    [ "$(sqlite3 passages.db "SELECT ref FROM journal WHERE tag = '$amandine' ORDER BY seq DESC LIMIT 1")" = $((noon - 5)) ]
report $? "the card is refused as already_passed, and the record says when that was"
[ "$(sqlite3 passages.db "SELECT count(*) FROM journal WHERE what = 'meal_elsewhere'")" = 0 ] &&
    [ "$(sqlite3 passages.db 'SELECT count(*) FROM anomalies')" = 0 ]
report $? "the office stores the refusal, and not what it told the gate"
[ "$(verdict_of basile)" = granted ]
report $? "another card is let in"
kill_gate
start_gate && clock_is $((noon + 60)) && eventually 30 reader_is 1 && [ "$(verdict_of amandine)" = refused ] && pull &&
    [ "$(reason_of "$amandine")" = already_passed ] && tell "$amandine" $((noon - 5)) && answers known
report $? "the gate remembers it after a power cut"
finish
