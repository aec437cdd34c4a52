#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Names and messages from outside carry what a terminal obeys: controls of ASCII, C1 controls as bytes and as UTF-8, marks
# that turn the direction of text. Nothing of it reaches the terminal of the office.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
evil=$'\x1b[2J\xc2\x9b31m\x9bK\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\x7f'  # as found anywhere
utf8=$'\xc2\x9b31m\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f'                   # as a file in UTF-8 has it
# clean FILE...: printable UTF-8 in lines
clean() {
    cat "$@" | iconv -f utf-8 -t utf-8 >/dev/null &&
        ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$@"
}

{
    "$portillon" site init site && "$portillon" identity site --device a --name Nord --zone building &&
        "$portillon" identity site --device b --name Sud --zone building
} >out 2>err

# ---- on the line ----
printf '\r\nPortillon 0.1.0, X%s: idle\r\n' "${evil:0:20}" >banner
printf '#!/bin/sh\nwhile cat banner && sleep 0.05; do true; done\n' >speak && chmod +x speak
socat PTY,link=fake.tty,raw,echo=0 EXEC:./speak >socat.log 2>&1 &
running+=($!)
await_path fake.tty
run 2 status --port fake.tty --site site && says "leads to X" && clean err
report $? "the banner of something that is no gate"
"$portillon" identity key site --device a --role maintenance >a.key && chmod 600 a.key
run 1 status --port fake.tty --key-file a.key --timeout 1 && clean out err
report $? "and to a session that it does not answer"

# ---- in files ----
printf 'UID;Profil;Nom;Prénom;Classe;INE\n04000001;interne;Exemple%s;Aïcha;2A%s;1\n' "$utf8" "$utf8" >cards.csv
run 0 whitelist build site --csv cards.csv --store s.db --list-version 1 -o list && clean out err
report $? "names of a school's file"
run 0 card block --site site --store s.db --person aicha && clean out err && run 0 card list --store s.db && prints Exemple && clean out err
report $? "the same, from the store"
run 0 card list --store s.db --json && clean out err && run 0 whitelist show site/../list --site site --card 04000001 && clean out err &&
    run 0 explain --site site --list list --card 04000001 --zone building --people s.db && prints Exemple && clean out err
report $? "the same, as JSON and in an explanation"
rm -f site/register # the lists from here on are not the office's
printf 'UID;Profil\n04%s;interne\n04000001;int%s\n' "$evil" "$evil" >bad.csv
run 1 whitelist build site --csv bad.csv -o none && says bad.csv && clean err
report $? "cells that are wrong"
printf 'UID%s;Profil%s\n04000001;interne\n' "$utf8" "$utf8" >heads.csv
"$portillon" whitelist build site --csv heads.csv --guess >out 2>err
clean out err
report $? "headers that nobody knows"
cp site/site.conf conf && printf '[profile x%s]\nbuilding = alw%s\n' "$utf8" "$evil" >>site/site.conf
run 1 site check site && says site.conf && clean out err
report $? "a rule of the school"
cp conf site/site.conf
run 2 identity site --device c --name "Nord$utf8" --zone building && clean err
report $? "a gate cannot get such a name"
run 1 site init "$work/other" --name "Lycée$utf8" && clean err
report $? "nor can a school"
printf x >"$evil.list" && run 1 whitelist show "$evil.list" && says "?[2J" && clean out err
report $? "the name of a file"
finish
