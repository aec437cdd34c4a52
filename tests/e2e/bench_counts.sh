#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/bench/compare, which tells make bench what got worse, and the committed table of counts.
set -u
# shellcheck source=tests/e2e/scratch.sh
. "$(dirname "$0")/scratch.sh"
logs=(last table)
compare=$root/tests/bench/compare
row() { # row BOARD BENCH NAME VALUE TOLERANCE BETTER
    local IFS=$'\t'
    echo "$*"
}
{
    echo "# a title"
    row linux flash reads 100 0 less
    row linux flash cards 500 0 more
    row linux emulated tap 1000 2 less
    row sf2 size code 4000 1 less
} >table
says() { # says STATUS LINE...: of the rows measured
    local status=$1 line
    shift
    "$compare" table measured >last 2>&1
    [ $? = "$status" ] || return 1
    for line in "$@"; do grep -qxF -- "$line" last || return 1; done
}

row linux flash reads 100 0 less >measured
row linux flash cards 500 0 more >>measured
check "counts as before pass" says 0 "counts: 2 as before, 0 better, 0 worse, 0 new, 0 missing"
row linux flash reads 101 0 less >measured
row linux flash cards 499 0 more >>measured
check "one more read and one card less are worse" says 1 "  WORSE    flash: reads: 101, was 100 (+1.0 %)" \
    "  WORSE    flash: cards: 499, was 500 (-0.2 %)" "counts: 0 as before, 0 better, 2 worse, 0 new, 0 missing"
row linux flash reads 50 0 less >measured
row linux flash cards 600 0 more >>measured
check "less reads and more cards are better, and pass" says 0 "  better   flash: reads: 50, was 100 (-50.0 %)" \
    "  better   flash: cards: 600, was 500 (+20.0 %)" "counts: make bench-counts puts these into the table"
row linux emulated tap 1020 2 less >measured
check "a count within its tolerance is as before" says 0 "counts: 1 as before, 0 better, 0 worse, 0 new, 0 missing"
row linux emulated tap 1021 2 less >measured
check "one beyond it is worse" says 1 "  WORSE    emulated: tap: 1021, was 1000 (+2.1 %)"
row linux flash reads 100 0 less >measured
check "a count that is no longer measured fails" says 1 "  MISSING  flash: cards"
row linux flash reads 100 0 less >measured
row linux flash cards 500 0 more >>measured
row linux flash writes 3 0 less >>measured
check "a new count is told, and passes" says 0 "  new      flash: writes: 3"
row linux flash reads many 0 less >measured
check "what is no count is refused, with file and line" says 2 "compare: measured:1: not a count: $(cat measured)"
row linux flash reads 1 0 less >measured
row linux flash reads 2 0 less >>measured
check "a count that comes twice is refused" says 2 "compare: measured:2: twice: $(tail -n 1 measured)"

row linux flash writes 3 0 less >measured
written() {
    "$compare" table measured write >last 2>&1 && [ "$(head -n 1 table)" = "# a title" ] &&
        [ "$(grep -c flash table)" = 1 ] && grep -q writes table && grep -q emulated table && grep -q sf2 table
}
check "write replaces the lines of the benches that ran, and no others" written
# Each line of the committed table is one that a run can be compared with.
committed() { grep -v '^#' "$root/tests/bench/counts.tsv" >measured && "$compare" "$root/tests/bench/counts.tsv" measured >last 2>&1; }
check "the committed table can be compared with" committed
finish
