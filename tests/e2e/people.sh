#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The people's side: rules in site.conf, files as schools have them, lost and lent cards, and what a gate would say.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
data=$root/tests/data
unset SOURCE_DATE_EPOCH
build() { run 0 whitelist build site --created 1795344000 "$@"; } # 2026-11-22
ask() { run 0 explain --site site --list "$1" --card "$2" --zone "$3" --at "$4" "${@:5}"; }
answers() { # answers LIST CARD ZONE TIME WORD: granted, or the reason of the refusal
    ask "$1" "$2" "$3" "$4" --json && grep -qE "\"(verdict|reason)\": \"$5\"" out
}

in_french() { LC_ALL=C.UTF-8 LANGUAGE=fr "$@"; }

run 0 site init site --name "Lycée des Exemples" && run 0 site check site && prints "calendar: no day is different"
report $? "a new site has rules that restrict nothing"
prints 'at any hour' && lacks out 'building: (mon|tue)'
report $? "and says so"
cp "$data/lycee.conf" site/site.conf
run 0 site check site && prints "déjeuner: mon tue thu fri 11:30-13:45, wed 11:30-13:00"
report $? "the rules of a lycée are printed as read"
run 0 site check "$data/lycee.conf"
report $? "a file alone can be checked"
run 0 site check site --json && [ "$(member time_zone),$(member 'services[1].name')" = Europe/Paris,déjeuner ] &&
    [ "$(member 'services[1].hours')" = 'mon tue thu fri 11:30-13:45, wed 11:30-13:00' ] &&
    [ "$(member 'profiles[1].name'),$(member 'profiles[1].canteen'),$(member 'profiles[1].services[0]'),$(member 'profiles[0].canteen')" = \
        'demi-pension,at any hour,déjeuner,never' ] && [ "$(member 'profiles[4].closed_days')" = building ] &&
    [ "$(member 'calendar[1].first'),$(member 'calendar[1].last'),$(member 'calendar[1].kind'),$(member 'calendar[3].as')" = 2026-12-19,2027-01-03,closed,fri ]
report $? "the same as JSON"
cp out english.json
in_french run 0 site check site --json && cmp -s out english.json && in_french run 0 site check site && prints "calendrier" &&
    prints "déjeuner : lun mar jeu ven 11:30-13:45, mer 11:30-13:00"
report $? "people read the rules in their language, and JSON is English in each"
sed 's/^closed = 11/closd = 11/; s/^services = déjeuner$/services = dejeunr/' "$data/lycee.conf" >bad.conf
run 1 site check bad.conf && says "bad.conf:19: 'dejeunr' is no service: did you mean 'déjeuner'?" &&
    says "'closd' is no word known here: did you mean 'closed'?"
report $? "mistakes are named with line and suggestion"
cp bad.conf site/site.conf && run 1 whitelist build site --csv "$data/export_regimes.csv" -o bad.list && [ ! -e bad.list ]
report $? "no list is made of rules that are wrong"
cp "$data/lycee.conf" site/site.conf

build --csv "$data/export_regimes.csv" -o regimes.list && prints "6 cards (0 blocked)"
report $? "UTF-8 with a mark, quotes, CRLF, a column a day"
build --csv "$data/export_cantine.tsv" --uid decimal10 -o cantine.list && prints "5 cards"
report $? "Windows-1252, tabs, decimal numbers, LMJV"
build --csv "$data/export_regimes.csv" --csv "$data/export_staff.csv" -o both.list && prints "9 cards"
report $? "several files, each with its own columns, make one list"
build --csv "$data/export_titres.csv" -o titles.list && prints "3 cards" && says "the columns are named in line 4"
report $? "titles above the columns, a spreadsheet's marks and blanks, a cell over two lines"
run 1 whitelist build site --csv "$data/export_unknown.csv" -o bad.list && says "no column is the card" && [ ! -e bad.list ]
report $? "columns that nobody knows are told"
run 0 whitelist build site --csv "$data/export_unknown.csv" --guess -o unknown.map && [ ! -e site/whitelist.list ] &&
    says "4 cards read, 0 errors; no list was made; the map is in unknown.map" && says "045A11223344"
report $? "--guess proposes a map, shows rows as read, makes no list"
grep -qx 'card = Jeton' unknown.map && grep -qx 'profile = Formule' unknown.map && grep -qx 'uid = hex-reversed' unknown.map
report $? "the map names card, profile and the reversed numbers"
build --csv "$data/export_unknown.csv" --map unknown.map -o unknown.list && prints "4 cards"
report $? "and a list is built with it"
build --csv "$data/export_regimes.csv" --verbose -o times.list && says "reading" && says "building" && says "in all"
report $? "--verbose tells how long each step took"

list=regimes.list
dp4=045A1122334480 dp5=045A1122334481 externe=045A1122334482
answers $list $dp4 canteen "2026-11-23 12:10" granted && answers $list $dp4 canteen "2026-11-25 12:10" no_meal_today &&
    answers $list $dp4 canteen "2026-11-23 14:00" no_service_now && answers $list $dp5 canteen "2026-11-25 12:10" granted &&
    answers $list $dp4 canteen "2026-11-23 19:00" not_this_service
report $? "meals by day and service"
answers $list $externe canteen "2026-11-23 12:10" no_right_here && answers $list $externe building "2026-11-23 07:00" granted &&
    answers $list $externe building "2026-11-23 06:59" outside_hours && answers $list $externe building "2026-11-22 10:00" outside_hours
report $? "zones and hours"
answers $list $externe building "2026-11-11 10:00" closed_today && answers $list $externe building "2027-01-30 18:30" granted &&
    answers $list $dp4 canteen "2027-01-30 12:00" granted && answers $list $dp4 canteen "2027-03-15 12:00" closed_today
report $? "closed days, and a Saturday with the hours of a Friday"
answers $list $externe building "2026-08-31 10:00" not_yet_valid && answers $list $externe building "2027-07-03 10:00" expired &&
    answers $list 045A11223344FF building "2026-11-23 10:00" unknown_card
report $? "dates, and cards that are not listed"
ask $list $dp4 canteen "2026-11-22 03:00" --clock stale && prints "GRANTED" && prints "without a clock"
report $? "without a clock nobody is locked out"
ask $list $dp4 canteen "2026-11-23 12:10" --used 1 && prints "REFUSED (already_passed)" && prints "1 passage at déjeuner; 1 used"
report $? "the deciding rule is told in words"
ask $list $externe building "2026-11-23 10:00" --off externe && prints "REFUSED (profile_off)" &&
    ask $list $externe building "2026-11-23 10:00" --off EXTERNE && prints "REFUSED (profile_off)" &&
    run 0 explain --site site --list $list --card $dp4 --zone building --at "2026-11-23 10:00" --off dp && prints "REFUSED (profile_off)" &&
    run 1 explain --site site --list $list --card $externe --zone building --off extern && says "no such profile"
report $? "a profile turned off"
run 1 explain --site site --list $list --card $dp4 --zone building --at "2027-03-28 02:30" && says "jump over"
report $? "a time that the clocks jump over is told"
run 0 identity site --device self-1 --name Self --zone canteen && run 0 explain --site site --list $list --card $dp4 --gate self-1 &&
    prints "at self-1, canteen"
report $? "a gate is named by its id, now by the computer's clock"

build --csv "$data/export_regimes.csv" --store store.sqlite -o one.list && cmp -s one.list $list
report $? "the store changes nothing of the list"
lacks one.list 'CHANTILLON|FACTICE|Ma.lle' && [ "$(sqlite3 store.sqlite 'SELECT count(*) FROM people')" = 7 ]
report $? "names are in the store, and never in the list"
ask one.list $dp4 building "2026-11-23 10:00" --people store.sqlite && prints "ÉCHANTILLON Maëlle, 2de 1"
report $? "explain shows who it is"
explain_person() { run "$1" explain --site site --list one.list --zone building --at "2026-11-23 10:00" --person "$2" "${@:3}"; }
explain_person 0 "maelle" --people store.sqlite && prints "(ÉCHANTILLON Maëlle, 2de 1) at building" && prints "GRANTED" &&
    [ "$(grep -c GRANTED out)" = 1 ] && explain_person 0 maelle && prints "(ÉCHANTILLON Maëlle, 2de 1)"
report $? "explain finds the cards of a person, in the register of the site unless another store is given"
explain_person 0 "maelle" --json && [ "$(sqlite3 :memory: "SELECT json_array_length(CAST(readfile('out') AS TEXT))")" = 1 ] &&
    [ "$(sqlite3 :memory: "SELECT json_extract(CAST(readfile('out') AS TEXT), '\$[0].verdict')")" = granted ]
report $? "as JSON, one answer a card"
cp out english.json
in_french explain_person 0 "maelle" --json && cmp -s out english.json && in_french explain_person 0 "maelle" && prints "ACCEPTÉ" &&
    prints "la carte n'est pas bloquée"
report $? "an answer is in the language of the user, and JSON is English in each"
explain_person 1 échantillon && says "2 people of this name" && says "  ÉCHANTILLON Noé, 2de 1" && [ ! -s out ] &&
    explain_person 1 "oedipe" && says "FACTICE Œdipe, Tle STMG has no card" && explain_person 1 nobody && says "nobody of this name" &&
    run 2 explain --site site --zone building --person maelle --card $dp4
report $? "a name that two have asks which; who has no card is told"
run 1 card lend --site site --store store.sqlite --person échantillon --card 04AABBCCDDEE01 && says "2 people of this name" &&
    says "ÉCHANTILLON Noé, 2de 1"
report $? "a name that two have asks which"
run 0 card lend --site site --store store.sqlite --person "maelle" --card 04AABBCCDDEE01 --days 3 --lost $dp4 &&
    prints "lent to ÉCHANTILLON Maëlle, 2de 1 (demi-pension)" && prints "$dp4: blocked"
report $? "a card is lent and the lost one blocked in one step"
run 0 card lend --site site --store store.sqlite --person "oedipe factice" --card 04AABBCCDDEE02 && prints "FACTICE Œdipe" &&
    run 1 card lend --site site --store store.sqlite --person "noe" --card 04AABBCCDDEE02 && says "FACTICE Œdipe has it"
report $? "who waits for a card can be lent one, and no card has two people"
run 0 card list --store store.sqlite && prints "04AABBCCDDEE01       lent until" && prints "$dp4       blocked"
report $? "card list says so"
run 2 card list --store store.sqlite --days 3 && says "no such option" && run 2 card block --site site --store store.sqlite $dp4 --lost all &&
    run 0 card list --help && lacks out '--(days|person|lost)'
report $? "a card command refuses the options of another, and does not list them"
day=$(date +%F)
run 0 whitelist build site --csv "$data/export_regimes.csv" --store store.sqlite -o two.list && prints "2 lent, 1 blocked"
report $? "the next list has them"
lent_is_good() { # on a day without school, what a card of the same profile is told
    answers two.list 04AABBCCDDEE01 building "$day 10:00" granted && return
    local answer
    for answer in closed_today outside_hours; do
        answers two.list 04AABBCCDDEE01 building "$day 10:00" $answer && answers two.list $dp5 building "$day 10:00" $answer && return
    done
    false
}
lent_is_good
report $? "the lent card is good today"
answers two.list 04AABBCCDDEE01 building "$(date -d '+4 days' +%F) 10:00" expired && answers two.list $dp4 building "$day 10:00" blocked
report $? "and not after its days; the lost one is blocked"
run 0 whitelist show two.list --site site --card 04AABBCCDDEE01 && prints "temporary" && prints "meals mon tue thu fri"
report $? "it is temporary, with the pupil's own days of meals"
run 0 whitelist diff one.list two.list --site site --people store.sqlite && prints "2 came, 0 left, 1 changed, 5 as before" &&
    prints "+ ÉCHANTILLON Maëlle, 2de 1" && prints "~ ÉCHANTILLON Maëlle, 2de 1" && prints "BLOCKED"
report $? "whitelist diff names who came and changed"
run 0 whitelist diff one.list two.list --json && cp out english.json && in_french run 0 whitelist diff one.list two.list --json &&
    cmp -s out english.json && in_french run 0 whitelist diff one.list two.list && prints ", BLOQUÉE"
report $? "the rights of a card are told in the language of the user, in JSON in English"
run 0 whitelist diff two.list two.list && prints "0 came, 0 left, 0 changed, 8 as before"
report $? "a list is the same as itself"
sed 's/^closed = 11/closed = 12/' "$data/lycee.conf" >site/site.conf
run 0 whitelist build site --csv "$data/export_regimes.csv" --store store.sqlite -o three.list &&
    run 0 whitelist diff two.list three.list --json && [ "$(sqlite3 :memory: "SELECT json_extract(CAST(readfile('out') AS TEXT), '\$.rules_changed', '\$.came')")" = '[true,0]' ]
report $? "and changed rules are told"
{ cat "$data/export_staff.csv" && echo ',Doublon,Eve,,,04AABBCCDDEE01,agent,no'; } >double.csv
run 1 whitelist build site --csv "$data/export_regimes.csv" --csv double.csv --store store.sqlite -o bad.list &&
    says "double.csv:5: this card (04AABBCCDDEE01) is lent to ÉCHANTILLON Maëlle" && [ ! -e bad.list ] &&
    [ "$(sqlite3 store.sqlite "SELECT count(*) FROM people WHERE surname = 'Doublon'")" = 0 ]
report $? "a card lent and in the file is a question, and nothing is written"
run 0 card return --site site --store store.sqlite 04AABBCCDDEE01 && run 0 card return --site site --store store.sqlite $dp4 &&
    run 0 card list --store store.sqlite && lacks out $dp4 && run 1 card return --site site --store store.sqlite $dp4
report $? "loans and blocks end"
run 0 card block --site site --store store.sqlite --person "noé" && says "no gate knows yet" &&
    run 0 card block --site site --store store.sqlite 04112233445566 &&
    run 0 whitelist build site --csv "$data/export_regimes.csv" --store store.sqlite -o four.list &&
    answers four.list $dp5 building "$day 10:00" blocked && answers four.list 04112233445566 building "$day 10:00" blocked
report $? "all cards of a person, and cards of nobody, can be blocked"
run 0 store forget --store store.sqlite && prints "0 records, 0 people and 0 lists forgotten" &&
    run 0 store forget --store store.sqlite --json && [ "$(member records),$(member people),$(member lists)" = 0,0,0 ]
report $? "store forget keeps what is recent"
reads_store() { # reads_store STORE: explain, diff and card list answer from it
    ask one.list $dp4 building "2026-11-23 10:00" --people "$1" && prints "ÉCHANTILLON Maëlle, 2de 1" &&
        run 0 whitelist diff one.list two.list --site site --people "$1" && prints "2 came, 0 left, 1 changed" &&
        run 0 card list --store "$1" && prints "04112233445566"
}
# Another program is about to change the store: it holds the lock of a writer.
mkfifo writer && { sqlite3 store.sqlite <writer >/dev/null & } && exec 5>writer && echo "BEGIN IMMEDIATE; SELECT 1;" >&5 && sleep 0.5
timeout 30 sqlite3 store.sqlite "BEGIN IMMEDIATE" >locked 2>&1
grep -q locked locked && reads_store store.sqlite
report $? "a store that another program is about to change can be read"
exec 5>&-
wait
read_only() { # with a user who may only read it: root may write to every file
    mkdir read_only && cp store.sqlite one.list two.list read_only/ && chmod 0444 read_only/* && chmod 0555 read_only && chmod 0711 . || return 1
    local portillon=$portillon
    [ "$(id -u)" != 0 ] || chown -R 65534:65534 read_only || return 1
    [ "$(id -u)" != 0 ] || portillon=as_nobody
    "$portillon" card list --store read_only/store.sqlite >out 2>err && prints "04112233445566"
}
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$BUILD/portillon" "$@"; }
read_only
report $? "a store that cannot be written can be read"
no_new_store() {
    local command
    for command in "card list" "store forget" "card block --site site 04112233445566" "card return --site site 04112233445566"; do
        # shellcheck disable=SC2086 # the words of the command
        run 1 $command --store stor.sqlite && says "stor.sqlite: No such file" && [ ! -e stor.sqlite ] || return 1
    done
}
no_new_store && run 1 explain --site site --list $list --card $dp4 --gate self-1 --people stor.sqlite && [ ! -e stor.sqlite ]
report $? "a misspelt store is no new one"
all_have_help() {
    local command
    for command in "site check" explain "card lend" "card block" "card return" "card list" "whitelist diff" "store forget"; do
        # shellcheck disable=SC2086 # the words of the command
        run 0 $command --help && prints "usage: portillon $command" || return 1
    done
}
all_have_help
report $? "every command has its --help"
finish
