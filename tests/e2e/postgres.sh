#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The store on a PostgreSQL server: the same tests as on a file, and the same answers to the same queries. psql and sqlite3 ask.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
start_server -c fsync=off # the scripts of the crash have a server of their own
report $? "a server of its own"

# ---- the tests of the store, on the server ----
for test in passage_store people_store people_moved register list_store replay report wishes meals_elsewhere; do
    PORTILLON_TEST_SERVER=$server_url "$BUILD/unit/portillon/test_$test" >out 2>err
    report $? "test_$test on the server"
done

# ---- the daily work on both, side by side ----
gate_options=(--port gate.tty --site site --gate nord)
psql_ask() { psql -AtX -d "$server_url" -c "$1"; }
both() { # both STATUS COMMAND... with STORE in place of the store; the outputs are alike
    local status=$1
    shift
    run "$status" "${@//STORE/file.db}" && sed "s#[^ ]*file\.db#STORE#g" out >out.file && run "$status" "${@//STORE/"$server_url"}" &&
        sed "s#'*$server_url'*#STORE#g" out >out.server && diff out.file out.server >>err
}
alike() { # alike QUERY: rows on both, and not none
    sqlite3 file.db "$1" >rows.file && psql_ask "$1" >rows.server && [ -s rows.file ] && diff rows.file rows.server >err
}
run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o gate.id
printf 'UID;Nom;Prénom;Classe;Profil\n04000001;Exemple;Aïcha;2A;interne\n04000002;Modèle;Bo "dit \\ Bo";2B;externe\n04000003;D'"'"'Essai;Cléo;1A;interne\n' >cards.csv
run 0 whitelist build site --csv cards.csv --store file.db --created 1795344000 && rm site/register &&
    run 0 whitelist build site --csv cards.csv --store "$server_url" --created 1795344000 && [ "$(cat site/register)" = "$server_url" ]
report $? "whitelist build stores the people, and notes the server as the register"
alike "SELECT site, key, fold, surname, first_name, class, profile, weekdays, passages FROM people ORDER BY surname"
report $? "the people are alike"
both 0 card block --site site --store STORE 04000003 && both 0 card lend --site site --store STORE --person "aicha" --card 04AABB01 --days 3 &&
    both 0 card list --store STORE && prints "Aïcha"
report $? "cards are blocked, lent and listed alike"
run 1 whitelist build site --csv cards.csv && says "$server_url" && says "blocks 1 card"
report $? "a list without the register is refused"
run 0 whitelist build site --csv cards.csv --store "$server_url" --created 1795347600 && rm site/register &&
    run 0 whitelist build site --csv cards.csv --store file.db --created 1795347600 && rm site/register
start_scripted "wait=go,every=700,04000001,04000002,04000003,04999999" --flash gate.img --anchor none &&
    run 0 whitelist push "${gate_options[@]}" && tap_until 60 has_counted journal.head 60 &&
    both 0 passages pull "${gate_options[@]}" --store STORE --no-clock
report $? "passages are pulled into both"
both 0 passages pull "${gate_options[@]}" --store STORE --no-clock && prints ": 0 new records"
report $? "a second time there is nothing new"
alike "SELECT device, seq, time, clock, verdict, reason, outcome, closed, zone, tag, person, class, run FROM passages ORDER BY seq" &&
    grep -q 'Exemple Aïcha' rows.file && grep -q unknown_card rows.file
report $? "view passages"
alike "SELECT device, seq, time, clock, kind, what, ref, run FROM events ORDER BY seq"
report $? "view events"
alike "SELECT device, run, first_seq, last_seq, records, first_time, last_time, state FROM runs"
report $? "view runs"
alike "SELECT site, device, seq, run, month, utc_s, kind, what, tag, ref FROM journal ORDER BY seq"
report $? "table journal"
[ "$(sqlite3 file.db "SELECT group_concat(hex(raw)) FROM (SELECT raw FROM journal ORDER BY seq)")" = \
    "$(psql_ask "SELECT upper(string_agg(encode(raw, 'hex'), ',' ORDER BY seq)) FROM journal")" ]
report $? "and the bytes of each record"
[ "$(psql_ask "SELECT count(*) FROM ONLY journal_other")" = 0 ] &&
    [ "$(psql_ask "SELECT count(*) FROM journal_$(date -u +%Y%m)")" = "$(sqlite3 file.db "SELECT count(*) FROM journal")" ]
report $? "the records are in the table of their month"
for store in file.db "$server_url"; do run 0 status "${gate_options[@]}" --store "$store" && prints "this journal" && grep '^store' out; done >lines 2>&1
[ "$(wc -l <lines)" = 2 ] && [ "$(uniq lines | wc -l)" = 1 ]
report $? "status tells what the server has"
both 0 explain --site site --card 04000001 --gate nord --people STORE && prints "Exemple Aïcha"
report $? "explain names the person"
both 0 store forget --store STORE --days 30 && prints "0 records"
report $? "store forget"

# ---- a role for each school ----
own=$(psql_ask "SELECT site FROM sites")
run 0 site init other && printf 'UID;Nom;Profil\n05000001;Ailleurs;interne\n' >other.csv &&
    run 0 whitelist build other --csv other.csv --store "$server_url" && psql -qX -v ON_ERROR_STOP=1 -d "$server_url" -f "$root/tools/portillon/store/roles.sql" >err &&
    psql_ask "CREATE ROLE lycee LOGIN IN ROLE portillon_school; INSERT INTO portillon_roles (role, site) VALUES ('lycee', '$own')" >/dev/null
report $? "each school has a role of its own"
school_url=${server_url/user=portillon/user=lycee}
[ "$(psql -AtX -d "$school_url" -c "SELECT count(DISTINCT site) FROM people" -c "SELECT count(*) > 0 FROM passages" -c "SELECT string_agg(site, ',') FROM sites")" = \
    "1"$'\n'"t"$'\n'"$own" ] && [ "$(psql_ask "SELECT count(DISTINCT site) FROM people")" = 2 ]
report $? "which sees its own rows, in tables and views"
run 0 passages pull "${gate_options[@]}" --store "$school_url" --no-clock && run 0 card block --site site --store "$school_url" 04000002 &&
    run 0 card list --store "$school_url" && run 1 card list --store "$server_url" && says "holds 2 sites: --site DIR"
report $? "and works as before; the owner of all sites has to say which one"
printf 'Nom;Prénom;Classe;Régime;Carte\nNouveau;Dany;2A;interne;04000009\n' >new.csv
run 0 people import new.csv --part --site site --store "$school_url" --apply && prints "1 person comes" &&
    [ "$(psql_ask "SELECT count(*) FROM people JOIN holdings USING (site, person) WHERE surname = 'Nouveau' AND site = '$own'")" = 1 ]
report $? "also where rows come in bulk: people"
psql_ask "DELETE FROM journal WHERE site = '$own'; DELETE FROM devices WHERE site = '$own'" >/dev/null
run 0 passages pull "${gate_options[@]}" --store "$school_url" --no-clock && [ "$(psql_ask "SELECT count(*) > 3 FROM journal WHERE site = '$own'")" = t ]
report $? "and passages"
run 1 whitelist build other --csv other.csv --store "$school_url" && says "row-level security"
report $? "and cannot write for another school"

mkdir -p config/portillon && echo "store = $server_url" >config/portillon/config && XDG_CONFIG_HOME=$PWD/config run 0 card list --site site && prints "Aïcha"
report $? "the URL may stand in the file of defaults"

# ---- what goes wrong ----
run 1 card list --store "postgresql://portillon:secret@localhost/portillon" && says "a password in a URL"
report $? "a password in the URL is refused"
run 1 card list --store "postgresql:///nowhere?host=$server_folder&user=portillon" && says 'database "nowhere" does not exist'
report $? "a database that is not there"
psql_ask "CREATE DATABASE other" >/dev/null && other=${server_url/\/postgres\?//other?} && psql -qAtX -d "$other" -c "CREATE TABLE people (name text)" &&
    run 1 card list --store "$other" && says "database of another program" && [ "$(psql -AtX -d "$other" -c "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")" = 1 ]
report $? "the database of another program is left alone"
psql_ask "SELECT setval(pg_get_serial_sequence('people', 'person'), 100)" >/dev/null
before=$(psql_ask "SELECT count(*), max(seq) FROM journal")
mkfifo hold && { psql -qAtX -d "$server_url" <hold & } && running+=($!) && exec 8>hold &&
    echo "BEGIN; LOCK TABLE devices;" >&8 && sleep 1 && run 1 passages pull "${gate_options[@]}" --store "$server_url" --no-clock &&
    says "another program uses it" && [ "$(psql_ask "SELECT count(*), max(seq) FROM journal")" = "$before" ]
report $? "a server whose tables are locked: told after 10 s, nothing stored"
exec 8>&-
end "$gate" TERM
stop_server immediate
run 1 card list --site site --store "$server_url" && says "the server does not answer"
report $? "a server that is gone"
restart_server && run 0 card list --site site --store "$server_url" && prints "Aïcha"
report $? "and back, with everything"
finish
