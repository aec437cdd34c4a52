#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a card at the desk is and how gates could know it: `card survey` with real libnfc and a virtual PN532.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"
logs=(out err)
reader=(--reader "pn532_uart:$work/tty:115200")
asks='put a card on the reader'
# start_survey [OPTION...]: card survey in the background; returns when it asks for a card
start_survey() {
    : >out
    : >err
    "$portillon" card survey "${reader[@]}" "$@" >out 2>err &
    surveying=$!
    running+=("$surveying")
    await "$asks" err
}
ended() { wait "$surveying"; }
as=()
# surveys CARD...: one card survey, from its start to its end, with the options in as
surveys() {
    start_survey "${as[@]}" && ctl put "$@" || return
    ended
    local got=$?
    ctl take all
    return $got
}
has() { grep -qxF -- "$1" out; } # a line

start_cardsim
# Decimal numbers by Python's int(text, 16).
surveys desfire-ev2 04A1B2C3D4E580 aid=3042F5 aid=535501 && has '04A1B2C3D4E580  MIFARE DESFire EV2' && has '  selected        ATQA 0344, SAK 20, ATS 7577810280'
report $? "a DESFire is named by what it says of itself, beside what it shows when it is selected"
has '  made by         NXP, hardware 12.0, software 2.1, storage 4 KiB, week 36 of 2025' && has '  applications    3042F5 535501' && has '  random UID      no'
report $? "vendor, version, storage and applications are told"
has '    hex-reversed        80E5D4C3B2A104' && has '    decimal             1303689068602752' && has '    decimal-reversed    36281498998055172' &&
    has '    3+5                 21258752' && ! grep -q decimal10 out
report $? "its number stands in each notation that it has"
grep -q '^    uid      yes: .* can copy it$' out && grep -q '^    uid+     yes: ' out && grep -q '^    desfire  NO: without a site' out
report $? "methods, each with its reason"
grep -xA3 ' *\[card-type mifare-desfire-ev2\]' out >lines
run 0 site init site && { printf '\n' && sed 's/^ *//' lines; } >>site/site.conf && run 0 site check site --json && grep -q mifare-desfire-ev2 out
report $? "the lines of uid+ are good for site.conf as they are"
printf '\n[application pass]\naid = 3042F5\nfile = 1\nlength = 7\n' >>site/site.conf
as=(--site site)
surveys desfire-ev2 04A1B2C3D4E581 aid=3042F5 && grep -q 'uid+     yes: its chip is the card type mifare-desfire-ev2 of site.conf' out && ! grep -q 'atqa =' out &&
    has '    desfire  yes: it has the application pass of site.conf'
report $? "with a site it says what site.conf has for this card"
surveys desfire-ev2 04A1B2C3D4E582 aid=3042F5 picc-settings=0D && has "  applications    told only under the card's key" && has '    desfire  yes: it has the application pass of site.conf'
report $? "a card that keeps its list to itself is asked for the site's application"
surveys desfire-ev1 04A1B2C3D4E585 aid=3042F5 && has '    desfire  NO: it knows only authentication = ev1, and site.conf says ev2' && grep -q 'EV1$' out
report $? "a DESFire that does not know the authentication of the application"
surveys desfire-ev3 04A1B2C3D4E583 && has '  applications    none' && has '    desfire  NO: it has none of the applications of site.conf' && grep -q 'EV3$' out
report $? "a DESFire without the application"
as=()
surveys classic 04ED0B11 && has '04ED0B11  MIFARE Classic 1K' && has '    decimal10           0082643729' && has '    decimal10-reversed  0285994244' && has '    3+5                 23702833' &&
    has '    3+5-reversed        01160676' && has '             ats = none' && has '    desfire  NO: it is no DESFire card' && ! grep -q 'made by' out
report $? "a Classic: ten digits, 3+5, no ATS"
surveys random && has '  random UID      yes: another one at every tap' && grep -q '^    uid      NO: it is a random UID' out && grep -q '^    uid+     NO: it is a random UID' out && ! grep -q 'atqa =' out
report $? "a phone with a random UID"
surveys desfire-ev2 04A1B2C3D4E584 random-uid=yes && grep -q '^08[0-9A-F]\{6\}  MIFARE DESFire EV2$' out && grep -q '^    uid      NO: ' out
report $? "a DESFire with a random UID"
surveys iso4 0A0B0C1D && has '0A0B0C1D  ISO 14443-4' && has '    desfire  NO: it is no DESFire card'
report $? "a card that does not know the command is no DESFire"
surveys typeb 1A2B3C4D && grep -q '^(no number)  type B or FeliCa$' out && grep -q '^    uid      NO: no gate reads' out && ! grep -q selected out
report $? "a card that gates do not read"
as=(--json)
surveys 04A1B2C3D4E580 && python3 - <<'P'
import json
card = json.load(open("out"))
assert card["card"] == "04A1B2C3D4E580" and card["numbers"]["decimal"] == "1303689068602752" and card["numbers"]["decimal10"] is None
assert (card["atqa"], card["sak"], card["ats"]) == ("0344", "20", "7577810280")
assert card["version"]["product"] == "MIFARE DESFire EV2" and card["version"]["storage_min"] == 4096 and card["version"]["year"] == 2025
assert card["applications"] == ["3042F5", "535501"] and card["random_uid"] is False
assert [(m["method"], m["usable"]) for m in card["methods"]] == [("uid", True), ("uid+", True), ("desfire", False)]
P
report $? "JSON"
as=()
asks='posez une carte sur le lecteur'
LANGUAGE=fr surveys 04ED0B11 && grep -q '^    uid      oui' out && ! grep -q 'methods by' out
report $? "in French"
asks='put a card on the reader'

start_survey --pile --count 3 --csv --site site
for card in 04A1B2C3D4E581 04ED0B11 random; do
    said=$(wc -l <out)
    ctl put "$card"
    longer() { [ "$(wc -l <out)" -gt "$said" ]; }
    eventually 10 longer
    ctl take all
    sleep 0.3
done
ended && python3 - <<'P'
import csv
rows = list(csv.DictReader(open("out", encoding="utf-8-sig", newline=""), delimiter=";"))
assert [r["Technologie"] for r in rows] == ["MIFARE DESFire EV2", "MIFARE Classic 1K", "ISO 14443-4"], rows
assert [r["Décimal"] for r in rows[:2]] == ["1303689068602753", "82643729"]
assert [r["Méthode-uid"] for r in rows] == ["oui", "oui", "non"] and [r["Méthode-desfire"] for r in rows] == ["oui", "non", "non"]
assert [r["Aléatoire"] for r in rows] == ["non", "non", "oui"] and rows[0]["Applications"] == "3042F5"
assert rows[0]["Remarque"] == "it has the application pass of site.conf"
P
report $? "a pile as CSV: a row for each card"
run 2 card survey --count 3 && says '--pile' && run 2 card survey --csv --json && run 2 card survey 04ED0B11 && run 1 card survey --site none "${reader[@]}" && says none
report $? "wrong calls"
finish
