/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the power cuts that a test program makes, over all its chips. If CUT_COUNT in the environment names
 * a file, one line is appended to it when the program ends: the number of places with a cut, the number of
 * cuts (each tear is one), and the number of cuts during the recovery from a cut. Only nor_model calls it.
 */
#ifndef TESTS_FAKES_CUT_COUNT_H
#define TESTS_FAKES_CUT_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Starts a new scene: its places are counted as new ones. */
void cut_count_scene(void);
/* Counts a cut at operation n of the scene. again is true in the recovery from an earlier cut. */
void cut_count_cut(uint64_t n, bool again);

#endif
