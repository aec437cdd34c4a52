# SPDX-License-Identifier: Apache-2.0
# Makes a school's week for report.sh, as SQL that both kinds of store take. Input: lines "tag profile" of the pupils, in order.
# Variables: monday (UTC second of 00:00 local), now, bytes ("x" SQLite, "p" PostgreSQL). The clock is at UTC+1 all week.
function text(value) { return value == "" ? "NULL" : "'" value "'" }
function raw(flags,    digits) { # 32 bytes, of which byte 12 has the flags; the sequence number makes them different
    digits = sprintf("%022x%02x%040x", seq[device], flags, seq[device])
    return bytes == "x" ? "x'" digits "'" : "'\\x" digits "'"
}
function row(at, kind, what, zone, tag, ref, flags) {
    if (at > now) return
    printf "INSERT INTO journal (site, device, seq, run, month, utc_s, since_start_s, clock, kind, what, zone, tag, ref, from_twin, raw, stored_utc_s)" \
        " VALUES ((SELECT site FROM sites), '%s', %d, 1, 202611, %d, NULL, 'set', '%s', %s, %s, %s, %d, 0, %s, %d);\n",
        device, ++seq[device], at, kind, text(what), text(zone), text(tag), ref, raw(flags), at + 60
}
function pass(gate, at, zone, tag, outcome) { # with a rotation sensor: a second record closes the passage
    device = gate
    row(at, "granted", "", zone, tag, 0, 1)
    if (outcome != "") row(at + 4, "closed", outcome, "", "", seq[device], 1)
}
function eat(gate, at, tag) { device = gate; row(at, "granted", "assumed", "canteen", tag, 0, 17) } # place 2 in the list
function refuse(gate, at, zone, tag, reason) { device = gate; row(at, "refused", reason, zone, tag, 0, 1) }
{ tag[NR] = $1; profile[NR] = $2 }
END {
    print "BEGIN;"
    for (day = 0; day < 5; day++) for (p = 1; p <= NR; p++) {
        at = monday + 86400 * day
        if (p % 13 == day) continue # absent
        pass("nord-1", at + 27600 + p * 37 % 1500, "building", tag[p], p % 17 == 3 ? "abandoned" : "passed")
        if (p % 17 == 3) pass("nord-1", at + 27700 + p * 37 % 1500, "building", tag[p], "passed")
        if (p % 10 == 1) pass("mixte", at + 36900 + p, "building", tag[p], "passed")
        lunch = at + 41400 + p * p * 13 % 5400
        if (profile[p] == "externe") {
            if (p % 4 == 0) refuse("self-1", lunch, "canteen", tag[p], "no_right_here")
        } else {
            eat("self-" 1 + p % 2, lunch, tag[p])
            if (p % 9 == 0) refuse("self-" 1 + p % 2, lunch + 20, "canteen", tag[p], "already_passed")
            if (p % 20 == 6 && day == 1) eat("self-" 2 - p % 2, lunch + 180, tag[p]) # at the other lane
            if (p == 7) eat("self-1", lunch + 240, tag[p])                          # may pass twice
        }
        if (p % 6 == 0) pass("sud-1", at + 43200 + p, "building", tag[p], "passed")
        else if (p % 5 != 0) pass("sud-1", at + 59700 + p * 11 % 900, "building", tag[p], "passed")
    }
    refuse("nord-1", monday + 28000, "building", "", "unreadable")
    pass("nord-1", monday + 4 * 86400 + 30000, "building", "00112233445566aa", "passed") # a card of nobody known
    pass("sud-1", monday + 4 * 86400 + 43900, "building", tag[11], "")                   # how it ended is not known
    pass("nord-2", monday + 4 * 86400 + 43300, "building", tag[22], "passed")            # a gate without a direction
    print "COMMIT;"
}
