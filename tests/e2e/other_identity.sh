#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A board is started once with the identity of another gate. Before, that gate took the memory chip for its own and wrote over
# it: the passages that nobody had fetched were lost. Now it changes nothing until a technician has confirmed it.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
ask() { sqlite3 -readonly passages.db "$1"; }
start() { # start GATE: with its identity, on the one chip
    rm -f gate.tty && cp "$1.id" gate.id && start_scripted "wait=go,every=3000,04000001" --flash chip.img --anchor none
}
stop() { end "$gate" TERM; }
of() { # of STATUS GATE COMMAND...: of portillon, at the gate that runs
    run "$1" "${@:3}" --port gate.tty --site site --gate "$2" --timeout 5
}
owner() { of 0 "$1" status --json && [ "$(member chip_owner)" = "$2" ]; }
is_out_of_order() { [ "$(member state)" = out_of_order ] && [ "$(member storage_ok)" = 0 ]; }
fill() { tap_until 30 has_filled "$1" "$2"; }
has_filled() { of 0 "$1" status --json && [ "$(member journal.head)" -gt "$2" ]; }
gate_status() { of 0 "$is" status --json; } # for tap_until
has_taken_over() { of 0 sud status --json && [ "$(member storage_ok)" = 1 ]; }

run 0 site init site && run 0 identity site --device nord --name Nord --zone building -o nord.id &&
    run 0 identity site --device sud --name Sud --zone canteen -o sud.id && run 0 site init else &&
    run 0 identity else --device nord --name Ailleurs --zone building -o else.id
report $? "three identities"
is=nord
start nord && fill nord 30 && owner nord '' && head=$(member journal.head) && stop && cp chip.img before.img
report $? "a gate has records that nobody fetched"

# ---- another identity, once ----
start sud && await "chip.img holds the records of gate nord" gate.log && owner sud nord && is_out_of_order
report $? "with another identity the gate says whose they are, and is out of order"
of 0 sud status && prints "NOT ITS OWN" && prints "of gate nord" && prints "  portillon settings --port gate.tty --site site --gate sud --confirm"
report $? "status says it in words"
of 1 sud passages pull --store passages.db && says "the records of another gate"
report $? "and so does a pull"
printf 'UID;Profil\n04000009;interne\n' >cards.csv && run 0 whitelist build site --csv cards.csv && of 1 sud whitelist push && says "the records of another gate"
report $? "it takes no list"
of 0 sud settings --set open_ms=700 --role technician || true # refused: there is no store
sleep 2 && stop && start sud && sleep 1 && stop && cmp before.img chip.img
report $? "nothing on the chip was changed, at two starts"
start nord && owner nord '' && [ "$(member journal.tail)" = 1 ] && of 0 nord passages pull --store passages.db --no-clock &&
    [ "$(ask "SELECT count(*) FROM journal WHERE device = 'nord' AND seq < $head")" = $((head - 1)) ]
report $? "with the old identity all of them are fetched"
stop && cp chip.img before.img

# ---- the same id at another school ----
start else && run 0 status --port gate.tty --site else --json && [ "$(member chip_owner)" = nord ] && run 0 status --port gate.tty --site else &&
    prints "of gate nord of another site"
report $? "a gate of another school with the same id is another gate"
stop && cmp before.img chip.img
report $? "and changes nothing, too"

# ---- renewed keys are the same gate ----
cp chip.img renewed.img && mv chip.img kept.img && mv renewed.img chip.img && cp -r site renewed-site &&
    run 0 identity renewed-site --device nord --renew -o renewed.id
start renewed && run 0 status --port gate.tty --site renewed-site --json && [ "$(member storage_ok)" = 1 ] && grep -q '"chip_owner": null' out
report $? "the same gate with renewed keys starts with an empty journal, as documented"
stop && mv kept.img chip.img

# ---- confirmed ----
start sud && run 1 settings --port gate.tty --site site --gate sud --role maintenance --confirm && owner sud nord
report $? "the maintenance key cannot confirm"
of 0 sud settings --confirm && eventually 20 has_taken_over && owner sud ''
report $? "a technician confirms, and the gate starts on the chip"
is=sud
fill sud 20 && of 0 sud passages pull --store passages.db --no-clock &&
    [ "$(ask "SELECT count(*) FROM events WHERE device = 'sud' AND what = 'chip_taken_over'")" = 1 ]
report $? "its journal has it, and its records are fetched"
of 0 sud whitelist push && stop && start sud && owner sud '' && [ "$(member storage_ok)" = 1 ] && [ "$(member store_rolled_back)" = 0 ] && [ "$(member list.cards)" = 1 ]
report $? "the chip is its own from then on"
stop
start nord && owner nord sud && is_out_of_order
report $? "now the first gate does not take it for its own"
stop
finish
