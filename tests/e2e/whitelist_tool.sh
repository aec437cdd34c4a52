#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Keys, identities and lists as a school makes them, judged by openssl; and what bad input is told.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err)
tool=$portillon data=$root/tests/data
unset SOURCE_DATE_EPOCH

# refused NAME STATUS TEXT COMMAND...: must end with STATUS, say TEXT on stderr, and leave no file bad.list.
refused() {
    local name=$1 wanted=$2 text=$3
    shift 3
    "$@" >out 2>err
    local status=$?
    [ $status = "$wanted" ] || echo "status $status, wanted $wanted" >>err
    [ $status = "$wanted" ] && says "$text" && none_left
    report $? "$name"
}
none_left() { [ -z "$(find . -name 'bad.list*' -print -quit)" ]; } # nor a temporary file beside it
# bad NAME TEXT [OPTION...]: builds bad.csv, which must be refused and write nothing.
bad() {
    local name=$1 text=$2
    shift 2
    refused "$name" 1 "$text" "$tool" whitelist build site --csv bad.csv -o bad.list "$@"
}
build() { "$tool" whitelist build site --csv "$1" -o "$2" --created 1764000000 "${@:3}" >built.log 2>notes.log; }
# json FILE KEY: the value of a top-level member.
json() { sed -n "s/^  \"$2\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$1"; }

# --- a site and its gates ---
check "site init makes a folder of keys" "$tool" site init site --name "Lycée des Exemples"
modes() { [ "$(stat -c %a site site/signing-key.pem site/master.key | tr '\n' ' ')" = "700 600 600 " ]; }
check "its secrets are its owner's alone" modes
check "openssl reads the public key" openssl pkey -pubin -in site/public-key.pem -noout
same_key() { diff <(openssl pkey -in site/signing-key.pem -pubout) site/public-key.pem; }
check "it is that of the signing key" same_key
refused "site init overwrites nothing" 1 "exists already" "$tool" site init site
check "a gate gets its identity" "$tool" identity site --device nord-1 --name "Portail nord" --zone building
identity_file() { [ "$(stat -c '%a %s' site/gates/nord-1.identity)" = "600 264" ]; }
check "264 bytes, its owner's alone" identity_file
"$tool" identity key site --device nord-1 --role technician -o key-1 2>key-1.err
"$tool" identity site --device nord-1 --name "Portail sud" --zone canteen -o copy.identity >/dev/null
"$tool" identity key site --device nord-1 --role technician -o key-2
same_psk() { cmp key-1 key-2 && [ ! -s key-1.err ] && grep -qxE '[0-9a-f]{32}' key-1; }
check "the same gate made anew keeps its keys" same_psk
hkdf() {
    openssl kdf -keylen "$1" -kdfopt digest:SHA256 -kdfopt "hexkey:$(cat site/master.key)" -kdfopt "info:$2" HKDF |
        tr -d ':\n' | tr 'A-F' 'a-f'
}
derived() { [ "$(hkdf 16 portillon/1/role/technician/nord-1)" = "$(cat key-1)" ]; }
check "openssl derives the same key" derived
refused "a gate nobody made has no key" 1 "no such gate" "$tool" identity key site -d nord-2 -r technician
refused "the gate that was meant is named" 1 "did you mean nord-1 (portillon identity makes one; site/gates has those there are)" \
    "$tool" identity key site -d nord-2 -r technician
refused "a list that is not there: what makes one" 1 "(portillon whitelist build makes a list)" "$tool" whitelist diff nowhere.list nowhere.list
refused "a device id is a file name" 2 "not 1 to 15" "$tool" identity site -d ../x -n x -z building
refused "a zone is one of two" 2 "not building or canteen" "$tool" identity site -d x -n x -z gym
refused "a folder that is no site is told" 1 "is not a site folder" "$tool" identity . -d x -n x -z canteen
refused "an unknown command is told" 2 "no such command" "$tool" whitelist burn

# --- a list ---
check "a list is built" build "$data/school.csv" school.list
check "whitelist show accepts it" "$tool" whitelist show school.list --site site --extract parts
check "openssl verifies its signature" openssl dgst -sha256 -verify site/public-key.pem \
    -signature parts/signature.der parts/signed.bin
build "$data/school_windows1252.csv" windows.list
check "Windows-1252 with CRLF gives the same bytes" cmp school.list windows.list
build "$data/school.csv" again.list
check "the same input gives the same bytes" cmp school.list again.list
expired() { # expired CREATED: what a list made then says of the cards' last days
    "$tool" whitelist build site --csv "$data/school.csv" -o year.list --created "$1" 2>&1 | sed -n 's/.*build: \(.* past .*\)/\1/p'
}
this_year() { # 4 and 5 July 2026, as date -ud @N tells; a visitor's day is over on both
    [ "$(expired 1783123200)" = "1 of 9 cards is past its last day" ] &&
        [ "$(expired 1783209600)" = "7 of 9 cards are past their last day: is this file of this year?" ]
}
check "cards past their last day are told, from the day after on" this_year
pins_dropped() { grep -q 'columns Code PIN défini, Etat du compte: dropped: access control does not depend' notes.log; }
check "PIN and account columns are named and dropped" pins_dropped
grep -v '"' "$data/school.csv" >plain.csv # a row that cut and awk would take apart wrongly
awk -F';' -v OFS=';' 'NR > 1 { $9 = "1234"; $10 = "suspendu" } 1' plain.csv >pins.csv
cut -d';' -f1-8 plain.csv >no-pins.csv
for name in plain pins no-pins; do build $name.csv $name.list; done
check "whatever they hold, the list is the same bytes" cmp plain.list pins.list
check "and without them too" cmp plain.list no-pins.list
tag_is_hmac() {
    "$tool" whitelist show school.list --site site --card 04ED0B11 --json >card.json && tag=$(json card.json tag) &&
        [[ $tag =~ ^[0-9a-f]{16}$ ]] || return 1
    printf '\001\001\004\004\355\013\021' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$(hkdf 32 portillon/1/tag)" |
        grep -q "= $tag"
}
check "openssl computes the same tag for a card" tag_is_hmac
no_names() { lacks school.list 'Exemple|Bruno|Mod|TG1'; }
check "no name or class is in the list" no_names
card_says() { "$tool" whitelist show school.list --site site --card "$1" | grep -qF -- "$2"; }
check "a pupil without a PIN is listed" card_says 04:A1:B2:C3:D4:E5:81 "listed: demi-pension, building and canteen"
check "an externe has no canteen" card_says C1D2E3F4 "externe, building, from 2025-09-01"
check "a lost card is listed as blocked" card_says A0B1C2D3 "listed, BLOCKED"
check "a visitor has a day" card_says 04A1B2C3D4E5F2 "visiteur, building, from 2025-11-15 until 2025-11-15"
check "a card that is not in the file is not listed" card_says 04ED0B12 "not listed"
printf 'Badge\tProfil\n0082643729\tinterne\n' >decimal.csv
build decimal.csv decimal.list --uid decimal10
listed_decimal() { "$tool" whitelist show decimal.list --site site --card 04ED0B11 | grep -q interne; }
check "ten decimal digits are the same card" listed_decimal
two_versions() {
    "$tool" whitelist build site --csv "$data/school.csv" --json >v1.json 2>/dev/null &&
        "$tool" whitelist build site --csv "$data/school.csv" --json >v2.json 2>/dev/null &&
        [ "$(json v2.json version)" -gt "$(json v1.json version)" ]
}
check "lists made within one second have rising versions" two_versions

# --- lists that are not to be believed ---
cp school.list bad && printf '\000' | dd of=bad bs=1 seek=3000 conv=notrunc 2>/dev/null
refused "a changed block is told" 1 "block_not_listed" "$tool" whitelist show bad --site site
cp school.list bad && printf '\011' | dd of=bad bs=1 seek=16 conv=notrunc 2>/dev/null
refused "a changed head is told" 1 "bad_signature" "$tool" whitelist show bad --site site
head -c 3000 school.list >bad
refused "a list cut off is told" 1 "cut off" "$tool" whitelist show bad --site site
refused "what is no list is told" 1 "not a list" "$tool" whitelist show "$data/school.csv" --site site
"$tool" site init other >/dev/null
refused "another site's list is told" 1 "wrong_site" "$tool" whitelist show school.list --site other
check "without a key it says so" bash -c "'$tool' whitelist show school.list | grep -q 'SIGNATURE NOT CHECKED'"
cp site/signing-key.pem mine && cp other/signing-key.pem site/
refused "a signing key of another site is told" 1 "is not the key of public-key.pem" \
    "$tool" whitelist build site --csv "$data/school.csv" -o bad.list
cp mine site/signing-key.pem

# --- files that are not to be believed ---
header='Carte;Régime;Début;Fin;Perdue'
csv() { printf '%s\n' "$header" "$@" >bad.csv; }
csv '04ED0B11;DP;;;' '4ED0B11;DP;;;' && bad "a lost zero" "bad.csv:3: column Carte: '4ED0B11'"
csv '04ED0B11;DP;;;' '04ED0B11;DP;;;' && bad "a card given twice" "bad.csv:3: column Carte: '04ED0B11': this card is already on line 2"
csv '04ED0B11;DP;31/02/2026;;' && bad "an impossible date" "bad.csv:2: column Début: '31/02/2026'"
csv '04ED0B11;nageur;;;' && bad "an unknown régime" "bad.csv:2: column Régime: 'nageur'"
csv '04ED0B11;;;;' && bad "no régime" "bad.csv:2: column Régime: no profile is given"
csv '08112233;DP;;;' && bad "a random UID" "random UID"
csv '012,34567;DP;;;' && bad "a 3+5 number" "Wiegand 26"
csv '04ED0B11;DP;;;vielleicht' && bad "neither yes nor no" "bad.csv:2: column Perdue: 'vielleicht'"
csv '04ED0B11;DP;;;;x' && bad "a cell too many" "bad.csv:2: the row has 6 cells, but the header has 5 columns"
csv '"04ED0B11;DP;;;' && bad "a quote left open" "bad.csv:2: column Carte: a quoted cell begins here"
printf 'Carte;Régime\n04ED0B11;DP\n04ED\0B12;DP\n' >bad.csv && bad "a NUL" "bad.csv:3: column Carte: a NUL byte"
{ echo "$header" && echo '04ED0B11;DP;;;' && head -c 10000000 /dev/zero | tr '\0' A && echo ';DP;;;'; } >bad.csv
bad "a line of 10 MB" "bad.csv:3: column Carte: the line is longer than 64 KiB"
printf 'Carte;Nom\n04ED0B11;x\n' >bad.csv && bad "a missing column" "bad.csv:1: no column is the profile"
printf 'Carte;UID;Régime\n' >bad.csv && bad "two columns for the card" "bad.csv:1: columns Carte and UID may both be the card"
printf 'Carte;Régime;Nom\n04ED0B11;DP;\303\251\303\251\351\n' >bad.csv && bad "bytes that are not UTF-8" "bad.csv:2: column Nom: bytes that are not UTF-8"
printf 'Carte;R\351gime\n04ED0B11;DP\n' >bad.csv && bad "not the encoding that was said" "not UTF-8" --encoding utf-8
: >bad.csv && bad "an empty file" "bad.csv: is empty"
echo "$header" >bad.csv && bad "a header alone" "no row with a card"
rm bad.csv && bad "no file" "bad.csv: No such file"
{ echo "$header" && yes 'x;DP;;;' | head -n 50; } >bad.csv && bad "fifty errors: twenty and the rest" "and 30 more"
refused "a notation that loses bytes" 2 "--uid 3+5: refused" "$tool" whitelist build site --csv bad.csv --uid 3+5
csv '04ED0B11;DP;;;' && refused "a folder that cannot be written" 1 "cannot be written" \
    "$tool" whitelist build site --csv bad.csv -o no/such/folder.list
cp school.list kept.list && csv 'x;DP;;;'
"$tool" whitelist build site --csv bad.csv -o kept.list >/dev/null 2>&1
check "the old list stays when the new one fails" cmp school.list kept.list
check "no temporary file is left" bash -c '[ -z "$(ls *.list.* 2>/dev/null)" ]'

awk 'BEGIN { print "Carte;Régime;Nom"; for (i = 0; i < 1000000; i++) printf "%08X;DP;Nom%d\n", 2684354560 + i * 977, i }' >million.csv
million() {
    build million.csv million.list && "$tool" whitelist show million.list --site site | grep -q 'cards     1000000'
}
start=$(date +%s%N)
check "a million cards make a list" million
echo "# built and checked a list of a million cards in $((($(date +%s%N) - start) / 1000000)) ms"
awk 'BEGIN { print "Carte;Régime;Nom"; for (i = 0; i < 1300000; i++) printf "%08X;DP;Nom%d\n", 2684354560 + i * 977, i }' >more.csv
too_many() {
    run 1 whitelist build site --csv more.csv -o bad.list && says "more cards than a list holds"
}
check "more than a list holds is told" too_many
rm -f more.csv
head -n 250001 million.csv >quarter.csv
quarter() { build quarter.csv quarter.list && "$tool" whitelist show quarter.list --site site | grep -q 'cards     250000'; }
check "250,000 cards make a list" quarter
finish
