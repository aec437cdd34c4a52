#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# From the desk to the gate: a card that `card write` made proves itself at a gate with the site's keys; copies of it, and the
# card of somebody else, are refused, though the UID of that one is listed.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
gate_options=(--port gate.tty --site site)
made=04A1B2C3D4E501 other=04A1B2C3D4E502 plain=04A1B2C3D4E503
cardsim_ctl() { "$BUILD/cardsim" ctl cards.sock "$@"; }
proofs() { cardsim_ctl show "$made" | sed -n 's/.* authenticated=\([0-9]*\) .*/\1/p'; }

run 0 site init site && printf '\n[application pass]\naid = 3042F5\nfile = 1\nlength = 7\nkey_set = 1\ndiversified = yes\n' >>site/site.conf &&
    run 0 keys add site --set 1 && run 0 identity site --device e2e-1 --name Essai --zone canteen -o gate.id
report $? "a site with an application and its key, and a gate that has the key"
printf '%s\n' "made desfire-ev2 $made" "other desfire-ev2 $other aid=3042F5 key=000102030405060708090A0B0C0D0E0F file=1:full:0000:0A0B0C0D0E0F10" \
    "plain iso4 $plain" >cards
start_reader cards
"$portillon" card write site --reader "pn532_uart:$work/reader:115200" --json >out 2>err &
writing=$!
running+=("$writing")
await 'put a card on the reader' err && cardsim_ctl put made >/dev/null && wait $writing && [ "$(member card)" = $made ]
report $? "a card is written at the desk"
cardsim_ctl take all >/dev/null
printf '%s\n' 'Carte;desfire;Profil' ";$(member desfire);DP" "$other;;DP" "$plain;;DP" >list.csv && run 0 whitelist build site --csv list.csv -o list.1
report $? "a list with the identifier of that card, and the UID of the other"

start_gate && eventually 30 reader_is 1 && run 0 clock set "${gate_options[@]}" && run 0 whitelist push --accept-removals "${gate_options[@]}" list.1
report $? "a gate with that list"
before=$(proofs)
[ "$(verdict_of made)" = granted ] && [ "$(proofs)" -gt "$before" ]
report $? "the card that was made proves itself, and is let in"
[ "$(verdict_of other)" = refused ]
report $? "the card of somebody else under the same AID is refused"
[ "$(verdict_of plain)" = granted ]
report $? "a listed card that is no DESFire card, and does not understand the question, is let in by its UID"
stop_reader
eventually 30 reader_is 0
report $? "the reader goes"
echo "copy clone $made content=31323334353637" >cards
start_reader cards && eventually 30 reader_is 1 && [ "$(verdict_of copy)" = refused ]
report $? "a copy of the card without its key is refused"
run 0 passages pull "${gate_options[@]}" --store passages.db && [ "$(sqlite3 passages.db "SELECT group_concat(CASE verdict WHEN 'granted' THEN verdict || ' ' || method ELSE reason END) FROM (SELECT * FROM passages ORDER BY seq)")" = 'granted desfire,not_authentic,granted uid,not_authentic' ]
report $? "the journal says why"
finish
