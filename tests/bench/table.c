/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/table.h"

#include <stdio.h>
#include <stdlib.h>

static double last;
static int missed;
static bool keeps;
static char current_title[128];

static const char *number(double value, char text[32])
{
    int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 3;
    if (value == (double)(long long)value)
        decimals = 0;
    snprintf(text, 32, "%.*f", decimals, value);
    return text;
}

void table_keep_figure(const char *what, double value, enum table_aim aim)
{
    const char *path = getenv("BENCH_COUNTS");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;
    if (file == NULL)
        return;
    fprintf(file, "%s: %s\t%.10g\t0\t%s\n", current_title, what, value,
            aim == TABLE_AT_LEAST ? "more" : "less");
    fclose(file);
}

void table_keep(bool on)
{
    keeps = on;
}

void table_title(const char *title)
{
    snprintf(current_title, sizeof current_title, "%s", title);
    printf("\n%s\n", title);
}

void table_ours(const char *what, double ours, const char *unit, enum table_aim aim, double bound)
{
    char figure[32], limit[32];
    printf("  %-52s %12s %-6s", what, number(ours, figure), unit);
    if (aim != TABLE_NO_AIM) {
        int met = aim == TABLE_AT_MOST ? ours <= bound : ours >= bound;
        printf("  aim: at %s %s, %s", aim == TABLE_AT_MOST ? "most" : "least", number(bound, limit),
               met ? "met" : "MISSED");
        missed += !met;
    }
    printf("\n");
    if (keeps)
        table_keep_figure(what, ours, aim);
    last = ours;
}

void table_peer(const char *peer, double theirs)
{
    char figure[32], ratio[32];
    printf("      %-48s %12s", peer, number(theirs, figure));
    if (last > 0)
        printf("         %s times ours", number(theirs / last, ratio));
    printf("\n");
}

int table_missed(void)
{
    return missed;
}
