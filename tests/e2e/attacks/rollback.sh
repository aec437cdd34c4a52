#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Hands on the memory chip, power off: an older copy of the whole chip is put back, or a blank chip in its place. Before, a card
# that was taken off the list passed again, groups that were turned off were on, and nothing told of it.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/../scratch.sh"
gate_options=(--port gate.tty --site site)
ask() { sqlite3 -readonly passages.db "$1"; }
start() { # start FLASH [OPTION...]: the leaver's card is tapped while there is a file named go
    rm -f gate.tty
    start_scripted "wait=go,every=3000,05000001" --control gate.sock --flash "$@"
}
stop() { end "$gate" TERM; }
taps() { # taps REASON: the leaver taps, and every tap ends so
    local others="SELECT count(*) FROM passages WHERE coalesce(reason, verdict) != '$1'" before
    pull
    before=$(ask "$others")
    gate_status && tap_until 20 has_counted taps $(($(member taps) + 3))
    pull && [ "$(ask "$others")" = "$before" ] && [ "$(member new)" -ge 3 ]
}
# The journal of the older chip may be another one for the office, which tells that with exit status 3.
pull() { "$portillon" passages pull "${gate_options[@]}" --store passages.db --json >out 2>err || [ $? = 3 ]; }
event() { pull && [ "$(ask "SELECT count(*) FROM events WHERE what = '$1'")" = "$2" ]; } # event NAME COUNT

{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name Nord --zone building -o gate.id
    printf 'UID;Profil\n04000001;interne\n05000001;externe\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv --list-version 1 -o list.1
    printf 'UID;Profil\n04000001;interne\n' >cards.csv && "$portillon" whitelist build site --csv cards.csv --list-version 2 -o list.2
} >out 2>err
start gate.flash && run 0 whitelist push "${gate_options[@]}" list.1 && run 0 settings "${gate_options[@]}" --set open_ms=500
run 0 status "${gate_options[@]}" && prints "anchor    in use"
report $? "a gate has a list, and an anchor"
taps granted
report $? "the card is let in"
stop && cp gate.flash old.flash && start gate.flash
run 0 profiles off externe "${gate_options[@]}" && run 0 whitelist push "${gate_options[@]}" list.2 && taps unknown_card
report $? "the next list does not have the card, and a group is turned off"
stop

# ---- the older chip ----
cp old.flash gate.flash && start gate.flash && run 0 status "${gate_options[@]}" --json &&
    [ "$(member list_rolled_back)" = 1 ] && [ "$(member store_rolled_back)" = 1 ] && grep -q '"list": null' out
report $? "the chip from before is noticed: no list is active"
run 0 status "${gate_options[@]}" && prints "list      PUT BACK" && prints "settings  PUT BACK"
report $? "status says so in words"
taps list_rolled_back && event list_rolled_back 1 && event store_rolled_back 1
report $? "every card is refused, and the journal tells why"
run 1 whitelist push "${gate_options[@]}" list.1
report $? "the old list is not taken once more"
run 0 whitelist push "${gate_options[@]}" list.2 && taps unknown_card && run 0 status "${gate_options[@]}" --json && [ "$(member list_rolled_back)" = 0 ]
report $? "the newest list is taken at once"
stop && start gate.flash && run 0 status "${gate_options[@]}" --json && [ "$(member store_rolled_back)" = 1 ]
report $? "the settings stay in doubt after another start"
run 0 settings "${gate_options[@]}" --confirm && run 0 status "${gate_options[@]}" --json && [ "$(member store_rolled_back)" = 0 ] &&
    stop && start gate.flash && run 0 status "${gate_options[@]}" --json && [ "$(member store_rolled_back)" = 0 ]
report $? "until a technician confirms them"
stop

# ---- a blank chip ----
rm gate.flash && start gate.flash && run 1 whitelist push "${gate_options[@]}" list.1 && run 0 whitelist push "${gate_options[@]}" list.2
report $? "a blank chip takes the newest list, and not the old one"
stop

# ---- without an anchor ----
cp old.flash alone.flash && start alone.flash --anchor none && run 0 status "${gate_options[@]}" && prints "anchor    none"
report $? "without an anchor status says what cannot be noticed"
stop
finish
