#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A pupil leaves a card, a sticker or a telephone on the reader. Nobody else may be kept out, the gate may open once for
# a card that lies there, and the office learns of it.
# alone: a reader counts as lost when a busy machine answers too late
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
board_or_skip "a card left on the reader"
gate_options=(--port gate.tty --site site)

# name  kind  UID; those of the list first
cat >cards <<'END'
amandine  classic      04ED0B12
basile    ultralight   0421C0DE000002
celeste   ntag213      0421C0DE000003
denis     desfire-ev2  0421C0DE000004
gaelle    iso4         0421C0DE0000080000AB
sticker   ntag213      04DECAF0000001
top       classic      FFFFFFFF
blank     ultralight   04DECAF0000002
bank      desfire-ev3  04DECAF0000003
badge     iso4         04DECAF0000004
phone     random
END
listed=(amandine basile celeste denis gaelle)

put() { "$BUILD/cardsim" ctl cards.sock put "$1" >tap.out; }
take() { "$BUILD/cardsim" ctl cards.sock take "$1" >tap.out; }
status_is() { gate_answers && [ "$(member "$1")" = "$2" ]; } # status_is MEMBER VALUE
lies_there() { gate_answers && [ "$(member resident_s)" -ge 60 ]; }
events() { sqlite3 passages.db "SELECT count(*) FROM events WHERE what = '$1'"; }
# leave CARD...: puts them there, and waits until each was refused, and nothing is shown any more
leave() {
    local card taps
    for card in "$@"; do
        gate_answers
        taps=$(member taps)
        put "$card" && eventually 10 status_is taps $((taps + 1)) && eventually 8 is_at_rest || return 1
    done
}
# all_pass CARD...: each is granted, with one more tap and one more passage
all_pass() {
    local card taps granted
    for card in "$@"; do
        gate_answers
        taps=$(member taps) granted=$(member granted)
        [ "$(verdict_of "$card")" = granted ] && status_is taps $((taps + 1)) && status_is granted $((granted + 1)) && continue
        echo "$card: $(member taps) taps after $taps, $(member granted) granted after $granted" >>err
        return 1
    done
}

(echo 'Carte;Profil' && awk '/sticker/ { exit } { print $3 ";DP" }' cards) >list.csv
make_site building && start_reader cards && start_gate && eventually 10 reader_is 1 &&
    "$portillon" whitelist build site --csv list.csv -o list.1 >out 2>err && run 0 whitelist push "${gate_options[@]}" list.1 &&
    run 0 settings "${gate_options[@]}" --set open_ms=500
report $? "$BOARD: a gate with a list of ${#listed[@]} cards is up"

kinds='sticker top blank bank badge phone'
[ "$BOARD" = linux ] || kinds='sticker phone' # the driver is the same: what differs is the board's pace
for card in $kinds; do
    leave "$card" && all_pass "${listed[@]}"
    report $? "beside a card that lies there, everybody passes: $(awk -v card="$card" '$1 == card { print $2 }' cards)"
    take all
    sleep 0.5
done

# One that lies there from here on: for longer than a minute in the end.
leave top && gate_answers && since=$SECONDS && [ "$(member resident_s)" = 0 ]
report $? "a card that lies there for a moment is not told yet"
leave bank phone && all_pass "${listed[@]}"
report $? "beside three that lie there, everybody passes"
take bank && take phone && sleep 1 && leave bank && all_pass amandine
report $? "one of them taken away and put back is a new tap"
take bank && sleep 1

gate_answers
granted=$(member granted) relay=$(rises relay)
put denis && eventually 10 status_is granted $((granted + 1)) && eventually 8 is_at_rest && all_pass amandine celeste &&
    sleep 2 && status_is granted $((granted + 3)) && [ "$(rises relay)" = $((relay + 3)) ]
report $? "a listed card left there opens once"
take denis && sleep 1 && all_pass denis
report $? "and again when it is tapped again"

gate_answers
granted=$(member granted) taps=$(member taps) relay=$(rises relay) red=$(rises red)
"$BUILD/cardsim" ctl cards.sock tap phone 800 >tap.out && "$BUILD/cardsim" ctl cards.sock tap gaelle 800 >tap.out
eventually 10 status_is granted $((granted + 1)) && eventually 10 status_is taps $((taps + 2)) && eventually 8 is_at_rest &&
    [ "$(rises relay)" = $((relay + 1)) ]
report $? "a telephone and a listed card held together are both decided, and open once"

if [ "$BOARD" != linux ]; then
    stop_gate
    finish
fi
while [ $((SECONDS - since)) -lt 60 ]; do sleep 1; done
eventually 10 lies_there && run 0 status "${gate_options[@]}" && prints "A CARD HAS LAIN ON IT for"
report $? "after a minute the status tells of it"
all_pass basile
report $? "while everybody passes"
take top && eventually 10 status_is resident_s 0 && run 0 status "${gate_options[@]}" && ! prints "HAS LAIN"
report $? "the status tells when it is gone"
run 0 passages pull "${gate_options[@]}" --store passages.db && [ "$(events card_resident)" -ge 1 ] &&
    [ "$(events card_resident)" = "$(events card_removed)" ] &&
    [ "$(sqlite3 passages.db "SELECT min(ref) >= 60 FROM events WHERE what = 'card_removed'")" = 1 ]
report $? "both are in the journal"
stop_gate
finish
