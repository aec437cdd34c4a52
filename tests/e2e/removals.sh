#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A list that takes cards away from many people, or that was made without the office's register, is a mistake in most cases.
# Before, a build without --store opened the lost cards again, and a list of 300 cards was replaced by one of 3 without a word.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
unset SOURCE_DATE_EPOCH
gate_options=(--port gate.tty --site site --gate nord)
cards() { # cards FIRST LAST PROFILE: rows of a school's file
    awk -v first="$1" -v last="$2" -v profile="$3" \
        'BEGIN { for (i = first; i <= last; i++) printf "04%06X;%s;Exemple%03d\n", i, profile, i }'
}
file() { # file NAME: with the rows on stdin
    { echo 'UID;Profil;Nom' && cat; } >"$1"
}
build() { run "$1" whitelist build site --csv "$2" "${@:3}"; }
listed() { run 0 whitelist show site/whitelist.list --site site --card "$1" && prints "$2"; }
left_out() { run 1 whitelist show site/whitelist.list --site site --card "$1" && prints "not listed"; }
at_terminal() { # at_terminal ANSWER COMMAND...: answers the question that portillon asks at a terminal
    local answer=$1
    shift
    # script gives the command a terminal; the answer is typed when the question is there
    { await 'Go on?' typescript && echo "$answer"; } | timeout 60 script -qefc "$portillon $*" typescript >/dev/null
}

run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o gate.id
cards 1 300 interne | file all.csv
cards 1 3 interne | file three.csv
cards 1 280 interne | file most.csv
{ cards 1 260 interne && cards 261 300 externe; } | file changed.csv
{ cards 1 298 interne && cards 299 300 externe; } | file few.csv

# ---- the register ----
build 0 all.csv && [ ! -e site/register ]
report $? "a site without a register needs none"
build 0 all.csv --store passages.sqlite && [ "$(cat site/register)" = "$work/passages.sqlite" ]
report $? "a build with --store makes it the register of the site"
run 0 card block --site site --store passages.sqlite 04000001 &&
    run 0 card lend --site site --store passages.sqlite --person exemple002 --card 04AABBCC &&
    build 0 all.csv --store ./passages.sqlite && listed 04000001 BLOCKED && cp site/whitelist.list before.list
report $? "a lost card is blocked in the next list"
build 1 all.csv && says "register $work/passages.sqlite" && says "blocks 1 card" && says "lends 1" &&
    says "add --store $work/passages.sqlite" && cmp -s before.list site/whitelist.list
report $? "a build without it says what would change, and writes nothing"
build 1 all.csv --store other.sqlite && says "other.sqlite is another store" && [ ! -e other.sqlite ] && cmp -s before.list site/whitelist.list
report $? "so does a build with another store"
mv passages.sqlite moved.sqlite && build 1 all.csv && says "No such file" && cmp -s before.list site/whitelist.list
report $? "a register that is not there is told"
build 0 all.csv --store moved.sqlite && says "not there any more" && [ "$(cat site/register)" = "$work/moved.sqlite" ] && listed 04000001 BLOCKED
report $? "and may be found at another place"
echo nonsense >site/register && build 1 all.csv --store moved.sqlite && says "site/register: is not one line"
report $? "a damaged note is told"
rm site/register && run 0 card list --store moved.sqlite && [ ! -e site/register ] &&
    run 0 card return --site site --store moved.sqlite 04AABBCC && [ "$(cat site/register)" = "$work/moved.sqlite" ]
report $? "a card that the office blocks or lends makes the register, too"

# ---- a build ----
build 0 all.csv --store moved.sqlite && cp site/whitelist.list before.list
build 1 three.csv --store moved.sqlite && says "of the 300 cards of site/whitelist.list, 297 would be dropped" && says "--accept-removals" &&
    cmp -s before.list site/whitelist.list && [ "$(sqlite3 moved.sqlite 'SELECT count(DISTINCT seen_utc_s) FROM people')" = 1 ]
report $? "300 cards replaced by 3: nothing is written without a yes"
build 1 changed.csv --store moved.sqlite && says "0 would be dropped, and the rights of 40 would change" && cmp -s before.list site/whitelist.list
report $? "the rights of more than a tenth: the same"
build 0 most.csv --store moved.sqlite && ! says "would be"
report $? "up to a tenth is everyday work"
cmp -s site/whitelist.before before.list && run 0 whitelist diff site/whitelist.before site/whitelist.list --site site && prints "20 left"
report $? "the list before is kept, to compare"
build 0 all.csv --store moved.sqlite && build 0 few.csv --store moved.sqlite && build 0 all.csv --store moved.sqlite
report $? "new cards and a few changes ask nothing"
at_terminal n whitelist build site --csv three.csv --store moved.sqlite
[ $? = 1 ] && grep -q "nothing was changed" typescript && listed 0400000A listed
report $? "at a terminal it asks, and no is no"
at_terminal oui whitelist build site --csv three.csv --store moved.sqlite && left_out 0400000A
report $? "and oui is yes"
build 0 all.csv --store moved.sqlite && build 0 three.csv --store moved.sqlite --accept-removals && says "297 would be dropped" && left_out 0400000A
report $? "--accept-removals asks nothing"
cards 1 6 interne | file six.csv && cards 1 2 interne | file two.csv
build 0 six.csv -o small.list --store moved.sqlite && build 0 two.csv -o small.list --store moved.sqlite
report $? "four cards are a few, however short the list is"
echo "no list" >small.list && build 0 two.csv -o small.list --store moved.sqlite
report $? "a file that is no list is replaced as before"

# ---- a push ----
build 0 all.csv --store moved.sqlite
start_scripted none --flash gate.flash && run 0 whitelist push "${gate_options[@]}"
report $? "a gate has a list"
build 0 changed.csv --store moved.sqlite --accept-removals && run 1 whitelist push "${gate_options[@]}" && says "of the 300 cards of Nord, 0 would be dropped, and the rights of 40"
report $? "a push that changes the rights of more than a tenth needs a yes"
rm site/whitelist.before
build 0 three.csv --store moved.sqlite --accept-removals && rm site/whitelist.before &&
    run 1 whitelist push "${gate_options[@]}" && says "of the 300 cards of Nord, 297 would be dropped" &&
    run 0 status "${gate_options[@]}" --json && [ "$(member list.cards)" = 300 ]
report $? "a push that drops more than a tenth needs a yes, also if the list of the gate is not in the site folder"
run 0 whitelist push "${gate_options[@]}" --accept-removals && run 0 status "${gate_options[@]}" --json && [ "$(member list.cards)" = 3 ]
report $? "--accept-removals is one"
build 0 all.csv --store moved.sqlite && cp site/whitelist.list older.list && sleep 1.1 && build 0 most.csv --store moved.sqlite &&
    run 1 whitelist push "${gate_options[@]}" older.list && says "is this the newest list?" &&
    run 0 status "${gate_options[@]}" --json && [ "$(member list.cards)" = 3 ]
report $? "a list older than the people of the register needs a yes"
run 0 whitelist push "${gate_options[@]}" && ! says "newest"
report $? "the newest list needs none"
build 0 all.csv --store moved.sqlite && sleep 1.1 && run 0 card block --site site --store moved.sqlite 04000005 &&
    run 0 whitelist push "${gate_options[@]}" && says "cards were lent or blocked after this list was made"
report $? "cards that were blocked since are told"
finish
