/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases whose use of the flash chip is counted: what a tap, a look-up, a record, a start, an upload and a
 * stored value cost on a model of 16 MiB, with sectors of 4 or 64 KiB. unit/firmware/test_flash_costs.c
 * asserts the counts, bench_flash prints them with the times of the datasheets. Everything follows from fixed
 * seeds. An error ends the test program. Nothing blocks, but a run takes about a second.
 */
#ifndef TESTS_FAKES_FLASH_COSTS_H
#define TESTS_FAKES_FLASH_COSTS_H

#include <stdint.h>

#include "tests/fakes/nor_model.h"

struct flash_cost {
    uint32_t sector_size;
    const char *name;
    struct nor_model_counts counts;
    /* of a whole gate: the longest wait for the chip in a turn of its loop, by the datasheet; else 0 */
    uint64_t longest_wait_ns[NOR_SHEETS];
};

/* Called with each case. */
typedef void (*flash_costs_told)(void *ctx, const struct flash_cost *cost);

/* Runs all cases on chips with sectors of 4096 and of 65536 bytes. Call it once, and build no list
 * afterwards: the gates leave mbedtls with the memory of a gate. */
void flash_costs_measure(flash_costs_told told, void *ctx);

#endif
