#!/usr/bin/env bash
# Access control does not depend on the card's secret code: no name and no text in the product has a place for one.
set -u
cd "$(dirname "$0")/../.."
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
exit $planted
