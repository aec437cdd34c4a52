#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a list costs the office: ROWS rows of a school's CSV into a signed list, step by step; the same with a store
# of people; and sqlite3 taking the same file into a table with the card as its key. Best of three each, in turns.
# usage: BUILD=build/linux ROWS=1000000 tests/bench/build.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build/linux}")
ROWS=${ROWS:-1000000}
portillon=$BUILD/portillon
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ours='' peer='' stored=''

fail() {
    echo "build: $*" >&2
    tail -n 5 out err >&2 2>/dev/null
    exit 1
}

# Names, classes, regimes, days and UIDs of 7 bytes, all invented; the same file every time.
awk -v rows="$ROWS" 'BEGIN {
    split("Exemple Modèle Essai Témoin Spécimen Échantillon", surnames, " ")
    split("Ana Bo Cléo Dany Élie Flore", names, " ")
    split("DP Externe Interne DP Demi-pensionnaire", profiles, " ")
    split("LMJV LMMJV LJ MJ lun-ven", days, " ")
    print "Nom;Prénom;Classe;Régime;Jours;N° de carte"
    for (i = 0; i < rows; i++)
        printf "%s;%s %d;%d%s;%s;%s;04%06X%06X\n", surnames[i % 6 + 1], names[i % 5 + 1], i, i % 3, substr("ABCDEF", i % 6 + 1, 1),
            profiles[i % 7 % 5 + 1], days[i % 5 + 1], i * 7919 % 16777213, i
}' >school.csv
"$portillon" site init site >out 2>err || fail "site init"

milliseconds() { # milliseconds COMMAND...: sets ms
    local from=${EPOCHREALTIME/[,.]/}
    "$@" >out 2>err || fail "$*"
    ms=$(((${EPOCHREALTIME/[,.]/} - from) / 1000))
}

keep_best() { # keep_best NAME: of ms
    local best=${!1-}
    if [ -z "$best" ] || [ "$ms" -lt "$best" ]; then
        printf -v "$1" %d "$ms"
        cp err "$1.steps"
    fi
}

sqlite_import() {
    rm -f peer.db
    sqlite3 peer.db 'CREATE TABLE cards (surname, first_name, class, profile, days, card PRIMARY KEY) WITHOUT ROWID' \
        '.mode csv' '.separator ;' '.import --skip 1 school.csv cards'
}

for _ in 1 2 3; do
    milliseconds "$portillon" whitelist build site --csv school.csv -o list --verbose
    keep_best ours
    milliseconds sqlite_import
    keep_best peer
done
rm -f people.db
milliseconds "$portillon" whitelist build site --csv school.csv -o list --verbose --store people.db
keep_best stored

mib=$(awk '/memory at most/ { print $4 }' ours.steps)
aim() { # aim MET BOUND
    if [ "$1" = 1 ]; then echo "  aim: at most $2, met"; else echo "  aim: at most $2, MISSED"; fi
}
printf '\nA list of %d rows, %d MiB of CSV, on %d cores, load %s\n' "$ROWS" $(($(stat -c %s school.csv) >> 20)) "$(nproc)" \
    "$(cut -d' ' -f1 /proc/loadavg)"
printf '  %-52s %12d %-6s%s\n' "whitelist build" "$ours" ms "$(aim $((ours <= 5000)) 5000)"
printf '  %-52s %12d %-6s%s\n' "memory of that" "$mib" MiB "$(aim $((mib <= 512)) 512)"
printf '      %-48s %12d         %s times ours\n' "sqlite3 .import, card as the key" "$peer" \
    "$(awk -v a="$peer" -v b="$ours" 'BEGIN { printf "%.2f", a / b }')"
awk '/ ms$/ && !/in all/ { sub(/^ */, ""); match($0, / +[0-9.]+ ms$/); printf "      of it %-42s %12d %s\n", substr($0, 1, RSTART - 1), $(NF - 1), "ms" }' ours.steps
printf '  %-52s %12d %s\n' "with a store of people, all new (one run)" "$stored" ms
[ "$ours" -le 5000 ] && [ "$mib" -le 512 ]
