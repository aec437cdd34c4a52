#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A list that goes to a gate as its differences from the one that the gate has: what passes on the wire, in bytes, both
# ways, all overhead included, and what happens when the office or the gate cannot do so.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
gate_options=(--port gate.tty --site site)
version=0

# build CARDS CHANGED [OPTION...]: site/whitelist.list of that many cards, of which some have other rights, evenly spread
build() {
    version=$((version + 1))
    awk -v cards="$1" -v changed="$2" 'BEGIN { print "UID;Profil"
        for (i = 0; i < cards; i++) printf "05%06X;%s\n", i, int(i * changed / cards) < int((i + 1) * changed / cards) ? "interne" : "DP" }' >cards.csv
    timeout 120 "$portillon" whitelist build site --accept-removals --csv cards.csv --list-version $version "${@:3}" >out 2>err
}

# push [OPTION...]: over a line that counts; sets bytes: both ways, and to_gate
push() {
    start_line gate.tty line.tty 3000000 0
    timeout 120 "$portillon" whitelist push --accept-removals --port line.tty --site site --baud 3000000 --json "$@" >out 2>err
    local status=$?
    stop_line
    to_gate=$(awk '{ print $1 }' line.log)
    bytes=$(awk '{ print $1 + $(NF - 2) }' line.log)
    return $status
}
installed() { [ "$(member version)" = $version ] && [ "$(member ran_already)" = 0 ]; }
changed_alone() { installed && [ "$(member blocks_changed)" -gt 0 ] && [ "$(member blocks_changed)" = "$(member blocks_sent)" ]; }
sent_whole() { installed && [ "$(member blocks_changed)" = 0 ] && [ "$(member blocks_sent)" -gt 0 ]; }

{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id; } \
    >out 2>err && start_scripted wait=never --flash gate.flash
report $? "a gate comes up"

# ---- how much it is ----
build 20000 0 && push && sent_whole && [ "$bytes" -gt 350000 ]
report $? "a first list of 20,000 cards goes whole: $bytes bytes"
build 20000 1 && push && changed_alone && [ "$to_gate" -le 2048 ] && [ "$bytes" -le 3300 ]
report $? "one card of 20,000: $to_gate bytes to the gate, $bytes both ways"
build 20000 1 && push --whole && installed && [ "$(member blocks_changed)" = 0 ]
report $? "an office that knows no changes, --whole: the gate takes blocks"
build 1000 0 && push && installed && build 1000 10 && push && changed_alone && [ "$bytes" -le 4000 ]
report $? "10 cards of 1,000: $bytes bytes"
build 100000 0 && push && sent_whole && build 100000 1000 && blocks=$(awk '/blocks/ { print $6 }' out) && push && changed_alone &&
    [ "$(member blocks_changed)" -gt 300 ] && [ "$bytes" -le 120000 ] && [ "$to_gate" -le 115200 ]
report $? "1,000 cards of 100,000: $bytes bytes, in $(member blocks_changed) of $(member blocks) blocks; aim: 120,000, and 10 s at 115,200 bit/s"
blocks=$(member blocks)
build 110000 1100 && push && changed_alone && [ "$(member blocks)" = "$blocks" ] && [ "$bytes" -le 250000 ]
report $? "10 % more cards keep the $blocks blocks, and are sent alone: $bytes bytes of $(stat -c %s site/whitelist.list)"

# ---- what the user sees ----
build 20000 0 && push && build 20000 7 && prints ', room for ' && run 0 whitelist push "${gate_options[@]}" &&
    grep -q "only the changes sent, in [1-7] of 88 blocks" out
report $? "build tells for how many cards there is room, and push that it sent the changes alone"

# ---- where the list of the gate is found ----
build 20000 8 && rm site/whitelist.before && push && installed && [ "$(member blocks_changed)" = 0 ] && [ ! -s err ]
report $? "without the list that the gate runs the blocks go whole, and nothing is an error"
cp site/whitelist.list mine.list
build 20000 9 && rm site/whitelist.before && push --base mine.list && changed_alone
report $? "--base names it"
build 20000 10 && rm site/whitelist.before && push --base mine.list && sent_whole && says "mine.list is not the list that the gate runs (version"
report $? "a --base that is another list is told, and the blocks go whole"
build 20000 11 --store store.sqlite && push && installed && build 20000 12 --store store.sqlite && build 20000 13 --store store.sqlite &&
    push && changed_alone
report $? "the register has it, although the site folder has two newer ones"

build 20000 14 --store store.sqlite && run 0 sync --site site --store store.sqlite --port "porte-1=$work/gate.tty" &&
    prints "changes sent for list $version, 20000 cards"
report $? "sync tells that it sent the changes"

# ---- what the gate does not take ----
gcc -shared -fPIC -D_GNU_SOURCE -Wall -Werror -o spoilt.so "$root/tests/e2e/preload/spoilt_patch.c" 2>err
report $? "what spoils patches compiles"
spoilt() { # spoilt WHAT [OPTION...]: of a push
    local what=$1
    shift
    LD_PRELOAD=$work/spoilt.so SPOIL=$what push "$@"
}
store=(--store store.sqlite)
build 20000 20 "${store[@]}" && spoilt path && sent_whole && says "the list is sent in whole blocks, not as changes: the gate's firmware does not know changes yet"
report $? "an older gate answers not_found, and gets whole blocks"
build 20000 21 "${store[@]}" && spoilt head && sent_whole && says "in whole blocks, not as changes: the changes did not give the signed list"
report $? "a manifest that comes out wrong is sent whole"
build 20000 22 "${store[@]}" && spoilt blocks && sent_whole && ends_with 1 grep -q "not as changes" err
report $? "blocks that come out wrong are sent whole"

# ---- interruptions ----
build 20000 200 "${store[@]}" && start_line gate.tty line.tty 9600 0
"$portillon" whitelist push --accept-removals --port line.tty --site site --baud 9600 >out 2>err &
push=$!
eventually 30 has_written $push 3500
kill -INT $push
wait $push
interrupted=$?
stop_line
[ $interrupted = 130 ] && push && [ "$(member resumed)" = 1 ] && changed_alone
report $? "changes are resumed after Ctrl-C"
build 20000 0 "${store[@]}" && start_line gate.tty line.tty 19200 0
timeout 120 "$portillon" whitelist push --accept-removals --port line.tty --site site --baud 19200 --timeout 1 --json >out 2>err &
push=$!
eventually 30 has_written $push 3500
end "$gate" KILL
await 'fell silent' err
start_scripted wait=never --flash gate.flash
wait $push && changed_alone
uploaded=$?
stop_line
[ $uploaded = 0 ] && run 0 status "${gate_options[@]}" && prints "version $version, 20000 cards"
report $? "changes go on by themselves when the gate restarts in the middle"
finish
