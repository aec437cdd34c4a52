#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Access control does not depend on the card's secret code: no name and no text in the product has a place for one, and
# the office's program makes the same list whatever a file says of codes and accounts (tests/scenario/test_no_pin.c goes on
# from there, to answers and journals).
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(found log)

# words FILE...: identifiers and texts without comments that contain PIN as a word of its own (pin, card_pin, PIN_MAX,
# cardPin, pinCode), or a secret code
words() {
    for file in "$@"; do
        gcc -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null | sed -E 's/([a-z0-9])([A-Z])/\1_\2/g' |
            grep -oiE '(^|[^a-z])(pins?|pincodes?|secret_?codes?)([^a-z]|$)' | sed "s|^|$file: |"
    done
}

cat >planted.c <<'END'
/* a pin in a comment, and names that only contain it: spin, pinned, mapping */
int spin, pinned, mapping;
struct a { int card_pin; int PIN_MAX; int cardPin; const char *text; } b = {.text = "pin"};
int secret_code;
END
[ "$(words planted.c | wc -l)" = 5 ]
report $? "a planted PIN is found, other words are not"

mapfile -t files < <(cd "$root" && find firmware hal -name '*.[ch]')
(cd "$root" && words "${files[@]}") >found
[ ${#files[@]} -gt 100 ] && [ ! -s found ]
report $? "firmware/ and hal/ have no place for a PIN (${#files[@]} files)"

school=$root/tests/data/school.csv
# flip SEED: the sample school, the cells of code and account drawn anew in random rows
flip() {
    awk -v seed="$1" 'BEGIN { FS = OFS = ";"; srand(seed); split("oui non 1234 définie jamais x 0000", codes, " ")
            split("activé suspendu clos bloqué 1 0 perdue", accounts, " ") }
        FNR > 1 && NF > 10 && rand() < 0.5 { $(NF - 2) = codes[int(rand() * 8)]; $(NF - 1) = accounts[int(rand() * 8)] } { print }' \
        "$school"
}

# build CSV LIST
build() { "$portillon" whitelist build site --csv "$1" -o "$2" --created 1794787200 --list-version 7 >log 2>&1; }

same=0 changed=0
"$portillon" site init site >log 2>&1 && build "$school" list || same=1
for seed in $(seq 12); do
    flip "$seed" >flipped.csv
    cmp -s "$school" flipped.csv || changed=$((changed + 1))
    build flipped.csv other && cmp list other >>log 2>&1 || same=1
done
[ $same = 0 ] && [ $changed -ge 10 ]
report $? "a list is the same bytes whatever its file says of codes and accounts ($changed files differed)"
finish
