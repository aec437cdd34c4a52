#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What happens to a list on its way to a gate: Ctrl-C, a gate that restarts, a line as slow as a real one, one that damages
# what it carries, a chip that fails half-way.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
start_gate() { start_scripted wait=never --flash gate.flash; }
line_at() { start_line gate.tty line.tty "$@"; } # line_at BAUD [DELAY_MS [DAMAGE]]

# make_list VERSION CARDS SEED: list.VERSION; lists of different seeds share no block
make_list() {
    awk -v cards="$2" -v seed="$3" 'BEGIN { print "UID;Profil"; print "04000001;interne"
        for (i = 0; i < cards; i++) printf "05%02X%04X;DP\n", seed, i }' >cards.csv
    "$portillon" whitelist build site --csv cards.csv --list-version "$1" -o "list.$1" >out 2>err
}

gate_options=(--port gate.tty --site site)
line_options=(--port line.tty --site site)
{ "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id; } \
    >out 2>err && start_gate
report $? "a gate comes up"

# ---- interruptions ----
make_list 6 40 1 && run 0 whitelist push --accept-removals "${gate_options[@]}" list.6
report $? "a gate runs a list"
make_list 7 9000 3 && line_at 921600 2 0 || report 1 "a slow line"
"$portillon" whitelist push --accept-removals "${line_options[@]}" --baud 921600 list.7 >out 2>err &
push=$!
eventually 30 has_written $push $(($(stat -c %s list.7) / 3))
kill -INT $push
wait $push
[ $? = 130 ] && says "keeps its list, version 6; the same command resumes"
report $? "Ctrl-C in the middle of an upload: status 130, and a word on how things stand"
run 0 status "${line_options[@]}" --baud 921600 && prints "version 6, 41 cards" && prints "version 7: receiving"
report $? "the gate is on its old list and knows of the upload"
run 0 whitelist push --accept-removals "${line_options[@]}" --baud 921600 --json list.7 && [ "$(member resumed)" = 1 ] &&
    [ "$(member blocks_sent)" -lt "$(member blocks)" ] && [ "$(member blocks_sent)" -gt 0 ]
report $? "the same command resumes and sends only the rest"
make_list 8 9000 4
"$portillon" whitelist push --accept-removals "${line_options[@]}" --baud 921600 --timeout 1 --json list.8 >out 2>err &
push=$!
eventually 30 has_written $push $(($(stat -c %s list.8) / 3))
end "$gate" KILL
await 'fell silent' err
start_gate
wait $push && says "fell silent" && [ "$(member version)" = 8 ]
uploaded=$?
stop_line
[ $uploaded = 0 ] && run 0 status "${gate_options[@]}" && prints "version 8, 9001 cards"
report $? "an upload goes on by itself when the gate restarts in the middle of it"

# An upload that goes on after the gate restarted, and is interrupted then: the blocks are those that the gate has. It may
# have stored some more, of which it could not tell.
make_list 9 9000 10 && line_at 921600 2 0 || report 1 "a slow line"
"$portillon" whitelist push --accept-removals "${line_options[@]}" --baud 921600 --timeout 1 list.9 >out 2>err &
push=$!
eventually 30 has_written $push $(($(stat -c %s list.9) / 3))
end "$gate" KILL
await 'fell silent' err
start_gate
await 'answers again' err
eventually 30 has_written $push $((2 * $(stat -c %s list.9) / 3))
kill -INT $push
wait $push
told=$(sed -n 's/.*interrupted at block \([0-9]*\) of .*/\1/p' err)
run 0 status "${line_options[@]}" --baud 921600 --json && [ -n "$told" ] && [ "$told" -gt 0 ] && [ "$told" -le "$(member upload.have)" ] &&
    [ "$(($(member upload.have) - told))" -le 20 ]
report $? "the blocks of an upload that is cut short are counted once ($told told, $(member upload.have) there)"
stop_line

# ---- lines ----
# How much of the line an upload uses is for make bench; here, that it sends little more than the list.
frugal() { [ "$(member line_bytes)" -le $((3 * $(stat -c %s "$1") / 2)) ]; }
make_list 10 2500 5 && line_at 115200 8 0 && run 0 whitelist push --accept-removals "${line_options[@]}" --json list.10 && frugal list.10
report $? "at 115200 bit/s a list of $(stat -c %s list.10) bytes takes $(member line_bytes) on the line"
stop_line
make_list 11 9000 6 && line_at 921600 8 0 && run 0 whitelist push --accept-removals "${line_options[@]}" --baud 921600 --json list.11 && frugal list.11
report $? "at 921600 bit/s one of $(stat -c %s list.11) takes $(member line_bytes)"
stop_line
make_list 12 3000 7 && line_at 921600 1 20000 && run 0 whitelist push --accept-removals "${line_options[@]}" --baud 921600 --json list.12 &&
    run 0 status "${line_options[@]}" --baud 921600 && prints "version 12, 3001 cards"
report $? "a line that damages one frame in twenty slows an upload down, no more"
stop_line

# ---- a chip that fails half-way ----
make_list 13 9000 8 && line_at 921600 2 0 || report 1 "a slow line"
"$portillon" whitelist push --accept-removals "${line_options[@]}" --baud 921600 --timeout 1 list.13 >out 2>err &
push=$!
eventually 30 has_written $push $(($(stat -c %s list.13) / 3))
truncate -s 64K gate.flash
wait $push
[ $? = 1 ] && says "has kept no block for 1" && says "the gate's memory chip failed; the gate goes on with the list it has; the same"
report $? "an upload to a gate whose chip stops working ends, and says why"
stop_line
finish
