#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Cards given at the desk: numbers that are typed, and taps with real libnfc and a virtual PN532. The people are invented.
# alone: a reader counts as lost when a busy machine answers too late
set -u
# shellcheck source=tests/e2e/reader_events.sh
. "$(dirname "$0")/reader_events.sh"
logs=(out err)
reader=(--reader "pn532_uart:$work/tty:115200")
assign() { run "$1" card assign --site site --store people.db "${@:2}"; }
holder() { sqlite3 people.db "SELECT group_concat(first_name) FROM people NATURAL JOIN holdings WHERE until_utc_s IS NULL AND given = '$1'"; }
cards() { sqlite3 people.db "SELECT count(*) FROM holdings WHERE until_utc_s IS NULL"; }
number() { sqlite3 people.db "SELECT person FROM people WHERE fold LIKE '%$1%'"; }
# start_pile [OPTION...]: card assign in the background; what is typed goes to fd 4
start_pile() {
    : >out
    : >err
    rm -f typed && mkfifo typed
    "$portillon" card assign --site site --store people.db "${reader[@]}" "$@" <typed >out 2>err &
    pile=$!
    running+=("$pile")
    exec 4>typed
}
ended() { wait "$pile"; }
tap() { ctl put "$@"; } # the card stays until lift
lift() { ctl take all && sleep 0.3; }
bells() { [ "$(tr -dc '\a' <err | wc -c)" = "$1" ]; }

run 0 site init site && printf '%s\n' 'Nom;Prénom;Classe;Régime' 'Exemple;Aïcha;2A;DP' 'Modèle;Bo;2A;DP' 'Essai;Chloé;1B;externe' \
    'Essai;Dino;1B;externe' 'Patron;Eve;;agent' >people.csv && run 0 people import people.csv --site site --store people.db --apply
report $? "a register of five people without cards"

# ---- numbers that are typed ----
assign 0 --person "aicha 2a" 04A1B2C3D4E580 && prints 'Exemple Aïcha, 2A: 04A1B2C3D4E580' && prints 'portillon whitelist build site --store people.db'
report $? "a person is named and the number typed"
assign 0 --person aicha 04A1B2C3D4E580 && prints '(has it already)' && [ "$(cards)" = 1 ]
report $? "twice is once"
assign 1 --person bo 04A1B2C3D4E580 && says 'Exemple Aïcha, 2A has it: not taken (--take takes it)' && [ "$(holder desk)" = Aïcha ]
report $? "a card that another has is told, and not taken"
assign 0 --person bo 04A1B2C3D4E580 --take && says 'taken from Exemple Aïcha' && [ "$(holder desk)" = Bo ]
report $? "unless --take"
[ "$(sqlite3 people.db "SELECT group_concat(what || ' ' || subject || ' ' || detail) FROM (SELECT * FROM audit ORDER BY rowid)")" = \
    "assign person $(number aicha) ,assign person $(number bo) taken from person $(number aicha)" ]
report $? "the audit trail has who was given a card, and from whom it was taken"
assign 1 --person aicha 08123456 && says 'random' && assign 1 --person aicha 01020304 && says 'many phones' && assign 1 --person aicha 04A1B2 && [ "$(cards)" = 1 ]
report $? "numbers that gates refuse"
assign 0 --person aicha 0100000000 --uid decimal10-reversed && prints '00E1F505'
report $? "another notation"
run 0 card lend --site site --store people.db --person eve --card 04AABBCCDDEE01 && run 0 card block --site site --store people.db 04AABBCCDDEE02 &&
    assign 1 --person bo 04AABBCCDDEE01 --take && says 'the office has lent it (Patron Eve)' && assign 1 --person bo 04AABBCCDDEE02 && says 'the office has blocked it'
report $? "cards that are lent or blocked stay what they are"
assign 1 --person personne 04A1B2C3D4E581 && says 'nobody of this name' && assign 1 --person essai 04A1B2C3D4E581 && says '2 people of this name'
report $? "nobody, or several of the name"
assign 0 --person bo 04A1B2C3D4E582 && says 'also has 1 other card'
report $? "a second card is told"
run 0 whitelist build site --store people.db -o one.list && run 0 whitelist show one.list --site site --card 04A1B2C3D4E580 && prints demi-pension
report $? "the list has the cards of the desk"

# ---- taps ----
start_cardsim
start_pile --person eve
await 'put a card on the reader' err && tap desfire-ev2 04A1B2C3D4E583 && ended && prints 'Patron Eve: 04A1B2C3D4E583' && bells 1
report $? "a person is named and the card put on the reader"
lift
start_pile --pile
await 'Essai Chloé, 1B: the card, please' err && await 'put a card on the reader' err
report $? "a pile begins with the first class and name of those without a card"
tap random && await 'random' err && bells 2
report $? "a random number rings twice"
lift
tap desfire-ev2 04A1B2C3D4E583 && await 'Patron Eve has it: not taken' err && bells 4
report $? "so does a card that another has"
lift
tap classic 04ED0B11 && await 'Essai Chloé, 1B: 04ED0B11' out && await 'Essai Dino, 1B: the card' err && bells 5
report $? "a good card is a line, and the next person is asked for"
sleep 1
[ "$(wc -l <out)" = 1 ]
report $? "a card that stays on the reader is read once"
lift
tap classic 04ED0B11 && await 'Essai Chloé, 1B has it' err
report $? "put there again, it is told as Chloé's"
lift
echo 04A1B2C3D4E585 >&4 && ended && prints 'Essai Dino, 1B: 04A1B2C3D4E585' && says '2 cards given, 0 left out'
report $? "a number may be typed in between; the pile ends with the last person"
run 0 card assign --site site --store people.db --pile --reader none </dev/null && says 'nobody waits for a card'
report $? "then nobody waits for a card"
assign 1 --pile --class 9Z --reader none && says '--class 9Z: nobody is in this class'
report $? "a class that is not there is told"

printf 'aicha\nbo 2a\npersonne\n' >names
start_pile --names names
await 'Exemple Aïcha, 2A: the card' err && echo >&4 && await 'Modèle Bo, 2A: the card' err && await 'put a card' err && tap ultralight 04112233445566 &&
    ends_with 1 ended && prints 'Modèle Bo, 2A: 04112233445566' && says '1 card given, 1 left out' && says 'nobody of this name'
report $? "a list of names: Enter leaves one out, an unknown name is told"
lift
sqlite3 people.db "DELETE FROM holdings WHERE given = 'desk'"
start_pile --pile --class 2a --json
await 'Exemple Aïcha, 2A: the card' err && await 'put a card' err && tap 04112233445566 && await '"outcome": "given"' out && kill -INT "$pile" && ended &&
    [ "$(holder desk)" = Aïcha ] && says '1 card given'
report $? "one class, as JSON; what was given before Ctrl-C stays given"
lift
printf '04A1B2C3D4E590\n\n04A1B2C3D4E590\n04A1B2C3D4E591\n' | run 0 card assign --site site --store people.db --pile --reader none && prints 'Patron Eve: 04A1B2C3D4E590' &&
    prints 'Essai Dino, 1B: 04A1B2C3D4E591' && says 'Patron Eve has it' && says '2 cards given, 1 left out'
report $? "a pile of numbers that are typed, or that a reader types"

# ---- wrong calls ----
end "$cardsim" KILL
assign 1 --person eve "${reader[@]}" && says 'no reader at'
report $? "a reader that is not there is told"
assign 2 && assign 2 --pile --person eve && assign 2 --pile 04A1B2C3D4E580 && assign 2 --person eve --class 2A && run 2 card assign --person eve --store people.db &&
    run 0 card assign --help && prints 'usage: portillon card assign' && run 1 card assign --site site --store none.db --person eve 04A1B2C3D4E580 && [ ! -e none.db ]
report $? "wrong calls"
finish
