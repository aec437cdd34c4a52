#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tasks of README.fr.md, typed word for word by somebody whose computer speaks French, with two gates on the cable. The
# system has no French locale of its own, as a small Debian: the catalogue of portillon is enough.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(shown)
page=README.fr.md
export HOME=$work XDG_CONFIG_HOME=$work/.config PATH=$BUILD:$PATH
unset PORTILLON_SITE PORTILLON_STORE PORTILLON_GATE PORTILLON_PORT PORTILLON_NAME

# walk HEADING [ANSWER...]: types the commands below a heading at a terminal, and answers its questions
walk() {
    local heading=$1
    shift
    { cat prelude && page_commands "$page" "$heading" | sed "s,/dev/ttyUSB0,$work/entree.tty,g; s,/dev/ttyUSB1,$work/self.tty,g"; } >typed
    printf '%s\n' "$@" | LC_ALL=fr_FR.UTF-8 LANGUAGE='' timeout 100 script -qefc "bash -e $work/typed" script.log >script.out 2>&1
    local status=$?
    tr -d '\r' <script.log >shown
    return $status
}
shows() { grep -qF -- "$1" shown; }
gate() { # gate ID [READER OPTION...]
    "$BUILD/portillond" --identity "lycee/gates/$1.identity" --flash "$1.flash" --anchor none --create-flash --pty "$1.tty" "${@:2}" >"$1.log" 2>&1 &
    running+=("$!")
    await ' is up, ' "$1.log"
}
has_passages() { portillon sync >check.log 2>&1 && [ "$(sqlite3 passages.sqlite 'SELECT count(*) FROM passages')" -gt 0 ]; }

# What a computer has that is the gate's own: an image of it, in which no service starts. Answers are in a file.
mkdir -p image/etc/portillon image/etc/systemd/system && cp "$root/boards/linux/system/portillond.service" image/etc/systemd/system
printf 'root:x:0:0::/root:/bin/sh\nportillond:x:777:778::/var/lib/portillon:/usr/sbin/nologin\n' >image/etc/passwd
printf '%s = %s\n' identity lycee/gates/entree.identity reader none serial none rtc system pins none >answers
cat >prelude <<END
sudo() {
    case \$1 in
    apt-get) echo "\$@" >>installed ;;
    portillon-gate-setup) portillon-gate-setup --root $work/image --answers $work/answers ;;
    esac
}
END

# ---- the technician at the office ----
walk '### Préparer l'\''ordinateur du bureau' && shows '« Lycée des Exemples »' && grep -q portillon_ installed && [ -e lycee/gates/self.identity ] &&
    [ "$(wc -l <lycee/ports)" = 2 ]
report $? "the computer of the office"
cut -d';' -f 1-4,6-7 "$root/tools/demo/pupils.csv" >eleves.csv && echo 'CHÊNE;Camille;2nde 1;Externe;;' >>eleves.csv
cut -d';' -f 1-3,5,8 "$root/tools/demo/pupils.csv" >cartes.csv
gate self --reader none && gate entree --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=2000,0421C0DE000001
report $? "two gates are up"
portillon people import eleves.csv --apply >check.log 2>&1 && portillon cards import cartes.csv --apply >>check.log 2>&1 &&
    portillon whitelist build --accept-removals >>check.log 2>&1
walk '### Un portillon en une heure' && grep -q portillond_ installed && [ -s image/etc/portillon/gate.conf ] && cmp lycee/gates/entree.identity image/etc/portillon/gate.id &&
    shows 'Entrée (entree)'
report $? "a gate in an hour"
cp self.flash puce.img && walk '### Un portillon en panne' && shows 'Self (self)' && shows 'réglages'
report $? "a gate that is dead"
rm -rf passages.sqlite* lycee/register lycee/whitelist.*

# ---- the office ----
walk '### Le fichier des élèves est arrivé' oui oui && shows '21 personnes arrivent' && shows 'Faire ces changements ?' && shows '19 cartes sont nouvelles' &&
    shows 'dont 1 sans carte' && shows '19 cartes (bloquées : 1)' && shows 'portillons à jour : 2 sur 2'
report $? "the file of the pupils, the file of the cards, the list, all gates"
walk '### Une carte est perdue, oubliée ou retrouvée' && shows '04AABBCCDDEE01: prêtée à ACACIA Amandine' && shows 'bloquée : ACACIA Amandine' &&
    shows "04AABBCCDDEE01: n'est plus prêtée" && [ "$(grep -c 'portillons à jour : 2 sur 2' shown)" = 2 ]
report $? "a card is lost, another is lent, and comes back"
walk '### Pourquoi a-t-elle été refusée ?' && shows 'DOUGLAS Delphine' && shows 'NON  pas bloquée' && shows 'la carte est bloquée'
report $? "why she was refused"
touch go && eventually 20 has_passages && rm go && walk '### Qui est présent, combien de repas ?' && shows 'Présents par classe' && [ -s rapport.html ] &&
    grep -q '<html lang="fr"' rapport.html
report $? "who is here, and how many meals"
walk '### Ce que la loi demande' oui && shows 'effacés' && grep -q '"surname": *"CHÊNE"' chene.json && shows 'CHÊNE'
report $? "what the law asks for"
words=$(grep -oE '^ {4}portillon [a-z]+' "$root/$page" | sort -u | wc -l)
[ "$words" -ge 8 ]
report $? "the page has commands"
finish
