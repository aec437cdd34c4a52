#!/usr/bin/env bash
# Access control does not depend on the card's secret code: no name and no text in the product has a place for one, and
# the office's program makes the same list whatever a file says of codes and accounts (tests/scenario/test_no_pin.c goes on
# from there, to answers and journals).
set -u
cd "$(dirname "$0")/../.." || exit 1
portillon=$(realpath "${BUILD:-build/linux}")/portillon
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# words FILE...: identifiers and texts without comments that contain PIN as a word of its own (pin, card_pin, PIN_MAX,
# cardPin, pinCode), or a secret code
words() {
    for file in "$@"; do
        gcc -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null | sed -E 's/([a-z0-9])([A-Z])/\1_\2/g' |
            grep -oiE '(^|[^a-z])(pins?|pincodes?|secret_?codes?)([^a-z]|$)' | sed "s|^|$file: |"
    done
}

cat >"$work/planted.c" <<'END'
/* a pin in a comment, and names that only contain it: spin, pinned, mapping */
int spin, pinned, mapping;
struct a { int card_pin; int PIN_MAX; int cardPin; const char *text; } b = {.text = "pin"};
int secret_code;
END
[ "$(words "$work/planted.c" | wc -l)" = 5 ]
planted=$?
[ $planted = 0 ] && echo "ok 1 - a planted PIN is found, other words are not" ||
    echo "not ok 1 - a planted PIN is found, other words are not"

files=$(find firmware hal -name '*.[ch]')
found=$(words $files)
if [ -n "$files" ] && [ -z "$found" ]; then
    echo "ok 2 - firmware/ and hal/ have no place for a PIN"
else
    echo "not ok 2 - firmware/ and hal/ have no place for a PIN"
    sed 's/^/# /' <<<"$found"
    planted=1
fi

# flip SEED: the sample school, the cells of code and account drawn anew in random rows
flip() {
    awk -v seed="$1" 'BEGIN { FS = OFS = ";"; srand(seed); split("oui non 1234 définie jamais x 0000", codes, " ")
            split("activé suspendu clos bloqué 1 0 perdue", accounts, " ") }
        FNR > 1 && NF > 10 && rand() < 0.5 { $(NF - 2) = codes[int(rand() * 8)]; $(NF - 1) = accounts[int(rand() * 8)] } { print }' \
        tests/data/school.csv
}

# build CSV LIST
build() { "$portillon" whitelist build "$work/site" --csv "$1" -o "$2" --created 1794787200 --list-version 7 >"$work/log" 2>&1; }

same=0 changed=0
"$portillon" site init "$work/site" >/dev/null && build tests/data/school.csv "$work/list" || same=1
for seed in $(seq 12); do
    flip "$seed" >"$work/flipped.csv"
    cmp -s tests/data/school.csv "$work/flipped.csv" || changed=$((changed + 1))
    build "$work/flipped.csv" "$work/other" && cmp "$work/list" "$work/other" || same=1
done
if [ $same = 0 ] && [ $changed -ge 10 ]; then
    echo "ok 3 - a list is the same bytes whatever its file says of codes and accounts"
else
    echo "not ok 3 - a list is the same bytes whatever its file says of codes and accounts ($changed files differed)"
    sed 's/^/# /' "$work/log"
    planted=1
fi
exit $planted
