#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Blank DESFire cards become cards of the school: `card write` with real libnfc and a virtual PN532.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"
logs=(out err)
reader=(--reader "pn532_uart:$work/tty:115200")
# start_writing [OPTION...]: card write in the background; returns when it asks for a card
start_writing() {
    : >out
    : >err
    "$portillon" card write site "${reader[@]}" "$@" >out 2>err &
    writing=$!
    running+=("$writing")
    await 'put a card on the reader' err
}
ended() { wait "$writing"; }
as=()
# writes STATUS CARD...: one card write, from its start to its end, with the options in as
writes() {
    local wanted=$1
    shift
    start_writing "${as[@]}" && ctl put "$@" || return
    ended
    local got=$?
    ctl take all
    [ $got = "$wanted" ]
}
holds() { "$BUILD/cardsim" ctl control show "$1" 3042F5:1 >shown && grep -qiE -- "$2" shown; } # holds CARD CONTENT
is() { "$BUILD/cardsim" ctl control show "$1" >shown && grep -qF -- "$2" shown; }              # is CARD STATE

run 0 site init site
run 1 card write site "${reader[@]}" && says 'site.conf has no [application]'
report $? "a site without an application is told"
printf '\n[application pass]\naid = 3042F5\nfile = 1\nlength = 7\nkey_number = 1\nkey_set = 1\ndiversified = yes\n' >>site/site.conf
run 1 card write site "${reader[@]}" && says 'portillon keys add site --set 1'
report $? "a key set without a key is told, and what makes one"
run 0 keys add site --set 1
must $? "a key"
run 2 card write site --id 0102 "${reader[@]}" && says '7 bytes in hexadecimal' && run 2 card write site --id 00000000000000 "${reader[@]}" &&
    run 2 card write site --pile --id 01020304050607 && run 2 card write && run 2 card write site --csv --json
report $? "wrong calls"

start_cardsim
as=(--id 31323334353637)
writes 0 desfire-ev2 04A1B2C3D4E501 && grep -qx '04A1B2C3D4E501  pass  31323334353637  written and proven' out && holds 04A1B2C3D4E501 '31323334353637'
report $? "a blank card becomes a card of the site, with the identifier that was asked for"
is 04A1B2C3D4E501 ' aid=3042F5 keys=2 settings=0B file=1:full:1000:7'
report $? "only the application's key reads the file"
as=()
writes 0 04A1B2C3D4E501 && grep -qx '04A1B2C3D4E501  pass  31323334353637  was written before: left as it is' out && holds 04A1B2C3D4E501 31323334353637
report $? "a second time it is left as it is"
as=(--id 01010101010101)
writes 1 04A1B2C3D4E501 && says 'another identifier than --id' && holds 04A1B2C3D4E501 31323334353637
report $? "... whatever identifier is asked for"
as=(--json)
writes 0 desfire-ev3 04A1B2C3D4E503 && [ "$(member card)" = 04A1B2C3D4E503 ] && [ "$(member application)" = pass ] && id=$(member desfire) && [ ${#id} = 14 ] && holds 04A1B2C3D4E503 "$id"
report $? "without --id the identifier is random; an EV3; JSON"
as=()
run 0 keys add site --set 1 && writes 0 04A1B2C3D4E503 && grep -q "$id  was written before" out
report $? "a card with the key of before is still one of the site"

# ---- cards that are not touched ----
writes 1 desfire-ev2 04A1B2C3D4E511 picc-key=des && says 'its master key is not the AES key of zeros' && ! is 04A1B2C3D4E511 'aid='
report $? "a card with a DES master key is refused"
writes 1 desfire-ev2 04A1B2C3D4E512 aid=3042F5 key=000102030405060708090A0B0C0D0E0F file=1:full:0000:0A0B0C0D0E0F10 && says 'was not made here' && holds 04A1B2C3D4E512 0A0B0C0D0E0F10
report $? "so is the application of others"
writes 1 desfire-ev2 04A1B2C3D4E513 random-uid=yes && says 'random UID' && writes 1 classic 04ED0B11 && says 'it is no DESFire card'
report $? "a random UID, and a card of another kind"

writes 1 desfire-ev1 04A1B2C3D4E514 && says 'site.conf says ev2' && ! is 04A1B2C3D4E514 'aid='
report $? "an EV1, which could not prove itself as site.conf says"

# ---- a card that leaves ----
start_writing
ctl put desfire-ev2 04A1B2C3D4E521
torn=0
for _ in $(seq 300); do
    is 04A1B2C3D4E521 'aid=3042F5' && ctl take all && torn=1 && break
done
ended
[ $torn = 1 ] && says 'HALF MADE' && grep -q 04A1B2C3D4E521 err && [ ! -s out ]
report $? "a card that leaves half way is named as half made"
writes 0 04A1B2C3D4E521 && grep -q 'written and proven' out
report $? "... and the next call finishes it"

start_writing --pile --count 2 --csv
for card in 04A1B2C3D4E531 04A1B2C3D4E532; do
    said=$(wc -l <out)
    longer() { [ "$(wc -l <out)" -gt "$said" ]; }
    ctl put "desfire-ev2 $card"
    eventually 10 longer
    ctl take all
    sleep 0.3
done
ended && python3 - <<'P'
import csv
rows = list(csv.DictReader(open("out", encoding="utf-8-sig", newline=""), delimiter=";"))
assert [r["Carte"] for r in rows] == ["04A1B2C3D4E531", "04A1B2C3D4E532"], rows
assert len({r["desfire"] for r in rows}) == 2 and all(len(r["desfire"]) == 14 for r in rows)
P
report $? "a pile as CSV: each card with an identifier of its own"
finish
