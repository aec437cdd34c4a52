#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a gate answered is explained from the list and the rules of that time, and replayed with other rules: exactly the
# pupils whose outcome changes are named. Replayed with the same list, nobody changes.
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
gate_options=(--port gate.tty --site site)
store=(--site site --store passages.sqlite)

# The local time of the site is about noon, whenever this runs.
hours=$((12 - 10#$(date -u +%H)))
zone=$(printf 'ECO%+d' $((-hours)))
rules() { # rules DP_SERVICES MEALS: a site.conf
    printf 'format = 1\ntime_zone = %s\n[services]\n%s\n' "$zone" "$2"
    printf '[profile dp]\nbuilding = always\nservices = %s\n' "$1"
    printf '[profile interne]\nbuilding = always\nservices = midi, soir\n[profile externe]\nbuilding = always\ncanteen = never\n'
}
lunch='midi = mon-sun 10:00-16:00' dinner='soir = mon-sun 18:00-20:00'
today=$(date -u -d "$hours hours" +%F)

cat >cards <<'END'
aicha ultralight 0421C0DE000001
bo ultralight 0421C0DE000002
chloe ultralight 0421C0DE000003
dora ultralight 0421C0DE000004
emil ultralight 0421C0DE000005
fanny ultralight 0421C0DE000006
hugo ultralight 0421C0DE000007
stranger ultralight 0421C0DE0000EE
phone random
END
cat >school.csv <<'END'
UID;Profil;Bloquée;Nom;Prénom;Classe
0421C0DE000001;dp;;Exemple;Aïcha;2A
0421C0DE000002;interne;;=Modèle;Bo;2B
0421C0DE000003;externe;;Essai;Chloé;2A
0421C0DE000004;dp;oui;Essai;Dora;2C
0421C0DE000005;dp;;Exemple;Emil;1A
0421C0DE000006;dp;;Exemple;Fanny;1B
0421C0DE000007;interne;;Modèle;Hugo;1B
END
build() { run 0 whitelist build site --csv school.csv --store passages.sqlite; }
granted() { [ "$(verdict_of "$1")" = granted ]; }
refused() { [ "$(verdict_of "$1")" = refused ]; }
replay() { run "$1" replay "${store[@]}" --from "$today" "${@:2}"; }
relay_is_on() { grep -a ^outputs outputs | tail -n 1 | grep -q relay=1; }
# seq_of TAP: the number of a tap, counted from 1
seq_of() { sqlite3 passages.sqlite "SELECT seq FROM passages ORDER BY seq LIMIT 1 OFFSET $(($1 - 1))"; }
explain() { run 0 explain --passage "e2e-1:$(seq_of "$1")" --store passages.sqlite "${@:2}"; }
# changed: of JSON in out, each pupil with what changes
changed() {
    sqlite3 :memory: "SELECT coalesce(p.value ->> 'person', '?') || ' ' || (c.value ->> 'before') || ' ' || (c.value ->> 'after') || ' ' ||
        (p.value ->> 'taps') FROM json_each(CAST(readfile('out') AS TEXT), '\$.changes') c, json_each(c.value, '\$.pupils') p" | LC_ALL=C sort
}

# ---- a lunch ----
make_site canteen && rules midi "$lunch"$'\n'"$dinner" >site/site.conf && start_reader cards && start_gate && build &&
    run 0 whitelist push "${gate_options[@]}" && run 0 clock set "${gate_options[@]}" &&
    run 0 settings "${gate_options[@]}" --set open_ms=500 --set rotation_fitted=no && eventually 30 reader_is 1
report $? "a gate of a canteen with a list from the register"
first_version=$(sqlite3 passages.sqlite 'SELECT max(version) FROM lists')
[ "$(sqlite3 passages.sqlite "SELECT rules FROM lists WHERE version = $first_version")" = "$(cat site/site.conf)" ] &&
    sqlite3 passages.sqlite "SELECT writefile('stored.list', list) FROM lists WHERE version = $first_version" >/dev/null &&
    cmp -s stored.list site/whitelist.list
report $? "the store has the list and the rules, byte for byte"
granted aicha && refused aicha && granted bo && refused chloe && refused dora && refused stranger && refused phone
report $? "seven taps without a rotation sensor"
run 0 settings "${gate_options[@]}" --set rotation_fitted=yes --set open_ms=3000 && granted emil && eventually 10 journal_rests && # who does not pass
    tap emil && eventually 5 relay_is_on && ask_gate 'press rotation' >/dev/null && eventually 10 journal_rests && refused emil &&
    run 0 settings "${gate_options[@]}" --set rotation_fitted=no --set open_ms=500
report $? "three with one: a passage that is not used, one that is, and one too many"
run 0 profiles off dp "${gate_options[@]}" && refused fanny && run 0 profiles on dp "${gate_options[@]}" && granted fanny
report $? "a group is turned off, and on again"
rules midi "$dinner"$'\n'"$lunch" >site/site.conf && build && run 0 whitelist push "${gate_options[@]}" && refused aicha && refused fanny && granted hugo
report $? "a list in which the services change places: who has eaten has eaten"
stop_gate
start_gate && eventually 30 reader_is 1 && refused hugo && refused bo
report $? "also after a restart"
stop_gate
start_gate --no-rtc && eventually 30 reader_is 1 && granted hugo
report $? "with a clock that stood still, meals no longer count"
run 0 passages pull "${gate_options[@]}" --store passages.sqlite
sqlite3 passages.sqlite "SELECT coalesce(reason, verdict) FROM passages ORDER BY seq" >told
taps=$(wc -l <told)
report $? "$taps taps are pulled"

# ---- replay ----
replay 0 --json && [ "$(member changed_taps)" = 0 ] && [ "$(member replayed)" = $((taps - 1)) ] && [ "$(member not_replayed.no_card)" = 1 ] &&
    [ "$(member not_replayed.unexplained)" = 0 ] && [ "$(member not_replayed.list_not_stored)" = 0 ] && [ "$(member guessed)" = 0 ] &&
    [ "$(member elsewhere)" = 0 ] && [ "$(member unlisted)" = 1 ]
report $? "as it was, no tap changes: all but the telephone are replayed"
replay 0 --rules site --json && [ "$(member changed_taps)" = 0 ] && [ "$(member replayed)" = $((taps - 1)) ]
report $? "with the same rules nobody changes"
replay 0 --list site/whitelist.list --json && [ "$(member changed_taps)" = 0 ] && [ "$(member replayed)" = $((taps - 1)) ]
report $? "with the same list nobody changes"
rules soir "$lunch"$'\n'"$dinner" >new.conf
cat >wanted <<'END'
Exemple Aïcha already_passed not_this_service 2
Exemple Aïcha granted not_this_service 1
Exemple Emil already_passed not_this_service 1
Exemple Emil granted not_this_service 2
Exemple Fanny already_passed not_this_service 1
Exemple Fanny granted not_this_service 1
END
replay 0 --rules new.conf --json && LC_ALL=C sort wanted | diff - <(changed) >check.log && [ "$(member changed_pupils)" = 3 ]
report $? "dp no longer eats at noon: exactly those of dp who came, and not the one who is blocked or turned off"
replay 0 --rules new.conf && prints "3 pupils would be treated otherwise, at 8 taps" && prints "granted -> not_this_service: 3 pupils, 4 taps" &&
    prints "Exemple Emil, 1A: 2 taps" && prints "1 tap of a card or telephone" && ! prints "Modèle"
report $? "the same for people to read"
rules midi "midi = mon-sun 16:00-17:00"$'\n'"$dinner" >later.conf
replay 0 --rules later.conf --csv && head -c 3 out | cmp -s - <(printf '\357\273\277') && grep -q '^"granted";"no_service_now";"'"'"'=Modèle Bo";"2B";' out &&
    [ "$(grep -c '^"already_passed";"no_service_now";' out)" = 5 ]
report $? "CSV for a spreadsheet, in which a name is no formula"
sed 's/^0421C0DE000003;externe/0421C0DE000003;dp/; s/;oui;/;;/' school.csv >changed.csv
run 0 whitelist build site --csv changed.csv -o changed.list --store passages.sqlite --accept-removals && replay 0 --list changed.list --json &&
    [ "$(changed)" = "$(printf 'Essai Chloé no_right_here granted 1\nEssai Dora blocked granted 1')" ]
report $? "another list: exactly the two whose rights changed"
[ "$(sqlite3 passages.sqlite 'SELECT count(*) FROM lists')" = 3 ]
report $? "a replay stores no list"
[ "$(sqlite3 passages.sqlite "SELECT subject || ' ' || detail FROM audit WHERE what = 'replay' ORDER BY rowid DESC LIMIT 1")" = 'site 2 people' ]
report $? "that it named people is in the audit trail"
replay 0 --to "$today" --from 2020-01-01 --json && [ "$(member replayed)" = $((taps - 1)) ] && run 0 replay "${store[@]}" --from 2020-01-01 --to 2020-02-01 --json &&
    [ "$(member replayed)" = 0 ] && says "no records of this site from these days"
report $? "only the days that were asked for"

# ---- explain ----
explain 1 && prints "(Exemple Aïcha, 2A)" && prints "the gate logged: granted, assumed" && prints "version $first_version" && prints "1 passage at midi; 0 used" &&
    prints "This is what the gate logged."
report $? "a passage is explained"
[ "$(sqlite3 passages.sqlite "SELECT what || ' ' || detail || ' ' || (SELECT first_name FROM people WHERE 'person ' || person = subject) FROM audit ORDER BY rowid DESC LIMIT 1")" = 'look_up explain Aïcha' ]
report $? "that it was looked up is in the audit trail"
explain 2 --site site && prints "refused (already_passed)" && prints "1 passage at midi; 1 used" && prints "REFUSED (already_passed)" && prints "This is what the gate logged."
report $? "a second meal, with the count of that moment"
explain 4 --json && [ "$(member person)" = "Essai Chloé" ] && [ "$(member explained.reason)" = no_right_here ] && [ "$(member agrees)" = 1 ] &&
    [ "$(member list.version)" = "$first_version" ]
report $? "no right here, as JSON"
explain 5 && prints "REFUSED (blocked)" && prints "BLOCKED" && prints "This is what" && explain 6 && prints "REFUSED (unknown_card)" && prints "This is what"
report $? "a blocked card, and one that no list has"
explain 7 && prints "refused (random_uid)" && prints "no list was asked"
report $? "a telephone"
off=$(grep -n '^profile_off$' told | cut -d: -f1)
explain "$off" && prints "turned off at this gate: dp" && prints "REFUSED (profile_off)" && prints "This is what the gate logged."
report $? "a group that was turned off at that moment"
explain $((taps - 1)) && prints "(=Modèle Bo, 2B)" && prints "version $(sqlite3 passages.sqlite "SELECT max(ref) FROM events WHERE what = 'list_installed'")" &&
    prints "REFUSED (already_passed)" && prints "This is what the gate logged."
report $? "after another list and a restart"
explain "$taps" && prints "clock stale" && prints "without a clock any meal will do" && prints "This is what the gate logged."
report $? "with a clock that stood still"
sleep 1.1 # the card changes hands after the taps
sed 's/;Exemple;Aïcha;/;Autre;Zoé;/' school.csv >later.csv && run 0 whitelist build site --csv later.csv --store passages.sqlite &&
    [ "$(sqlite3 passages.sqlite "SELECT count(*) FROM holdings WHERE until_utc_s IS NOT NULL")" = 1 ] && explain 1 && prints "Exemple Aïcha" && ! prints "Zoé" &&
    replay 0 --rules new.conf && prints "Exemple Aïcha, 2A: 1 tap" && ! prints "Zoé"
report $? "names are those of the time of the tap"

# ---- on a server ----
# copied: as SQL, the lists and people of the file
copied() {
    sqlite3 passages.sqlite >copied.sql \
        "SELECT printf('INSERT INTO lists (site, version, issued_utc_s, rules, list) VALUES (%Q, %d, %d, ''-'', decode(''%s'', ''hex''));', site, version,
            issued_utc_s, hex(list)) FROM lists" \
        "SELECT printf('INSERT INTO people (site, person, key, fold, surname, first_name, class, profile, weekdays, passages, seen_utc_s)
            VALUES (%Q, %d, %Q, %Q, %Q, %Q, %Q, %Q, 0, 0, 0);', site, person, key, fold, surname, first_name, class, profile) FROM people" \
        "SELECT printf('INSERT INTO holdings (site, tag, since_utc_s, until_utc_s, person) VALUES (%Q, %Q, %d, %s, %d);', site, tag, since_utc_s,
            coalesce(until_utc_s, 'NULL'), person) FROM holdings" && psql -q -v ON_ERROR_STOP=1 -f copied.sql "$server_url" >out 2>err
}
start_server && run 0 passages pull "${gate_options[@]}" --store "$server_url" && copied
report $? "the same taps, lists and people on a PostgreSQL server"
replay 0 --rules new.conf --json && cp out file.json && run 0 replay --site site --store "$server_url" --from "$today" --rules new.conf --json &&
    diff out file.json >check.log && [ "$(member changed_taps)" = 8 ]
report $? "a replay answers there as on a file"
explain 2 && cp out file.txt && run 0 explain --passage "e2e-1:$(seq_of 2)" --store "$server_url" && diff out file.txt >check.log && prints "This is what the gate logged."
report $? "explain, too"

# ---- what is not there ----
cp passages.sqlite whole.sqlite
sqlite3 passages.sqlite "DELETE FROM lists WHERE version = $first_version" && explain 2 && prints "version $first_version; it is not stored any more" &&
    prints "refused (already_passed): has eaten already" && prints "Exemple Aïcha" && prints "only what the gate logged is known"
report $? "a list that is not stored any more is told, with what is still known"
replay 0 --rules new.conf --json && [ "$(member not_replayed.list_not_stored)" -gt 5 ] && replay 0 --rules new.conf && prints "by a list that is not in the store"
report $? "so is it by a replay"
cp passages.sqlite two.sqlite && sqlite3 two.sqlite "CREATE TEMP TABLE copy AS SELECT * FROM journal WHERE kind IN ('granted', 'refused'); UPDATE copy SET run = 2;
    INSERT INTO journal SELECT * FROM copy" && run 0 explain --passage "e2e-1:$(seq_of 3)" --store two.sqlite --json && [ "$(member run)" = 2 ] && [ "$(member list.guessed)" = 1 ] &&
    run 0 explain --passage "e2e-1:$(seq_of 3):1" --store two.sqlite && prints "of journal 1 (2 journals of this gate have that number" &&
    run 1 explain --passage "e2e-1:$(seq_of 3):3" --store two.sqlite && says "no record"
report $? "a gate that gave its numbers out twice"
run 1 explain --passage e2e-1:99999 --store passages.sqlite && says "no record e2e-1:99999" && run 2 explain --passage e2e-1 --store passages.sqlite && says "DEVICE:SEQ" &&
    run 1 explain --passage e2e-1:1 --store passages.sqlite && says "no tap of a card: event" && run 2 explain --passage e2e-1:2 && says "--store" &&
    run 1 explain --passage e2e-1:2 --store missing.sqlite && says missing.sqlite && [ ! -e missing.sqlite ]
report $? "a passage that is not there, and none"
replay 1 --to 2020-01-01 && says "--from is after --to" && run 1 replay "${store[@]}" --from yesterday && says "--from yesterday" && run 2 replay "${store[@]}" && says "--from" &&
    replay 1 --rules missing.conf && says missing.conf && replay 1 --list told && says told && echo 'format = 1' >bad.conf && echo 'nonsense' >>bad.conf &&
    replay 1 --rules bad.conf && says bad.conf && replay 2 --csv --json
report $? "calls that are wrong"
run 0 help replay && prints "called = ..." && run 0 explain --help && prints "--passage DEVICE:SEQ"
report $? "help"
finish
