#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cards that a school lists by the identifier of their DESFire application, in a file and on a server: the list, the register, blocks,
# and how each tap was known. openssl computes the pseudonyms, sqlite3 or psql reads the store. The people are invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
unset PORTILLON_STORE PORTILLON_SITE
logs=(out err)
monday=1795388400 # 2026-11-23 00:00 in Paris
export SOURCE_DATE_EPOCH=$((monday + 5 * 86400)) TZ=UTC
build() { run 0 whitelist build site --created 1795344000 --list-version 7 --accept-removals "$@"; }
ask() { # ask SQL: the rows, from outside
    case $store in
    postgresql*) psql -qAtX -v ON_ERROR_STOP=1 "$store" -c "$1" ;;
    *) sqlite3 "$store" "$1" ;;
    esac
}
# tag HEX: the pseudonym of an encoded credential (firmware/crypto/credential.h)
tag() {
    local key
    key=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$(cat site/master.key)" -kdfopt info:portillon/1/tag HKDF | tr -d ':\n')
    printf '%s' "$1" | xxd -r -p | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -r | cut -c 1-16
}
by_uid() { tag "010107$1"; }
by_key() { tag "0102073042F5$1"; }

run 0 site init site && cp "$root/tests/data/lycee.conf" site/site.conf && cp site/site.conf plain.conf
printf '\n[application carte]\naid = 3042F5\nfile = 1\nlength = 7\n' >>site/site.conf
cat >cards.csv <<'CSV'
INE;Nom;Prénom;Régime;Carte;Identifiant DESFire;Perdue
1A;Exemple;Un;DP;04A1B2C3D4E580;A1B2C3D4E5F601;
2B;Exemple;Deux;DP;;A1B2C3D4E5F602;
3C;Exemple;Trois;DP;04A1B2C3D4E583;;
4D;Exemple;Quatre;externe;04A1B2C3D4E584;A1B2C3D4E5F604;oui
CSV

# ---- what is refused ----
refused() { # refused WHAT ROW WORDS
    printf 'Nom;Régime;DESFire ID\nExemple;DP;A1B2C3D4E5F601\n%s\n' "$2" >wrong.csv
    rm -f wrong.list
    run 1 whitelist build site --csv wrong.csv -o wrong.list && says "wrong.csv:3: column DESFire ID" && says "$3" && [ ! -e wrong.list ]
    report $? "$1 is refused, with its place"
}
refused "an identifier that is too short" "Modèle;DP;A1B2C3" "it has 3 bytes, but the application of site.conf says length = 7"
refused "one of zeros" "Modèle;DP;00000000000000" "all its bytes are 00, or FF"
refused "one that is no hexadecimal" "Modèle;DP;A1B2C3D4E5F6xy" "two hexadecimal digits"
refused "one that somebody else has" "Modèle;DP;A1B2C3D4E5F601" "this card is already on line 2"
mv site/site.conf with.conf && cp plain.conf site/site.conf
run 1 whitelist build site --csv cards.csv -o wrong.list && says "cards.csv:2: column Identifiant DESFire" && says "site.conf has no [application NAME]"
report $? "an identifier without an application in site.conf is refused, with its place"
mv with.conf site/site.conf

# passages: three taps of Exemple Un at a gate, as three generations of gates write them; method is in bits 4-7 of byte 10 (journal_record.h)
passages() {
    local site bytes=x seq=0 utc_s hex
    site=$(ask "SELECT site FROM sites")
    case $store in postgresql*) bytes=p ;; esac
    for method in 0 1 2; do
        seq=$((seq + 1)) utc_s=$((monday + 12 * 3600 + seq * 60))
        hex=$(printf '%08x' $utc_s | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')
        hex=0${seq}000000${hex}0f03${method}101$(by_uid 04A1B2C3D4E580)000000000000000000000000
        [ $bytes = p ] && hex="'\\x$hex'" || hex="x'$hex'"
        [ $method = 2 ] && word="'desfire'" || { [ $method = 1 ] && word="'uid'" || word=NULL; }
        echo "INSERT INTO journal (site, device, seq, run, month, utc_s, clock, kind, what, zone, tag, ref, from_twin, raw, stored_utc_s, method)
            VALUES ('$site', 'nord-1', $seq, 1, 202611, $utc_s, 'set', 'granted', 'assumed', 'building', '$(by_uid 04A1B2C3D4E580)', 0, 0, $hex, $utc_s, $word);"
    done
}
# back_to_5: the store as version 5 left it
back_to_5() {
    local version="PRAGMA user_version = 5"
    case $store in postgresql*) version="UPDATE portillon_schema SET version = 5" ;; esac
    for step in "DROP VIEW passages" "ALTER TABLE journal DROP COLUMN method" "ALTER TABLE holdings DROP COLUMN method" \
        "ALTER TABLE holdings DROP COLUMN counts_as" "$version"; do
        ask "$step" || return 1
    done
    case $store in postgresql*) ask "GRANT SELECT ON events TO PUBLIC" ;; esac
}

# all_of STORE KIND
all_of() {
    store=$1
    rm -f site/register site/whitelist.list a.list b.list c.list
    build --csv cards.csv --store "$store" -o a.list && prints "a.list: 6 cards (2 blocked)" && build --store "$store" -o b.list && cmp a.list b.list
    report $? "$2: a list from the file and one from the register have the same bytes"
    [ "$(ask "SELECT tag || ' ' || method || ' ' || coalesce(counts_as, '-') || ' ' || blocked FROM holdings" | sort)" = "$(sort <<ROWS
$(by_uid 04A1B2C3D4E580) uid - 0
$(by_key A1B2C3D4E5F601) desfire $(by_uid 04A1B2C3D4E580) 0
$(by_key A1B2C3D4E5F602) desfire - 0
$(by_uid 04A1B2C3D4E583) uid - 0
$(by_uid 04A1B2C3D4E584) uid - 1
$(by_key A1B2C3D4E5F604) desfire $(by_uid 04A1B2C3D4E584) 1
ROWS
)" ]
    report $? "$2: the register has each pseudonym with its method, as openssl computes it"
    run 0 whitelist show a.list --site site --desfire A1B2C3D4E5F601 --json && [ "$(member listed),$(member method),$(member counts_as_uid)" = 1,desfire,1 ] &&
        [ "$(member tag)" = "$(by_key A1B2C3D4E5F601)" ] &&
        run 0 whitelist show a.list --site site --desfire A1B2C3D4E5F602 --json && [ "$(member counts_as_uid)" = 0 ] &&
        run 0 whitelist show a.list --site site --card 04A1B2C3D4E580 --json && [ "$(member method),$(member counts_as_uid)" = uid,0 ] &&
        run 1 whitelist show a.list --site site --desfire A1B2C3D4E5F609 && prints "not listed"
    report $? "$2: whitelist show says how a card is listed"
    run 0 card block --site site --store "$store" 04A1B2C3D4E580 && build --store "$store" -o c.list &&
        run 0 whitelist show c.list --site site --card 04A1B2C3D4E580 && prints BLOCKED &&
        run 0 whitelist show c.list --site site --desfire A1B2C3D4E5F601 && prints BLOCKED && run 0 whitelist diff a.list c.list --site site &&
        prints "~ $(by_key A1B2C3D4E5F601): demi-pension, DESFire identifier beside a UID -> demi-pension, DESFire identifier beside a UID, BLOCKED"
    report $? "$2: a card that is blocked by its number does not open with its key either"
    run 0 report --store "$store" --site site methods --table cards_by_method --csv -o cards.out && [ "$(tail -n +2 cards.out | tr -d '"')" = "demi-pension;1;1;1" ]
    report $? "$2: a report counts the cards that are changed over"

    passages >rows.sql && ask "$(cat rows.sql)" &&
        run 0 report --store "$store" --site site methods --json && [ "$(member 'taps_by_method[0].method') $(member 'taps_by_method[0].passages')" = "uid 2" ] &&
        [ "$(member 'taps_by_method[1].method') $(member 'taps_by_method[1].passages')" = "desfire 1" ]
    report $? "$2: and the taps by how their cards were known; of records without a method, by the number"
    [ "$(ask "SELECT method FROM passages ORDER BY seq" | paste -sd,)" = uid,uid,desfire ]
    report $? "$2: so does the view"
    run 0 explain --site site --store "$store" --passage nord-1:3 && prints "known by the method desfire" &&
        run 0 explain --site site --store "$store" --passage nord-1:1 --json && [ "$(member method)" = uid ]
    report $? "$2: explain says the method of a passage"
    run 0 person export --site site --store "$store" "exemple un" && [ "$(member 'passages[2].method')" = desfire ]
    report $? "$2: so does what is kept of a person"

    back_to_5 && run 0 report --store "$store" --site site methods --json && [ "$(member 'taps_by_method[0].passages'),$(member 'cards_by_method[0].uid')" = 3,4 ] &&
        [ "$(ask "SELECT count(*) FROM passages WHERE method = 'uid'")" = 3 ] && [ "$(ask "SELECT count(*) FROM holdings WHERE method = 'uid'")" = 6 ]
    report $? "$2: a store of version 5 has methods from then on; what it had is of uid"
}
roles_keep_their_views() { [ "$(ask "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' AND table_name = 'events'")" = 1 ]; }
all_of methods.db file
if command -v psql >/dev/null && start_server; then
    all_of "$server_url" server
    roles_keep_their_views
    report $? "a server that is brought up to date leaves the schools' roles their views"
else
    skip "the same on a server" "postgresql is not installed"
fi
finish
