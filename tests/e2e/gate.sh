#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The gate's whole job, on a board: list, cards, passages, maintenance by other people's clients, restarts, a reader
# that comes and goes. The same checks everywhere; what the outputs do is seen from outside the firmware.
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "the whole job of a gate"
gate_options=(--port gate.tty --site site)

# name  kind  UID, and in the list: profile, first day, last day, blocked; what must come of a tap at a canteen
cat >people <<'END'
# granted
amandine  classic      04ED0B12              DP        -           -           -    granted
basile    ultralight   0421C0DE000002        DP        01/09/2025  31/08/2035  -    granted
celeste   ntag213      0421C0DE000003        interne   -           -           -    granted
denis     desfire-ev1  0421C0DE000004        DP        -           -           -    granted
emma      desfire-ev2  0421C0DE000005        DP        -           -           -    granted
felix     desfire-ev3  0421C0DE000006        commensal -           -           -    granted
gaelle    iso4         0421C0DE0000080000AB  DP        -           -           -    granted
hugo      classic      0421C0DE000009        DP        -           -           -    granted
# refused
stranger  ultralight   04DECAF0000099        -         -           -           -    unknown_card
almost    classic      4E0DB102              -         -           -           -    unknown_card
ines      desfire-ev2  0421C0DE00000A        DP        -           -           oui  blocked
jules     desfire-ev2  0421C0DE00000B        DP        -           30/06/2025  -    expired
karim     desfire-ev2  0421C0DE00000C        DP        01/09/2035  -           -    not_yet_valid
lea       desfire-ev2  0421C0DE00000D        externe   -           -           -    no_right_here
phone     random       -                     -         -           -           -    random_uid
END
sed -i '/^#/d' people
awk '{ print $1, $2, $3 == "-" ? "" : $3 }' people >cards
people_csv() { awk 'BEGIN { print "Carte;Profil;Début;Fin;Bloquée" } $4 != "-" { for (i = 4; i <= 7; i++) if ($i == "-") $i = ""
    print $3 ";" $4 ";" $5 ";" $6 ";" $7 }' people; }
filler() { awk -v seed="$1" 'BEGIN { for (i = 0; i < 2500; i++) printf "05%02X%04X;DP;;;\n", seed, i }'; }
build_list() { # build_list VERSION: the people, and 2500 others that no other version has
    (people_csv && filler "$1") >list.csv && "$portillon" whitelist build site --csv list.csv --list-version "$1" -o "list.$1" >out 2>err
}

make_site canteen && start_reader cards && start_gate && build_list 1 && build_list 2
report $? "$BOARD: a gate with a reader comes up, and answers"
eventually 30 reader_is 1
report $? "its reader is up"
run 0 status "${gate_options[@]}" && prints "list      none" && prints "Essai (e2e-1), canteen" &&
    prints "libraries mbedtls $("$portillon" --version | sed -n 's/^mbedtls \(own tree\|[^ ]*\).*/\1/p'), tinycbor "
report $? "status: who it is, and no list"
[ "$(verdict_of amandine)" = refused ]
report $? "without a list nobody gets in"
run 0 clock set "${gate_options[@]}" && run 0 status "${gate_options[@]}" && prints "this computer's"
report $? "the clock is set"

# ---- lists ----
"$portillon" whitelist push --accept-removals "${gate_options[@]}" list.1 >out 2>err &
push=$!
running+=("$push")
eventually 60 has_written $push 20000 # of some 45,000: blocks are stored, and blocks are missing
kill -INT $push
wait $push
[ $? = 130 ] && says "the same command resumes"
report $? "Ctrl-C in the middle of an upload: status 130, and a word on how to go on"
run 0 whitelist push --accept-removals "${gate_options[@]}" --json list.1 && [ "$(member resumed)" = 1 ] && [ "$(member version)" = 1 ] &&
    [ "$(member blocks_sent)" -lt "$(member blocks)" ] && [ "$(member blocks_sent)" -gt 0 ]
report $? "the same command sends only the rest, and the list runs"
cp list.2 forged.2 && size=$(stat -c %s list.2) && head=$((size - size / 4096 * 4096)) &&
    printf '\377' | dd of=forged.2 bs=1 seek=$((head - 56)) conv=notrunc 2>/dev/null &&
    "$portillon" identity key site --device e2e-1 --role maintenance >maintenance.key &&
    "$portillon" identity key site --device e2e-1 --role technician >technician.key &&
    run 1 whitelist push --accept-removals --port gate.tty --key-file maintenance.key forged.2 && says "signature does not verify" &&
    run 0 status "${gate_options[@]}" && prints "version 1, 2512 cards"
report $? "a list with a wrong signature is refused by the gate, and the running one stays"

# ---- other people's clients ----
start_bridge gate.tty
report $? "the bridge is up"
for build in openssl gnutls; do
    if ! command -v "coap-client-$build" >/dev/null; then
        skip "coap-client-$build" "libcoap3-bin is not installed"
        continue
    fi
    client $build maintenance "$(cat maintenance.key)" get /status && grep -aq Essai out
    report $? "coap-client-$build reads /status through the bridge"
    client $build maintenance 00112233445566778899aabbccddeeff get /status && turned_away 'Essai'
    report $? "coap-client-$build with a wrong key reads nothing"
    client $build maintenance "$(cat maintenance.key)" get /settings
    grep -q '4.03' out err
    report $? "coap-client-$build with the maintenance key gets 4.03 for /settings"
done
printf '\xa1\x67open_ms\x19\x01\xf4' >settings.cbor # {"open_ms": 500}: the taps below wait for the gate to close
client openssl technician "$(cat technician.key)" put /settings -t 60 -f settings.cbor &&
    client openssl technician "$(cat technician.key)" get /settings && grep -aq open_ms out
report $? "a technician shortens the opening"
end "$bridge" INT

# ---- cards ----
while read -r name kind uid _ _ _ _ expected; do
    shown=refused
    [ "$expected" = granted ] && shown=granted
    seen=$(verdict_of "$name")
    [ "$seen" = $shown ]
    report $? "$kind $uid: $shown ($expected)"
done <people
before=$(rises relay)
field_is_empty() { "$BUILD/cardsim" ctl cards.sock status | grep -q in_field=0; }
[ "$(verdict_of emma 3000)" = granted ] && eventually 5 field_is_empty && [ "$(rises relay)" = $((before + 1)) ]
report $? "a card held for three seconds opens once"
run 0 passages pull "${gate_options[@]}" --store passages.db && [ "$(sqlite3 passages.db 'SELECT count(*) FROM anomalies')" = 0 ]
report $? "the passages are pulled, none damaged"
(echo no_list && awk '{ print $8 }' people && echo granted) >expected
sqlite3 passages.db "SELECT CASE verdict WHEN 'granted' THEN verdict ELSE reason END FROM passages ORDER BY seq" >told
diff expected told >out 2>&1
report $? "sqlite3 finds every tap, in order, each with its reason"
[ "$(sqlite3 passages.db "SELECT count(*) FROM passages WHERE verdict = 'granted' AND outcome IS NULL")" = 0 ]
report $? "each passage granted was closed"

# ---- restarts ----
kill_gate
start_gate && eventually 30 reader_is 1 && run 0 status "${gate_options[@]}" && prints "version 1, 2512 cards" && prints "start 2"
report $? "after a power cut the list is there"
run 0 passages pull "${gate_options[@]}" --store second.db && sqlite3 second.db \
    "SELECT CASE verdict WHEN 'granted' THEN verdict ELSE reason END FROM passages ORDER BY seq" >told && diff expected told >out 2>&1
report $? "and so is every passage"
[ "$(verdict_of basile)" = granted ]
report $? "a card opens, though nobody has set the clock"
run 0 whitelist push --accept-removals "${gate_options[@]}" list.2 && run 0 status "${gate_options[@]}" && prints "version 2, 2512 cards"
report $? "the next list is installed"
echo "05FFFFFF;DP;;;" >one_more.csv && cat list.csv one_more.csv >list3.csv &&
    "$portillon" whitelist build site --csv list3.csv --list-version 3 -o list.3 >out 2>err &&
    run 0 whitelist push "${gate_options[@]}" --base list.2 --json list.3 && [ "$(member blocks_changed)" -gt 0 ] &&
    [ "$(member blocks_changed)" = "$(member blocks_sent)" ] && run 0 status "${gate_options[@]}" && prints "version 3, 2513 cards"
report $? "and one with a card more is sent as its changes"

# ---- a reader that goes ----
since=$(sqlite3 second.db 'SELECT max(seq) FROM journal')
stop_reader
eventually 30 reader_is 0 && [ "$(member state)" = out_of_order ]
report $? "without its reader the gate is out of order"
[ "$(rises amber)" -ge 1 ]
report $? "and its amber light says so"
start_reader cards
eventually 30 reader_is 1 && [ "$(member state)" = idle ]
report $? "the reader comes back, and the gate with it"
[ "$(verdict_of denis)" = granted ]
report $? "cards open again"
run 0 passages pull "${gate_options[@]}" --store passages.db &&
    [ "$(sqlite3 passages.db "SELECT count(*) > 0 FROM events down JOIN events up ON up.seq > down.seq
        WHERE down.what = 'reader_down' AND up.what = 'reader_up' AND down.seq > $since")" = 1 ]
report $? "the journal tells of it"
finish
