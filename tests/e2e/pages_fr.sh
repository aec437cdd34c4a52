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
    page_commands "$page" "$heading" >typed
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

# ---- what the technician has prepared ----
portillon site init lycee --name 'Lycée des Exemples' >check.log 2>&1 && portillon identity lycee --device entree --name 'Entrée' --zone building >>check.log &&
    portillon identity lycee --device self --name Self --zone canteen >>check.log
printf '%s\n' 'entree '"$work/entree.tty" 'self '"$work/self.tty" >lycee/ports
mkdir .config .config/portillon && printf '%s\n' 'site = ~/lycee' 'store = ~/passages.sqlite' >.config/portillon/config
cut -d';' -f 1-4,6-9 "$root/tools/demo/pupils.csv" >eleves.csv
cut -d';' -f 1-3,5 "$root/tools/demo/pupils.csv" >cartes.csv
printf '%s\n' "Douglas;Delphine;2nde 2;0421C0DE000004" >/dev/null
gate self --reader none && gate entree --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=2000,0421C0DE000001
report $? "an office with two gates"

# ---- the office ----
walk '### Le fichier des élèves est arrivé' oui oui && shows '20 personnes arrivent'
report $? "the file of the pupils, the file of the cards, the list, all gates"
finish
