/* SPDX-License-Identifier: Apache-2.0 */
/* The first people of a file as a map reads them, shown to the user who judges the map (whitelist build
 * --guess). The caller owns the struct. Blocks only on the file that it prints to. */
#ifndef TOOLS_PORTILLON_CSV_MAP_SAMPLE_H
#define TOOLS_PORTILLON_CSV_MAP_SAMPLE_H

#include <stdio.h>

#include "tools/portillon/csv/csv_import.h"

#define MAP_SAMPLE_ROWS 5

struct map_sample {
    int count;
    struct csv_person people[MAP_SAMPLE_ROWS];
    struct csv_row_cards cards[MAP_SAMPLE_ROWS];
    struct csv_import *import; /* the one that reads the file */
};

/* Keeps a person if there is room, and returns ERR_OK: on_person of an import, with the sample as ctx. */
int map_sample_keep(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards);

/* Prints the people that were kept, with headings. tables: the rules of the school. */
void map_sample_show(const struct map_sample *sample, const struct whitelist_tables *tables, FILE *out);

#endif
