#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The register of pupils that SIECLE exports (tests/data/siecle/), joined with files of cards and with the store. The people
# are invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(out err)
data=$root/tests/data/siecle
xml=$data/ElevesSansAdresses.xml
card=04A1B2C3D4E58

build() { "$portillon" whitelist build site --created "${created:-1795344000}" "$@" >out 2>err; } # 2026-11-22
says() { grep -qF -- "$1" err; }
# refused NAME TEXT OPTION...: TEXT is said, and nothing is written.
refused() {
    rm -f new.list
    build -o new.list "${@:3}"
    [ $? = 1 ] && says "$2" && says "nothing was written" && [ ! -e new.list ]
    report $? "$1"
}
# taken NAME CARDS OPTION...
taken() {
    rm -f new.list
    build -o new.list "${@:3}" && grep -qE "^new.list: $2 cards? " out
    report $? "$1"
}
card_is() { "$portillon" whitelist show new.list --site site --card "$1" | grep -qF -- "$2"; }
rows() { sqlite3 "$1" "$2" | paste -sd,; }

check "a site" "$portillon" site init site
taken "cards are joined with the register by INE, old INE or number" 4 --csv "$data/cards_ine.csv" --csv "$xml" --store ine.sqlite
says "4 pupils, exported on 20/11/2026; 1 who left is left out" && says "1 card of pupils who left: left out" &&
    says "1 pupil has no card yet"
report $? "leavers are left out and counted"
says "is the register of school 0699999A: write uai = 0699999A into site.conf"
report $? "without uai in site.conf, the line to write is told"
check "the regime is the profile, the entry the first day" card_is ${card}0 "demi-pension, building and canteen, from 2026-09-01"
check "the leaving date is the last day; an entry years ago is none" card_is ${card}1 "externe, building, until 2027-07-02"
check "who has left is not listed" card_is ${card}2 "not listed"
check "who enters later is not valid before" card_is ${card}3 "interne, building and canteen, from 2027-01-04"
[ "$(rows ine.sqlite "SELECT key || ' ' || surname || ' ' || first_name || ' ' || class FROM people ORDER BY key")" = \
    "id:000000001AA EXEMPLE Aïcha 2DE1,id:000000002BB MODÈLE Œdipe TG4,id:000000004DD ESSAI Zoé 1RE2,id:000000005EE ESSAI Zoé 1RE3" ]
report $? "the store has the people, ISO-8859-15 as it is meant"
cp new.list ine.list
taken "the register in its zip" 4 --csv "$data/ExportXML_ElevesSansAdresses.zip" --csv "$data/cards_ine.csv"
check "gives the same list, in any order of files" cmp new.list ine.list
taken "cards are joined by name, usual name, and class" 4 --csv "$xml" --csv "$data/cards_names.csv"
check "a card's own last day counts within the holder's" card_is ${card}1 "externe, building, until 2027-02-01"
check "namesakes by class" card_is ${card}3 "demi-pension"
check "a row with a profile needs no register" card_is ${card}4 "agent"

"$portillon" whitelist build site --csv "$xml" --csv "$data/cards_ine.csv" --guess -o guess.map >out 2>err
grep -q '^id = INE$' guess.map && grep -qE '^EXEMPLE Aïcha +2DE1 +04A1B2C3D4E580' err && ! grep -q 'none yet' err
report $? "--guess shows cards with their holders of the register"
printf 'Nom;Prénom;Carte\nESSAI;Zoé;04A1B2C3D4E583\n' >namesakes.csv
refused "namesakes without a class are a question" "namesakes.csv:2: column Nom: 'ESSAI': several pupils of the register have this name" \
    --csv "$xml" --csv namesakes.csv
printf 'INE;Carte\n999999999ZZ;04A1B2C3D4E583\n' >stranger.csv
refused "a card of nobody in the register" "stranger.csv:2: column INE: '999999999ZZ': the register has no such pupil" \
    --csv "$xml" --csv stranger.csv
refused "a file of cards without a profile, and no register" "no column is the profile" --csv "$data/cards_ine.csv"
refused "the register alone has no card" "no card was read: a register has none" --csv "$xml"
sed 's|<CODE_REGIME>3</CODE_REGIME>|<CODE_REGIME>25</CODE_REGIME>|' "$xml" >code.xml
refused "a regime that may be a code is a question" "code.xml:43: column CODE_REGIME: 'DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT 5': no known profile" \
    --csv code.xml --csv "$data/cards_ine.csv"
cp site/site.conf before.conf
printf 'format = 1\nuai = 0699999a\n[profile demi-pension]\ncalled = DP, 2, 25, 3\n[profile externe]\ncalled = 0\n' >site/site.conf
taken "site.conf may name codes, and the school" 4 --csv code.xml --csv "$data/cards_ine.csv"
sed 's/0699999a/0690000B/' -i site/site.conf
refused "the register of another school" "is the register of school 0699999A, but site.conf says uai = 0690000B" --csv "$xml" --csv "$data/cards_ine.csv"
sed 's/0690000B/69-B/' -i site/site.conf
"$portillon" site check site >out 2>err
[ $? = 1 ] && says "site.conf:2: uai: '69-B' is not the number of a school"
report $? "a uai that is none"
cp before.conf site/site.conf

# --- the store knows the cards ---
printf 'INE;Nom;Carte;Régime\n;PROFESSEUR;04A1B2C3D4E584;agent\n' >staff.csv
sed 's|<CODE_REGIME>2</CODE_REGIME>|<CODE_REGIME>0</CODE_REGIME>|; s|<DATE_SORTIE>02/07/2027|<DATE_SORTIE>20/11/2026|' "$xml" >later.xml
created=1795430400
taken "without a file of cards, those that the store knows are taken" 4 --csv later.xml --csv staff.csv --store ine.sqlite
says "no file gives its pupils cards: 3 cards are taken that the store knows as theirs"
report $? "which is told"
check "with the rights of the new register" card_is ${card}0 externe
check "the card of a pupil who left since is gone" card_is ${card}1 "not listed"
check "beside a file of other cards" card_is ${card}4 agent
"$portillon" card lend --site site --store ine.sqlite --person exemple --card 04AABBCCDDEE01 --lost ${card}0 >out 2>err
created=$(($(date +%s) + 5))
sed 's|<DATE_SORTIE>20/11/2026</DATE_SORTIE>||' later.xml >latest.xml
build -o new.list --csv latest.xml --store ine.sqlite && card_is ${card}0 BLOCKED && card_is 04AABBCCDDEE01 externe
report $? "lent and lost cards stay what the office made of them"

# --- damaged ---
rm site/register # these builds have no store
head -c 2000 "$xml" >cut.xml
refused "a register cut off" "cut.xml:" --csv cut.xml --csv "$data/cards_ine.csv"
sed 's|<BEE_ELEVES|<!DOCTYPE x [<!ENTITY a "b">]>&|' "$xml" >entity.xml
refused "a document type" "it has a document type (DOCTYPE)" --csv entity.xml --csv "$data/cards_ine.csv"
finish
