/* SPDX-License-Identifier: Apache-2.0 */
/* The lines a bench prints: what is ours, the aim and whether it is met; below, what others cost. */
#ifndef TESTS_BENCH_TABLE_H
#define TESTS_BENCH_TABLE_H

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
/* Aims missed so far. */
int table_missed(void);

#endif
