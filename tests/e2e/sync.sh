#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Four gates of a school and one portillon sync: all at once, again, with one dead, one unplugged in mid-pull, one that is not
# the one it should be; a group turned off everywhere; --watch; a locked store. What is not stored is not acknowledged.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs+=(watch.out watch.err)
gates=(est nord ouest sud)
declare -A pid_of=()
ask() { sqlite3 -readonly -cmd '.timeout 10000' store.db "$1"; }
start() { # start GATE [PTY]: with its own chip, at GATE.tty or another name
    rm -f "${2:-$1.tty}" "$1.log"
    "$BUILD/portillond" --identity "$1.id" --flash "$1.flash" --anchor none --create-flash --pty "${2:-$1.tty}" --control "$1.sock" \
        --reader-helper "$BUILD/e2e/tap_source" --reader "wait=go-$1,every=2000,04000001,04000002,04000099" >"$1.log" 2>&1 &
    pid_of[$1]=$!
    running+=("$!")
    await ' is up, ' "$1.log"
}
stop() { end "${pid_of[$1]}" "${2:-TERM}"; }
status_of() { run 0 status --port "$1.tty" --site site --gate "$1" --json; }
has_records() { status_of "$1" && [ "$(member journal.head)" -gt "$2" ]; }
rests() { # the journal of a gate grows no more
    local head
    status_of "$1" && [ "$(member state)" = idle ] && head=$(member journal.head) && sleep 0.3 && status_of "$1" &&
        [ "$(member journal.head)" = "$head" ]
}
fire() { echo "inputs fire=$2" | timeout 5 socat -t 2 - "UNIX-CONNECT:$1.sock" >check.log 2>&1; }
fill() { # fill GATE NUMBER: its journal ends above that number; released by fire, so that nobody is waited for
    fire "$1" 1
    touch "go-$1"
    eventually 60 has_records "$1" "$2"
    local filled=$?
    rm "go-$1"
    fire "$1" 0
    eventually 30 rests "$1" && [ $filled = 0 ]
}
sync() { run "$1" sync --site site --store store.db --timeout 3 "${@:2}"; }
gate_of() { sqlite3 :memory: "SELECT json_extract(value, '\$.$2') FROM json_each(CAST(readfile('out') AS TEXT), '\$.gates') WHERE json_extract(value, '\$.device') = '$1'"; }
outcomes() { sqlite3 :memory: "SELECT group_concat(json_extract(value, '\$.outcome'), ' ') FROM json_each(CAST(readfile('out') AS TEXT), '\$.gates')"; }
# all_stored GATE: what the gate has acknowledged is in the store, without a hole
all_stored() {
    status_of "$1" && acked=$(member journal.acked) && tail=$(member journal.tail) &&
        [ "$(ask "SELECT count(*) FROM journal WHERE device = '$1' AND seq BETWEEN $tail AND $acked AND run = (SELECT run FROM devices WHERE device = '$1')")" = $((acked - tail + 1)) ]
}
build_list() { # build_list VERSION UID...: all boarders
    { echo 'UID;Profil' && printf '%s;interne\n' "${@:2}"; } >cards.csv && run 0 whitelist build site --csv cards.csv --list-version "$1"
}

has_stored() { [ "$(ask "SELECT coalesce(max(seq), 0) FROM journal WHERE device = '$1'")" -ge "$2" ]; } 2>/dev/null

ok=0
run 0 site init site || ok=1
for gate in "${gates[@]}"; do
    run 0 identity site --device "$gate" --name "Portail $gate" --zone building -o "$gate.id" && start "$gate" || ok=1
done
build_list 1 04000001 04000002 04000003 04000004 04000005 || ok=1
printf '# the lines of the school\nest   %s/est.tty\nnord  %s/nord.tty\nouest %s/ouest.tty\n' "$work" "$work" "$work" >site/ports
run 0 identity site --device nord --name "Portail nord" --zone building --direction in -o nord.id || ok=1
report $ok "four gates"

# ---- the call ----
run 2 sync --site site && says "--store FILE is missing" && run 2 sync --site site --store store.db --port north=x && says "did you mean nord?"
report $? "a wrong call is 2"
cp site/ports ports && echo "nrod /dev/ttyUSB9" >>site/ports && run 1 sync --site site --store store.db && says "site/ports:5: nrod: no such gate" && says "did you mean nord?" &&
    printf 'est x up\n' >site/ports && run 1 sync --site site --store store.db && says "ports:1: there is more than a gate and its device" && cp ports site/ports
report $? "a wrong line in the file ports is told with its number"
sync 2 --port "sud=$work/est.tty" && says "is named as the line of est and of sud"
report $? "two gates cannot have one line"

# ---- all four ----
ok=0
for gate in "${gates[@]}"; do fill "$gate" 40 || ok=1; done
sync 1 && says "sud: sync: nobody says where it is: give --port sud=DEV" && [ "$(grep -c 'up to date: list 1 sent, 5 cards' out)" = 3 ] && prints "3 of 4 gates up to date" || ok=1
report $ok "a gate without a line holds nobody up, and what to do is said"
sync 0 --json --port "sud=$work/sud.tty" && [ "$(member failed)" = 0 ] && [ "$(outcomes)" = "synced synced synced synced" ] && [ "$(gate_of sud list_sent)" = 1 ] &&
    [ "$(gate_of sud new)" -gt 40 ] && [ "$(gate_of est list_sent)" = 0 ]
report $? "all four are synced, the fourth by an option"
echo "sud $work/sud.tty" >>site/ports
ok=0
for gate in "${gates[@]}"; do status_of "$gate" && [ "$(member list.version)" = 1 ] && [ "$(member clock)" = set ] && all_stored "$gate" || ok=1; done
report $ok "each has the list and the time, and all that was acknowledged is stored"
[ "$(ask "SELECT group_concat(device || ' ' || direction || ' ' || list_version || ' ' || (abs(clock_off_s) < 3), ', ') FROM (SELECT * FROM gates ORDER BY device)")" = \
    "est both 1 1, nord in 1 1, ouest both 1 1, sud both 1 1" ]
report $? "the store notes what was seen of each gate"
before=$(ask "SELECT count(*) FROM journal")
sync 0 --json && [ "$(ask "SELECT count(*) FROM journal")" = "$before" ] && [ "$(gate_of nord new)$(gate_of sud new)" = 00 ] && [ "$(gate_of nord list_sent)" = 0 ]
report $? "a second sync moves nothing"
nbsp=$(printf '\302\240')
LC_ALL=C.UTF-8 LANGUAGE=fr sync 1 --port sud=none.tty && [ "$(grep -c "à jour$nbsp: liste 1, 5 cartes$nbsp; " out)" = 3 ] && [ "$(grep -c "^portillon: sud: sync: none.tty: ce port n'existe pas$nbsp: le câble est-il branché$nbsp?" err)" = 1 ] &&
    prints "ÉCHEC$nbsp: sync: none.tty: ce port n'existe pas"
report $? "in French, what the processes of the gates say is French"

# ---- one dead, one unplugged in mid-pull ----
for gate in "${gates[@]}"; do fill "$gate" 400; done
fill nord 2500 && build_list 2 04000001 04000002 04000003 04000004 04000005 04000006 && ends_with 137 stop est KILL && rm -f est.tty && stop nord && start nord nord.raw &&
    start_line nord.raw nord.tty 57600
report $? "records and a list are waiting; est is dead, nord is on a slow line"
before=$(ask "SELECT max(seq) FROM journal WHERE device = 'nord'")
"$portillon" sync --site site --store store.db --timeout 2 >out 2>err &
sync_pid=$!
running+=("$sync_pid")
sleep 4 && end "$sync_pid" INT
[ $? = 130 ] && grep -q '^nord .*interrupted: ' out && has_stored nord $((before + 50)) && all_stored nord && [ "$acked" -lt "$(($(member journal.head) - 1))" ]
report $? "Ctrl-C: what came over the line is stored, and not more than that is acknowledged"
"$portillon" sync --site site --store store.db --timeout 2 --json >out 2>err &
sync_pid=$!
running+=("$sync_pid")
eventually 60 has_stored nord 1000 && stop_line && rm -f nord.tty
wait "$sync_pid"
[ $? = 1 ] && [ "$(outcomes)" = "failed failed synced synced" ] && [ "$(member failed)" = 2 ] && says "est: sync:" && says "is the cable still plugged in"
report $? "the other two are synced; the dead and the unplugged gate are told"
start_line nord.raw nord.tty 115200 && all_stored nord && [ "$acked" -lt "$(($(member journal.head) - 1))" ]
report $? "what the unplugged gate has acknowledged is stored, and not all of it was fetched"
start est
sync 0 --json && [ "$(outcomes)" = "synced synced synced synced" ] && all_stored est && all_stored nord && all_stored sud &&
    [ "$(ask "SELECT count(*) = count(DISTINCT device || '/' || seq) FROM journal")" = 1 ] && [ "$(ask "SELECT count(*) FROM anomalies")" = 0 ]
report $? "the same command goes on: nothing is missing, nothing is stored twice"

# ---- a gate that is another one ----
cp site/ports ports && printf 'est %s/sud.tty\nnord %s/nord.tty\nouest %s/ouest.tty\nsud -\n' "$work" "$work" "$work" >site/ports
sync 1 --json && [ "$(outcomes)" = "failed synced synced" ] && says "est: sync: the gate on $work/sud.tty refused the maintenance key of est: it says it is Portail sud" &&
    [ "$(gate_of est reached)" = 0 ]
report $? "a gate that is another one is told, and the others are synced; one can be left out"
cp ports site/ports

# ---- a list that a gate refuses ----
cp site/whitelist.list good.list && build_list 3 04000001 --accept-removals
rm site/whitelist.before && head -c 3000 good.list >site/whitelist.list && fill sud 500 && sync 1 --json && [ "$(outcomes)" = "failed failed failed failed" ] &&
    says "site/whitelist.list:" && [ "$(gate_of sud new)" -gt 0 ] && all_stored sud
report $? "a list that is cut short is told, and the passages are stored nevertheless"
cp good.list site/whitelist.list

# ---- a group that is turned off everywhere ----
run 2 profiles off intern --all-gates --site site --store store.db && says "site.conf has no such profile; it has externe" && run 2 profiles --all-gates --site site --store store.db
report $? "a group that the rules do not have cannot be wished for"
stop est && rm -f est.tty
run 0 profiles off INTERNES --all-gates --site site --store store.db && prints "interne  OFF at all gates" && run 0 gates --site site --store store.db && [ "$(grep -c 'not there yet: interne off' out)" = 4 ]
report $? "a group turned off for all gates is remembered"
off_at() { status_of "$1" && [ "$(member 'profiles_off[0]')" = "$2" ]; }
sync 1 --json && [ "$(gate_of nord wishes_brought)$(gate_of sud wishes_brought)" = 11 ] && off_at nord interne && off_at sud interne && off_at ouest interne
report $? "sync brings it to the gates that it reaches"
run 0 gates --site site --store store.db && [ "$(grep -c 'not there yet' out)" = 1 ] && grep -q '^est .*list 2; not there yet: interne off' out &&
    run 0 gates --site site --store store.db --json && [ "$(member 'gates[0].not_there_yet.interne')" = 0 ] && [ "$(member 'gates[1].direction')" = in ]
report $? "gates says which one does not have it yet"
start est && sync 0 --json && [ "$(gate_of est wishes_brought)$(gate_of nord wishes_brought)" = 10 ] && off_at est interne
report $? "the last gate gets it when it is back, and the others not again"
run 0 profiles on --all --site site --gate est --port est.tty && sync 0 && off_at est ''
report $? "what was turned on at one gate afterwards stays on"
run 0 profiles on --all --all-gates --site site --store store.db && sync 0 && off_at nord '' && off_at ouest ''
report $? "and all groups may pass again everywhere"

# ---- a clock that jumped, and a new memory chip ----
run 0 clock set --port sud.tty --site site --gate sud --role technician --to "@$(($(date +%s) + 7200))" && sync 1 --json && [ "$(outcomes)" = "synced synced synced failed" ] &&
    says "sud: sync: the gate's clock shows" && says "portillon clock set puts the gate right" && [ "$(gate_of sud clock_off_s)" -gt 7000 ] && all_stored sud
report $? "a clock that is hours off is left alone and told, and the passages are stored"
run 0 clock set --port sud.tty --site site --gate sud --role technician && run 0 profiles off interne --all-gates --site site --store store.db && sync 0 && stop sud && rm -f sud.flash sud.tty &&
    start sud && fill sud 5 && sync 1 --json && says "sud: passages pull: the gate's journal" && [ "$(gate_of sud list_sent)" = 1 ] && off_at sud interne
report $? "a gate with a new chip is told; it gets the list and all that is wished again"
sync 0 && [ "$(ask "SELECT count(DISTINCT run) FROM journal WHERE device = 'sud'")" = 2 ] && run 0 profiles on --all --all-gates --site site --store store.db && sync 0
report $? "and all is well at the next visit"

# ---- the store ----
before=$(ask "SELECT count(*) FROM journal") && fill nord 2600
lock_store() { # another program writes to the store, for longer than it is waited for
    mkfifo hold && { sqlite3 store.db <hold >hold.out 2>&1 & } && holder=$! && running+=("$holder") && exec 8>hold && echo 'BEGIN IMMEDIATE; SELECT 1;' >&8 && await 1 hold.out
}
lock_store && sync 1 && says "another program uses it: close that program, or wait; no gate was visited" && status_of nord && [ "$(member journal.pending)" -gt 20 ]
report $? "a store that is locked is told, and nothing is acknowledged"
exec 8>&-
wait "$holder"
sync 0 && all_stored nord && [ "$(ask "SELECT count(*) FROM journal")" -gt "$before" ]
report $? "when it is free all is stored"

# ---- behind a serial server ----
stop sud && rm -f sud.tty && start sud sud.raw
socat -d -d UDP4-LISTEN:0,bind=127.0.0.1,fork FILE:sud.raw,raw,echo=0 2>socat.log &
running+=("$!")
await 'listening on' socat.log && port=$(sed -n 's/.*127.0.0.1:\([0-9]*\).*/\1/p' socat.log)
sync 0 --json --port "sud=udp:127.0.0.1:$port" && [ "$(gate_of sud new)" -gt 0 ] && [ "$(ask "SELECT port FROM gates WHERE device = 'sud'")" = "udp:127.0.0.1:$port" ]
report $? "a gate behind a serial server is reached by UDP"
nobody_is_there() { # the system's word that the port is closed is itself a packet, and may be lost
    sync 1 --port sud=udp:127.0.0.1:9 --json && [ "$(outcomes)" = "synced synced synced failed" ] && says "sud: sync: udp:127.0.0.1:9 went away"
}
eventually 30 nobody_is_there
report $? "and where no server is, this is told"

# ---- --watch ----
stop sud && rm -f sud.tty && start sud
"$portillon" sync --site site --store store.db --timeout 2 --every 1 --watch >watch.out 2>watch.err &
watch=$!
running+=("$watch")
told() { [ "$(grep -c "$1" watch.out)" -ge "${2:-1}" ]; }
eventually 30 told '^est .*up to date' && eventually 30 told '^nord .*up to date' && eventually 30 told '^ouest .*up to date' && eventually 30 told '^sud .*up to date'
report $? "with --watch all gates are up to date"
run 1 sync --site site --store store.db && says "another portillon sync keeps these gates current, process $watch on "
report $? "a second station is told that there is one"
stored() { ask "SELECT max(seq) FROM journal WHERE device = '$1'"; }
has_more() { [ "$(stored "$1")" -gt "$2" ]; }
before=$(stored nord) && fire nord 1 && touch go-nord && eventually 30 has_more nord $((before + 20))
report $? "passages are stored as they happen"
rm go-nord && fire nord 0
build_list 7 04000001 04000002 04000003 04000004 04000005 04000006 04000007 && eventually 30 told 'changes sent for list 7' 4
report $? "a list that was built is sent to all gates by itself"
run 0 profiles off interne --all-gates --site site --store store.db && eventually 30 told '1 group turned as wished' 4
report $? "and so is a group that is turned off"
ends_with 137 stop sud KILL && rm -f sud.tty && eventually 30 told '^sud .*FAILED: sync: .*sud.tty'
report $? "a gate that was unplugged is told"
start sud && eventually 30 told '^sud .*up to date' 4 && lacks watch.out '^(est|nord|ouest) .*FAILED'
report $? "and taken up again when it is back; the others were not held up"
[ "$(grep -c 'sud: sync: .*sud.tty' watch.err)" -le 2 ]
report $? "the same is not said again and again"
count_well=$(grep -c 'up to date' watch.out)
kill -KILL "$(pgrep -n -P "$watch")" && eventually 30 told 'FAILED: its process was ended by signal 9' && eventually 30 told 'up to date' $((count_well + 1))
report $? "a process that was killed is started again"
end "$watch" TERM
[ $? = 130 ] && told 'new records were stored' && eventually 10 ends_with 1 pgrep -P "$watch" && sync 0 --json && [ "$(ask "SELECT count(*) = count(DISTINCT device || '/' || run || '/' || seq) FROM journal")" = 1 ] &&
    all_stored est && all_stored nord && all_stored ouest && all_stored sud
report $? "Ctrl-C ends all of it; nothing is missing or stored twice"
finish
