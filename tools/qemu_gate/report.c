/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "qemu_gate: %s: %s\n", what, why);
    exit(1);
}

uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
