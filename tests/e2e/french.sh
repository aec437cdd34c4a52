#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What portillon says to a French user: help, sentences, counts and columns. Data stays the same. The people are invented.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
unset PORTILLON_SITE PORTILLON_GATE PORTILLON_PORT PORTILLON_STORE
space=$'\u00a0' # before : ; ? !
office=(--site site --store people.db)
french() { LANGUAGE=fr run "$@"; }
columns() { wc -L <"$1"; } # columns FILE: those of its longest line
option_names() { grep -oE '^ +(-., )?--[a-z-]+' "$1"; }
# same_data COMMAND...: prints the same on stdout in both languages
same_data() { run 0 "$@" && mv out english && french 0 "$@" && diff english out >>err; }

[ -e "$BUILD/locale/fr/LC_MESSAGES/portillon.mo" ] || skip_all "French" "the catalogue is not built"

# ---- the catalogues ----
if command -v xgettext >/dev/null; then
    "$root/tools/translations" check >out 2>err && [ ! -s out ] && [ ! -s err ]
    report $? "each message of the sources is marked and translated"
else
    skip "each message of the sources is marked and translated" "xgettext (package gettext) is not installed"
fi

# ---- help ----
french 0 help && prints 'prêter une carte pour quelques jours' && prints 'portillon COMMANDE --help'
report $? "the commands are listed in French"
mv out french.help && run 0 help && sed -nE 's/^  ([a-z]+( [a-z]+)?)  .*/\1/p' out | grep -vx help >commands &&
    [ "$(sed -nE 's/^  ([a-z-]+( [a-z]+)?)  .*/\1/p' french.help)" = "$(sed -nE 's/^  ([a-z-]+( [a-z]+)?)  .*/\1/p' out)" ]
report $? "under the same names"
wrong=''
while read -r command; do
    # shellcheck disable=SC2086 # the words of the command
    run 0 $command --help && mv out english && french 0 $command --help || wrong="$wrong, $command: fails"
    [ "$(option_names english)" = "$(option_names out)" ] || wrong="$wrong, $command: other options"
    [ "$(columns out)" -le 110 ] || wrong="$wrong, $command: $(columns out) columns"
    # a text beside an option begins in column 26
    grep -E '^ +(-., )?--[a-z-]+( [^ ]+)?  +[^ ]' out | grep -qvE '^.{25} [^ ]' && wrong="$wrong, $command: crooked"
done <commands
[ -z "$wrong" ] && [ "$(wc -l <commands)" -ge 26 ]
report $? "each command has the same options in its help, in straight columns and lines that are not too long${wrong:+, but not$wrong}"
french 0 card lend --help && grep -qx "  -s, --site DOSSIER      le dossier de l'établissement${space}: sa clé change les numéros de carte" out
report $? "the help of an option stands where it does in English"
french 0 identity key --help && grep -qx '  -r, --role RÔLE         maintenance ou technician (technicien)' out
report $? "also behind an argument with an accent"

# ---- sentences ----
run 0 site init site && printf '%s\n' 'Nom;Prénom;Classe;Régime' 'Exemple;Aïcha;2A;DP' 'Modèle;Bo;2A;DP' 'Essai;Chloé;1B;externe' >people.csv &&
    run 0 people import people.csv "${office[@]}" --apply && run 0 identity site --device nord-1 --name Nord --zone building
report $? "a site with three people and a gate"
french 0 card assign "${office[@]}" --person aicha 04A1B2C3D4E580 && prints "à faire ensuite${space}:" && prints 'portillon whitelist build site --store people.db'
report $? "what is to be typed next is not translated"
french 1 card assign "${office[@]}" --person bo 04A1B2C3D4E580 && says "portillon: card assign: 04A1B2C3D4E580: appartient à Exemple Aïcha, 2A${space}: non attribuée"
report $? "a refusal is a French sentence behind the command and the card"
printf '\n\n' | french 0 card assign "${office[@]}" --pile --reader none && says '0 carte attribuée, 2 personnes passées'
report $? "none is singular in French"
printf '04A1B2C3D4E581\n04A1B2C3D4E582\n' | french 0 card assign "${office[@]}" --pile --reader none && says '2 cartes attribuées, 0 personne passée'
report $? "two are plural"
french 2 card lend "${office[@]}" --days 400 && says "--days 400: il faut un nombre de 1 à 366 (pour en savoir plus${space}: portillon card lend --help)"
report $? "a wrong call is told in French"
french 2 crad && says "crad: commande inconnue${space}; vouliez-vous dire card${space}?"
report $? "so is a command that there is not"
french 1 explain --site missing --zone building --person bo && lacks err 'No such file'
report $? "a system error is told in French"

# ---- columns and data ----
french 0 card block "${office[@]}" --person aicha && french 0 card lend "${office[@]}" --person aicha --card 04AABBCCDDEE01 --days 2 &&
    french 0 card list --store people.db && grep -q "^(numéro inconnu)     bloquée${space}: Exemple Aïcha, 2A$" out && grep -q '^04AABBCCDDEE01       prêtée' out
report $? "columns stand one below the other whatever the accents"
run 0 whitelist build site --store people.db && french 0 explain --site site --gate nord-1 --person bo --at '2026-11-23 12:10' &&
    prints 'au portillon nord-1, bâtiment, lun 23/11/2026 12:10, horloge réglée'
report $? "zones, weekdays and the state of a clock are French words"
french 0 audit --store people.db && grep -qE '  prêté +personne 1 +Exemple Aïcha +jusqu.au 20' out && grep -qE '  attribué +personne' out && lacks out 'person |lend'
report $? "the audit trail is read in French"
same_data card list --store people.db --json && same_data gates "${office[@]}" --json && same_data audit --store people.db --csv &&
    same_data identity site --device nord-1 --json
report $? "JSON and CSV are the same in each language"
run 0 site init other && printf '%s\n' 'Nom;Classe;Régime;Carte;Fin;Jours' 'Exemple;2A;DP;04A1B2C3;30/06/2026;LMJ' \
    'Essai;1B;externe;04A1B2C4;30/06/2027;' 'Modèle;1B;externe;;;' >cards.csv
build=(whitelist build other --csv cards.csv --created 1795979044) # 2026-11-29
french 0 "${build[@]}" && prints "whitelist.list: 2 cartes (bloquées${space}: 0), version 1795979044, 1 bloc, " && says 'whitelist build: 1 carte sur 2 est périmée'
report $? "a list is made, and each count stands in its phrase"
french 0 whitelist show --site other && prints '1  demi-pension: bâtiment et cantine' && prints "cartes    2, bloquées${space}: 0" &&
    french 1 whitelist show --site other --card 04A1B2C9 && prints '04A1B2C9: pas sur la liste' &&
    french 0 whitelist show --site other --card 04A1B2C3 && prints ', repas lun mar jeu'
report $? "and shown"
french 0 person erase --store people.db --confirm chloe && prints "Essai Chloé: effacé, avec 1 carte et 0 prêt${space}; 0 passage n'est plus de personne"
report $? "a sentence with four counts has each in its number"
same_data "${build[@]}" --json && prints 'has no card number' && same_data whitelist show --site other --json
report $? "what a list and its notes say in JSON is the same in each language"
LC_ALL=C LANGUAGE=fr run 2 crad && says 'no such command; did you mean card?'
report $? "in the locale C everything is English"
LC_ALL=fr_FR.UTF-8 LANGUAGE='' run 2 crad && says 'vouliez-vous dire card'
report $? "a French locale that is not installed is enough"
finish
