#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What portillond and portillon-gate-setup say to a French technician: help, errors, the journal, questions and answers. What
# programs read stays the same. cardsim is the reader.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
space=$'\u00a0' # before : ; ? !
logs=(out err said gate.log)
french() { # french STATUS PROGRAM ARGUMENT...: out and err hold what it said
    local wanted=$1 got
    LANGUAGE=fr timeout 60 "$BUILD/$2" "${@:3}" >out 2>err </dev/null
    got=$?
    [ $got = "$wanted" ] || { echo "exit status $got, not $wanted" >>err && false; }
}
told() { grep -qF -- "$1" said; }

for needed in socat script; do command -v $needed >/dev/null || skip_all "French at the gate" "$needed is not installed"; done
[ -e "$BUILD/locale/fr/LC_MESSAGES/portillond.mo" ] || skip_all "French at the gate" "the catalogue is not built"
run 0 site init site && run 0 identity site --device nord --name "Portail nord" --zone canteen -o nord.identity && cp nord.identity gate.id
report $? "a gate"

# ---- help and errors ----
# straight_help PROGRAM COLUMN ENGLISH_WORD: the same options as in English, texts from COLUMN on, lines that are not too long
straight_help() {
    "$BUILD/$1" --help >english && french 0 "$1" --help && [ "$(grep -oE '^ +--[a-z-]+' english)" = "$(grep -oE '^ +--[a-z-]+' out)" ] &&
        [ "$(wc -L <out)" -le 112 ] && ! grep -E '^ +--[a-z-]+[^ ]*( [^ ]+)?  +[^ ]' out | grep -vE "^.{$(($2 - 1))}[^ ]" >>err
}
straight_help portillond 27 && prints '  --identity FICHIER      l'\''identité de ce portillon' && lacks out 'usage|default'
report $? "the help of portillond is French, with the same options in straight columns"
straight_help portillon-gate-setup 22 && prints '  --config FICHIER   la configuration' && prints "Code de retour${space}: 0 fait" && lacks out 'usage|default'
report $? "so is that of portillon-gate-setup"
french 2 portillond --identity gate.id --flash f --sector 5 && says 'portillond: --sector: il faut 4096 ou 65536, et non 5 (voir --help)'
report $? "a wrong option is told in French"
printf 'identity = gate.id\nflash = f\ngpio.relay = LINE1\ngpio.fire = LINE2, pull-up\n' >wrong.conf
french 2 portillond --config wrong.conf && says "wrong.conf:4: gpio.fire: un fil coupé passerait pour une boucle fermée${space}: pull-up va avec active-low"
report $? "so is a wrong line of the configuration"
french 1 portillond --identity missing.id --flash f && says "missing.id: impossible d'ouvrir le fichier d'identité${space}: " && says ' (`portillon identity` en crée un)' && lacks err 'No such file'
report $? "so is a file that is not there"
french 1 portillond --identity gate.id --flash f && says "f: impossible d'ouvrir le fichier de la mémoire flash${space}: "
report $? "and the flash file has its article"
LC_ALL=C LANGUAGE=fr timeout 60 "$BUILD/portillond" --sector 5 2>err
says '--sector takes 4096 or 65536, not 5'
report $? "in the locale C everything is English"

# ---- a gate at work ----
"$BUILD/cardsim" --instant --pty reader --control cards.sock >cardsim.log 2>&1 &
running+=("$!")
await_path cards.sock
head -c 1048576 /dev/zero >gate.flash
LANGUAGE=fr "$BUILD/portillond" --identity gate.id --flash gate.flash --pty gate.tty --control gate.sock --reader "pn532:$work/reader" \
    --verbose >gate.log 2>&1 &
gate=$!
running+=("$gate")
await 'nord (Portail nord, cantine) est en marche' gate.log && await "lecteur en service${space}: PN532, micrologiciel " gate.log
report $? "a gate says in French that it works, and its reader too"
grep -qxF "portillond: aucune liste n'est installée${space}: toutes les cartes sont refusées (no_list)" gate.log &&
    grep -qxF 'portillond: ancrage gate.flash.anchor: 2 secteurs de 4096 octets' gate.log && grep -qF "gate.flash: 1048576 octets, et non les 16777216 de la puce de cette carte électronique${space}: 256 secteurs de 4096 utilisés" gate.log
report $? "it says what is unusual, and tokens stay as they are"
ask_gate get >out && grep -q '^ok relay=0 .* gate=idle reader=up list=0 ' out && ask_gate open >out && prints 'error unknown command; try help'
report $? "programs read the same on its socket"
end "$gate" TERM
grep -qE "^portillond: mémoire flash${space}: [0-9]+ opérations?, [0-9]+ octets? écrits?, " gate.log
report $? "it counts in French at the end"

# ---- setting a gate up ----
cat >answers <<END
identity = nord.identity
reader = pn532:$work/reader
try-reader = oui
serial = aucune
rtc = ordinateur
pins = choisir
gpio.relay = GPIO17
gpio.green = aucune
gpio.red = none
try-outputs = non
try-inputs = n
write = oui
END
set_up() { # set_up OPTION...: in French; sets pid
    : >said
    LANGUAGE=fr timeout 60 "$BUILD/portillon-gate-setup" --config "$work/etc/gate.conf" --seconds 10 "$@" >said 2>&1 </dev/null &
    pid=$!
    running+=("$pid")
}
set_up --answers answers
eventually 20 told 'Posez maintenant une carte sur le lecteur (10 secondes).' && "$BUILD/cardsim" ctl cards.sock put classic 04ED0B11 >/dev/null && wait "$pid" &&
    told "Pour démarrer le portillon${space}: portillond --config $work/etc/gate.conf"
report $? "portillon-gate-setup takes answers in French"
told "C'est le portillon nord (Portail nord, cantine) de l'établissement numéro " && told "Le lecteur répond${space}: PN532, micrologiciel " &&
    told "Une carte a été lue${space}: son numéro a 4 octets et se termine par 11." && told "La broche du voyant vert, ou aucune [GPIO27]${space}: aucune" &&
    told "Essayer les voyants, l'avertisseur sonore et le relais${space}? Le portillon s'ouvrira un instant. [oui]${space}: non" &&
    lacks said '(^|[^-])\b(the|The|Written|yes)\b'
report $? "it speaks French all the way"
grep -qx 'gpio.green = none' etc/gate.conf && grep -qx 'gpio.red = none' etc/gate.conf && grep -qx 'gpio.relay = GPIO17' etc/gate.conf && lacks etc/gate.conf 'aucune|^serial|^rtc'
report $? "the configuration has the words of the program"
"$BUILD/cardsim" ctl cards.sock take all >/dev/null
sed 's/^pins = .*/pins = toutes/; s/^try-reader = .*/try-reader = non/' answers >wrong
set_up --answers wrong
ends_with 1 wait "$pid" && told 'Répondez standard, choisir, garder ou aucune.' && told "Rien n'a été changé."
report $? "an answer that it does not know is refused, with those that it knows"

# ---- typed ----
mkfifo typed && exec 8<>typed # stays open: what reads from it does not end
type_at() { eventually 20 told "$1" && printf '%b' "$2" >&8; } # type_at QUESTION KEYS
asked_again() { [ "$(grep -c 'Le lecteur de cartes \[' said)" = 2 ]; }
: >said
LANGUAGE=fr timeout 100 script -qefc "$BUILD/portillon-gate-setup --config $work/etc/gate.conf --seconds 1" /dev/null <typed >said 2>&1 &
pid=$!
running+=("$pid")
type_at "Le fichier d'identité de ce portillon" 'no-file\n' && type_at "no-file: impossible d'ouvrir ce fichier${space}: " 'nord.identity\n' &&
    type_at 'Le lecteur de cartes [' "pn532:$work/no-reader\n" && type_at 'Essayer le lecteur avec une carte' 'yes\n' &&
    type_at '[R]ecommencer, [g]arder tel quel ou [q]uitter' 'r\n' && eventually 20 asked_again && printf 'aucun\n' >&8 &&
    type_at 'La ligne de maintenance [' '\n' && type_at "L'horloge à pile" 'aucune\n' && type_at 'Les broches GPIO' 'aucune\n' &&
    type_at 'Enregistrer la configuration' 'peut-être\n' && type_at 'Répondez oui ou non.' 'y\n'
wait "$pid" && grep -qx 'reader = none' etc/gate.conf && grep -qx 'no-rtc = yes' etc/gate.conf && told "Enregistré${space}: $work/etc/gate.conf"
report $? "a person is led to the end in French, and may say yes in English"
finish
