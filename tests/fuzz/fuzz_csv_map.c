/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a map, as a file to guess a map from, and as a moment: no crash, and what is proposed is a map
 * that reads back. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/local_moment.h"
#include "tools/portillon/csv/csv_guess.h"
#include "tools/portillon/csv/csv_map.h"
#include "tools/portillon/site/site_rules_default.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct site_rules rules;

static void write_and_read_back(const struct csv_import_options *options)
{
    static char text[65536];
    static struct import_report report;
    static struct csv_map map;
    struct csv_import_options again = {.rules = &rules};
    FILE *out = fmemopen(text, sizeof text, "w");
    csv_map_write(options, out);
    long len = ftell(out);
    fclose(out);
    memset(&report, 0, sizeof report);
    if (csv_map_parse(&map, &again, "map", text, (size_t)len, &report) != ERR_OK)
        return; /* a header with a line end in it cannot be named in a map */
    if (again.notation.base != options->notation.base || again.dates != options->dates)
        abort();
}

static void try_moment(const uint8_t *data, size_t size)
{
    char text[64];
    struct local_time moment;
    struct time_zone zone = time_zone_default();
    const char *why;
    size_t len = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, len);
    text[len] = '\0';
    if (local_moment_parse(&zone, text, &moment, &why) == ERR_OK &&
        (moment.minute > 1439 || moment.weekday > 6))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct import_report report;
    static struct csv_map map;
    static struct csv_guess guess;
    struct csv_import_options options = {.rules = &rules};
    if (rules.tables.profile_count == 0)
        site_rules_default(&rules);
    memset(&report, 0, sizeof report);
    if (csv_map_parse(&map, &options, "map", (const char *)data, size, &report) == ERR_OK)
        write_and_read_back(&options);
    options = (struct csv_import_options){.rules = &rules};
    char *copy = malloc(size + 1);
    if (copy == NULL)
        return 0;
    memcpy(copy, data, size);
    copy[size] = '\0';
    if (csv_guess(&guess, &options, copy, size) == ERR_OK)
        write_and_read_back(&options);
    free(copy);
    try_moment(data, size);
    return 0;
}
