/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/table.h"

#include <stdio.h>

static double last;
static int missed;

static const char *number(double value, char text[32])
{
    int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 1 ? 2 : 3;
    if (value == (double)(long long)value)
        decimals = 0;
    snprintf(text, 32, "%.*f", decimals, value);
    return text;
}

void table_title(const char *title)
{
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
