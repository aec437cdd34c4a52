/*
 * Counts the power cuts that a test program tries, over all its chips. When CUT_COUNT in the environment
 * names a file, one line goes there when the program ends: places cut at, cuts there (a tear each), cuts in
 * the recovery after one. Called by nor_model alone.
 */
#ifndef TESTS_FAKES_CUT_COUNT_H
#define TESTS_FAKES_CUT_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Another story begins: places count anew. */
void cut_count_scene(void);
/* The power went at operation n of it; again: in the recovery from an earlier cut. */
void cut_count_cut(uint64_t n, bool again);

#endif
