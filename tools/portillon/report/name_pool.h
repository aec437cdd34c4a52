/* SPDX-License-Identifier: Apache-2.0 */
/* A few different texts, each kept once and known by its number. The caller owns the struct and frees it with
 * name_pool_free. Nothing blocks. */
#ifndef TOOLS_PORTILLON_REPORT_NAME_POOL_H
#define TOOLS_PORTILLON_REPORT_NAME_POOL_H

#include <stdint.h>

#include "hal/error.h"

struct name_pool {
    char **names;
    uint32_t count, capacity;
};

/* Finds the number of a text, or adds the text. Returns the number or ERR_NO_SPACE. */
int name_pool_find(struct name_pool *pool, const char *name) MUST_USE;
/* Frees the texts. */
void name_pool_free(struct name_pool *pool);

#endif
