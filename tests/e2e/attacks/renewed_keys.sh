#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A gate was stolen, and its keys were renewed. Whoever has the old identity cannot answer as that gate, the old keys do
# not open the new one, and the passages from before stay: in the store, and on the old chip.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
ask() { sqlite3 -readonly passages.db "$1"; }
pull() { run "$1" passages pull --port gate.tty --site site --gate nord --store "${2:-passages.db}" --json --no-clock "${@:3}"; }
ask_status() { run "$1" status --port gate.tty --gate nord --json --timeout 5 "${@:2}"; }
image() { run "$1" journal check "$2" --site site --gate nord "${@:3}"; }
stop_gate() { end "$gate" TERM; }
start_gate() { # start_gate IDENTITY FLASH CARD
    local is_new=
    [ -e "$2" ] || is_new=1
    rm -f gate.tty && cp "$1" gate.id && start_scripted "wait=go,every=3000,$3" --control gate.sock --flash "$2"
    [ -z "$is_new" ] || run 0 whitelist push --port gate.tty --site site --gate nord list.1
}
fill() { pass_until 60 has_counted journal.head $(($1 + 1)); } # fill NUMBER: passages until the gate has that many records
thief_has() { ask_status 0 --site old-site && [ "$(member journal.head)" -gt "$1" ]; }
# count_of DB: the records whose bytes the old gate made
count_of() { sqlite3 -readonly "$1" "SELECT count(*) FROM journal WHERE run = 1"; }

# ---- before ----
run 0 site init site && run 0 identity site --device nord --name "Portail nord" --zone building -o old.id &&
    run 0 identity site --device sud --name "Portail sud" --zone canteen && [ ! -e site/epochs ]
report $? "a site with two gates"
run 0 identity key site --device nord --role maintenance -o old.key && run 0 identity key site --device nord --role technician -o old-technician.key &&
    cp -r site old-site
cp site/gates/sud.identity sud.before
printf 'UID;Profil\n04000001;interne\n05000001;interne\n06000001;interne\n07000001;interne\n' >cards.csv &&
    run 0 whitelist build site --csv cards.csv --list-version 1 -o list.1
start_gate old.id old.img 04000001 && fill 30 && pull 0 && fetched=$(ask 'SELECT max(seq) FROM journal') && fill $((fetched + 20)) && stop_gate
report $? "a gate whose passages were fetched, but not the newest"
cp old.img thief.img && cp passages.db before.db

# ---- the renewal ----
run 1 identity site --device nrod --renew && says "did you mean nord" && [ ! -e site/epochs ]
report $? "a gate that is not there is not renewed"
run 0 identity site --device nord --renew --json -o new.id && [ "$(member epoch)" = 1 ] && [ "$(member name)" = "Portail nord" ] &&
    says "the keys of epoch 0 are refused" && says "flash the new identity" && grep -qx 'nord = 1' site/epochs && cmp -s new.id site/gates/nord.identity
report $? "the keys are renewed, with the name and zone that the gate has, and what to do next is said"
# magic to tag key (0 to 163) are the same; journal, storage and role keys (164 to 227) are all others
cmp -s -n 164 old.id new.id && [ "$(cmp -l -i 164 -n 64 old.id new.id | wc -l)" -gt 32 ] && cmp -s sud.before site/gates/sud.identity
report $? "all keys of this gate are others; the site's keys and the other gate's are not"
cp new.id keep.id && run 0 identity site --device nord -o again.id && cmp -s -n 228 keep.id again.id && cp again.id new.id
report $? "without --renew the same identity is made again"
run 0 identity key site --device nord --role maintenance -o new.key && ! cmp -s old.key new.key
report $? "its key is the new one"

# ---- the thief has the old identity and the old chip ----
start_gate old.id thief.img 05000001 && ask_gate 'inputs fire=1' && touch go && eventually 30 thief_has $((fetched + 60))
thief_filled=$?
rm go
[ $thief_filled = 0 ] && ask_status 0 --site old-site && ask_status 0 --key-file old.key
report $? "the stolen gate answers to its old keys"
ask_status 1 --site site && says "keys of epoch 0, from before identity --renew" && says "may be the thief"
report $? "the office refuses it, and says which keys it has"
pull 1 && says "keys of epoch 0" && cmp -s <(sqlite3 passages.db .dump) <(sqlite3 before.db .dump)
report $? "nothing of it reaches the store"
printf 'UID;Profil\n04000009;interne\n' >cards.csv && run 0 whitelist build site --csv cards.csv --list-version 5 &&
    run 1 whitelist push --port gate.tty --site site --gate nord && says "keys of epoch 0"
report $? "nor does it get a list"
ask_status 0 --site site --epoch 0 && ask_status 1 --site site --epoch 2 && says "are of epoch 1" && ask_status 2 --key-file old.key --epoch 0 && says "needs --site"
report $? "only who asks for the old keys reaches it"
stop_gate

# ---- the new gate ----
start_gate new.id new.img 06000001
ask_status 0 --site site && ask_status 0 --key-file new.key
report $? "the gate with the new keys answers the office"
ask_status 1 --key-file old.key && ask_status 1 --key-file old-technician.key --role technician && says "refused the technician key"
report $? "it refuses the old keys of both roles"
ask_status 1 --site site --epoch 0 && says "the current ones: leave out --epoch"
report $? "who asks for the old keys is told that it has the new ones"
ask_status 1 --site old-site && says "has the keys of epoch 1" && says "newer copy of the site folder"
report $? "an office with an older copy of the folder is told"
fill $((fetched + 90)) && pull 3 && says "or its keys were renewed" && [ "$(member run)" = 2 ] && pull 0
report $? "its passages are the next run of this gate"
[ "$(count_of passages.db)" = "$fetched" ] && [ "$(count_of before.db)" = "$fetched" ]
report $? "the store keeps the old ones"
stop_gate

# ---- the old chip comes back ----
image 0 old.img && says "read with the keys of epoch 0" && prints "acknowledged up to $fetched"
report $? "the old chip is read with the keys of before"
image 0 old.img --store passages.db && [ "$(count_of passages.db)" -ge $((fetched + 20)) ] && [ "$(ask "SELECT count(*) FROM anomalies WHERE what = 'conflict'")" = 0 ]
report $? "what nobody had fetched is stored, beside the rest of that journal"
start_gate new.id new.img 06000001 && pull 0
report $? "the new gate's journal is still the known one"
stop_gate
rm -f fresh.db && image 0 old.img --store fresh.db && cp before.db alone.db && sqlite3 alone.db "DELETE FROM journal" &&
    start_gate new.id new.img 06000001 && pull 3 alone.db && image 0 old.img --store alone.db && pull 0 alone.db
report $? "also when the store has forgotten all that it had of the old one"
[ "$(sqlite3 -readonly alone.db "ATTACH 'fresh.db' AS fresh" "SELECT count(*) FROM fresh.journal f WHERE NOT EXISTS
    (SELECT 1 FROM journal j WHERE j.seq = f.seq AND j.raw = f.raw)")" = 0 ]
report $? "each of its records is stored"
stop_gate
run 3 journal check old.img --identity new.id && prints "identity --renew"
report $? "with the new identity alone it says what may be the cause"
image 0 new.img && lacks err epoch && prints "acknowledged up to"
report $? "a chip that knows only the new keys"

# ---- a gate that keeps its chip ----
cp old.img kept.img && start_gate new.id kept.img 07000001 && ask_status 0 --site site && [ "$(member granted)" = 0 ] && fill 10
report $? "new keys on the old chip: the gate starts with an empty journal"
run 0 whitelist push --port gate.tty --site site --gate nord && ask_status 0 --site site && [ "$(member list.version)" = 5 ]
report $? "it takes the list"
stop_gate
image 3 kept.img && says "sectors are of epoch 0: --epoch 0 reads them" && prints "foreign"
report $? "its chip has records of both epochs, and this is told"
image 3 kept.img --epoch 0 && says "read with the keys of epoch 0"
report $? "those that were not overwritten yet are read with --epoch"
image 1 kept.img --epoch 2 && says "later ones do not exist" && run 2 journal check kept.img --identity new.id --epoch 0 && says "needs --site" &&
    run 2 journal check kept.img --site site && says "say --gate ID: in site there are nord, sud"
report $? "what cannot be is refused"

# ---- the office's memory of it ----
cp site/epochs epochs.good
rm site/epochs && ask_status 1 --site site && says "nord = 1" && run 1 identity site --device nord && run 1 identity site --device nord --renew && [ ! -e site/epochs ]
report $? "without its file the site does not go back to the old keys"
cp epochs.good site/epochs && cp old.id site/gates/nord.identity && run 1 identity key site --device nord --role maintenance && says "has the keys of epoch 0" &&
    run 0 identity site --device nord -o new.id && cmp -s -n 228 new.id keep.id
report $? "an old identity put back is not used, and is made anew with the current keys"
echo 'nord = many' >site/epochs && run 1 identity key site --device sud --role maintenance && says "site/epochs: line 1"
report $? "a line that says nothing is named"
cp epochs.good site/epochs && run 0 identity site --device nord --renew && grep -qx 'nord = 2' site/epochs && image 0 old.img && says "epoch 0"
report $? "a second renewal; the oldest chip is still read"
finish
