#!/usr/bin/env bash
# The maintenance commands against a real gate: status, clock, lists, passages, the bridge with Debian's CoAP
# clients; over a pty, over a line as slow as a real one, over one that damages what it carries.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
ask() { sqlite3 passages.db "$1"; }

start_gate() { # start_gate [OPTION...]: sets gate
    : >gate.log # what the run before said is not to be waited for
    "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --pty gate.tty "$@" \
        --reader-helper "$BUILD/e2e/tap_source" --reader wait=go,every=3000,04000001,04000002,0800AA01 >gate.log 2>&1 &
    gate=$!
    running+=("$gate")
    await ' is up, ' gate.log
}

stop_gate() { # stop_gate SIGNAL
    { kill "-$1" "$gate" && wait "$gate"; } 2>/dev/null
}

start_line() { # start_line BAUD DELAY_MS DAMAGE: sets line; the gate is also at line.tty
    rm -f line.tty
    "$BUILD/e2e/slow_line" gate.tty line.tty "$@" >line.log 2>&1 &
    line=$!
    running+=("$line")
    for _ in $(seq 500); do
        [ -L line.tty ] && return 0
        sleep 0.01
    done
    false
}

stop_line() {
    kill "$line"
    wait "$line" 2>/dev/null
}

# make_list VERSION CARDS SEED: list.VERSION; lists of different seeds share no block
make_list() {
    awk -v cards="$2" -v seed="$3" 'BEGIN { print "UID;Profil"; print "04000001;interne"
        for (i = 0; i < cards; i++) printf "05%02X%04X;DP\n", seed, i }' >cards.csv
    "$portillon" whitelist build site --csv cards.csv --list-version "$1" -o "list.$1" >out 2>err
}

flip() { # flip FILE OFFSET: changes one bit
    local byte
    byte=$(od -An -tu1 -j"$2" -N1 "$1")
    printf "\\$(printf %o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

gate_options=(--port gate.tty --site site)
line_options=(--port line.tty --site site)

{
    "$portillon" site init site && "$portillon" site init other &&
        "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id &&
        "$portillon" identity site --device porte-2 --name "Cantine" --zone canteen
} >out 2>err && mv site/gates/porte-2.* . && start_gate
report $? "a site, a gate and its maintenance port come up"
"$portillon" identity key site --device porte-1 --role maintenance >maintenance.key &&
    "$portillon" identity key site --device porte-1 --role technician >technician.key
report $? "its keys can be had as files"

# ---- status, clock ----
run 0 status "${gate_options[@]}" && prints "Portail nord (porte-1), building" && prints "list      none" &&
    prints "this computer's"
report $? "status tells name, zone, clock and that no list is installed"
run 0 status "${gate_options[@]}" --json && [ "$(member device)" = porte-1 ] && [ -z "$(member list)" ] &&
    [ "$(member clock)" = set ] && [ "$(member journal.tail)" = 1 ]
report $? "status --json is JSON that sqlite3 reads"
run 0 status --port gate.tty --key-file maintenance.key && run 0 status --port gate.tty --key "$(tr a-f A-F <maintenance.key)"
report $? "a key file does instead of a site, and upper-case hex"
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
stop_gate TERM && start_gate && run 0 whitelist push "${gate_options[@]}" list.5 && prints "already running"
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

# ---- interruptions ----
make_list 7 9000 3 && start_line 921600 2 0 || report 1 "a slow line"
"$portillon" whitelist push "${line_options[@]}" --baud 921600 list.7 >out 2>err &
push=$!
sleep 1.5
kill -INT $push
wait $push
[ $? = 130 ] && says "keeps its list, version 6; the same command resumes"
report $? "Ctrl-C in the middle of an upload: status 130, and a word on how things stand"
run 0 status "${line_options[@]}" --baud 921600 && prints "version 6, 41 cards" && prints "version 7: receiving"
report $? "the gate is on its old list and knows of the upload"
run 0 whitelist push "${line_options[@]}" --baud 921600 --json list.7 && [ "$(member resumed)" = 1 ] &&
    [ "$(member blocks_sent)" -lt "$(member blocks)" ] && [ "$(member blocks_sent)" -gt 0 ]
report $? "the same command resumes and sends only the rest"
make_list 8 9000 4
"$portillon" whitelist push "${line_options[@]}" --baud 921600 --timeout 1 --json list.8 >out 2>err &
push=$!
sleep 1.5
stop_gate KILL
sleep 0.5
start_gate
wait $push && says "fell silent" && [ "$(member version)" = 8 ] && run 0 status "${gate_options[@]}" && prints "version 8, 9001 cards"
report $? "an upload goes on by itself when the gate restarts in the middle of it"
stop_line

# ---- lines ----
# How much of the line an upload uses is for make bench; here, that it sends little more than the list.
frugal() { [ "$(member line_bytes)" -le $((3 * $(stat -c %s "$1") / 2)) ]; }
make_list 10 2500 5 && start_line 115200 8 0 && run 0 whitelist push "${line_options[@]}" --json list.10 && frugal list.10
report $? "at 115200 bit/s a list of $(stat -c %s list.10) bytes takes $(member line_bytes) on the line"
stop_line
make_list 11 9000 6 && start_line 921600 8 0 && run 0 whitelist push "${line_options[@]}" --baud 921600 --json list.11 && frugal list.11
report $? "at 921600 bit/s one of $(stat -c %s list.11) takes $(member line_bytes)"
stop_line
make_list 12 3000 7 && start_line 921600 1 20000 && run 0 whitelist push "${line_options[@]}" --baud 921600 --json list.12 &&
    run 0 status "${gate_options[@]}" && prints "version 12, 3001 cards"
report $? "a line that damages one frame in twenty slows an upload down, no more"
stop_line

# ---- a chip that fails half-way ----
make_list 13 9000 8 && start_line 921600 2 0 || report 1 "a slow line"
cp gate.flash whole.flash
"$portillon" whitelist push "${line_options[@]}" --baud 921600 --timeout 1 list.13 >out 2>err &
push=$!
sleep 1.5
truncate -s 64K gate.flash
wait $push
[ $? = 1 ] && says "has kept no block for 1" && says "the gate's memory chip failed; the list it had stays"
report $? "an upload to a gate whose chip stops working ends, and says why"
stop_line
stop_gate KILL
cp whole.flash gate.flash
start_gate

# ---- passages ----
touch go && sleep 1 && rm go && sleep 0.1
run 0 passages pull "${gate_options[@]}" --store passages.db --json && pulled=$(member new) && [ "$(member granted)" -ge 1 ] &&
    [ "$(member refused)" -ge 2 ]
report $? "passages are pulled"
[ "$(ask "SELECT count(*) FROM journal")" = "$pulled" ] && [ "$(ask 'SELECT count(*) FROM anomalies')" = 0 ] &&
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
raw=$(ask "SELECT max(seq) FROM journal") && ask "UPDATE journal SET raw = zeroblob(32) WHERE seq = $raw" &&
    run 1 passages pull "${gate_options[@]}" --store passages.db && says "not the one this store knows"
report $? "a store that knows another journal is told, and stays as it is"
run 1 passages pull "${gate_options[@]}" --store gate.log && says "not a database"
report $? "a file that is no database is left alone"
run 0 clock set "${gate_options[@]}" --to @$(($(date +%s) - 60)) && run 0 passages pull "${gate_options[@]}" --store clock.db --no-clock --json &&
    [ ! -s err ] && [ -z "$(member clock)" ] && run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -lt -50 ]
report $? "--no-clock leaves the gate's clock alone"
run 0 passages pull "${gate_options[@]}" --store clock.db && says "it is set now" && run 0 status "${gate_options[@]}" && prints "agrees with"
report $? "without it a pull puts the clock right, and says so"
run 2 passages pull --port gate.tty --key-file maintenance.key --store x.db && says "--site DIR is missing"
report $? "without the site's journal key nothing can be checked, and it says so"

# ---- the bridge, with CoAP clients nobody here wrote ----
"$portillon" bridge --port gate.tty --udp 127.0.0.1:0 >out 2>bridge.err &
bridge=$!
running+=("$bridge")
await 'coaps://127.0.0.1:' bridge.err
url=$(grep -o 'coaps://127.0.0.1:[0-9]*' bridge.err)
client() { # client BUILD ROLE KEY PATH [METHOD]
    timeout 20 "coap-client-$1" -B 5 -u "$2" -k "$3" -m "${5:-get}" "$url$4" >out 2>err
}
for build in openssl gnutls; do
    client $build maintenance "$(cat maintenance.key)" /.well-known/core && prints "</status>;ct=60"
    report $? "coap-client-$build reads /.well-known/core through the bridge"
    client $build maintenance "$(cat maintenance.key)" /status && grep -aq 'Portail nord' out
    report $? "coap-client-$build reads /status"
    client $build maintenance 00112233445566778899aabbccddeeff /status
    ! grep -aq 'Portail nord' out
    report $? "coap-client-$build with a wrong key reads nothing"
    client $build maintenance "$(cat technician.key)" /status
    ! grep -aq 'Portail nord' out
    report $? "coap-client-$build with the key of another role reads nothing"
    client $build maintenance "$(cat maintenance.key)" /settings
    grep -q '4.03' out err
    report $? "coap-client-$build with the maintenance key gets 4.03 for the technician's /settings"
    client $build technician "$(cat technician.key)" /settings && grep -aq open_ms out
    report $? "coap-client-$build with the technician's key reads /settings"
done
run 1 status "${gate_options[@]}" && says "another program is using it"
report $? "a line in use is told"
kill -INT $bridge
wait $bridge && grep -q 'ended; [0-9]* datagrams to the gate' bridge.err
report $? "Ctrl-C ends the bridge cleanly"
run 2 bridge --port gate.tty --udp 0.0.0.0:5684 && says "127.0.0.1 only"
report $? "the bridge listens on loopback only"
run 0 status "${gate_options[@]}" && prints "sessions refused"
report $? "the gate answers as before, and counts the sessions it refused"

# ---- wrong calls, dead lines ----
run 1 status --port gate.tty --key 00112233445566778899aabbccddeeff && says "refused the maintenance key"
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
for wrong in "statsu:status" "pull:passages pull" "profile:profiles" "lend:card lend"; do
    run 2 "${wrong%%:*}" && says "did you mean ${wrong#*:}?" || break
done
report $? "a misspelt command is guessed"
socat PTY,link=quiet.tty,rawer PTY,link=far.tty,rawer &
running+=($!)
for _ in $(seq 500); do
    [ -L quiet.tty ] && [ -L far.tty ] && break
    sleep 0.01
done
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
