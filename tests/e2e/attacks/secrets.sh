#!/usr/bin/env bash
# Somebody with another account on the computer of the office or of a gate looks for keys and names: in files, while they
# are made too, in core files, in command lines.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
umask 022
ulimit -c unlimited 2>/dev/null
mode() { stat -c %a "$1"; }
key() { run "$1" identity key site --device porte-1 --role maintenance "${@:2}"; }
build() { run "$1" whitelist build "$2" --csv cards.csv "${@:3}"; }
awk 'BEGIN { print "UID;Profil;Nom;INE"; for (i = 0; i < 10000; i++) printf "04%06X;interne;Exemple%d;%d\n", i, i, i }' >cards.csv

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
ln -s nowhere link.sqlite && build 0 site --store link.sqlite && [ "$(mode nowhere)" = 600 ]
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

finish
