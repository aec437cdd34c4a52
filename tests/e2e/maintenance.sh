#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The maintenance commands against a real gate: status, clock, lists, passages, the bridge with Debian's CoAP clients, over
# a pty. upload.sh has what happens to an upload on its way.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
ask() { sqlite3 passages.db "$1"; }

start_gate() { start_scripted wait=go,every=200000,04000001,04000002,0800AA01 --flash gate.flash; }

# make_list VERSION CARDS SEED: list.VERSION; lists of different seeds share no block
make_list() {
    awk -v cards="$2" -v seed="$3" 'BEGIN { print "UID;Profil"; print "04000001;interne"
        for (i = 0; i < cards; i++) printf "05%02X%04X;DP\n", seed, i }' >cards.csv
    "$portillon" whitelist build site --csv cards.csv --list-version "$1" -o "list.$1" --accept-removals >out 2>err
}

gate_options=(--port gate.tty --site site)

{
    "$portillon" site init site && "$portillon" site init other &&
        "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id &&
        "$portillon" identity site --device porte-2 --name "Cantine" --zone canteen
} >out 2>err && mv site/gates/porte-2.* . && start_gate
report $? "a site, a gate and its maintenance port come up"
"$portillon" identity key site --device porte-1 --role maintenance -o maintenance.key &&
    "$portillon" identity key site --device porte-1 --role technician -o technician.key
report $? "its keys can be had as files"

# ---- status, clock ----
run 0 status "${gate_options[@]}" && prints "Portail nord (porte-1), building" && prints "list      none" &&
    prints "this computer's"
report $? "status tells name, zone, clock and that no list is installed"
run 0 status "${gate_options[@]}" --json && [ "$(member device)" = porte-1 ] && [ -z "$(member list)" ] &&
    [ "$(member clock)" = set ] && [ "$(member journal.tail)" = 1 ]
report $? "status --json is JSON that sqlite3 reads"
"$portillon" identity site --device porte-1 --direction out >out 2>err && run 0 status "${gate_options[@]}" &&
    prints "Portail nord (porte-1), building, way out, firmware" && run 0 status "${gate_options[@]}" --json && [ "$(member direction)" = out ]
report $? "status shows which way people go through the gate"
run 0 status --port gate.tty --key-file maintenance.key && [ ! -s err ] && tr a-f A-F <maintenance.key >upper.key &&
    run 0 status --port gate.tty --key-file upper.key && says "others on this computer can read this key" &&
    run 0 status --port gate.tty --key-file - <maintenance.key
report $? "a key file does instead of a site, and stdin, and upper-case hex; a file that others can read is told"
run 0 clock set "${gate_options[@]}" --to 2026-09-01T06:30:00Z --role technician && run 0 status "${gate_options[@]}" --json &&
    case $(member time) in 2026-09-01T06:30:0?Z) ;; *) false ;; esac
report $? "the clock is set to a time said"
run 0 clock set "${gate_options[@]}" --role technician && grep -q '^before:.*2026-09-01' out && grep -q "^now: .*agrees" out
report $? "the clock is set to this computer's, and was off before"
run 2 clock set "${gate_options[@]}" --to 2026-02-30T00:00:00Z && says "not a time"
report $? "a day that does not exist is no time"

# ---- lists ----
make_list 5 40 1 && run 0 whitelist push "${gate_options[@]}" list.5 && prints "version 5 is running, 41 cards" &&
    run 0 status "${gate_options[@]}" && prints "version 5, 41 cards"
report $? "a list is pushed and runs"
run 0 whitelist push "${gate_options[@]}" list.5 && prints "already running"
report $? "the same list again is no error"
end "$gate" TERM && start_gate && run 0 whitelist push "${gate_options[@]}" list.5 && prints "already running"
report $? "nor is it after the gate restarted"
make_list 4 40 1 && run 1 whitelist push "${gate_options[@]}" list.4 && says "runs version 5" && says "only takes a higher one"
report $? "a lower version is refused"
cp list.5 same.5 && make_list 5 60 2 && run 1 whitelist push "${gate_options[@]}" list.5 && says "another list of the same number"
report $? "another list of the same version is refused"
make_list 6 40 1 && size=$(stat -c %s list.6) && cp list.6 bad.6 && flip bad.6 $((size - 2000)) &&
    run 1 whitelist push "${gate_options[@]}" bad.6 && says "block 0 is damaged"
report $? "a damaged file is noticed before anything is sent"
head -c 1000 list.6 >short.6 && run 1 whitelist push "${gate_options[@]}" short.6 && says "short.6: "
report $? "so is a file cut short"
run 1 whitelist push "${gate_options[@]}" nothing.6 && says "nothing.6: No such file"
report $? "a file that is not there is named"
"$portillon" whitelist build other --csv cards.csv --list-version 9 -o list.other >out 2>err &&
    run 1 whitelist push "${gate_options[@]}" list.other && says "another site" &&
    run 1 whitelist push --port gate.tty --key-file maintenance.key list.other && says "refused" && says "another site"
report $? "a list of another site is refused, by the tool and by the gate"
cp list.6 forged.6 && flip forged.6 $((size - 4096 - 76 + 20)) &&
    run 1 whitelist push "${gate_options[@]}" forged.6 && says "not signed with the key" &&
    run 1 whitelist push --port gate.tty --key-file maintenance.key forged.6 && says "signature does not verify"
report $? "a list with a wrong signature is refused, by the tool and by the gate"
run 0 status "${gate_options[@]}" --json && [ "$(member list.version)" = 5 ] &&
    run 0 whitelist push "${gate_options[@]}" list.6 --json && [ "$(member version)" = 6 ] && [ "$(member blocks_sent)" -le 1 ]
report $? "after all that the old list runs, and a good one installs"

# ---- passages ----
run 0 settings "${gate_options[@]}" --set open_ms=500 # or the journal rests only five seconds after the last passage
all_kinds() { has_counted granted 1 && has_counted taps 6; } # unknown_card and random_uid in turn
tap_until 30 all_kinds
run 0 passages pull "${gate_options[@]}" --store passages.db --json && pulled=$(member new) && [ "$(member granted)" -ge 1 ] &&
    [ "$(member refused)" -ge 2 ]
report $? "passages are pulled"
[ "${pulled:=0}" -gt 0 ] && [ "$(ask "SELECT count(*) FROM journal")" = "$pulled" ] && [ "$(ask 'SELECT count(*) FROM anomalies')" = 0 ] &&
    [ "$(ask "SELECT group_concat(DISTINCT verdict || ' ' || ifnull(reason, '')) FROM (SELECT * FROM passages ORDER BY verdict, reason)")" = \
        "granted ,refused random_uid,refused unknown_card" ]
report $? "sqlite3 reads them: who was let in, and why others were not"
[ "$(ask "SELECT count(*) FROM passages WHERE time > strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-5 minutes') AND zone = 'building'")" = \
    "$(ask 'SELECT count(*) FROM passages')" ] && [ "$(ask 'SELECT max(seq) - min(seq) + 1 = count(*) FROM journal')" = 1 ]
report $? "with their time and zone, no number missing"
run 0 status "${gate_options[@]}" --json && [ "$(member journal.pending)" = 0 ]
report $? "what was stored is acknowledged"
run 0 passages pull "${gate_options[@]}" --store passages.db --json && [ "$(member new)" = 0 ] &&
    [ "$(ask "SELECT count(*) FROM journal")" = "$pulled" ]
report $? "pulling again stores nothing twice"
run 0 passages pull "${gate_options[@]}" --store second.db --json && [ "$(member new)" = "$pulled" ]
report $? "a second computer gets all of them too"
ask "UPDATE devices SET last_mac = zeroblob(8)" && run 3 passages pull "${gate_options[@]}" --store passages.db &&
    says "not the one this store knows" && [ "$(ask "SELECT count(*) FROM journal")" = "$pulled" ] &&
    run 0 passages pull "${gate_options[@]}" --store passages.db
report $? "a store that knows another journal says so once, and stores nothing twice"
run 1 passages pull "${gate_options[@]}" --store gate.log && says "not a database"
report $? "a file that is no database is left alone"
run 0 clock set "${gate_options[@]}" --to @$(($(date +%s) - 60)) && run 0 passages pull "${gate_options[@]}" --store clock.db --no-clock --json &&
    [ ! -s err ] && [ -z "$(member clock)" ] && run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -lt -50 ]
report $? "--no-clock leaves the gate's clock alone"
run 0 passages pull "${gate_options[@]}" --store clock.db && says "it is set now" && run 0 status "${gate_options[@]}" && prints "agrees with"
report $? "without it a pull puts the clock right, and says so"
run 2 passages pull --port gate.tty --store x.db && says "--site DIR is missing" &&
    run 2 passages pull --port gate.tty --key-file maintenance.key --store x.db && says "--key-file: no such option"
report $? "without the site's journal key nothing can be checked, and it says so"

# ---- the bridge, with CoAP clients nobody here wrote ----
start_bridge gate.tty
report $? "the bridge is up"
for build in openssl gnutls; do
    client $build maintenance "$(cat maintenance.key)" get /.well-known/core && prints "</status>;ct=60"
    report $? "coap-client-$build reads /.well-known/core through the bridge"
    client $build maintenance "$(cat maintenance.key)" get /status && grep -aq 'Portail nord' out
    report $? "coap-client-$build reads /status"
    (umask 077 && echo ",maintenance,$(cat maintenance.key)" >hints)
    timeout 20 "coap-client-$build" -B 5 -u none -k none -h hints -m get "$url/status" >out 2>err && grep -aq 'Portail nord' out
    report $? "and with its key in a file"
    client $build maintenance 00112233445566778899aabbccddeeff get /status && turned_away 'Portail nord'
    report $? "coap-client-$build with a wrong key reads nothing"
    client $build maintenance "$(cat technician.key)" get /status && turned_away 'Portail nord'
    report $? "coap-client-$build with the key of another role reads nothing"
    client $build maintenance "$(cat maintenance.key)" get /settings
    grep -q '4.03' out err
    report $? "coap-client-$build with the maintenance key gets 4.03 for the technician's /settings"
    client $build technician "$(cat technician.key)" get /settings && grep -aq open_ms out
    report $? "coap-client-$build with the technician's key reads /settings"
done
run 1 status "${gate_options[@]}" && says "another program is using it"
report $? "a line in use is told"
end "$bridge" INT && grep -q 'ended; [0-9]* datagrams to the gate' bridge.err
report $? "Ctrl-C ends the bridge cleanly"
run 2 bridge --port gate.tty --udp 0.0.0.0:5684 && says "127.0.0.1 only"
report $? "the bridge listens on loopback only"
run 0 status "${gate_options[@]}" && prints "sessions refused"
report $? "the gate answers as before, and counts the sessions it refused"

# ---- wrong calls, dead lines ----
echo 00112233445566778899aabbccddeeff >wrong.key
run 1 status --port gate.tty --key-file wrong.key && says "refused the maintenance key"
report $? "a wrong key is told"
run 1 status --port none.tty --site site && says "none.tty: no such device"
report $? "a port that is not there"
run 1 status --port gate.log --site site && says "not a serial line"
report $? "a port that is a file"
run 2 status --site site && says "--port DEV is missing"
report $? "no port at all"
run 2 status --port gate.tty && says "which key?"
report $? "no key at all"
run 1 status "${gate_options[@]}" --gate porte-9 && says porte-9
report $? "a gate the site does not know"
cp porte-2.identity site/gates && run 0 status "${gate_options[@]}" && prints "(porte-1)"
report $? "of several gates the one is taken that the line leads to"
run 1 status "${gate_options[@]}" --gate porte-2 && says "refused the maintenance key of porte-2: it says it is Portail nord"
report $? "the cable of another gate is told, and whose it is"
mv site/gates/porte-1.identity . && cp porte-2.identity site/gates/porte-3.identity && run 2 status "${gate_options[@]}" &&
    says "leads to Portail nord" && says "there are porte-2, porte-3"
report $? "and so is a gate of another site"
mv porte-1.identity site/gates && run 1 status --port nothing.tty --site site && says "no such device"
report $? "a port that is not there is no question of which gate"
rm site/gates/porte-[23].identity
run 2 status "${gate_options[@]}" please && says "what is that?" && run 2 clock set "${gate_options[@]}" --to 2001-01-01T00:00:00Z &&
    says "before 2024"
report $? "a word too many, and a time no gate believes"
all_are_guessed() {
    local wrong
    for wrong in "statsu:status" "pull:passages pull" "profile:profiles" "lend:card lend"; do
        run 2 "${wrong%%:*}" && says "did you mean ${wrong#*:}?" || return 1
    done
}
all_are_guessed
report $? "a misspelt command is guessed"
socat PTY,link=quiet.tty,rawer PTY,link=far.tty,rawer &
running+=($!)
await_path quiet.tty && await_path far.tty
run 1 status --port quiet.tty --site site --timeout 1 && says "no answer on quiet.tty in 1 s: is the gate powered"
report $? "a silent line"
(for _ in $(seq 100); do
    echo "login:" 2>/dev/null
    sleep 0.02
done >far.tty) &
run 1 status --port quiet.tty --site site --timeout 1 && says "not as a gate does"
report $? "a line where something else speaks"
wait $!

finish
