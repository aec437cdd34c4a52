#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What people do to a gate besides its list, on a board: groups turned off and on (Vigipirate), openings by hand, and a
# clock that the routine pull keeps right; all of it through a power cut.
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "groups turned off, openings by hand, the clock"
gate_options=(--port gate.tty --site site --timeout 20) # a busy machine takes its time
no_battery=() # the emulated board has none; nor is this gate to have one
[ "$BOARD" != linux ] || no_battery=(--no-rtc)

cat >cards <<'END'
amandine  classic      04ED0B12
basile    ultralight   0421C0DE000002
celeste   ntag213      0421C0DE000003
END
make_list() { # make_list VERSION
    printf '%s\n' 'Carte;Profil' '04ED0B12;externe' '0421C0DE000002;DP' '0421C0DE000003;agent' >list.csv
    "$portillon" whitelist build site --csv list.csv --list-version "$1" -o "list.$1" >out 2>err
}
pull() { run 0 passages pull "${gate_options[@]}" --store passages.db "$@"; }
event() { sqlite3 passages.db "SELECT ref FROM events WHERE what = '$1' ORDER BY seq DESC LIMIT 1"; }
event_count() { sqlite3 passages.db "SELECT count(*) FROM events WHERE what = '$1'"; }
relay_rose() { [ "$(rises relay)" -gt "$1" ]; }

make_site building && start_reader cards && start_gate "${no_battery[@]}" && make_list 1 && make_list 2 && eventually 30 reader_is 1
report $? "$BOARD: a gate with a reader comes up"
run 1 profiles "${gate_options[@]}" && says "it has no list yet"
report $? "without a list it knows no groups, and says so"

# ---- the clock ----
run 0 whitelist push --accept-removals "${gate_options[@]}" list.1 && says "the gate's clock is unset: hours, dates and meals of the list do not count"
report $? "whoever pushes a list learns that the clock is unset"
pull && says "the gate's clock was unset; it is set now" && run 0 status "${gate_options[@]}" --json && [ "$(member clock)" = set ]
report $? "the first pull sets it"
pull --json && [ ! -s err ] && [ "$(member clock.outcome)" = left ] && [ "$(event_count clock_set)" = 1 ]
report $? "the next has nothing to do, and says nothing"
run 0 clock set "${gate_options[@]}" --to "@$(($(date +%s) - 120))" && pull --json && says "2 min" && says "it is set now" &&
    [ "$(member clock.outcome)" = set ] && run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -ge -10 ]
report $? "a clock two minutes behind is put right, and it is said"
run 0 clock set "${gate_options[@]}" --to 2026-01-05T12:00:00Z --role technician && pull --json && says "shows 2026-01-05" && says "portillon clock set" &&
    [ "$(member clock.outcome)" = too_far ] && run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -lt -300 ]
report $? "one that is far off is left to a person, who learns both times"
run 1 clock set "${gate_options[@]}" && says "ten minutes a day" && run 0 clock set "${gate_options[@]}" --role technician &&
    run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -ge -10 ] && [ "$(member drift_s)" -le 10 ]
report $? "and sets it, as a technician"

# ---- groups ----
run 0 settings "${gate_options[@]}" --set open_ms=500 && run 0 profiles "${gate_options[@]}" --json && [ "$(member profiles.externe)" = 1 ] && [ "$(member 'profiles."demi-pension"')" = 1 ]
report $? "all groups are on"
[ "$(verdict_of amandine)" = granted ] && run 0 profiles off externe Demi-Pension "${gate_options[@]}" && prints "2 groups turned off, 2 of" &&
    [ "$(verdict_of amandine)" = refused ] && [ "$(verdict_of basile)" = refused ] && [ "$(verdict_of celeste)" = granted ]
report $? "two turned off: they stay out at once, the others pass"
pull && [ "$(sqlite3 passages.db "SELECT group_concat(DISTINCT ifnull(reason, verdict)) FROM (SELECT * FROM passages ORDER BY seq)")" = \
    granted,profile_off ] && [ "$(event profiles_changed)" = 3 ]
report $? "the journal tells why, and of the change"
run 0 status "${gate_options[@]}" && prints "groups    OFF: externe, demi-pension" && run 0 status "${gate_options[@]}" --json &&
    [ "$(member profiles_off)" = '["externe","demi-pension"]' ]
report $? "status says it to whoever looks, without the technician's key"

kill_gate
start_gate "${no_battery[@]}" && eventually 30 reader_is 1 && run 0 status "${gate_options[@]}" && prints "groups    OFF: externe, demi-pension" &&
    prints "NOT SURE"
report $? "after a power cut they are off still, and the clock is not sure"
[ "$(verdict_of amandine)" = refused ] && [ "$(verdict_of celeste)" = granted ]
report $? "and stay out"
pull && says "not sure of its clock" && run 0 status "${gate_options[@]}" --json && [ "$(member clock)" = set ]
report $? "the pull puts the clock right"
run 0 whitelist push --accept-removals "${gate_options[@]}" list.2 && [ ! -s err ] && [ "$(verdict_of basile)" = refused ]
report $? "a new list changes nothing for them"
run 0 profiles on dp "${gate_options[@]}" && prints "1 group turned on, 1 of" && run 0 profiles off Demi-pensionnaires "${gate_options[@]}" &&
    prints "1 group turned off, 2 of" && run 2 profiles off DP4 "${gate_options[@]}" && says "no such profile"
report $? "the words of the school's files are understood; one that stands for some days is not the whole group"
run 0 profiles on --all "${gate_options[@]}" && prints "all groups may pass again" && [ "$(verdict_of basile)" = granted ] && pull &&
    [ "$(event profiles_changed)" = 0 ] && [ "$(event_count profiles_changed)" = 4 ]
report $? "turned on again, they pass"
run 0 profiles on --all "${gate_options[@]}" && says "nothing to change" && pull && [ "$(event_count profiles_changed)" = 4 ]
report $? "what is so already is not logged"

# ---- by hand ----
before=$(rises relay)
run 0 settings "${gate_options[@]}" --set open_ms=4000 && run 0 open "${gate_options[@]}" --json && [ "$(member state)" = open ] &&
    [ "$(member ahead)" = 0 ] && eventually 10 relay_rose "$before"
report $? "the technician opens for one person"
run 0 open "${gate_options[@]}" && prints "somebody is passing; it opens for one more after 1"
report $? "and for another, who waits for the first"
both_closed() {
    pull && [ "$(sqlite3 passages.db "SELECT count(*) FROM journal c JOIN journal o ON c.ref = o.seq WHERE c.kind = 'closed' AND
        o.what = 'manual_opening'")" = 2 ]
}
eventually 40 both_closed && [ "$(event manual_opening)" = 2 ] && [ "$(event_count manual_opening)" = 2 ]
report $? "both are in the journal with who asked, and how they ended"
run 1 open "${gate_options[@]}" --role maintenance && says "does not allow it to role maintenance" &&
    run 1 profiles off externe "${gate_options[@]}" --role maintenance && says "does not allow it to role maintenance"
report $? "neither is for the maintenance role"
finish
