#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Slips of a new user that lost something, or surprised, without a word: a store that is another program's database, a link that
# another gate has, a flash file with other sectors, a gate moved to another zone, a gate with another memory chip.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
gate_options=(--port gate.tty --site site --gate nord)
ask() { sqlite3 -readonly passages.db "$1"; }
gated() { # gated NAME OPTION...: portillond in the foreground, which must end by itself
    timeout 20 "$BUILD/portillond" --identity gate.id --create-flash --reader none "$@" >out 2>err
}
second() { gated --flash second.flash --pty gate.tty; }
run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o gate.id
report $? "a site"

# ---- a gate that is there ----
run 0 identity site --device nord --name Nord --zone building && [ ! -s err ]
report $? "the same identity again says nothing"
run 0 identity site --device nord --name Sud --zone canteen && says "MOVED from zone building to zone canteen" && says 'renamed from "Nord" to "Sud"'
report $? "another zone or name of a gate is told"
run 0 identity site --device nord --name Nord --zone building
run 0 identity site --device nord --direction in && prints "direction in" && grep -q '^nord = in$' site/directions &&
    run 0 identity site --device nord --json && [ "$(member direction)" = in ] && [ ! -s err ] &&
    run 2 identity site --device nord --direction up && says "--direction up: not in, out or both" &&
    run 0 identity site --device nord --direction both && prints "direction both"
report $? "the direction of a gate is kept until another is given"
echo 'sud = north' >>site/directions && run 1 identity site --device nord --renew && says "site/directions: line 4: is not 'ID = in', 'ID = out' or 'ID = both'" &&
    [ ! -e site/epochs ]
report $? "a line that is none is named, and no keys are renewed"
rm -f site/directions

# ---- the database of another program ----
sqlite3 notes.db 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)' && cp notes.db notes.copy
sqlite3 browser.db 'CREATE TABLE journal (text); PRAGMA user_version = 3' && cp browser.db browser.copy
start_scripted "wait=go,every=2000,04000001" --flash one.img
run 1 passages pull "${gate_options[@]}" --store notes.db && says "notes.db: is the database of another program" && cmp notes.db notes.copy
report $? "passages pull adds nothing to the database of another program"
run 1 passages pull "${gate_options[@]}" --store browser.db && cmp browser.db browser.copy
report $? "nor to one with a version and a table of the same name"
printf 'UID;Profil;Nom\n04000001;interne;Exemple\n' >cards.csv && run 1 whitelist build site --csv cards.csv --store notes.db &&
    says "database of another program" && cmp notes.db notes.copy && [ ! -e site/whitelist.list ] && [ ! -e site/register ]
report $? "nor does whitelist build"
: >empty.db && run 0 passages pull "${gate_options[@]}" --store empty.db
report $? "an empty file becomes a store"

{ echo 'BEGIN EXCLUSIVE;' && sleep 4; } | sqlite3 empty.db &
running+=($!)
sleep 0.5
run 0 card list --store empty.db && says "empty.db: another program uses it; waiting"
report $? "a command that only reads tells the wait, too, and goes on after it"
wait $!
{ echo 'BEGIN EXCLUSIVE;' && sleep 13; } | sqlite3 empty.db &
running+=($!)
sleep 0.5
run 1 passages pull "${gate_options[@]}" --store empty.db && says "empty.db: another program uses it; waiting" && says "empty.db: another program uses it: close"
report $? "a store that another program has locked: the wait and its end are told, with its name"

# ---- a link that another gate has ----
second
[ $? = 1 ] && grep -q "gate.tty: another gate is using this pty" err && run 0 status "${gate_options[@]}"
report $? "a second gate does not take the link of the first"
end "$gate" TERM
start_scripted none --flash one.img && run 0 status "${gate_options[@]}"
report $? "after its end it may be taken"
end "$gate" KILL
start_scripted none --flash one.img && run 0 status "${gate_options[@]}"
report $? "also after a crash"
end "$gate" TERM

# ---- a file with other sectors ----
cp one.img before.img
gated --flash one.img --sector 65536
[ $? = 1 ] && grep -q "one.img: a gate used this flash file with sectors of 4096 bytes, not 65536" err && cmp one.img before.img
report $? "a file with sectors of 4096 bytes is not used with 65536"
start_scripted "wait=go,every=2000,04000001" --flash large.img --sector 65536 --anchor none && tap_until 20 has_counted journal.head 20
end "$gate" TERM
cp large.img before.img
gated --flash large.img --anchor none
[ $? = 1 ] && grep -q "sectors of 65536 bytes, not 4096" err && cmp large.img before.img
report $? "nor the other way round"
start_scripted none --flash large.img --sector 65536 --anchor none
report $? "with the sectors that it has it is used"
end "$gate" TERM

# ---- another memory chip, as tools/portillon/README.md says for a gate that is dead ----
start_scripted "wait=go,every=2000,04000001" --flash old.img --anchor none && tap_until 20 has_counted journal.head 20 &&
    run 0 passages pull "${gate_options[@]}" --store passages.db --no-clock && last=$(ask 'SELECT max(seq) FROM journal')
report $? "a gate whose records were fetched"
end "$gate" TERM
sleep 1.1 # two starts within one second write the same bytes, and a record that the store has counts as the same one
run 0 identity site --device nord -o gate.id && start_scripted "wait=go,every=2000,05000001" --flash new.img --anchor none &&
    tap_until 20 has_counted journal.head 40 && run 3 passages pull "${gate_options[@]}" --store passages.db --no-clock &&
    says "The journal of before is closed, as run 1" && says "as run 2" && run 0 passages pull "${gate_options[@]}" --store passages.db --no-clock
report $? "the same identity on a new chip: the old journal is closed, and the new one is the next run"
[ "$(ask "SELECT group_concat(run || ' ' || state, ', ') FROM runs WHERE device = 'nord'")" = "1 closed, 2 current" ] &&
    [ "$(ask "SELECT last_seq FROM runs WHERE run = 1")" = "$last" ] && [ "$(ask "SELECT count(*) FROM journal WHERE run = 2 AND seq = 1")" = 1 ]
report $? "the store tells both, and their numbers do not collide"
run 0 status "${gate_options[@]}" --store passages.db && prints "run 2 (this journal)" && prints "run 1 (a journal of before, closed)" &&
    run 0 status "${gate_options[@]}" --store passages.db --json && [ "$(member 'runs[0].state')" = closed ] && [ "$(member 'runs[1].run')" = 2 ]
report $? "and so does status"
run 0 status "${gate_options[@]}" --store nowhere.db && says "nowhere.db: unable to open database file: No such file or directory" && [ ! -e nowhere.db ]
report $? "a store that is not there is told, and not made"
finish
