#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The wire of the rotation sensor is cut: the gate sees nobody pass. Before, each passage counted as abandoned, and one card
# had as many meals as it wanted.
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
board_or_skip "a dead rotation wire"
gate_options=(--port gate.tty --site site)
silent() { run 0 status "${gate_options[@]}" --json && [ "$(member rotation_silent)" = "$1" ]; }

echo "amandine classic 04ED0B12" >cards
make_site canteen && start_reader cards && start_gate && eventually 10 reader_is 1
report $? "$BOARD: a gate with a reader comes up"
cat >site/site.conf <<'CONF'
format = 1
name = Essai
time_zone = Europe/Paris

[services]
repas = mon-sun 00:00-24:00

[profile demi-pension]
called = DP
building = always
services = all
CONF
printf 'Carte;Profil\n04ED0B12;DP\n' >list.csv
"$portillon" whitelist build site --csv list.csv -o list.1 >out 2>err && run 0 whitelist push "${gate_options[@]}" list.1 &&
    run 0 clock set "${gate_options[@]}" && run 0 settings "${gate_options[@]}" --set open_ms=500
report $? "with a list that allows one meal, and a sensor that never reports"
granted=0
for _ in $(seq 9); do
    [ "$(verdict_of amandine)" = granted ] && granted=$((granted + 1))
done
[ $granted = 6 ]
report $? "one card is granted $granted of 9 times: five that nobody used, as it seems, and one meal"
silent 1 && run 0 status "${gate_options[@]}" && prints 'rotation  SILENT'
report $? "status says that the sensor is silent"
run 0 passages pull "${gate_options[@]}" --store passages.db &&
    [ "$(sqlite3 passages.db "SELECT ref FROM events WHERE what = 'rotation_silent'")" = 5 ] &&
    [ "$(sqlite3 passages.db "SELECT group_concat(outcome) FROM (SELECT * FROM passages WHERE verdict = 'granted' ORDER BY seq)")" = \
        abandoned,abandoned,abandoned,abandoned,abandoned,assumed ]
report $? "so does the journal, and the next passage is assumed"
kill_gate
start_gate && eventually 10 reader_is 1 && run 0 clock set "${gate_options[@]}" && silent 1 && [ "$(verdict_of amandine)" = refused ]
report $? "a power cut forgets neither"
finish
