#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The memory chip of a gate is exchanged for a blank one, restored from a copy, or damaged where the office looks, and the
# office has deleted what it fetched before. No record may be acknowledged that is not in the store, and it is told.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
ask() { sqlite3 -readonly passages.db "$1"; }
journal() { run 0 status --port gate.tty --site site --json && member "journal.$1"; }
pull() { run "$1" passages pull --port gate.tty --site site --store passages.db --json --no-clock; }
image() { "$portillon" journal check "$1" --identity gate.id --store "$2" >image.out 2>image.err; }

start_gate() { # start_gate FLASH CARD
    local is_new=
    [ -e "$1" ] || is_new=1
    rm -f gate.tty
    start_scripted "wait=go,every=2000,$2" --control gate.sock --flash "$1"
    [ -z "$is_new" ] || run 0 whitelist push --port gate.tty --site site list.1
}
stop_gate() { end "$gate" TERM; }
fill() { # fill NUMBER: passages until the gate has more records than that
    pass_until 60 has_counted journal.head $(($1 + 2))
    local filled=$?
    head=$(journal head)
    return $filled
}
# forget: every record is 100 days old, and the law asks for less
forget() {
    sqlite3 passages.db "UPDATE journal SET utc_s = utc_s - 8640000, stored_utc_s = stored_utc_s - 8640000" &&
        run 0 store forget --store passages.db
}
# nothing_lost: each record that the gate counts as acknowledged is in the store with the bytes the chip has
nothing_lost() {
    local acked
    acked=$(journal acked) || return 1
    stop_gate
    rm -f chip.db && image "$1" chip.db
    [ "$(sqlite3 -readonly passages.db "ATTACH 'chip.db' AS chip" \
        "SELECT count(*) FROM chip.journal c WHERE seq <= $acked AND NOT EXISTS
         (SELECT 1 FROM journal j WHERE j.device = c.device AND j.seq = c.seq AND j.raw = c.raw)")" = 0 ]
}
{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id
    printf 'UID;Profil\n04000001;DP\n05000001;DP\n06000001;DP\n07000001;DP\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv -o list.1
} >out 2>err
start_gate first.img 04000001 && fill 30 && pull 0 && [ "$(journal pending)" = 0 ]
report $? "a gate's records are fetched and acknowledged"
last=$(ask 'SELECT max(seq) FROM journal')
forget && [ "$(ask "SELECT group_concat(what) FROM journal")" = list_installed ] && pull 0 && [ "$(member new)" = 0 ]
report $? "what was forgotten is not fetched again, and the same journal is no reason for an alarm"
fill "$head" && pull 0 && [ "$(member new)" = $((head - 1 - last)) ]
report $? "its new records are fetched"
stop_gate && cp first.img copy.img

# ---- another chip ----
forget
last=$((head - 1))
start_gate second.img 05000001 && fill $((last + 20)) && pull 3
report $? "a blank chip that has grown past the last number: exit status 3"
says "is not the one" && [ "$(member run)" = 2 ] && [ "$(ask "SELECT first_seq FROM anomalies WHERE what = 'other_journal'")" = $last ]
report $? "it is told which number holds another record"
[ "$(journal pending)" = 0 ] && nothing_lost second.img
report $? "everything that was acknowledged is stored"
start_gate second.img 05000001 && pull 0
report $? "the new journal is the known one now"
stop_gate

# ---- another chip, damaged where the office looks ----
forget
last=$((head - 1))
start_gate third.img 06000001 && fill $((last + 20)) && stop_gate
put third.img $((0xB20000 + 32 * last + 5)) '\000\000\000\000\000'
start_gate third.img 06000001 && pull 3
report $? "a blank chip with a damaged record at the last number: exit status 3"
nothing_lost third.img
report $? "everything that was acknowledged is stored"
cp passages.db before.db

# ---- a chip restored from a copy: shorter than what was fetched ----
start_gate third.img 06000001 && fill $((head + 20)) && pull 3
stop_gate
cp copy.img restored.img
start_gate restored.img 04000001 && pull 3 && says "ends at number" && [ "$(ask "SELECT count(*) FROM anomalies WHERE what = 'shorter'")" = 1 ]
report $? "a journal that is shorter than what was fetched: exit status 3, and it is told"
nothing_lost restored.img
report $? "everything that was acknowledged is stored"

# ---- the same journal, cut and continued with other records under the same numbers ----
start_gate restored.img 04000001 && fill "$(journal head)" && pull 0 && known=$((head - 1)) && stop_gate
cp copy.img again.img
start_gate again.img 07000001 && fill $((known + 5)) && forget && pull 3 && says "is not the one"
report $? "a journal that was cut and has grown past the last number again: exit status 3, and it is told"
nothing_lost again.img
report $? "everything that was acknowledged is stored"
finish
