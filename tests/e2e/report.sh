#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Questions afterwards: each report's numbers beside those of a query by another program, on a file and on a server; CSV, JSON, and
# the page in Chromium. Then what the law asks: forgetting with meals kept, one person's data out, one person erased, the trail.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
unset PORTILLON_STORE PORTILLON_SITE PORTILLON_NAME
export TZ=UTC
at() { date -u -d "$1" +%s; }
monday=$(at 2026-11-22T23:00Z) now=$(at 2026-11-27T11:40Z) # Monday 00:00, Friday 12:40 in Paris
export SOURCE_DATE_EPOCH=$now

# query SQL: asks the store, as another program
query() {
    case $store in
    postgresql:*) psql -qAtX -v ON_ERROR_STOP=1 "$store" -c "$1" ;;
    *) sqlite3 "$store" "$1" ;;
    esac
}
# local_day and local_minute of utc_s, in SQL
words_of_store() {
    case $store in
    postgresql:*)
        bytes=p day_sql="to_char(to_timestamp(j.utc_s + 3600) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        minute_sql="((j.utc_s + 3600) % 86400) / 60"
        ;;
    *)
        bytes=x day_sql="date(j.utc_s + 3600, 'unixepoch')"
        minute_sql="((j.utc_s + 3600) % 86400) / 60"
        ;;
    esac
    used="j.kind = 'granted' AND NOT EXISTS (SELECT 1 FROM journal c WHERE c.site = j.site AND c.device = j.device AND c.ref = j.seq AND c.kind = 'closed' AND c.what = 'abandoned')"
    week="j.utc_s >= $monday AND j.utc_s < $((monday + 5 * 86400))"
}

make_pupils() { # 60 pupils in 4 classes; names that a spreadsheet or a page could obey
    echo "Nom;Prénom;Classe;Régime;Carte;Passages"
    for i in $(seq 60); do
        local name=Élève$i first=Prénom$i regime=demi-pension passages=1
        [ "$i" = 2 ] && name="=HYPERLINK(1)"
        [ "$i" = 3 ] && name="<script>alert(1)</script>"
        [ "$i" = 4 ] && name='-2+3' first="@SUM(A1)"
        [ "$i" = 7 ] && passages=2
        [ $((i % 4)) = 0 ] && regime=externe
        [ $((i % 15)) = 0 ] && regime=interne
        printf '%s;%s;2de %d;%s;04A1B2C3D4%04X;%s\n' "$name" "$first" $((i % 4 * 3 + 1)) "$regime" "$i" "$passages"
    done
}
"$portillon" site init site --name "Lycée des Exemples" >out 2>err && cp "$root/tests/data/lycee.conf" site/site.conf && make_pupils >eleves.csv
report $? "a school"

fill() {
    run 0 whitelist build site --csv eleves.csv --created 1795344000 --store "$store" -o list || return 1
    query "SELECT h.tag, p.profile FROM holdings h JOIN people p ON p.person = h.person ORDER BY p.person" | tr '|' ' ' >tags
    awk -v monday="$monday" -v now="$now" -v bytes="$bytes" -f "$root/tests/e2e/report_rows.awk" tags >rows.sql
    {
        cat rows.sql
        for gate in "nord-1 Nord building in 120 1795344000 2 0" "sud-1 Sud building out 60 1795344000 -90 0" "mixte Mixte building both 60 1795300000 0 3" \
            "self-1 Self canteen both 30 1795344000 0 0" "self-2 Self canteen both 100000 1795344000 0 0"; do
            # shellcheck disable=SC2086 # its words
            set -- $gate
            echo "INSERT INTO gates (site, device, name, zone, direction, port, seen_utc_s, list_version, clock_off_s, damaged_blocks, state)" \
                "VALUES ((SELECT site FROM sites), '$1', '$2', '$3', '$4', '/dev/$1', $((now - $5)), $6, $7, $8, 'idle');"
            echo "INSERT INTO devices (site, device, covered_seq, pulled_utc_s, run, last_seq) VALUES ((SELECT site FROM sites), '$1', 1, $((now - $5)), 1, 1);"
        done
        echo "INSERT INTO devices (site, device, covered_seq, pulled_utc_s, run, last_seq) VALUES ((SELECT site FROM sites), 'nord-2', 1, $((now - 240)), 1, 1);"
    } >all.sql
    case $store in
    postgresql:*) psql -qX -v ON_ERROR_STOP=1 "$store" -f all.sql >out 2>err ;;
    *) sqlite3 "$store" <all.sql >out 2>err ;;
    esac
}

# report WHAT [OPTION...]: JSON into out
report_of() { run 0 report --store "$store" --site site "$@" --json && is_json; }
is_json() { [ "$(sqlite3 :memory: "SELECT json_valid(CAST(readfile('out') AS TEXT))")" = 1 ]; }
# rows TABLE COLUMN...: of the report in out, a line a row, columns joined by |
rows() {
    local table=$1 list='' column
    shift
    for column in "$@"; do list="$list${list:+,}coalesce(json_extract(value, '\$.$column'), '')"; done
    sqlite3 :memory: "SELECT $list FROM json_each(CAST(readfile('out') AS TEXT), '\$.$table')"
}
# same NAME EXPECTED GOT: two answers, in any order
same() {
    printf '%s\n' "$2" | sed '/^$/d' | LC_ALL=C sort >expected
    printf '%s\n' "$3" | sed '/^$/d' | LC_ALL=C sort >got
    diff expected got >err && [ -s got ]
    report $? "$1"
}

questions() { # questions KIND: the reports beside the answers of another program
    local kind=$1
    words_of_store
    fill
    report $? "$kind: a week of passages"
    report_of passages --from 2026-11-23 --to 27/11/2026
    report $? "$kind: report passages is JSON"
    same "$kind: passages by day" "$(query "SELECT $day_sql, sum(CASE WHEN $used THEN 1 ELSE 0 END), sum(CASE WHEN j.kind = 'refused' THEN 1 ELSE 0 END) FROM journal j WHERE j.kind IN ('granted', 'refused') AND $week GROUP BY 1")" \
        "$(rows passages_by_day day passages refused)"
    same "$kind: passages by hour" "$(query "SELECT ($minute_sql) / 60, count(*) FROM journal j WHERE $used AND $week GROUP BY 1")" \
        "$(rows passages_by_hour hour passages | sed 's/^0//; /|0$/d')"
    same "$kind: passages by gate" "$(query "SELECT j.device, count(*) FROM journal j WHERE $used AND $week GROUP BY 1")" \
        "$(rows passages_by_gate gate passages)"
    same "$kind: refusals by reason" "$(query "SELECT what, count(*) FROM journal j WHERE kind = 'refused' AND $week GROUP BY 1")" \
        "$(rows refusals_by_reason reason refused)"
    report_of passages --from 2026-11-24 --to 2026-11-24 --gate nord-1
    same "$kind: one gate on one day" "$(query "SELECT count(*) FROM journal j WHERE $used AND device = 'nord-1' AND $day_sql = '2026-11-24'")" "$(rows passages_by_day passages)"
    report_of meals --from 2026-11-23 --to 2026-11-27
    same "$kind: meals by day and profile" "$(query "SELECT $day_sql, p.profile, count(*) FROM journal j JOIN holdings h ON h.tag = j.tag JOIN people p ON p.person = h.person WHERE $used AND j.zone = 'canteen' AND $minute_sql BETWEEN 690 AND 824 AND $week GROUP BY 1, 2")" \
        "$(rows meals day profile meals)"
    same "$kind: meals by service and profile" "$(query "SELECT 'déjeuner', p.profile, count(*) FROM journal j JOIN holdings h ON h.tag = j.tag JOIN people p ON p.person = h.person WHERE $used AND j.zone = 'canteen' AND $week GROUP BY 2")" \
        "$(rows meals_by_profile service profile meals)"
    report_of doubles --from 2026-11-23 --to 2026-11-27
    same "$kind: double passages, with both lanes" "$(query "SELECT min(j.tag), count(*), min(j.device), max(j.device) FROM journal j JOIN holdings h ON h.tag = j.tag JOIN people p ON p.person = h.person WHERE j.kind = 'granted' AND j.zone = 'canteen' AND $week GROUP BY p.person, $day_sql HAVING count(*) > min(p.passages)")" \
        "$(rows double_passages card passages first_gate other_gate)"
    report_of queue --from 2026-11-23 --to 2026-11-27
    same "$kind: the queue by five minutes" "$(query "SELECT ($minute_sql) / 5 * 5, count(*) FROM journal j WHERE j.kind = 'granted' AND j.zone = 'canteen' AND $week GROUP BY 1")" \
        "$(rows queue from passages | awk -F'[:|]' '$3 > 0 { print $1 * 60 + $2 "|" $3 }')"
    report_of inside
    local last="SELECT h.person AS person, j.device AS device FROM journal j JOIN holdings h ON h.tag = j.tag WHERE $used AND j.utc_s >= $((monday + 4 * 86400)) AND NOT EXISTS (SELECT 1 FROM journal k WHERE k.tag = j.tag AND k.kind = 'granted' AND k.utc_s > j.utc_s AND NOT EXISTS (SELECT 1 FROM journal c WHERE c.device = k.device AND c.ref = k.seq AND c.what = 'abandoned'))"
    same "$kind: who is inside" "$(query "SELECT p.class, trim(p.surname || ' ' || p.first_name), l.device FROM ($last) AS l JOIN people p ON p.person = l.person WHERE l.device NOT IN ('sud-1', 'nord-2')")" \
        "$(rows inside class person gate state | sed -n '/^|/d; s/|inside$//p')"
    same "$kind: who may be inside, and why" "2de 7|Élève22 Prénom22|direction_unknown
2de 10|Élève11 Prénom11|not_confirmed" "$(rows inside class person why state | sed -n 's/|unsure$//p')"
    same "$kind: when it was true, and which gate was not read" "2026-11-27 12:36:00|self-2" "$(rows inside_as_of true_at not_read_today)"
    report_of gates
    same "$kind: what the gates need" "mixte|old_list, damaged
nord-1|
nord-2|never_seen
self-1|
self-2|not_seen
sud-1|clock" "$(rows gates gate attention)"
}

# ---- the same questions to a file and to a server ----
store=$work/store.sqlite
questions file
cp store.sqlite before.sqlite
if start_server 2>server.log; then
    store=$server_url
    questions server
    report_of all && sed -i '/"made"/d' out && cp out server.json
    store=$work/store.sqlite
    report_of all && sed -i '/"made"/d' out && cmp -s out server.json
    report $? "file and server give the same report"
else
    skip "the questions to a server" "PostgreSQL does not start here"
fi
store=$work/store.sqlite

# ---- CSV and calls ----
run 0 report --store "$store" --site site inside --csv && grep -qF ';"'"'"'=HYPERLINK(1) Prénom2";' out && ! grep -qE '(^|;)"[=+@-]' out
report $? "no cell of CSV is a formula"
awk 'BEGIN { RS = "\n\n" } NR == 3' out | grep . >inside.csv
sqlite3 -cmd '.mode csv' -cmd '.separator ;' -cmd '.import inside.csv inside' :memory: 'SELECT count(*), count(DISTINCT class), max(length(last_time)) FROM inside' >got 2>err &&
    [ "$(tr -d '\r' <got)" = '48;5;8' ]
report $? "and another program reads it"
run 0 report --store "$store" --site site passages --csv --table passages_by_day -o days.csv && [ "$(wc -l <days.csv)" = 8 ] && [ "$(stat -c %a days.csv)" = 600 ]
report $? "one table, into a file that nobody else can read"
run 2 report --store "$store" --site site inside --gate nord-1 && says "no --from, --to, --gate" &&
    run 2 report --store "$store" --site site passage && says "did you mean passages?" &&
    run 2 report --store "$store" --site site meals --from 2026-11-31 && says "--from 2026-11-31" &&
    run 2 report --store "$store" --site site meals --from 2026-11-27 --to 2026-11-23 && says "--from must be before --to" &&
    run 1 report --store "$store" --site site passages --table passages_by_dya && says "did you mean passages_by_day" &&
    SOURCE_DATE_EPOCH=soon run 1 report --store "$store" --site site passages && says "SOURCE_DATE_EPOCH=soon" &&
    run 1 report --store nothing.sqlite passages && [ ! -e nothing.sqlite ]
report $? "wrong calls are told"

# ---- the page ----
french() { LC_ALL=C.UTF-8 LANGUAGE=fr run "$@"; }
french 0 report --store "$store" --site site all --from 2026-11-23 --to 2026-11-27 --html page.html && [ "$(stat -c %a page.html)" = 600 ] &&
    lacks page.html 'Prénom|https?://|<script|src=|@import|url\('
report $? "one page, without names, that loads nothing"
nbsp=$(printf '\302\240')
has() { grep -qF -- "$2" "$1"; } # has FILE WORDS
has page.html '<html lang="fr">' && has page.html "<p>Du lun.${nbsp}23/11/2026 au ven.${nbsp}27/11/2026</p>" && has page.html "Établi le 27/11/2026 à${nbsp}12:40:00 (heure de Europe/Paris)" &&
    has page.html '<h2>Refus par motif</h2>' && has page.html '<td>pas joint depuis plus de 24 heures</td>' && lacks page.html 'Passages by|Refused|Made on'
report $? "the page is in French for who reads French"
run 0 report --store "$store" --site site all --from 2026-11-23 --to 2026-11-27 --html english.html && has english.html '<html lang="en">' &&
    has english.html '<p>From Mon 2026-11-23 to Fri 2026-11-27</p>' && has english.html '<h2>Refusals by reason</h2>' && has english.html '<td>not reached for more than 24 hours</td>' &&
    lacks english.html 'Établi|Refus |Repas|Jour|Présents|Portillons'
report $? "and in English for who reads English"
french 0 report --store "$store" --site site gates && prints 'État des portillons (gates)' && prints 'pas joint depuis plus de 24 heures' && french 0 report --store "$store" --site site gates --json && mv out french.json &&
    run 0 report --store "$store" --site site gates && prints 'State of the gates (gates)' && prints 'not reached for more than 24 hours' && run 0 report --store "$store" --site site gates --json && cmp -s out french.json
report $? "so is the text; JSON is the same in each"
french 0 report --store "$store" --site site inside --html inside.html && grep -qF '&lt;script&gt;alert(1)&lt;/script&gt;' inside.html && lacks inside.html '<script'
report $? "names cannot become parts of the page"
if command -v chromium >/dev/null; then
    browse() { timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" "$@" 2>browser.log; }
    browse --dump-dom "file://$work/page.html" >dom.html
    # Each section: its id, the sum of the bars, the sum of the numbers in the table's rows, that of the last line, and how many
    # titles and descriptions the plot names. The table of the queue has two columns of numbers in the plot.
    tr '\n' ' ' <dom.html | sed 's/<section/\n&/g' | sed 's/\xe2\x80\xaf//g' | awk '
        function sum_cells(text, most,    rows, cells, i, j, sum, n) {
            n = split(text, rows, "</tr>")
            for (i = 1; i <= n; i++) for (j = split(rows[i], cells, "<td class=\"n\">"); j > 1; j--) if (j - 1 <= most) sum += cells[j]
            return sum + 0
        }
        function part(text, name,    at) {
            if (!(at = index(text, "<" name ">"))) return ""
            text = substr(text, at)
            return substr(text, 1, index(text, "</" name ">"))
        }
        /^<section/ && /role="img"/ {
            split($0, quoted, "\""); id = quoted[2]; bars = 0
            n = split($0, values, "data-value=\"")
            for (i = 2; i <= n; i++) bars += values[i]
            most = id == "queue" ? 2 : 9
            rows = sum_cells(part($0, "tbody"), most); last = sum_cells(part($0, "tfoot"), most)
            named = (index($0, "aria-labelledby=\"" id "-t " id "-d\"") > 0) + (index($0, "<title id=\"" id "-t\">") > 0) + (index($0, "<desc id=\"" id "-d\">") > 0)
            print id, bars, rows, last, named
            if (bars == 0 || bars != rows || (last != 0 && last != rows) || named != 3) bad = 1
            plots++
        }
        END { exit bad || plots != 11 }' >check.log
    report $? "in a browser the bars sum up to the tables, and are named for those who do not see them"
    browse --screenshot="$work/shot.png" --window-size=1280,3000 "file://$work/page.html" >/dev/null
    browse --print-to-pdf="$work/page.pdf" "file://$work/page.html" >/dev/null
    [ "$(stat -c %s shot.png)" -gt 50000 ] && [ "$(head -c 4 page.pdf)" = %PDF ]
    report $? "it is drawn, and prints"
else
    skip "the page in a browser" "chromium is not installed"
fi

# ---- the law ----
export PORTILLON_NAME="Mme Exemple"
run 0 explain --site site --list list --card 04A1B2C3D40001 --zone canteen --at "2026-11-27 12:10" --people "$store" && prints "Élève1" &&
    run 0 card block --site site --store "$store" --person number=5 && run 0 card lend --site site --store "$store" --person number=9 --card 04AABBCCDDEE01 --days 2 &&
    run 0 card return --site site --store "$store" 04AABBCCDDEE01 && run 0 report --store "$store" --site site inside
report $? "people are looked up, a card is blocked, lent and returned"
run 0 person export --store "$store" --site site -o five.json number=5 && [ "$(stat -c %a five.json)" = 600 ] && cp five.json out && is_json &&
    same "a person gets all their passages" "$(query "SELECT j.device, j.seq FROM journal j JOIN holdings h ON h.tag = j.tag WHERE h.person = 5 AND j.kind IN ('granted', 'refused')")" "$(rows passages gate record)" &&
    [ "$(rows looked_up what)" = "block
person_export" ] && lacks out "Prénom6|Mme Exemple"
report $? "and what was done about them, without the names of the staff"
run 1 person export --store "$store" "2de 4" && says "15 people of this name" && says "Élève5 Prénom5, 2de 4 (number=5)"
report $? "a name that several have lists who could be meant"
run 1 person erase --store "$store" --site site number=5 </dev/null && says "nothing was erased" && [ "$(query "SELECT count(*) FROM people")" = 60 ]
report $? "nobody is erased without a terminal or --confirm"
query "SELECT count(*) FROM journal WHERE kind = 'granted'" >granted
tag=$(query "SELECT tag FROM holdings WHERE person = 5")
# a record of theirs was corrected: the bytes that the gate had have another pseudonym
query "INSERT INTO anomalies SELECT site, device, 'corrected', seq, seq, x'00', 1, run FROM journal WHERE tag = '$tag' LIMIT 1"
run 0 person erase --store "$store" --site site --confirm number=5 && [ "$(query "SELECT count(*) FROM journal WHERE kind = 'granted'")" = "$(cat granted)" ] &&
    [ "$(query "SELECT count(*) FROM journal WHERE tag = '$tag' OR instr(raw, x'$tag') > 0")" = 0 ] && [ "$(query "SELECT count(*) FROM people WHERE person = 5")" = 0 ]
report $? "an erased person leaves passages of nobody"
[ "$(query "SELECT count(*) FROM anomalies WHERE what = 'corrected'")" = 0 ]
report $? "nor the bytes from which a record was corrected"
grep -qaE "Prénom52de|eleve5:" before.sqlite && lacks "$store" "Prénom52de|eleve5:" && run 0 card list --store "$store" && prints "(number not known)" && prints "blocked: nobody known"
report $? "no name is left in the file, and a blocked card stays blocked"
run 0 audit --store "$store" --site site --json && is_json && [ "$(rows entries what | tail -n 7 | tr '\n' ' ')" = "look_up block lend return report_inside person_export person_erase " ] &&
    [ "$(rows entries who | tail -n 1)" = "$(id -un) (Mme Exemple)" ] && [ "$(rows entries subject person | tail -n 7 | head -n 2 | tr '\n' ' ')" = "person 1|Élève1 Prénom1 person 5| " ]
report $? "the trail says who did it, and no longer names who was erased"
run 0 audit --store "$store" --site site --csv && [ "$(head -n 1 out)" = "$(printf '\357\273\277')\"time\";\"who\";\"what\";\"subject\";\"person\";\"detail\"" ]
report $? "and opens in a spreadsheet"
# Looked up where nothing can be noted: the answer comes, and it is said. Another program holds the lock of a writer.
mkfifo writer && { sqlite3 "$store" <writer >/dev/null & } && exec 5>writer && echo "BEGIN IMMEDIATE; SELECT 1;" >&5 && sleep 0.5
run 0 report --store "$store" --site site inside && prints "inside_as_of" && says "could not be noted"
report $? "a look-up that cannot be noted is answered, and told"
exec 5>&-
wait

# ---- an opening by hand is in the trail of the register ----
run 0 identity site --device e2e-1 --name Essai --zone building -o gate.id && start_scripted none --flash gate.flash &&
    run 0 open --port gate.tty --site site --gate e2e-1 && [ ! -s err ] && run 0 audit --store "$(cat site/register)" --site site --json &&
    [ "$(rows entries who what subject | tail -n 1)" = "$(id -un) (Mme Exemple)|open|gate e2e-1" ]
report $? "an opening by hand is noted in the register of the site"
end "$gate" TERM

report_of meals --from 2026-11-23 --to 2026-11-27 && rows meals day service profile meals >meals.before
query "UPDATE people SET seen_utc_s = $now" # they are in the school's file of today
days=$((($(date +%s) - $(at 2026-11-25T12:00Z)) / 86400)) # the cut falls into the lunch of Wednesday, or near it
run 0 store forget --store "$store" --site site --days $((days > 0 ? days : 1)) && [ "$(query "SELECT count(*) > 0 FROM meal_counts")" = 1 ] &&
    report_of meals --from 2026-11-23 --to 2026-11-27 && rows meals day service profile meals >meals.after && cmp meals.before meals.after >err
report $? "meals of forgotten passages are counted still"
[ "$(query "SELECT count(*) FROM journal WHERE utc_s < $(date +%s) - 86400 * $((days > 0 ? days : 1))")" = 0 ] && [ "$(query "SELECT count(*) > 0 FROM journal")" = 1 ]
report $? "and the passages are gone"
finish
