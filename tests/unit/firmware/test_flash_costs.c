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
    {4096, "mount of a store, nearly empty", {132, 4224, 0, 0, 0}},
    {4096, "mount of a store, three quarters full", {132, 4224, 0, 0, 0}},
    {4096, "store, the last values and the move to the other sector", {5, 160, 4, 128, 1}},
    {4096, "mount of an empty journal", {35, 1568, 0, 0, 0}},
    {4096, "journal, 1 record", {2, 64, 1, 32, 0}},
    {4096, "journal, 1000 records and the idle work between", {2126, 93120, 1007, 32224, 7}},
    {4096, "mount of a journal, half full", {36, 1504, 0, 0, 0}},
    {4096, "mount of a journal, nearly full, nothing fetched", {36, 1600, 0, 0, 0}},
    {4096, "journal, full, nothing fetched: a sector of records", {311, 20640, 129, 4128, 1}},
    {4096, "mount of a journal, full, fetched", {36, 1600, 0, 0, 0}},
    {4096, "upload, 88 blocks, 20000 cards, until active", {2135, 814628, 1420, 363164, 2}},
    {4096, "its replica", {2624, 1267712, 1420, 363164, 2}},
    {4096, "upload, 1 card of 20000 changed, until active", {504, 419152, 28, 6812, 3}},
    {4096, "its replica, after the change", {629, 433052, 28, 6812, 3}},
    {4096, "1000 look-ups of listed cards", {1030, 65920, 0, 0, 0}},
    {4096, "1000 look-ups of others", {1082, 69248, 0, 0, 0}},
    {4096, "mount of a list, 20000 cards", {183, 8996, 0, 0, 0}},
    {65536, "store, 1 value", {2, 64, 1, 32, 0}},
    {65536, "mount of a store, nearly empty", {2052, 65664, 0, 0, 0}},
    {65536, "mount of a store, three quarters full", {2052, 65664, 0, 0, 0}},
    {65536, "store, the last values and the move to the other sector", {5, 160, 4, 128, 1}},
    {65536, "mount of an empty journal", {39, 1696, 0, 0, 0}},
    {65536, "journal, 1 record", {2, 64, 1, 32, 0}},
    {65536, "journal, 1000 records and the idle work between", {2000, 64000, 1000, 32000, 0}},
    {65536, "mount of a journal, half full", {39, 1696, 0, 0, 0}},
    {65536, "mount of a journal, nearly full, nothing fetched", {40, 1728, 0, 0, 0}},
    {65536, "journal, full, nothing fetched: a sector of records", {6211, 657280, 2049, 65568, 1}},
    {65536, "mount of a journal, full, fetched", {39, 1696, 0, 0, 0}},
    {65536, "upload, 88 blocks, 20000 cards, until active", {2135, 814628, 1420, 363164, 1}},
    {65536, "its replica", {2624, 1267712, 1420, 363164, 1}},
    {65536, "upload, 1 card of 20000 changed, until active", {849, 565072, 268, 68252, 2}},
    {65536, "its replica, after the change", {1049, 648092, 268, 68252, 2}},
    {65536, "1000 look-ups of listed cards", {1030, 65920, 0, 0, 0}},
    {65536, "1000 look-ups of others", {1082, 69248, 0, 0, 0}},
    {65536, "mount of a list, 20000 cards", {183, 8996, 0, 0, 0}},
    {4096, "upload, 9 blocks, 2000 cards, both copies", {778, 201404, 299, 75016, 4}},
    {4096, "upload, 1 card of 2000 changed, both copies", {306, 98388, 44, 9512, 6}},
    {4096, "upload, 9 blocks over an old list, both copies", {640, 203540, 299, 75016, 22}},
    {4096, "tap, building, granted", {3, 128, 1, 32, 0}},
    {4096, "tap, building, not listed", {3, 128, 1, 32, 0}},
    {4096, "start, building, 2000 cards", {354, 8844, 2, 64, 0}},
    {4096, "tap, canteen, first of a meal", {3, 128, 1, 32, 0}},
    {4096, "tap, canteen, after 300 passages", {3, 128, 1, 32, 0}},
    {4096, "tap, canteen, already passed", {4, 160, 1, 32, 0}},
    {4096, "start, canteen, amid a meal of 300", {1272, 38220, 2, 64, 0}},
    {4096, "tap, canteen, the table of meals full", {8, 288, 2, 64, 0}},
    {4096, "journal full, nothing fetched: the first sector given up", {819, 95088, 251, 8032, 3}},
    {4096, "upload, 1 card of 2000 changed, amid a meal of 300", {1227, 127892, 43, 9480, 6}},
    {65536, "upload, 9 blocks, 2000 cards, both copies", {1023, 263900, 300, 75048, 2}},
    {65536, "upload, 1 card of 2000 changed, both copies", {714, 270292, 300, 75048, 4}},
    {65536, "upload, 9 blocks over an old list, both copies", {644, 204136, 299, 75016, 4}},
    {65536, "tap, building, granted", {3, 128, 1, 32, 0}},
    {65536, "tap, building, not listed", {3, 128, 1, 32, 0}},
    {65536, "start, building, 2000 cards", {2278, 70412, 2, 64, 0}},
    {65536, "tap, canteen, first of a meal", {3, 128, 1, 32, 0}},
    {65536, "tap, canteen, after 300 passages", {3, 128, 1, 32, 0}},
    {65536, "tap, canteen, already passed", {4, 160, 1, 32, 0}},
    {65536, "start, canteen, amid a meal of 300", {3196, 99788, 2, 64, 0}},
    {65536, "tap, canteen, the table of meals full", {8, 288, 2, 64, 0}},
    {65536, "journal full, nothing fetched: the first sector given up", {10959, 957168, 4091, 130912, 3}},
    {65536, "upload, 1 card of 2000 changed, amid a meal of 300", {1635, 299796, 299, 75016, 4}},
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
