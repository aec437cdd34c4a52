/* SPDX-License-Identifier: Apache-2.0 */
/* The lines a bench prints: what is ours, the aim and whether it is met; below, what others cost. */
#ifndef TESTS_BENCH_TABLE_H
#define TESTS_BENCH_TABLE_H

#include <stdbool.h>

enum table_aim {
    TABLE_NO_AIM,
    TABLE_AT_MOST,
    TABLE_AT_LEAST,
};

void table_title(const char *title);
/* Ours: a figure with its unit, held against an aim. */
void table_ours(const char *what, double ours, const char *unit, enum table_aim aim, double bound);
/* A peer's figure for the last line of ours, with the ratio. */
void table_peer(const char *peer, double theirs);
/* Keeps a figure for the comparison with tests/bench/counts.tsv, in the file that BENCH_COUNTS names: a line
 * of "title: what", value, tolerance in percent (0), and whether less or more is better. Only for counts and
 * what follows from counts: figures that are the same on every machine. */
void table_keep_figure(const char *what, double value, enum table_aim aim);
/* Whether table_ours keeps its figures so; off at first. */
void table_keep(bool on);
/* Aims missed so far. */
int table_missed(void);

#endif
