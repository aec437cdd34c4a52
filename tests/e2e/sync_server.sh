#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sync with a PostgreSQL server that goes away in mid-sync: nothing is acknowledged that is not stored, nothing stored twice.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
# shellcheck source=tests/e2e/server.sh
. "$root/tests/e2e/server.sh"
logs+=(watch.out watch.err)
gates=(nord sud)
ask() { psql -XAtq "$server_url" -c "$1"; }
start() { # start GATE
    "$BUILD/portillond" --identity "$1.id" --flash "$1.flash" --anchor none --create-flash --pty "$1.tty" --control "$1.sock" \
        --reader-helper "$BUILD/e2e/tap_source" --reader "wait=go,every=4000,04000001,04000002,04000003" >"$1.log" 2>&1 &
    running+=("$!")
    await ' is up, ' "$1.log" && echo 'inputs fire=1' | timeout 5 socat -t 2 - "UNIX-CONNECT:$1.sock" >check.log 2>&1
}
told() { [ "$(grep -c "$1" watch.out)" -ge "${2:-1}" ]; }
stored() { ask "SELECT count(*) FROM journal WHERE device = '$1'"; }
has_stored() { [ "$(stored "$1")" -ge "$2" ]; } 2>/dev/null
all_stored() { # what the gate has acknowledged is in the store, without a hole
    run 0 status --port "$1.tty" --site site --gate "$1" --json && acked=$(member journal.acked) && tail=$(member journal.tail) &&
        [ "$(ask "SELECT count(*) FROM journal WHERE device = '$1' AND seq BETWEEN $tail AND $acked")" = $((acked - tail + 1)) ]
}

start_server && run 0 site init site
ok=$?
for gate in "${gates[@]}"; do
    run 0 identity site --device "$gate" --name "$gate" --zone building -o "$gate.id" && start "$gate" && echo "$gate $work/$gate.tty" >>site/ports || ok=1
done
printf 'UID;Profil\n04000001;interne\n04000002;interne\n' >cards.csv && run 0 whitelist build site --csv cards.csv --list-version 1 || ok=1
report $ok "a server and two gates"
run 0 sync --site site --store "$server_url" && prints "2 of 2 gates up to date" && [ "$(ask "SELECT count(*) FROM gates")" = 2 ] && run 0 gates --site site --store "$server_url" &&
    run 0 profiles off externe --all-gates --site site --store "$server_url"
report $? "both are synced into the server's database"

"$portillon" sync --site site --store "$server_url" --timeout 3 --every 1 --watch >watch.out 2>watch.err &
watch=$!
running+=("$watch")
touch go && eventually 30 has_stored nord 100 && eventually 30 has_stored sud 100
report $? "passages are stored as they happen"
stop_server immediate && eventually 30 told '^nord .*FAILED' && eventually 30 told '^sud .*FAILED'
report $? "the server goes away, and this is told for each gate"
sleep 3
rm go && restart_server && before=$(stored nord) && eventually 30 has_stored nord $((before + 100)) && eventually 30 has_stored sud $((before + 100))
report $? "when it is back what happened meanwhile is stored"
end "$watch" TERM
[ $? = 130 ] && all_stored nord && all_stored sud && [ "$(ask "SELECT count(*) = count(DISTINCT device || '/' || seq) FROM journal")" = t ] &&
    [ "$(ask "SELECT count(*) FROM anomalies")" = 0 ]
report $? "what was acknowledged is stored, and nothing twice"
stop_server && run 1 sync --site site --store "$server_url" && says "no gate was visited"
report $? "without a server no gate is visited"
finish
