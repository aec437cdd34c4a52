#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with the maintenance key of a gate: what it may do to the clock, and which acknowledgements are taken.
# Before, this key set the clock to 2060 and acknowledged what no office had read, and the passages were erased.
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/../lib.sh"
command -v coap-client-openssl >/dev/null || skip_all "the maintenance key" "libcoap3-bin is not installed"
gate_options=(--port gate.tty --site site)
clock_is() { run 0 status "${gate_options[@]}" --json && [ "$(member drift_s)" -ge "$1" ] && [ "$(member drift_s)" -le "$2" ]; }
ack() { # ack CBOR: as maintenance, with a CoAP client of another hand
    local url bridge
    # shellcheck disable=SC2059
    printf "$1" >ack.cbor
    "$portillon" bridge --port gate.tty --udp 127.0.0.1:0 >bridge.out 2>bridge.err &
    bridge=$!
    running+=("$bridge")
    eventually 10 grep -q 'coaps://127.0.0.1:' bridge.err
    url=$(grep -o 'coaps://127.0.0.1:[0-9]*' bridge.err)
    timeout 30 coap-client-openssl -B 10 -u maintenance -k "$("$portillon" identity key site --device e2e-1 --role maintenance)" \
        -m post -t 60 -f ack.cbor "$url/passages/ack" >out 2>err
    end "$bridge" INT
}
acked() { run 0 status "${gate_options[@]}" --json && member journal.acked; }

echo "amandine classic 04ED0B12" >cards
make_site canteen && start_reader cards && start_gate --no-rtc && eventually 10 reader_is 1
report $? "a gate with a reader comes up"
printf 'Carte;Profil\n04ED0B12;DP\n' >list.csv
"$portillon" whitelist build site --csv list.csv -o list.1 >out 2>err && run 0 whitelist push "${gate_options[@]}" list.1 &&
    run 0 clock set "${gate_options[@]}" && clock_is -10 10
report $? "its clock is unset, and maintenance sets it"

# ---- the clock ----
run 1 clock set "${gate_options[@]}" --to 2060-01-01T00:00:00Z && says "ten minutes a day" && says "--role technician" && clock_is -10 10
report $? "to 2060 it does not go, and the answer says who may"
run 1 clock set "${gate_options[@]}" --to "@$(($(date +%s) - 86400))" && clock_is -10 10
report $? "nor a day back, for a card that expired"
run 1 clock set "${gate_options[@]}" --to "@$(($(date +%s) + 86400))" && clock_is -10 10
report $? "nor a day on, for a second meal"
refused=0
for minutes in 4 8 12 16 20; do
    timeout 60 "$portillon" clock set "${gate_options[@]}" --to "@$(($(date +%s) - minutes * 60))" >out 2>err || refused=$((refused + 1))
done
[ $refused -ge 3 ] && clock_is -610 10
report $? "nor by many small steps: $refused of 5 were refused"
kill_gate; start_gate --no-rtc && eventually 10 reader_is 1 && run 1 clock set "${gate_options[@]}" --to "@$(($(date +%s) - 86400))" &&
    run 0 clock set "${gate_options[@]}" && clock_is -10 10
report $? "after a power cut it goes forwards, and not back"
run 0 clock set "${gate_options[@]}" --to 2027-01-01T00:00:00Z --role technician && run 0 clock set "${gate_options[@]}" --role technician && clock_is -10 10
report $? "a technician sets any time"

# ---- acknowledgements ----
ack '\xa1\x63seq\x01' && grep -q malformed err && [ "$(acked)" = 0 ]
report $? "a number alone acknowledges nothing"
ack '\xa2\x63seq\x01\x63mac\x48\x00\x00\x00\x00\x00\x00\x00\x00' && grep -q conflict err && [ "$(acked)" = 0 ]
report $? "nor a number with another MAC"
run 0 passages pull "${gate_options[@]}" --store passages.db && [ "$(acked)" -gt 5 ]
report $? "a pull does, with the MAC of the record that it stored"
[ "$(sqlite3 passages.db "SELECT count(*) FROM events WHERE what = 'clock_set'")" -ge 5 ]
report $? "each change of the clock is in the journal"
finish
