#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Kills the gate in the middle of taps, uploads and pulls, CUTS times (default 200; on an emulated board 100), and
# checks that no passage told of is lost, that the relay never opens without its record, that the list is old or new
# and whole, and that the office's database ends up with exactly what is in the journal.
# linux: SIGKILL of portillond, one in three by tearing a flash operation; the lives themselves are in kill.c.
# Emulated: the end of QEMU, a power cut at an instruction of its choosing; the lives are in cut.c.
# The lives mostly wait, so two gates live theirs side by side, half of the cuts each.
# SEED= repeats the choices of a run; KEEP=1 keeps its files.
# boards: linux emcraft_sf2
set -u
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
board_or_skip "power cuts"
: "${SEED:=$RANDOM}"
lives=kill fewest=3000 pid=
[ "$BOARD" = linux ] || lives=cut fewest=700
[ "$BOARD" = linux ] || : "${CUTS:=100}"
: "${CUTS:=200}"
lists=$((CUTS / 2 + 2))

if [ -z "${HALF:-}" ]; then
    HALF=1 CUTS=$((CUTS / 2)) SEED=$SEED bash "$root/tests/e2e/kill.sh" >half.1 2>&1 &
    running+=($!)
    HALF=2 CUTS=$((CUTS - CUTS / 2)) SEED=$((SEED + 1)) bash "$root/tests/e2e/kill.sh" >half.2 2>&1 &
    running+=($!)
    status=0
    for half in "${running[@]}"; do wait "$half" || status=1; done
    # The second counts on from the first.
    cat half.1 half.2 | awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++count) } { print } END { print "1.." count }'
    exit $status
fi

logs=(init.log build.log gate.log push.log tool.log pull.log lost)
give_up() { # give_up NAME
    report 1 "$1"
    exit 1
}

# Some 3000 invented cards, enough for an upload to be hit in the middle; for an emulated gate, which takes seconds for
# so many, some 700. From one list to the next one card is added, and every fifth changes its last day, so that every
# block must be sent.
cards() { # cards LIST COUNT
    awk -v cards="$2" -v list="$1" 'BEGIN { print "Carte;Profil;Fin"; for (i = 0; i < cards; i++)
        printf "04%06X;DP;%s\n", i * 7, i % 5 == list % 5 ? "01/07/2099" : "" }'
}

"$portillon" site init site >init.log 2>&1 &&
    "$portillon" identity site --device e2e-1 --name Kill --zone building -o gate.id >>init.log 2>&1 ||
    give_up "a site and an identity are made"
for list in $(seq $lists); do
    cards "$list" $((fewest + list)) | "$portillon" whitelist build site --csv - --list-version "$list" -o "list.$list" >>build.log 2>&1 ||
        give_up "list $list is built"
    echo $((fewest + list)) >"cards.$list"
done

# Of ten cards tapped, two are listed; a gate whose queue of passages is full lets the next card wait.
script=wait=go,every=1000
for i in $(seq 20); do
    case $((i % 5)) in
    0) script=$script,$(printf '04%06X' $((i * 7))) ;;
    1) script=$script,$(printf '08%06X' "$i") ;;
    *) script=$script,$(printf '05%06X' "$i") ;;
    esac
done
cat >gate <<END
#!/bin/sh
exec "$BUILD/portillond" --identity gate.id --flash gate.flash --create-flash --control gate.sock --pty gate.tty \\
    --reader-helper "$BUILD/e2e/tap_source" --reader $script "\$@"
END
cat >push <<END
#!/bin/sh
exec "$portillon" whitelist push --accept-removals --port gate.tty --site site "list.\$1"
END
cat >pull <<END
#!/bin/sh
exec "$portillon" passages pull --port gate.tty --site site --store passages.db
END
if [ "$BOARD" != linux ]; then # taps come from cut, one every 120 ms; a line eight times as fast, for more uploads
    cat >gate <<END
#!/bin/sh
exec "$BUILD/qemu_gate" --board "$root/boards/$BOARD" --build "$root/build/$BOARD" --identity gate.id \\
    --flash gate.flash --create-flash --control gate.sock --pty gate.tty --cardsim reader --baud 921600 --trace-flash
END
    sed -i 's/--port gate.tty/& --baud 921600 --timeout 20/' push pull
    cat >status <<END
#!/bin/sh
exec "$portillon" status --port gate.tty --baud 921600 --timeout 20 --site site --json >status.json
END
    chmod +x status
    : >cards
    start_reader cards
fi
chmod +x gate push pull

start() {
    rm -f gate.sock go
    ./gate >gate.log 2>&1 &
    pid=$!
    running+=("$pid")
    if [ "$BOARD" != linux ]; then
        await_path gate.sock && eventually 30 gate_answers
        return
    fi
    await ' is up, ' gate.log
}

# Without a sensor to press, an opening that lasts five seconds would be the only one of a life.
shorten_opening() {
    [ "$BOARD" = linux ] && return
    put_settings '\xa1\x67open_ms\x19\x01\xf4' # {"open_ms": 500}
}

start && timeout 60 ./push 1 >push.log 2>&1 && shorten_opening || give_up "the first list is installed"
kill "$pid" && wait "$pid"
echo "# seed $SEED"
"$BUILD/e2e/$lives" . "$CUTS" "$SEED"
status=$?
count=3 # its own checks
[ $status = 0 ] || failed=1
[ $status -le 1 ] || give_up "the lives are lived"

# ---- the office's side ----
start && timeout 60 ./pull >pull.log 2>&1
pulled=$?
kill "$pid" && wait "$pid"
sed -i '1i seq,verdict,tag' told.csv && sed -i '1i seq,raw' found.csv
[ $pulled = 0 ] || [ $pulled = 3 ] || give_up "the passages are pulled"
told=$(($(wc -l <told.csv) - 1))
cat >compare.sql <<'END'
.mode csv
.import told.csv told
.import found.csv found
.mode list
.separator ,
select
  (select count(*) from told t where t.seq > 0 and not exists (select 1 from journal j
     where j.device = 'e2e-1' and j.run = 1 and j.seq = t.seq and j.kind = t.verdict and coalesce(j.tag, '0000000000000000') = t.tag)),
  (select count(*) from found f where not exists (select 1 from journal j
     where j.device = 'e2e-1' and j.run = 1 and j.seq = f.seq and hex(j.raw) = f.raw)),
  (select count(*) from anomalies where what != 'unreadable'),
  (select coalesce(sum(last_seq - first_seq + 1), 0) from anomalies where what = 'unreadable');
END
IFS=, read -r lost absent wrong torn < <(sqlite3 passages.db <compare.sql)
{ echo "missing: $lost taps told of, $absent records; wrong: $wrong" && sqlite3 passages.db 'select * from anomalies' | head -n 5; } >lost
[ "$told" -gt 0 ] && [ "$lost,$absent,$wrong" = 0,0,0 ]
report $? "the $told taps told of and every record found are in the office's database ($torn torn places skipped)"
[ $failed = 0 ]
