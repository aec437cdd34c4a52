/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/nor_sheet.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

static const struct {
    uint64_t first_ns, next_ns, page_ns, erase_4k_ns, erase_64k_ns;
} sheets[NOR_SHEETS] = {
    [NOR_SHEET_W25Q_TYPICAL] = {30 * US, 2500, 400 * US, 45 * MS, 150 * MS},
    [NOR_SHEET_W25Q_MAXIMUM] = {50 * US, 12 * US, 3 * MS, 400 * MS, 2000 * MS},
    [NOR_SHEET_FLS_TYPICAL] = {250 * US, 0, 250 * US, 0, 130 * MS},
    [NOR_SHEET_FLS_MAXIMUM] = {750 * US, 0, 750 * US, 0, 650 * MS},
};

uint64_t nor_sheet_program_ns(enum nor_sheet sheet, size_t len)
{
    uint64_t ns = sheets[sheet].first_ns + sheets[sheet].next_ns * (len - 1);
    return ns < sheets[sheet].page_ns ? ns : sheets[sheet].page_ns;
}

uint64_t nor_sheet_erase_ns(enum nor_sheet sheet, uint32_t sector_size)
{
    return sector_size == 4096 ? sheets[sheet].erase_4k_ns : sheets[sheet].erase_64k_ns;
}
