#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# portillon journal check: the chip of a gate that worked, and what becomes of it when places are torn, turned
# over, copied, forged or cut off. The image is never changed.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
start_gate() { # start_gate FLASH [OPTION...]
    start_scripted "wait=go,every=${EVERY:-3000},04000001,05000001,0800AA01" --control gate.sock --flash "$@"
}

fill() { # fill NUMBER: passages until that many records are there
    pass_until 60 has_counted journal.head $(($1 + 1))
}

stop_gate() { end "$gate" TERM; }

journal=0xB20000 # of a chip of 16 MiB: firmware/storage/layout.h
at() { echo $((journal + 32 * $1)); } # at NUMBER: its address, in the first sector
check() { # check STATUS IMAGE [OPTION...]
    local status=$1 image=$2
    shift 2
    run "$status" journal check "$image" --identity gate.id "$@"
}

# ---- a gate works for a while ----
{
    "$portillon" site init site && "$portillon" identity site --device porte-1 --name "Portail nord" --zone building -o gate.id &&
        "$portillon" site init other && "$portillon" identity other --device porte-2 --name "Cantine" --zone canteen -o other.id
    printf 'UID;Profil\n04000001;interne\n05000002;DP\n' >cards.csv
    "$portillon" whitelist build site --csv cards.csv --list-version 5 -o list.5
} >out 2>err && start_gate chip.img
run 0 whitelist push --port gate.tty --site site list.5
fill 300
head=$(member journal.head)
stop_gate
cp chip.img whole.img
[ "${head:-0}" -gt 300 ] # into the third sector
report $? "a gate wrote a chip: ${head:-0} numbers"

check 0 whole.img && prints 'gate porte-1 "Portail nord"' && prints "16384 KiB in sectors of 4 KiB" &&
    prints "numbers 1 to $((head - 1))" && prints "version 5, committed, in force, 2 cards" && prints "all good"
report $? "a whole chip: its gate, its records, its list, exit status 0"
check 0 whole.img --json && [ "$(member journal.head)" = "$head" ] && [ "$(member journal.good)" = $((head - 1)) ] &&
    [ "$(member journal.kinds.granted)" -ge 1 ] && [ "$(member journal.kinds.refused)" -ge 2 ] &&
    [ "$(member journal.sectors.in_use)" = $(((head + 125) / 127)) ] && [ "$(member journal.sectors.most_erases)" = 1 ] &&
    [ "$(member 'whitelist[0].damaged_blocks')" = '[]' ] && [ "$(member 'whitelist[1].version')" = 5 ] &&
    [ "$(member store.boot_count)" = 1 ] && [ "$(member odd)" = 0 ]
report $? "--json says the same"
check 0 whole.img --sectors && prints "sector 0 at 0x00B20000: in_use, turn 1, numbers 1 to 127, 127 good, 0 not, erased 1 time" &&
    prints "sector 1247 at 0x00FFF000: blank"
report $? "--sectors lists each with its wear"

# ---- damage ----
cp whole.img hurt.img
dd if=whole.img of=hurt.img bs=32 skip=$(($(at 5) / 32)) seek=$(($(at 9) / 32)) count=1 conv=notrunc 2>/dev/null # a copy
flip hurt.img "$(at 20) + 13"
put hurt.img "$(at 30) + 20" '\377\377\377\377\377\377\377\377\377\377\377\377'
put hurt.img "$(at 40) + 24" '\1\2\3\4\5\6\7\10'
put hurt.img "$(at 50)" '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
check 3 hurt.img && prints "1 torn, 1 one_bit, 1 forged, 1 misplaced, 1 damaged" && prints "number 9 at 0x00B20120: a good record of another place" &&
    prints "number 20 at 0x00B20280: one bit turned over; it was" && prints "number 40 at 0x00B20500: forged"
report $? "torn, turned over, forged, copied and damaged records are told apart, exit status 3"
check 3 hurt.img --json && [ "$(member journal.good)" = $((head - 6)) ] && [ "$(member 'journal.not_good[0].fault')" = misplaced ] &&
    [ "$(member 'journal.not_good[0].own_seq')" = 5 ] && [ "$(member 'journal.not_good[4].seq')" = 50 ]
report $? "--json names each of them"
check 3 hurt.img --store hurt.db && check 0 whole.img --store whole.db &&
    [ "$(sqlite3 hurt.db "SELECT group_concat(what || first_seq) FROM (SELECT * FROM anomalies ORDER BY first_seq)")" = "forged9,corrected20,unreadable30,forged40,unreadable50" ] &&
    [ "$(sqlite3 hurt.db "SELECT hex(raw) FROM journal WHERE seq = 20")" = "$(sqlite3 whole.db "SELECT hex(raw) FROM journal WHERE seq = 20")" ] &&
    [ "$(sqlite3 hurt.db "SELECT hex(raw) FROM anomalies WHERE what = 'corrected'")" = "$(dd if=hurt.img bs=32 skip=$(($(at 20) / 32)) count=1 2>/dev/null | od -An -tx1 -v | tr -d ' \n' | tr a-f A-F)" ]
report $? "--store stores a record with one wrong bit as it was written, and what the chip has"
cp whole.img hurt.img && flip hurt.img $((0x120000 + 65536 + 100)) && check 3 hurt.img &&
    prints "slot 0    version 5, committed, in force, 2 cards, 1 block: 1 damaged: 0"
report $? "a damaged block of one list"
cp whole.img hurt.img && flip hurt.img $((journal + 4096 + 3)) && check 3 hurt.img && prints "1 damaged or passed over" &&
    prints "sector 1 at 0x00B21000: damaged" && prints "numbers 1 to $((head - 1))"
report $? "a sector whose header is hurt keeps its records"
run 3 journal check whole.img --identity other.id && prints "whose check is not this gate's"
report $? "the identity of another gate: told"

# ---- a full ring, and what a technician meets ----
EVERY=200 start_gate ring.img --create-flash=1M && run 0 whitelist push --port gate.tty --site site list.5 && fill 14000 # 48 sectors of 127 records: two laps
stop_gate
check 0 ring.img && [ "$(grep -c '  gap ' out)" = 1 ] && prints "gap       numbers 1 to $(($(sed -n 's/.*records   numbers \([0-9]*\) .*/\1/p' out) - 1)) were dropped"
report $? "what a full ring dropped is told in one line"
check 0 ring.img --sectors && lost=$(sed -n 's/.*at \(0x[0-9A-F]*\): in_use.*/\1/p' out | sed -n 5p)
head -c 4096 /dev/zero | tr '\0' '\377' | dd of=ring.img bs=4096 seek=$((lost / 4096)) conv=notrunc 2>/dev/null
check 3 ring.img --store ring.db && prints "1 sector in the middle of the journal is blank, and should hold 127 numbers" &&
    prints "at $lost: lost" && [ "$(sqlite3 ring.db 'SELECT what || (last_seq - first_seq + 1) FROM anomalies')" = missing127 ]
report $? "a sector that something erased is missed, by the office too"
cp whole.img hurt.img && head -c 5242880 /dev/zero | dd of=hurt.img bs=1M seek=11 conv=notrunc 2>/dev/null
check 3 hurt.img && [ "$(grep -c 'sector .*: damaged' out)" = 20 ] && prints "more (--sectors lists each)" && prints "No record of this gate's was found"
report $? "a chip that reads as nothing: twenty lines, and what to look at"

# ---- saving what nobody fetched ----
check 0 whole.img --store saved.db && [ "$(sqlite3 saved.db 'SELECT count(*) FROM journal')" = $((head - 1)) ] &&
    says "$((head - 1)) records"
report $? "--store saves the records"
check 0 whole.img --store saved.db && says " 0 records" && [ "$(sqlite3 saved.db 'SELECT count(*) FROM journal')" = $((head - 1)) ]
report $? "and nothing twice"
run 1 journal check whole.img --identity gate.id --store gate.log && says "not a database"
report $? "a store that is no database is left alone"

# ---- chips of other kinds ----
head -c 16777216 /dev/zero | tr '\0' '\377' >blank.img && check 0 blank.img && prints "records   none" && prints "slot 0    no list" &&
    prints "nothing was ever kept"
report $? "a blank chip"
head -c 4194304 /dev/urandom >noise.img && check 3 noise.img && check 3 noise.img --sector-size 65536
report $? "noise"
start_gate large.img --sector 65536 && fill 5 && stop_gate
check 0 large.img && prints "in sectors of 64 KiB" && prints "78 sectors of 2047 records"
report $? "sectors of 64 KiB are found out"

# ---- a bit is lost while the gate has the chip ----
cp whole.img lost.img && flip lost.img "$(at 20) + 13" && EVERY=60000 start_gate lost.img && run 0 passages pull --port gate.tty --site site --store lost.db &&
    says "1 record has one wrong bit in the gate's memory" && stop_gate &&
    [ "$(sqlite3 lost.db "SELECT what || first_seq FROM anomalies")" = corrected20 ] &&
    [ "$(sqlite3 lost.db "SELECT hex(raw) FROM journal WHERE seq <= 300")" = "$(sqlite3 whole.db "SELECT hex(raw) FROM journal WHERE seq <= 300")" ]
report $? "a pull stores the record as it was written, and no record is missing"

# ---- wrong calls ----
head -c 100000 whole.img >short.img && check 1 short.img && says "100000 bytes, and a chip has whole sectors"
report $? "an image cut short"
head -c 65536 whole.img >small.img && check 1 small.img && says "64 KiB is too small"
report $? "an image too small"
: >empty.img && check 1 empty.img && says "empty.img: 0 bytes"
report $? "an empty file"
check 1 nothing.img && says "nothing.img: No such file"
report $? "a file that is not there"
run 1 journal check whole.img --identity cards.csv && says "cards.csv: not the identity block"
report $? "a file that is no identity"
run 1 journal check whole.img --identity nothing.id && says "nothing.id: No such file"
report $? "an identity that is not there"
run 2 journal check whole.img && says "say --identity FILE" && run 2 journal check --identity gate.id && says "one image" &&
    check 2 whole.img --sector-size 5000 && says "4096 or 65536"
report $? "a wrong call says what is missing"
run 0 journal check whole.img --site site --json && mv out with_site && run 0 journal check whole.img --identity gate.id --json && cmp -s with_site out &&
    PORTILLON_SITE=site run 0 journal check whole.img --json && cmp -s with_site out
report $? "the only gate of a site is meant, and the site may come from the environment"
run 0 identity site --device porte-3 --name Cour --zone building && run 2 journal check whole.img --site site && says "in site there are porte-1, porte-3" &&
    PORTILLON_SITE=site PORTILLON_GATE=porte-1 run 0 journal check whole.img --json && cmp -s with_site out &&
    PORTILLON_SITE=nowhere PORTILLON_GATE=porte-3 run 0 journal check whole.img --identity gate.id
report $? "one of several is named, also in the environment; --identity needs neither"
cmp -s chip.img whole.img
report $? "the image was never written to"
finish
