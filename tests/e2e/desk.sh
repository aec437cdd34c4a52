#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The reader at the office's desk: `card read` with real libnfc and a virtual PN532.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"
logs=(out err)
reader=(--reader "pn532_uart:$work/tty:115200")
asks='put a card on the reader'

# start_reading [OPTION...]: card read in the background; returns when it asks for a card
start_reading() {
    : >out
    : >err # what the call before said is not to be waited for
    "$portillon" card read "${reader[@]}" "$@" >out 2>err &
    reading=$!
    running+=("$reading")
    await "$asks" err
}
ended() { wait "$reading"; } # its exit status
said() { cat out err | wc -l; }
says_more_than() { [ "$(said)" -gt "$1" ]; }
lines() { [ "$(wc -l <out)" = "$1" ]; }
# reads CARD...: one card read, from its start to its end, with the options in as
as=()
reads() {
    start_reading "${as[@]}" && ctl put "$@"
    ended
    local got=$?
    ctl take all
    return $got
}

start_cardsim
reads desfire-ev2 04A1B2C3D4E580 && grep -qx '04A1B2C3D4E580        MIFARE DESFire' out
report $? "one card is one line: its number as the school's file has it, and its technology"
reads classic 04ED0B11 && grep -qx '04ED0B11              MIFARE Classic 1K' out
report $? "a number of 4 bytes"
reads ntag213 04B1B2B3B4B5B6 && grep -qx '04B1B2B3B4B5B6        MIFARE Ultralight or NTAG' out
report $? "a tag"
ends_with 1 reads random && grep -qE '^08[0-9A-F]{6} +ISO 14443-4  REFUSED \(random\): it is a random UID' out
report $? "a random number is told as one that no list can have"
ends_with 1 reads classic 01020304 && prints '01020304              MIFARE Classic 1K  REFUSED (shared): many phones'
report $? "so is one that many cards show"
ends_with 1 reads typeb 1A2B3C4D && prints '(no number)           type B or FeliCa  REFUSED (unusable)'
report $? "and a card without a number"
asks='posez une carte sur le lecteur'
LANGUAGE=fr ends_with 1 reads classic 01020304 && prints '01020304              MIFARE Classic 1K  REFUSÉE (numéro partagé)' && lacks out 'many phones' &&
    LANGUAGE=fr ends_with 1 reads typeb 1A2B3C4D && prints '(sans numéro)         type B ou FeliCa  REFUSÉE (inutilisable)'
report $? "also in French, in the same columns"
as=(--json)
LANGUAGE=fr ends_with 1 reads classic 01020304 && [ "$(member refused)" = shared ] && grep -q '"because": "many phones' out &&
    LANGUAGE=fr ends_with 1 reads typeb 1A2B3C4D && [ "$(member technology)" = 'type B or FeliCa' ]
report $? "JSON is English in each language"
as=()
asks='put a card on the reader'

run 0 site init site && printf 'Carte;Profil;Nom;Prénom;Classe\n04A1B2C3D4E580;externe;Exemple;Aïcha;2A\n' >file.csv &&
    run 0 whitelist build site --csv file.csv --store people.db
report $? "a site with a store"
start_reading --site site --store people.db && ctl put desfire-ev2 04A1B2C3D4E580 && ended &&
    grep -qx '04A1B2C3D4E580        MIFARE DESFire  Exemple Aïcha, 2A' out
report $? "with site and store it says who has the card"
ctl take all
start_reading --site site --json && ctl put classic 04ED0B11 && ended && [ "$(member person)" = '' ] && grep -q '"person": null' out &&
    [ "$(member card)" = 04ED0B11 ] && [ "$(member technology)" = 'MIFARE Classic 1K' ]
report $? "the store is the register of the site unless given; JSON"
ctl take all

start_reading --pile --count 3 --csv --site site
for card in '04A1B2C3D4E580' '04ED0B11' '04A1B2C3D4E580' '01020304'; do
    said=$(said)
    ctl put "$card"
    eventually 10 says_more_than "$said"
    ctl take all
    sleep 0.3
done
ended && lines 4 && grep -qx 'Carte;Technologie;Personne;Classe;Remarque' out &&
    grep -qx '04A1B2C3D4E580;MIFARE DESFire;Exemple Aïcha;2A;' out && grep -qx '04ED0B11;MIFARE Classic 1K;;;' out &&
    grep -q '^01020304;MIFARE Classic 1K;;;many phones' out && says 'this card was read before, and is left out'
report $? "a pile, as CSV, each card once"
start_reading --pile && ctl put 04ED0B11 && eventually 10 lines 1
sleep 1
lines 1 && ctl take all
report $? "a card that stays is one line"
end "$cardsim" KILL
await 'it is tried again' err && start_cardsim && await 'the reader is back' err && ctl put 04A1B2C3D4E580 && eventually 10 lines 2
report $? "a reader that comes back goes on"
kill -INT "$reading" && ended
report $? "Ctrl-C ends a pile"
ctl take all
start_reading && kill -INT "$reading" && ends_with 130 ended && [ ! -s out ]
report $? "Ctrl-C before the only card is an error"

end "$cardsim" KILL
run 1 card read "${reader[@]}" && says "--reader pn532_uart:$work/tty:115200: no reader at"
report $? "a reader that is not there is told"
run 2 card read --reader pn532:/dev/ttyUSB0 && says 'pn532_uart:/dev/ttyUSB0:115200' && run 2 card read --count 3 && says '--pile' &&
    run 2 card read --store people.db && says '--site' && run 2 card read --csv --json && run 2 card read 04ED0B11
report $? "wrong calls"
run 1 card read --reader-helper "$work/none" && says "$work/none"
report $? "a missing helper is told with its path"
finish
