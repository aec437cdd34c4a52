#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A school year begins, as the README of portillon tells it: the register of SIECLE, a file of cards, a pile at the desk, the
# list, a morning at the door, a card lost and another lent, a lunch, the questions afterwards. The people are invented.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
logs=(out err)
unset PORTILLON_SITE PORTILLON_STORE PORTILLON_GATE PORTILLON_PORT PORTILLON_NAME
store=passages.sqlite
ask() { sqlite3 $store "$1" | paste -sd,; } # ask SQL: the first column of all rows
office=(--site site --store "$store")

# It is about noon at the school, whenever this runs.
hours=$((12 - 10#$(date -u +%H)))
today=$(date -u -d "$hours hours" +%F)
rules() { # rules LUNCH: a site.conf
    printf 'format = 1\nname = Lycée des Exemples\nuai = 0699999A\ntime_zone = ECO%+d\n[services]\ndéjeuner = mon-sun %s\n' $((-hours)) "$1"
    printf '[profile externe]\ncalled = externe libre\nbuilding = always\ncanteen = never\n[profile demi-pension]\nbuilding = always\nservices = déjeuner\n'
    printf "called = DP, demi-pensionnaire dans l'établissement\n[profile interne]\ncalled = interne dans l'établissement\nbuilding = always\nservices = all\n"
    printf '[profile agent]\nbuilding = always\nservices = all\n'
}

# pupil NUMBER NAME FIRST_NAME CODE [LEFT]: of the register
pupil() {
    printf '<ELEVE ELEVE_ID="%d" ELENOET="%d"><ID_NATIONAL>00000000%dAA</ID_NATIONAL><NOM_DE_FAMILLE>%s</NOM_DE_FAMILLE>' "$1" "$1" "$1" "$2"
    printf '<PRENOM>%s</PRENOM><CODE_REGIME>%d</CODE_REGIME><DATE_SORTIE>%s</DATE_SORTIE></ELEVE>\n' "$3" "$4" "${5:-}"
}
class_of() { # class_of NUMBER CLASS
    printf '<STRUCTURES_ELEVE ELEVE_ID="%d"><STRUCTURE><CODE_STRUCTURE>%s</CODE_STRUCTURE>' "$1" "$2"
    echo '<TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>'
}
siecle() {
    echo '<?xml version="1.0" encoding="UTF-8"?><BEE_ELEVES><PARAMETRES><UAJ>0699999A</UAJ><DATE_EXPORT>01/09/2026</DATE_EXPORT></PARAMETRES><DONNEES><ELEVES>'
    pupil 101 EXEMPLE Aïcha 2
    pupil 102 MODÈLE Bo 2
    pupil 103 ESSAI Chloé 0
    pupil 104 PATRON Dino 2
    pupil 105 GABARIT Eve 3
    pupil 106 SPÉCIMEN Fanny 2
    pupil 107 MOULE Hugo 2
    pupil 108 PARTI Paul 2 "$(date -u -d "$hours hours 3 days ago" +%d/%m/%Y)"
    echo '</ELEVES><STRUCTURES>'
    class_of 101 2DE1 && class_of 102 2DE1 && class_of 103 2DE2 && class_of 104 2DE2 && class_of 105 1RE1 && class_of 106 1RE1 && class_of 107 1RE1 && class_of 108 1RE1
    echo '</STRUCTURES></DONNEES></BEE_ELEVES>'
}
last_year() {
    printf '%s\n' 'INE;Nom;Prénom;Classe;Régime;Carte' '00000000106AA;SPÉCIMEN;Fanny;2DE1;DP;04A1B2C3D4E106' \
        '00000000107AA;MOULE;Hugo;2DE2;externe;04A1B2C3D4E107' '00000000108AA;PARTI;Paul;2DE2;DP;04A1B2C3D4E108'
    for i in 1 2 3 4 5; do echo "0000000020${i}AA;ANCIEN;Élève$i;TG1;DP;04A1B2C3D4E20$i"; done
}

# ---- last year ----
run 0 site init site --name 'Lycée des Exemples' && rules 10:00-16:00 >site/site.conf && run 0 site check site &&
    run 0 identity site --device nord-1 --name 'Portail nord' --zone building --direction in && run 0 identity site --device self-1 --name Self --zone canteen
report $? "a school with a door and a canteen"
last_year >before.csv && run 0 people import before.csv "${office[@]}" --apply && prints '8 people come' && prints 'without a card' &&
    [ "$(ask 'SELECT count(*) FROM people')" = 8 ] && run 0 whitelist build site --store $store
report $? "the people of last year, who have cards"

# ---- September ----
siecle >ElevesSansAdresses.xml
run 1 people import ElevesSansAdresses.xml "${office[@]}" --apply && says '6 of 8 people would leave' && says --accept-removals &&
    [ "$(ask 'SELECT count(*) FROM people WHERE left_utc_s IS NULL')" = 8 ]
report $? "a year group that leaves is asked about"
run 1 people import ElevesSansAdresses.xml "${office[@]}" --accept-removals && prints '5 people come' && prints '6 people leave' && prints 'SPÉCIMEN Fanny, 1RE1 (before: 2DE1)' &&
    prints 'MOULE Hugo, 1RE1: externe -> demi-pension' && says '--apply makes the changes' && [ "$(ask 'SELECT count(*) FROM people')" = 8 ]
report $? "who comes, leaves and changes class and regime is shown first"
run 0 people import ElevesSansAdresses.xml "${office[@]}" --accept-removals --apply && prints '7 people in the school, 5 of them without a card' &&
    [ "$(ask 'SELECT first_name FROM people WHERE left_utc_s IS NULL ORDER BY 1')" = Aïcha,Bo,Chloé,Dino,Eve,Fanny,Hugo ] &&
    [ "$(ask "SELECT class || ' ' || profile FROM people WHERE first_name IN ('Fanny', 'Hugo') ORDER BY first_name")" = '1RE1 demi-pension,1RE1 demi-pension' ]
report $? "then the register is that of SIECLE"
printf 'Nom;Prénom;Régime\nFICTIF;Alix;agent\n' >staff.csv
run 0 people import staff.csv "${office[@]}" --part --apply && prints '1 person comes' && prints '8 people in the school, 6 of them without a card'
report $? "the staff come in a file of their own, and nobody leaves"
run 1 people import ElevesSansAdresses.xml "${office[@]}" && prints '1 person leaves' && prints 'FICTIF Alix' &&
    run 0 people import ElevesSansAdresses.xml staff.csv "${office[@]}" && prints 'nothing changes'
report $? "the next export of SIECLE takes the staff's file with it"
printf 'Nom;Prénom;Régime;Carte\nFICTIF;Alix;agent;\n' >uncarded.csv
run 0 people import uncarded.csv "${office[@]}" --part && prints 'nothing changes' && lacks err 'left out'
report $? "somebody without a card in the file is not told as left out"
printf 'INE;Carte\n00000000101AA;04A1B2C3D4E101\n00000000102AA;04A1B2C3D4E102\n00000000103AA;04A1B2C3D4E103\n00000000108AA;04A1B2C3D4E108\n' >cartes.csv
run 0 cards import cartes.csv "${office[@]}" --apply && prints '3 cards are new' && says '1 card of pupils who left: left out' && prints '3 of them without a card' &&
    [ "$(ask "SELECT group_concat(first_name) FROM (SELECT first_name FROM people JOIN holdings USING (site, person) WHERE until_utc_s IS NULL AND left_utc_s IS NULL ORDER BY 1)")" = Aïcha,Bo,Chloé,Fanny,Hugo ]
report $? "the file of cards; the row of the pupil who left is counted"

printf 'INE;Carte\n00000000102AA;04A1B2C3D4E101\n' >swapped.csv
run 1 cards import swapped.csv "${office[@]}" && prints '1 card changes hands' && prints 'MODÈLE Bo, 2DE1 (before: EXEMPLE Aïcha, 2DE1)' &&
    says 'nothing was changed'
report $? "a card that would change hands is told with both people"

# ---- the pile at the desk ----
printf '%s\n' 'aicha desfire-ev2 04A1B2C3D4E101' 'bo desfire-ev2 04A1B2C3D4E102' 'chloe desfire-ev2 04A1B2C3D4E103' 'dino desfire-ev2 04A1B2C3D4E104' \
    'eve desfire-ev2 04A1B2C3D4E105' 'fanny desfire-ev2 04A1B2C3D4E106' 'alix classic 04ED0B11' 'paul desfire-ev2 04A1B2C3D4E108' \
    'spare desfire-ev2 04AABBCCDDEE01' >cards
hold() { "$BUILD/cardsim" ctl cards.sock put "$1" >put.out; } # hold CARD: it stays on the reader until lift
lift() { "$BUILD/cardsim" ctl cards.sock take all >put.out && sleep 0.3; }
start_reader cards
mkfifo typed
"$portillon" card assign "${office[@]}" --pile --reader "pn532_uart:$work/reader:115200" <typed >out 2>err &
pile=$!
running+=("$pile")
exec 4>typed
await 'FICTIF Alix: the card' err && await 'put a card on the reader' err && hold alix && await 'FICTIF Alix: 04ED0B11' out && lift &&
    await 'GABARIT Eve, 1RE1: the card' err && hold aicha && await 'EXEMPLE Aïcha, 2DE1 has it: not taken' err && lift &&
    hold eve && await 'GABARIT Eve, 1RE1: 04A1B2C3D4E105' out && lift &&
    await 'PATRON Dino, 2DE2: the card' err && echo 04A1B2C3D4E104 >&4 && wait "$pile" && says '3 cards given, 0 left out'
report $? "the pile: one card of somebody else is not taken, and one number is typed"
exec 4>&-
end "$pile" KILL
stop_reader
[ "$(ask "SELECT count(*) FROM holdings WHERE given = 'desk' AND until_utc_s IS NULL")" = 3 ]
report $? "three cards of the desk"

# ---- the list ----
run 0 whitelist build site --store $store --accept-removals && prints '8 cards (0 blocked)' &&
    run 0 whitelist diff site/whitelist.before site/whitelist.list --site site --people $store && prints '+ GABARIT Eve, 1RE1' && prints '6 came, 6 left, 1 changed'
report $? "the list, and what changed in it"

# ---- a morning at the door ----
granted() { local name; for name in "$@"; do [ "$(verdict_of "$name")" = granted ] || return 1; done; }
refused() { [ "$(verdict_of "$1")" = refused ]; }
open_gate() { # open_gate ID: the gate on the line is this one from now on
    at_gate=(--port gate.tty --site site --gate "$1")
    rm -f gate.flash
    cp "site/gates/$1.identity" gate.id && start_gate && run 0 whitelist push "${at_gate[@]}" && run 0 clock set "${at_gate[@]}" &&
        run 0 settings "${at_gate[@]}" --set open_ms=500 --set rotation_fitted=no && eventually 30 reader_is 1
}
pull() { run 0 passages pull "${at_gate[@]}" --store $store; }
start_reader cards
open_gate nord-1 && granted aicha chloe dino eve alix && refused paul && pull
report $? "five come in; the card of the pupil who left is refused"
[ "$(ask "SELECT person FROM passages WHERE verdict = 'granted' ORDER BY seq")" = 'EXEMPLE Aïcha,ESSAI Chloé,PATRON Dino,GABARIT Eve,FICTIF Alix' ] &&
    [ "$(ask "SELECT reason FROM passages WHERE verdict = 'refused'")" = unknown_card ]
report $? "the office sees them by name"
stop_gate

# ---- a card is lost, another is lent ----
run 0 card lend "${office[@]}" --person 'dino 2de2' --card 04AABBCCDDEE01 --days 3 --lost all && prints 'lent to PATRON Dino, 2DE2' && says 'no gate knows yet' &&
    run 0 whitelist build site --store $store && prints '9 cards (1 blocked)' && prints 'of the office: 1 lent, 1 blocked'
report $? "Dino's card is lost; he has a spare one"

# ---- lunch ----
open_gate self-1 && granted aicha spare eve alix && refused dino && refused chloe && refused aicha && pull
report $? "four eat; not the lost card, not a day pupil, nobody twice"
stop_gate
[ "$(ask "SELECT reason FROM passages WHERE device = 'self-1' AND verdict = 'refused' ORDER BY seq")" = blocked,no_right_here,already_passed ] &&
    [ "$(ask "SELECT person FROM passages WHERE device = 'self-1' AND verdict = 'granted' ORDER BY seq")" = 'EXEMPLE Aïcha,PATRON Dino,GABARIT Eve,FICTIF Alix' ]
report $? "with the reasons, and the spare card as Dino's"

# ---- questions afterwards ----
run 0 report --site site meals --from "$today" --to "$today" --csv --table meals_by_profile -o repas.csv &&
    [ "$(tail -n +2 repas.csv | tr -d '\r' | sort)" = "$(printf '"déjeuner";"agent";"1"\n"déjeuner";"demi-pension";"2"\n"déjeuner";"interne";"1"')" ] &&
    [ "$(stat -c %a repas.csv)" = 600 ]
report $? "the bursar counts the meals by profile"
run 0 report --site site meals --gate self-2 && says 'the store has nothing of a gate self-2'
report $? "a gate that is misspelt is told"
run 0 report --site site inside --json && [ "$(member 'inside_as_of[0].inside')" = 5 ] && [ "$(member 'inside_as_of[0].unsure')" = 0 ] && run 0 report --site site inside --html presents.html && grep -q 'Aïcha' presents.html &&
    [ "$(ask "SELECT count(DISTINCT tag) FROM passages WHERE device = 'nord-1' AND verdict = 'granted'")" = 5 ] && lacks presents.html 'Paul'
report $? "the list for an evacuation has the five who came in"
run 0 report --site site all --html rapport.html && lacks rapport.html 'Aïcha'
report $? "the whole report names nobody"
run 0 explain --passage "self-1:$(ask "SELECT seq FROM passages WHERE reason = 'already_passed'")" --store $store && prints 'EXEMPLE Aïcha, 2DE1' &&
    prints 'REFUSED (already_passed)' && prints 'This is what the gate logged.'
report $? "why Aïcha was refused a second meal"
rules 17:00-18:00 >new.conf
run 0 replay "${office[@]}" --from "$today" --to "$today" --json && [ "$(member changed_taps)" = 0 ] &&
    run 0 replay "${office[@]}" --from "$today" --to "$today" --rules new.conf && prints '4 pupils would be treated otherwise, at 5 taps' &&
    prints 'granted -> no_service_now: 4 pupils, 4 taps' && prints 'PATRON Dino'
report $? "with a later lunch, just those who ate would not have"
run 0 card return "${office[@]}" --person 'dino 2de2' && run 0 whitelist build site --store $store && prints '8 cards (0 blocked)'
report $? "the lost card is found"
run 0 person export --store $store -o copy.json 'dino' && [ "$(sqlite3 :memory: "SELECT json_valid(CAST(readfile('copy.json') AS TEXT))")" = 1 ] &&
    run 0 person erase --store $store --confirm 'paul' && prints 'PARTI Paul: erased, with 1 card and 0 loans; 1 passage is of nobody now; 0 cards stay blocked' && [ "$(ask "SELECT count(*) FROM people WHERE first_name = 'Paul'")" = 0 ] &&
    run 0 store forget --store $store --site site && run 0 audit --store $store && prints lend && prints erase && prints report_inside && lacks out Paul
report $? "one person's data, one person erased, and the trail"
finish
