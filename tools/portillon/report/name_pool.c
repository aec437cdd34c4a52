/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/name_pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool grow(struct name_pool *pool)
{
    uint32_t capacity = 2 * pool->capacity + 16;
    char **names = realloc(pool->names, capacity * sizeof *names);
    if (names == NULL)
        return false;
    pool->names = names;
    pool->capacity = capacity;
    return true;
}

int name_pool_find(struct name_pool *pool, const char *name)
{
    for (uint32_t i = 0; i < pool->count; i++)
        if (strcmp(pool->names[i], name) == 0)
            return (int)i;
    if (pool->count == pool->capacity && !grow(pool))
        return ERR_NO_SPACE;
    char *copy = strdup(name);
    if (copy == NULL)
        return ERR_NO_SPACE;
    pool->names[pool->count] = copy;
    return (int)pool->count++;
}

void name_pool_free(struct name_pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++)
        free(pool->names[i]);
    free(pool->names);
    *pool = (struct name_pool){0};
}
