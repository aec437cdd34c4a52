/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long two NOR chips are busy with a program or an erase, as their datasheets say. Sources: "W25Q" is the
 * W25Q128JV datasheet, Winbond, revision F (2018-03-27), AC characteristics; "FL-S" is the
 * S25FL128S/S25FL256S datasheet, Cypress 001-98283, revision P (2018-08-07), program and erase performance.
 *
 *                                 W25Q typical  maximum    FL-S typical  maximum
 * program, first byte (tBP1)             30 us    50 us
 * program, each further (tBP2)          2.5 us    12 us
 * program, one page at most (tPP)       400 us     3 ms          250 us   750 us
 * erase of 4 KiB (tSE)                   45 ms   400 ms               -        -
 * erase of 64 KiB (tBE2; tSE)           150 ms      2 s          130 ms   650 ms
 *
 * FL-S gives no shorter time for a part of a page (of 256 bytes): each program is counted as a whole one. Its
 * 4 KiB sectors cover only one end of the array. Pure.
 */
#ifndef TESTS_FAKES_NOR_SHEET_H
#define TESTS_FAKES_NOR_SHEET_H

#include <stddef.h>
#include <stdint.h>

enum nor_sheet {
    NOR_SHEET_W25Q_TYPICAL,
    NOR_SHEET_W25Q_MAXIMUM,
    NOR_SHEET_FLS_TYPICAL,
    NOR_SHEET_FLS_MAXIMUM,
    NOR_SHEETS,
};

/* Returns how long a program of len bytes within a page keeps the chip busy. */
uint64_t nor_sheet_program_ns(enum nor_sheet sheet, size_t len);
/* Returns how long an erase of a sector (4096 or 65536 bytes) takes; 0: the chip has no such sectors. */
uint64_t nor_sheet_erase_ns(enum nor_sheet sheet, uint32_t sector_size);

#endif
