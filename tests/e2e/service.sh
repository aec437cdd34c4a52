#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillond as a service: what systemd hears from it (sd_notify), when the watchdog is fed, and what stands in the journal.
# datagrams.c takes the place of systemd and of the journal.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(log told entries)
run 0 site init site && run 0 identity site --device porte-1 --name "Portail nord" --zone building -o gate.id
report $? "an identity is made"

listen() { # listen SOCKET LINES: what arrives at the socket stands in the file LINES
    "$BUILD/e2e/datagrams" "$1" >>"$2" &
    running+=("$!")
    await_path "$1"
}
start() { # start [NAME=VALUE...] -- [OPTION...]: sets gate
    local variables=()
    while [ "$1" != -- ]; do variables+=("$1") && shift; done
    shift
    env "${variables[@]}" "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash=1M --reader none "$@" 2>log &
    gate=$!
    running+=("$gate")
}
told() { grep -qE "^[0-9]+ $1\$" told; }
fed() { grep -c 'WATCHDOG=1$' told; }

listen notify.sock told
start NOTIFY_SOCKET="$work/notify.sock" WATCHDOG_USEC=1000000 --
eventually 10 told 'READY=1'
report $? "systemd hears that the gate is ready"
told 'STATUS=The reader does not work: none \(--reader none\)\. There is no list: every card is refused\. The .*\.'
report $? "its status tells reader, list and clock in words"
before=$(fed) && sleep 3 && after=$(fed) && [ $((after - before)) -ge 5 ] && [ $((after - before)) -le 7 ]
report $? "the watchdog of a second is fed every half second"
kill -STOP "$gate" && before=$(fed) && sleep 2 && [ "$(fed)" -le $((before + 1)) ] && kill -CONT "$gate" && eventually 5 [ "$(fed)" -ge "$before" ]
report $? "a loop that is held feeds it no more"
end "$gate" TERM
[ $? = 0 ] && eventually 5 told 'STOPPING=1'
report $? "systemd hears that the gate stops"
: >told
start NOTIFY_SOCKET="$work/notify.sock" -- && eventually 10 told 'READY=1' && sleep 1 && [ "$(fed)" = 0 ]
report $? "without a watchdog nothing is fed"
end "$gate" TERM

# ---- as the user of a service, with the one capability of the unit ----
if [ "$(id -u)" = 0 ]; then
    mkdir gate && cp "$BUILD/portillond" gate.id gate && printf '#!/bin/sh\nsed -n "s/^CapEff:.//p" /proc/self/status >reader.caps\n' >gate/reader &&
        chmod +x gate/reader && chown -R 777:778 gate && chmod 755 .
    (cd gate && exec setpriv --reuid 777 --regid 778 --clear-groups --no-new-privs --inh-caps -all,+sys_time --ambient-caps -all,+sys_time \
        --bounding-set -all,+sys_time ./portillond --identity gate.id --flash gate.flash --create-flash=1M --reader auto --reader-helper ./reader) 2>log &
    gate=$!
    running+=("$gate")
    eventually 10 grep -qx 0000000000000000 gate/reader.caps && grep -qx 'CapEff:.0000000002000000' "/proc/$gate/status"
    report $? "the gate may set the hardware clock, and the reader's process may not"
    end "$gate" TERM
else
    skip "the gate may set the hardware clock, and the reader's process may not" "only root can give capabilities away"
fi

case $BUILD in
*-sanitize | *-fuzz) skip "messages in the journal" "a library cannot be loaded before that of the sanitizer" && finish ;;
esac
gcc -shared -fPIC -D_GNU_SOURCE -Wall -Werror -o journal_socket.so "$root/tests/e2e/preload/journal_socket.c" 2>log
report $? "a way to a journal of this test is built"
listen journal.sock entries
: >log
start LD_PRELOAD="$work/journal_socket.so" JOURNAL_SOCKET="$work/journal.sock" JOURNAL_STREAM="$(stat -c %d:%i log)" --
eventually 10 grep -qE '^[0-9]+ MESSAGE=porte-1 \(Portail nord, building\) is up, version [^|]*\|PRIORITY=5\|SYSLOG_IDENTIFIER=portillond\|PORTILLON_EVENT=ready\|PORTILLON_GATE=porte-1\|' entries &&
    eventually 10 grep -qF 'MESSAGE=reader down: none (--reader none)|PRIORITY=4|SYSLOG_IDENTIFIER=portillond|PORTILLON_EVENT=reader|PORTILLON_GATE=porte-1|' entries &&
    [ ! -s log ]
report $? "the journal gets fields in place of lines"
end "$gate" TERM
: >entries
start LD_PRELOAD="$work/journal_socket.so" JOURNAL_SOCKET="$work/journal.sock" JOURNAL_STREAM=1:1 --
eventually 10 grep -qF 'portillond: reader down: none (--reader none)' log && [ ! -s entries ]
report $? "lines go to stderr when that is not the journal's"
end "$gate" TERM
finish
