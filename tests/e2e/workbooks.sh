#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The files of tests/data/workbooks/: workbooks and pages as spreadsheets and school software write them. The people are
# invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err)
books=$root/tests/data/workbooks

build() { "$portillon" whitelist build site --csv "$1" -o new.list "${@:2}" >out 2>err; }
says() { grep -qF -- "$1" err; }
# refused NAME FILE TEXT [OPTION...]: one error that says TEXT; nothing is written.
refused() {
    rm -f new.list
    build "$2" "${@:4}"
    [ $? = 1 ] && says "$3" && says "1 error: nothing was written" && [ ! -e new.list ]
    report $? "$1"
}
# taken NAME FILE CARDS [OPTION...]
taken() {
    rm -f new.list
    build "$2" "${@:4}" && grep -qE "^new.list: $3 cards? " out
    report $? "$1"
}
card_is() { "$portillon" whitelist show new.list --site site --card "$1" | grep -qF -- "$2"; }
people_are() { [ "$(sqlite3 "$1" "SELECT group_concat(surname || ' ' || first_name || ' ' || class, ', ') FROM
    (SELECT * FROM people ORDER BY surname)")" = "$2" ]; }

check "a site" "$portillon" site init site

taken "an .xlsx workbook" "$books/cards.xlsx" 3 --store xlsx.sqlite
says "cards.xlsx, sheet Élèves: the columns are named in row 3"
report $? "its first sheet that is shown, below a title"
says "there is more: --sheet reads another (Paramètres, Agents)"
report $? "the other sheets are told"
says "1 row is hidden"
report $? "and a hidden row"
check "dates become validity" card_is 04A1B2C3D4E580 "from 2026-09-01 until 2027-07-02"
check "a time of day leaves the day" card_is 04A1B2C3D4E581 "from 2026-09-01"
check "names in the store" people_are xlsx.sqlite "EXEMPLE Aïcha 2de 1, FACTICE Œdipe 1re 2, MODÈLE Chloé 2de 1"
taken "another sheet by name" "$books/cards.xlsx" 1 --sheet agents
check "it is that sheet" card_is 04A1B2C3D4E583 agent
taken "another sheet by number" "$books/cards.xlsx" 1 --sheet 3
printf 'sheet = Agents\n' >sheet.map
taken "a sheet named in a map" "$books/cards.xlsx" 1 --map sheet.map
refused "a sheet that is not there" "$books/cards.xlsx" "has no sheet 'Profs'; there is Paramètres, Élèves, Agents" --sheet Profs
taken "numbers with the digits they show" "$books/numbers.xlsx" 4 --uid decimal
for card in 04ED0B11 04ED0B12 499602D2 04ED0B13; do
    check "card $card" card_is $card "until 2027-07-02"
done
refused "a number of more than 15 digits" "$books/long_numbers.xlsx" \
    "long_numbers.xlsx, sheet Sheet:2: column B (Carte): '13036890686027500': is stored as a number" --uid decimal
says "format the column as text"
report $? "with the way out"
refused "an error is at the row and column that the spreadsheet shows" "$books/wrong.xlsx" \
    "wrong.xlsx, sheet Cartes:4: column B (Carte): '04A1B2'"
"$portillon" whitelist build site --csv "$books/guess.xlsx" --guess -o guess.map >out 2>err
grep -q '^card = Jeton$' guess.map && grep -q '^profile = Formule$' guess.map
report $? "--guess reads a workbook"
taken "and its map builds" "$books/guess.xlsx" 2 --map guess.map
taken "--column names its columns" "$books/guess.xlsx" 2 --column card=Jeton --column profile=Formule

taken "an .ods workbook" "$books/cards.ods" 3 --uid decimal --store ods.sqlite
check "card 04ED0B11" card_is 04ED0B11 "until 2027-07-02"
check "a number shown with an exponent" card_is 499602D2 externe
check "zeros in front, and a date with a time" card_is 04ED0B13 "until 2027-07-02"
check "comments of cells are no text" people_are ods.sqlite "EXEMPLE DUPONT Aïcha , FACTICE Œdipe , MODÈLE Chloé "

taken "a page that is named .xls" "$books/charlemagne.xls" 3 --store html.sqlite
check "its names" people_are html.sqlite "EXEMPLE Aïcha 2de 1, FACTICE Œdipe 1re 2, MODÈLE Chloé "
cp "$books/cards.xlsx" cards.csv
taken "content counts, not the name" cards.csv 3
taken "a workbook from standard input" - 3 <"$books/cards.xlsx"
head -c 3000 "$books/cards.xlsx" >cut.xlsx
refused "a workbook cut off" cut.xlsx "cut.xlsx: is damaged or cut off"
{ printf '\320\317\021\340\241\261\032\341' && head -c 504 /dev/zero && printf 'W\0o\0r\0k\0b\0o\0o\0k\0'; } >old.xls
refused "an old .xls" old.xls "old.xls: is an old workbook (.xls): open it, and save it as .xlsx"
printf '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>\n' >2003.xls
refused "an XML Spreadsheet 2003" 2003.xls '2003.xls: is an "XML Spreadsheet 2003": open it, and save it as .xlsx'
printf '<html><body>Votre session a expir&eacute;</body></html>\n' >session.xls
refused "a page without a table" session.xls "without a table: was the session over"
finish
