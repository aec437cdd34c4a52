#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The register of a site, in a file and on a server: people in, cards in, a list out of it. The people are invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
logs=(out err)
data=$root/tests/data
day=2026-11-22 # the day on which who has left is judged
build() { run 0 whitelist build site --created 1795344000 --list-version 7 --accept-removals "$@"; }
take() { run 0 people import "$@" --site site --store "$store" --on $day --apply; }
give() { run 0 cards import "$@" --site site --store "$store" --on $day --apply; }
ask() { # ask SQL: the first column of all rows, from outside
    case $store in
    postgresql*) psql -qAtX "$store" -c "$1" ;;
    *) sqlite3 "$store" "$1" ;;
    esac | paste -sd,
}
people="SELECT count(*) FROM people WHERE left_utc_s IS NULL"
cards="SELECT count(*) FROM holdings WHERE until_utc_s IS NULL"
everything() { # what an import may not change when it fails
    ask "SELECT key || ' ' || class || ' ' || profile || ' ' || coalesce(left_utc_s, 0) FROM people ORDER BY key"
    ask "SELECT tag || ' ' || person || ' ' || coalesce(until_utc_s, 0) FROM holdings ORDER BY tag, since_utc_s"
}
unchanged() { # unchanged STATUS WORDS COMMAND...: fails with these words, and the register is as before
    local before
    before=$(everything)
    run "$1" "${@:3}" && says "$2" && [ "$(everything)" = "$before" ]
}

# school YEAR: 60 pupils with INE, names and classes; the next year has other classes, 20 who left and 20 who are new
school() {
    echo "INE;Nom;Prénom;Classe;Régime"
    seq $(($1 * 20 + 1)) $(($1 * 20 + 60)) | awk -F' ' -v year="$1" '{
        level = int(($1 - 1) / 20) - year
        printf "0000%05dAA;Exemple%d;Prénom%d;%s%d;%s\n", $1, $1, $1, (level == 0 ? "T" : level == 1 ? "1RE" : "2DE"), $1 % 3 + 1, ($1 % 4 == 0 ? "externe" : "DP")
    }'
}
school_cards() { # school_cards FROM TO: a card for each
    echo "INE;Carte"
    seq "$1" "$2" | awk '{ printf "0000%05dAA;04A1B2C3%06X\n", $1, $1 }'
}

# ---- the same list from files and from the register ----
# same_list NAME OPTION...: the files make a list; it is made again from the register that this build noted, and from one
# into which people import brought the same files
same_list() {
    local name=$1
    shift
    rm -f site/register a.list b.list c.list noted.db
    store=noted.db
    build "$@" --store $store -o a.list && build --store $store -o b.list && cmp a.list b.list
    report $? "$name: the register that a build noted gives the same bytes"
    rm -f site/register taken.db
    store=taken.db
    local files=()
    for word in "$@"; do [ "$word" = --csv ] || files+=("$word"); done
    take "${files[@]}" && build --store $store -o c.list && cmp a.list c.list
    report $? "$name: so does people import of the files"
}
run 0 site init site
cp "$data/lycee.conf" site/site.conf
same_list "dates, marks and a card that is lost" --csv "$data/school.csv"
run 0 whitelist show c.list --site site --card A0B1C2D3 && prints BLOCKED
report $? "a card that the file calls lost is blocked in the list from the register"
same_list "days of meals, two files" --csv "$data/export_regimes.csv" --csv "$data/export_staff.csv"
rm -rf site && run 0 site init site
same_list "SIECLE with cards by INE" --csv "$data/siecle/ElevesSansAdresses.xml" --csv "$data/siecle/cards_ine.csv"
same_list "SIECLE with cards by name, of which one ends before its holder leaves" \
    --csv "$data/siecle/ElevesSansAdresses.xml" --csv "$data/siecle/cards_names.csv"
same_list "a workbook" --csv "$data/workbooks/cards.xlsx"

# ---- a year of a school ----
# year STORE KIND
year() {
    store=$1
    rm -rf site site/register
    run 0 site init site
    school 0 >year0.csv
    school_cards 1 50 >cards0.csv

    run 1 people import year0.csv --site site --store "$store" && prints "60 people come" && prints "  and 55 more" &&
        says "--apply makes the changes" && { [ "$2" = server ] || [ ! -e "$store" ]; }
    report $? "$2: an import shows what would change, and without --apply changes nothing"
    run 1 people import year0.csv --site site --store "$store" --all && [ "$(grep -c '^  Exemple' out)" = 60 ] && lacks out more
    report $? "$2: --all lists everybody"
    take year0.csv && prints "portillon card assign --pile --site site --store" && says "nobody has a card yet" && [ "$(ask "$people")" = 60 ] && [ -s site/register ]
    report $? "$2: people come without cards"
    unchanged 1 "nobody has a card" whitelist build site --store "$store"
    report $? "$2: nobody has a card yet, so there is no list"
    give cards0.csv && prints "50 cards are new" && prints "60 people in the school, 10 of them without a card" && [ "$(ask "$cards")" = 50 ]
    report $? "$2: a file of INE and card is joined to the people"
    build --store "$store" -o year.list && prints "year.list: 50 cards" && says "10 of 60 people have no card yet"
    report $? "$2: a list from it; people without a card are counted"
    run 0 whitelist show year.list --site site --card 04A1B2C3000004 && prints "externe" &&
        run 0 whitelist show year.list --site site --card 04A1B2C3000001 && prints "demi-pension"
    report $? "$2: with the rights of each"
    printf 'INE;Carte\n000000001AA;04A1B2C3FFFF01\n000099999AA;04A1B2C3FFFF02\n' >more.csv
    give more.csv && prints "1 card is new" && prints "1 card is no longer theirs" &&
        says "more.csv: 1 row is of nobody in the register (the first is line 3): left out" && [ "$(ask "$cards")" = 50 ]
    report $? "$2: a new card takes the place of the one of an earlier file; rows of nobody are counted"

    # the same people, one in another class, one with another regime
    sed 's/;Prénom45;2DE1;/;Prénom45;2DE3;/; s/;Prénom46;\(.*\);DP/;Prénom46;\1;externe/' year0.csv >moved.csv
    take moved.csv && prints "1 person changes class" && prints "Exemple45 Prénom45, 2DE3 (before: 2DE1)" &&
        prints "1 person changes regime" && prints "Exemple46 Prénom46, 2DE2: demi-pension -> externe" &&
        [ "$(ask "SELECT class FROM people WHERE first_name = 'Prénom45'")" = 2DE3 ]
    report $? "$2: who changes class and who changes regime is told, and done"
    take moved.csv && prints "nothing changes"
    report $? "$2: the same file again changes nothing"

    # ---- what is refused ----
    head -n 41 moved.csv >third.csv
    unchanged 1 "20 of 60 people would leave" people import third.csv --site site --store "$store" --apply
    report $? "$2: a file that removes a third is refused"
    printf 'Nom;Prénom;Classe;Régime\n' >empty.csv
    unchanged 1 "names nobody" people import empty.csv --site site --store "$store" --apply --accept-removals
    report $? "$2: an empty file is refused"
    { cat moved.csv && echo ';Faux;Ada;2DE1;demi-pensionaire'; } >wrong.csv
    unchanged 1 "wrong.csv:62: column Régime: 'demi-pensionaire'" people import wrong.csv --site site --store "$store" --apply
    report $? "$2: a mistake is told with its place, and nothing is taken"
    printf 'Nom;Prénom;Régime;Carte\nPersonnel;Ada;agent;04A1B2C3EEEE01\n;;agent;04A1B2C3EEEE02\n' >nameless.csv
    unchanged 1 "nameless.csv:3: the row names nobody" people import nameless.csv --part --site site --store "$store" --apply
    report $? "$2: a card of nobody is refused"
    printf 'Nom;Prénom;Régime;Carte\nPersonnel;Ada;agent;04A1B2C3EEEE01\nPersonnel;Ada;externe;04A1B2C3EEEE02\n' >twofold.csv
    unchanged 1 "another row gives the same person other rights" people import twofold.csv --part --site site --store "$store" --apply
    report $? "$2: a person with two profiles is refused"
    printf 'Nom;Prénom;Régime;Carte\nPersonnel;Ada;agent;04A1B2C3EEEE01\n' >staff.csv
    take --part staff.csv && prints "1 person comes" && prints "61 people in the school" &&
        take --part staff.csv && prints "nothing changes" && [ "$(ask "$people")" = 61 ]
    report $? "$2: a part of the school makes nobody leave"

    # ---- September ----
    school 1 >year1.csv
    unchanged 1 "20 of 61 people would leave" people import year1.csv staff.csv --site site --store "$store" --apply
    report $? "$2: September: a third leaves, which is asked for"
    run 0 people import year1.csv staff.csv --site site --store "$store" --json --apply --accept-removals &&
        [ "$(member applied),$(member people),$(member come.count),$(member leave.count),$(member class.count)" = 1,61,20,20,40 ] &&
        [ "$(member 'leave.people[0].before.class')" = T1 ]
    report $? "$2: --accept-removals takes it; JSON tells the counts and everybody"
    build --store "$store" -o year.list && prints "year.list: 31 cards" && says "20 cards of people who left: left out" &&
        run 1 whitelist show year.list --site site --card 04A1B2C3000002 && prints "not listed"
    report $? "$2: who left is not in the list"
    # the new pupils of class 2DE1 come to the desk, where a reader types the numbers; the second of them is not there
    printf '04A1B2C3DD%04d\n\n04A1B2C3DD%04d\n' 1 2 | run 0 card assign --site site --store "$store" --pile --class 2de1 --reader none &&
        prints "2DE1: 04A1B2C3DD0001" && says "2 cards given, 1 left out" && build --store "$store" -o year.list && prints "year.list: 33 cards"
    report $? "$2: a pile of cards at the desk, and the list with them"
    run 0 people import year1.csv staff.csv --site site --store "$store" --apply && prints "nothing changes" &&
        [ "$(ask "SELECT count(*) FROM holdings WHERE until_utc_s IS NULL AND given = 'desk'")" = 2 ]
    report $? "$2: cards of the desk stay when the file is imported again"
    run 0 store forget --store "$store" --site site && prints " 0 people " && [ "$(ask "SELECT count(*) FROM people")" = 81 ]
    report $? "$2: they are kept until store forget"
}
year year.db file

cp year.db desk.db && mv site/register register
{ echo "INE;Nom;Prénom;Classe;Régime;Carte" && seq 21 80 | awk '{ printf "0000%05dAA;Exemple%d;Prénom%d;T1;DP;04A1B2C3%06X\n", $1, $1, $1, $1 }'; } >with_cards.csv
build --store desk.db --csv with_cards.csv -o desk.list && prints "60 cards" && says "careful: 2 cards given at the desk are in no file, and not in this list"
report $? "a list from files tells that cards of the desk are not in it"

# a file of which one row names nobody
rm -f site/register mixed.db mixed.list
printf 'Nom;Régime;Carte\nExtra;DP;04A1B2C3000001\n;externe;04A1B2C3000002\n' >mixed.csv
run 0 whitelist build site --store mixed.db --csv mixed.csv -o mixed.list && says "1 card of nobody named: in this list, and not in the register" &&
    run 0 whitelist build site --store mixed.db -o mixed.list && prints "1 card " && says "1 card fewer than the list that it replaces"
report $? "a card of nobody is in the list from the file only, which is told both times"
mv register site/register

# answers WORD: people import at a terminal, with this answer to its question
answers() {
    rm -f typescript
    { await 'Make these changes?' typescript && echo "$1"; } |
        timeout 60 script -qefc "$portillon people import extra.csv --part --site site --store year.db" typescript >/dev/null
}
printf 'Nom;Prénom;Régime\nExtra;Eve;agent\n' >extra.csv
before=$(everything)
ends_with 1 answers non && grep -q 'nothing was changed' typescript && [ "$(everything)" = "$before" ] &&
    answers oui && grep -q 'Extra Eve (agent)' typescript && [ "$(ask "$people")" = 62 ]
report $? "at a terminal it asks"

# ---- what fails in the middle, on a file ----
before=$(everything)
school 2 >year2.csv
{ (ulimit -f 8 && "$portillon" people import year2.csv --site site --store year.db --apply --accept-removals >out 2>err); } 2>killed
[ $? != 0 ] && [ "$(everything)" = "$before" ]
report $? "a disk that is full: nothing is changed"
mkfifo writer && { sqlite3 year.db <writer >/dev/null & } && exec 5>writer && echo "BEGIN IMMEDIATE; SELECT 1;" >&5 && sleep 0.5
unchanged 1 "another program uses it" people import year2.csv --site site --store year.db --apply --accept-removals
report $? "a store that another program is changing: nothing is changed"
exec 5>&-
wait
cp year.db other.db && run 1 people import year2.csv --site site --store other.db --accept-removals && says "year.db, which blocks and lends no card: from now on it is other.db"
report $? "a store that becomes the register is told"
run 0 card block --site site --store year.db 04A1B2C3000031 &&
    run 1 whitelist build site --store other.db -o other.list && says "other.db is another store" && [ ! -e other.list ]
report $? "another store than the register of the site is told"
sqlite3 year.db "UPDATE holdings SET given = 'older' WHERE tag = (SELECT min(tag) FROM holdings NATURAL JOIN people
    WHERE until_utc_s IS NULL AND left_utc_s IS NULL)"
unchanged 1 "1 card was noted by an older version" whitelist build site --store year.db
report $? "a card of which an older version did not keep whether it is lost is no guess"
sqlite3 year.db "UPDATE people SET profile = 'inconnu' WHERE class = 'T1'"
unchanged 1 "has the profile 'inconnu', which site.conf does not know" whitelist build site --store year.db
report $? "a profile that site.conf does not know is told with the person"
rm site/register
run 1 whitelist build site --store none.db && says "none.db: No such file" && [ ! -e none.db ] && run 2 whitelist build site && says "--csv is needed, or --store"
report $? "a store that is not there, and none"

if command -v psql >/dev/null && start_server; then
    year "$server_url" server
else
    skip "the same on a server" "postgresql is not installed"
fi
for command in "people import" "cards import" "whitelist build"; do
    # shellcheck disable=SC2086 # the words of the command
    run 0 $command --help && prints "usage: portillon $command"
    report $? "$command --help"
done
run 2 people import --site site --store x.db && says "a file of the school is needed" && run 2 people import year0.csv --store x.db && says "--site and --store are needed" &&
    run 2 people import year0.csv --site site --store x.db --on 2026-13-01 && [ ! -e x.db ]
report $? "wrong calls"
finish
