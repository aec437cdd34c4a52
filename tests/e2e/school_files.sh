#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The files of tests/data/files/, each as a school sends it: what must be refused with the way out, what is understood, and
# what programs leave out or add without harm. The people are invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err)
files=$root/tests/data/files

build() { "$portillon" whitelist build site --csv "$files/$1" -o new.list "${@:2}" >out 2>err; }
says() { grep -qF -- "$1" err; }
# refused NAME FILE TEXT [OPTION...]: one error that names file, row and column and says TEXT; nothing is written.
refused() {
    rm -f new.list
    build "$2" "${@:4}"
    [ $? = 1 ] && grep -qE "$2:[0-9]+: column [^ ]+.*: '" err && says "$3" && says "1 error: nothing was written" && [ ! -e new.list ]
    report $? "$1"
}
# taken NAME FILE CARDS BLOCKED [OPTION...]
taken() {
    rm -f new.list
    build "$2" "${@:5}" && grep -qE "^new.list: $3 cards? \($4 blocked\)" out
    report $? "$1"
}
card_is() { "$portillon" whitelist show new.list --site site --card "$1" | grep -qF -- "$2"; }

check "a site" "$portillon" site init site

# --- accepted in silence before, and wrong ---
taken "a lost card under 'Etat' is blocked" state_lost.csv 2 1
check "that card, and no other" card_is 04A1B2C3D4E581 BLOCKED
says "column Etat: blocks 1 card"
report $? "the column is told"
refused "a state of the card or of an account is a question" state_unclear.csv 'say --column blocked="Etat" or write'
taken "the office answers: it blocks" state_unclear.csv 2 1 --column blocked=Etat
taken "the office answers: it does not matter" state_unclear.csv 2 0 --column ignored=Etat
printf 'ignored = Etat\n' >answer.map
taken "and keeps the answer in a map" state_unclear.csv 2 0 --map answer.map
taken "'Active: no' blocks" state_active.csv 2 1
refused "a remark that a card is stolen is a question" state_remark.csv "a card seems to be lost or blocked"
refused "numbers that a spreadsheet rounded" rounded.csv "export the column as text" --uid decimal
taken "numbers that begin alike are listed" halves.csv 50 0
says "50 of 50 card numbers of 4 bytes begin with 04: these look like parts of longer numbers, such as halves of 7-byte UIDs"
report $? "with a warning that they look like halves"
taken "numbers that end alike are listed" halves_end.csv 50 0
says "50 of 50 card numbers of 4 bytes end in 80"
report $? "with a warning that they look like halves"
build padded.csv
[ $? = 1 ] && says "padded.csv:2: column Carte: '04ED0B11000000': it is padded" && says "padded.csv:3: column Carte: '00000004ED0B12': it is padded"
report $? "padded numbers, at either end"
refused "a number that many phones show" shared.csv "many phones and blank cards show this number"
refused "a number behind a label of the register counts no days" day_count.csv "add the whole text to 'called' in site.conf"
cp site/site.conf before.conf
printf "[profile demi-pension]\ncalled = DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 5\nservices = all\n" >label.conf
{ printf 'format = 1\n' && cat label.conf; } >site/site.conf
taken "which is understood when site.conf has it" day_count.csv 1 0
check "on every day" card_is 04A1B2C3D4E580 "demi-pension"
if [ -e /usr/share/zoneinfo/Africa/Casablanca ]; then
    cp "$files/casablanca.conf" site/site.conf
    "$portillon" site check site >out 2>err
    [ $? = 1 ] && says "site.conf:3: time_zone: the clock of 'Africa/Casablanca' follows no yearly rule"
    report $? "a zone without a yearly rule"
else
    skip "a zone without a yearly rule" "tzdata is not installed"
fi
cp before.conf site/site.conf
for encoding in cp850:CP850 macroman:MacRoman; do
    taken "a file in ${encoding#*:}" "${encoding%:*}.csv" 2 0 --store "${encoding%:*}.sqlite"
    says "the accents are those of ${encoding#*:}"
    report $? "its encoding is named"
    sqlite3 "${encoding%:*}.sqlite" "SELECT surname || ' ' || first_name FROM people ORDER BY 1" >out 2>>err
    [ "$(paste -sd, out)" = "HERVÉ Françoise,MODÈLE Chloé" ]
    report $? "its names are right in the store"
done
run_at_desk() { "$portillon" card block --site site --store cp850.sqlite "$1" >out 2>err; }
run_at_desk 01020304
[ $? = 1 ] && says "many phones and blank cards show this number"
report $? "the desk refuses a number that many phones show"
run_at_desk 04ED0B11000000
[ $? = 1 ] && says "it is padded"
report $? "and a padded one"

# --- refused before, and good ---
taken "last cells left out" short_rows.csv 2 0
check "the other row keeps its dates" card_is 04A1B2C3D4E581 "until 2027-07-02"
taken "one pupil twice, for two guardians" guardians.csv 1 0
says "1 row repeats an earlier one"
report $? "which is told"
taken "dates with times, zones and fractions" date_times.csv 2 0
check "midnight in UTC is the day it begins" card_is 04A1B2C3D4E580 "from 2026-09-01 until 2027-07-02"
check "other times leave the date as written" card_is 04A1B2C3D4E581 "from 2026-09-01 until 2027-07-02"
taken "a line end in a header" header_line_end.csv 1 0
taken "an end mark of MS-DOS" end_mark.csv 1 0
taken "NULL, 0 and 0000-00-00" nulls.csv 1 0
says "2 rows have no card number"
report $? "rows without a card are counted"
taken "numbers with .0" floats.csv 2 0 --uid decimal
check "they are the right cards" card_is 04ED0B11 "listed"
taken "line ends doubled" doubled_line_ends.csv 2 0
taken "control characters before numbers" control_characters.csv 2 0
"$portillon" whitelist build site --csv "$files/formulas.csv" --guess -o formulas.map >out 2>err
grep -q '^card = Jeton$' formulas.map && grep -q '^profile = Formule$' formulas.map
report $? "--guess reads cells written as formulas"
taken "and its map builds" formulas.csv 2 0 --map formulas.map
taken "spaces of any width" wide_spaces.csv 2 0 --uid decimal
check "they are the right cards" card_is 04ED0B11 "listed"
taken "a carriage return in quotes" quoted_return.csv 1 0
finish
