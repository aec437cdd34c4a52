/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the gate does to its flash chip, counted: a change of a number is a deliberate act. A case whose
 * counts changed prints its new line of the table, to be put in the place of the old one; the commit says
 * why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/flash_costs.h"

enum { READS, READ_BYTES, PROGRAMS, PROGRAMMED_BYTES, ERASES, COUNTS };

struct row {
    unsigned sector_size;
    const char *name;
    unsigned counts[COUNTS];
};

/* clang-format off */
static const struct row table[] = {
    /* sector size, case, {reads, bytes read, programs of a page, bytes programmed, erases} */
    {4096, "store, 1 value", {2, 64, 1, 32, 0}},
    {4096, "mount of a store, nearly empty", {17, 2560, 0, 0, 0}},
    {4096, "mount of a store, three quarters full", {24, 4352, 0, 0, 0}},
    {4096, "store, the last values and the move to the other sector", {5, 160, 4, 128, 1}},
    {4096, "mount of an empty journal", {35, 1568, 0, 0, 0}},
    {4096, "journal, 1 record", {2, 64, 1, 32, 0}},
    {4096, "journal, 1000 records and the idle work between", {2126, 93120, 1007, 32224, 7}},
    {4096, "mount of a journal, half full", {36, 1504, 0, 0, 0}},
    {4096, "mount of a journal, nearly full, nothing fetched", {36, 1600, 0, 0, 0}},
    {4096, "journal, full, nothing fetched: a sector of records", {311, 20640, 129, 4128, 1}},
    {4096, "mount of a journal, full, fetched", {36, 1600, 0, 0, 0}},
    {4096, "upload, 88 blocks, 20000 cards, until active", {3510, 817092, 1420, 363164, 2}},
    {4096, "its replica", {4802, 1274080, 1442, 363516, 2}},
    {4096, "upload, 1 card of 20000 changed, until active", {1563, 420352, 28, 6812, 3}},
    {4096, "its replica, after the change", {1763, 439420, 50, 7164, 3}},
    {4096, "1000 look-ups of listed cards", {1030, 65920, 0, 0, 0}},
    {4096, "1000 look-ups of others", {1082, 69248, 0, 0, 0}},
    {4096, "mount of a list, 20000 cards", {179, 7512, 0, 0, 0}},
    {65536, "store, 1 value", {2, 64, 1, 32, 0}},
    {65536, "mount of a store, nearly empty", {17, 2560, 0, 0, 0}},
    {65536, "mount of a store, three quarters full", {34, 6912, 0, 0, 0}},
    {65536, "store, the last values and the move to the other sector", {101, 3232, 52, 1664, 1}},
    {65536, "mount of an empty journal", {39, 1696, 0, 0, 0}},
    {65536, "journal, 1 record", {2, 64, 1, 32, 0}},
    {65536, "journal, 1000 records and the idle work between", {2000, 64000, 1000, 32000, 0}},
    {65536, "mount of a journal, half full", {39, 1696, 0, 0, 0}},
    {65536, "mount of a journal, nearly full, nothing fetched", {40, 1728, 0, 0, 0}},
    {65536, "journal, full, nothing fetched: a sector of records", {6307, 660352, 2049, 65568, 1}},
    {65536, "mount of a journal, full, fetched", {39, 1696, 0, 0, 0}},
    {65536, "upload, 88 blocks, 20000 cards, until active", {3510, 817092, 1420, 363164, 1}},
    {65536, "its replica", {4802, 1274080, 1442, 363516, 1}},
    {65536, "upload, 1 card of 20000 changed, until active", {2088, 566272, 268, 68252, 2}},
    {65536, "its replica, after the change", {2543, 654460, 290, 68604, 2}},
    {65536, "1000 look-ups of listed cards", {1030, 65920, 0, 0, 0}},
    {65536, "1000 look-ups of others", {1082, 69248, 0, 0, 0}},
    {65536, "mount of a list, 20000 cards", {179, 7512, 0, 0, 0}},
    {4096, "upload, 9 blocks, 2000 cards, both copies", {1440, 206028, 306, 75144, 4}},
    {4096, "upload, 1 card of 2000 changed, both copies", {545, 100428, 49, 9576, 6}},
    {4096, "upload, 9 blocks over an old list, both copies", {977, 205644, 305, 75112, 22}},
    {4096, "tap, building, granted", {3, 128, 1, 32, 0}},
    {4096, "tap, building, not listed", {3, 128, 1, 32, 0}},
    {4096, "start, building, 2000 cards", {245, 7472, 2, 64, 0}},
    {4096, "tap, canteen, first of a meal", {3, 128, 1, 32, 0}},
    {4096, "tap, canteen, after 300 passages", {3, 128, 1, 32, 0}},
    {4096, "tap, canteen, already passed", {4, 160, 1, 32, 0}},
    {4096, "start, canteen, amid a meal of 300", {1165, 37360, 2, 64, 0}},
    {4096, "tap, canteen, the table of meals full", {8, 288, 2, 64, 0}},
    {4096, "journal full, nothing fetched: the first sector given up", {802, 88720, 251, 8032, 3}},
    {4096, "upload, 1 card of 2000 changed, amid a meal of 300", {545, 100428, 49, 9576, 6}},
    {65536, "upload, 9 blocks, 2000 cards, both copies", {1685, 268524, 307, 75176, 2}},
    {65536, "upload, 1 card of 2000 changed, both copies", {1241, 272332, 305, 75112, 4}},
    {65536, "upload, 9 blocks over an old list, both copies", {977, 205644, 305, 75112, 4}},
    {65536, "tap, building, granted", {3, 128, 1, 32, 0}},
    {65536, "tap, building, not listed", {3, 128, 1, 32, 0}},
    {65536, "start, building, 2000 cards", {249, 7600, 2, 64, 0}},
    {65536, "tap, canteen, first of a meal", {3, 128, 1, 32, 0}},
    {65536, "tap, canteen, after 300 passages", {3, 128, 1, 32, 0}},
    {65536, "tap, canteen, already passed", {4, 160, 1, 32, 0}},
    {65536, "start, canteen, amid a meal of 300", {1169, 37488, 2, 64, 0}},
    {65536, "tap, canteen, the table of meals full", {8, 288, 2, 64, 0}},
    {65536, "journal full, nothing fetched: the first sector given up", {11065, 961904, 4091, 130912, 3}},
    {65536, "upload, 1 card of 2000 changed, amid a meal of 300", {1241, 272332, 305, 75112, 4}},
};
/* clang-format on */

enum { ROWS = sizeof table / sizeof table[0] };

struct check {
    bool seen[ROWS];
    int changed;
};

static const struct row *find(struct check *check, uint32_t sector_size, const char *name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].sector_size == sector_size && strcmp(table[i].name, name) == 0) {
            check->seen[i] = true;
            return &table[i];
        }
    return NULL;
}

static void print_row(const struct row *row)
{
    printf("#     {%u, \"%s\", {%u, %u, %u, %u, %u}},\n", row->sector_size, row->name, row->counts[READS],
           row->counts[READ_BYTES], row->counts[PROGRAMS], row->counts[PROGRAMMED_BYTES],
           row->counts[ERASES]);
}

static void compare(void *ctx, const struct flash_cost *cost)
{
    struct check *check = ctx;
    const struct nor_model_counts *counts = &cost->counts;
    const struct row is = {cost->sector_size,
                           cost->name,
                           {(unsigned)counts->reads, (unsigned)counts->read_bytes, (unsigned)counts->programs,
                            (unsigned)counts->programmed_bytes, (unsigned)counts->erases}};
    const struct row *row = find(check, cost->sector_size, cost->name);
    if (row != NULL && memcmp(row->counts, is.counts, sizeof is.counts) == 0)
        return;
    check->changed++;
    if (row == NULL) {
        printf("# not in the table:\n");
    } else {
        printf("# was:\n");
        print_row(row);
        printf("# is:\n");
    }
    print_row(&is);
}

static void each_case_does_to_the_chip_what_the_table_says(void **state)
{
    (void)state;
    static struct check check;
    flash_costs_measure(compare, &check);
    for (size_t i = 0; i < ROWS; i++) {
        if (check.seen[i])
            continue;
        printf("# no such case any more:\n");
        print_row(&table[i]);
        check.changed++;
    }
    if (check.changed > 0)
        fail_msg("%d cases differ from the table; their new lines are above, in the log of this test",
                 check.changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_case_does_to_the_chip_what_the_table_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
