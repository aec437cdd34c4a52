#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with another account on the computer of the office or of a gate looks for keys and names: in files, while they
# are made too, in core files, in command lines; and somebody who has a copy of the site folder signs a list.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
umask 022
ulimit -c unlimited 2>/dev/null
mode() { stat -c %a "$1"; }
key() { run "$1" identity key site --device porte-1 --role maintenance "${@:2}"; }
build() { run "$1" whitelist build "$2" --csv cards.csv "${@:3}"; }
awk 'BEGIN { print "UID;Profil;Nom;INE"; for (i = 0; i < 10000; i++) printf "%08X;interne;Exemple%d;%d\n", 2684354560 + i * 150001, i, i }' >cards.csv

run 0 site init site && run 0 identity site --device porte-1 --name Nord --zone building -o gate.id
report $? "a site"

# ---- files ----
mkdir store
while [ ! -e stop ]; do stat -c '%n %a' store/* 2>/dev/null; done >modes &
watcher=$!
running+=("$watcher")
build 0 site --store store/passages.sqlite
report $? "a store is made"
touch stop && wait "$watcher"
grep -q 'passages.sqlite 600' modes && ! grep -qv ' 600$' modes
report $? "no other account could read it, nor the files beside it, at any moment ($(sed 's/.* //' modes | sort -u | tr '\n' ' '))"
grep -q 'passages.sqlite-journal' modes
report $? "SQLite's journal was seen"
rm site/register && ln -s nowhere link.sqlite && build 0 site --store link.sqlite && [ "$(mode nowhere)" = 600 ]
report $? "a store behind a link"
chmod 644 store/passages.sqlite && run 0 card list --store store/passages.sqlite && says "others on this computer can read the passages"
report $? "a store that others can read is told"
chmod 600 store/passages.sqlite && run 0 card list --store store/passages.sqlite && [ ! -s err ]
report $? "one that they cannot is not"
chmod 644 site/gates/porte-1.identity && key 0 && says "others on this computer can read this secret"
report $? "an identity that others can read is told"
chmod 600 site/gates/porte-1.identity
key 0 && says "others on this computer can read the file with the key" && cp out shared.key
report $? "so is a key that goes into a file that others can read"
key 0 -o own.key && [ ! -s out ] && [ "$(mode own.key)" = 600 ] && cmp -s own.key shared.key
report $? "identity key -o makes a file of mode 0600"
echo before >there.key && key 1 -o there.key && says "File exists" && [ "$(cat there.key)" = before ]
report $? "and overwrites none"
socat PTY,link=silent.tty,raw,echo=0 PTY,link=far.tty,raw,echo=0 2>socat.log &
running+=($!)
await_path silent.tty
run 1 status --port silent.tty --timeout 1 --key-file shared.key && says "others on this computer can read this key"
report $? "a key file that others can read is told"
run 1 status --port silent.tty --timeout 1 --key-file own.key && ! says "others on this computer"
report $? "one that they cannot is not"
run 1 status --port silent.tty --timeout 1 --key-file - <own.key && says silent.tty
report $? "a key comes from stdin"
run 2 status --port silent.tty --key-file "$(cat own.key)" && says "put it into a file" && ! says "$(cat own.key)"
report $? "a key is no argument"

# ---- core files ----
# leaves_core COMMAND...: crashes it when it runs. The shell says "core dumped" when the system wrote one.
leaves_core() {
    bash -c '"$@" >core.out 2>&1 & sleep 2; kill -SEGV $! || echo "it had ended by itself"; wait $!' sh "$@" 2>core.err >>core.err
    ! grep -q 'by itself' core.err && grep -q 'Segmentation fault' core.err || return 2
    grep -q 'core dumped' core.err || [ -n "$(find . -maxdepth 1 -name 'core*' -size +64k)" ]
}
no_core() {
    leaves_core "$@"
    [ $? = 1 ] || { cat core.err core.out >err && false; }
}
leaves_core sleep 30 || echo "# this computer writes no core files: the next three show little"
rm -f core core.[0-9]*
no_core "$portillon" bridge --port silent.tty --udp 127.0.0.1:0
report $? "no core file of portillon"
no_core "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty
report $? "no core file of portillond"
echo 'anna desfire-ev1 04782E21801D80 aid=3042F5 key=00112233445566778899AABBCCDDEEFF' >cards
no_core "$BUILD/cardsim" --pty reader --control cards.sock --cards cards
report $? "no core file of cardsim"
"$portillon" bridge --port silent.tty --udp 127.0.0.1:0 >out 2>err &
bridge=$!
running+=("$bridge")
await coaps://127.0.0.1 err && grep -q '^Max core file size  *0  *0 ' /proc/$bridge/limits
report $? "nor can one be asked for"
end $bridge INT

# ---- a passphrase ----
printf 'correct horse battery\n' >pass && printf 'incorrect horse\n' >wrong && chmod 600 pass wrong
run 0 site init closed --passphrase-file pass && [ ! -s err ] && grep -q 'BEGIN ENCRYPTED PRIVATE KEY' closed/signing-key.pem &&
    [ "$(mode closed/signing-key.pem)" = 600 ]
report $? "a site whose signing key has a passphrase"
openssl pkey -in closed/signing-key.pem -passin file:pass -pubout 2>err | cmp -s - closed/public-key.pem &&
    ! openssl pkey -in closed/signing-key.pem -passin file:wrong -noout 2>/dev/null
report $? "openssl reads it with the passphrase, and not with another"
openssl asn1parse -in closed/signing-key.pem 2>err | tee out | grep -q 'INTEGER *:0927C0' && prints aes-256-cbc && prints hmacWithSHA256
report $? "AES-256, and 600,000 rounds of PBKDF2 with HMAC-SHA256"
build 1 closed --passphrase-file wrong --store store/none.sqlite && says "the passphrase is wrong" && [ ! -e closed/whitelist.list ] && [ ! -e store/none.sqlite ]
report $? "a wrong passphrase: nothing is written"
build 0 closed --passphrase-file pass && run 0 whitelist show closed/whitelist.list --site closed
report $? "with the right one a list is signed"
build 0 closed --passphrase-file - <pass && build 0 closed --passphrase-file <(cat pass)
report $? "from stdin, and from a pipe"
chmod 644 pass && build 0 closed --passphrase-file pass && says "others on this computer can read this passphrase"
report $? "a file with it that others can read is told"
timeout 20 setsid "$portillon" whitelist build closed --csv cards.csv >out 2>err </dev/null
[ $? = 1 ] && says "there is no terminal to ask at: --passphrase-file FILE"
report $? "without a terminal it says what to do"
echo short >short && run 1 site init other --passphrase-file short && says "too short" && [ ! -e other ]
report $? "a short one is refused, and no site is made"

# at_terminal COMMAND...: on a terminal of its own, where what keys has is typed
at_terminal() {
    local pid
    rm -f keys tty.out && mkfifo keys && exec 8<>keys
    printf '#!/bin/sh\n"%s" %s 2>&1\nsleep 0.2\n' "$portillon" "$*" >typed && chmod +x typed
    timeout 60 socat -t 10 STDIO EXEC:./typed,pty,setsid,ctty,stderr <keys >tty.out 2>tty.err &
    pid=$!
    running+=("$pid")
    terminal=$pid
}
# shellcheck disable=SC2317 # called by eventually
asked() { [ "$(grep -aos "$1" tty.out | wc -l)" = "$2" ]; }
type_at() { eventually 20 asked "$1" "$2" && sleep 0.2 && printf '%s' "$3" >&8; } # type_at PROMPT TIMES KEYS
rm -f closed/whitelist.list
at_terminal whitelist build closed --csv cards.csv
type_at Passphrase 1 $'wrong one\r' && type_at Passphrase 2 $'correct horsez\x7f battery\r'
wait "$terminal"
[ -e closed/whitelist.list ] && grep -q 'is wrong' tty.out && ! grep -q battery tty.out
report $? "at the terminal it is asked again, can be corrected, and is not shown"
at_terminal site init typed-site --passphrase
type_at 'New passphrase' 1 $'correct horse\r' && type_at 'again' 1 $'correct house\r'
wait "$terminal"
grep -q 'differ' tty.out && [ ! -e typed-site ]
report $? "a new one is typed twice"
at_terminal site init typed-site --passphrase
type_at 'New passphrase' 1 $'\x03'
wait "$terminal"
grep -q interrupted tty.out && [ ! -e typed-site ]
report $? "Ctrl-C ends it"

# ---- keys that openssl encrypted ----
openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 100000 -passout file:pass -in site/signing-key.pem -out new.pem 2>err
cp site/signing-key.pem plain.pem && cat new.pem >site/signing-key.pem && chmod 600 pass && rm site/register && build 0 site --passphrase-file pass && [ ! -s err ]
report $? "a key that openssl put under a passphrase"
openssl ec -aes256 -passout file:pass -in plain.pem -out old.pem 2>err
cat old.pem >site/signing-key.pem && build 1 site --passphrase-file pass && says "in a form that is not known"
report $? "the old form of openssl is named as such"
cp closed/signing-key.pem site/ && build 1 site --passphrase-file pass && says "is not the key of public-key.pem"
report $? "the key of another site is none"
finish
