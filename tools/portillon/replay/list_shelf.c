/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/list_shelf.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/store/list_store.h"

static int note_list(void *ctx, uint32_t version, uint32_t issued_utc_s)
{
    struct list_shelf *shelf = ctx;
    if (shelf->count == shelf->capacity) {
        size_t capacity = 2 * shelf->capacity + 16;
        struct shelf_list *lists = realloc(shelf->lists, capacity * sizeof *lists);
        if (lists == NULL)
            return ERR_NO_SPACE;
        shelf->lists = lists;
        shelf->capacity = capacity;
    }
    shelf->lists[shelf->count++] = (struct shelf_list){.version = version, .issued_utc_s = issued_utc_s};
    return ERR_OK;
}

int list_shelf_open(struct list_shelf *shelf, struct store_db *store, const uint8_t *key)
{
    *shelf = (struct list_shelf){.store = store, .key = key};
    return list_store_each(store, note_list, shelf);
}

void list_shelf_free(struct list_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++)
        list_open_free(&shelf->lists[i].open);
    free(shelf->lists);
    memset(shelf, 0, sizeof *shelf);
}

void list_shelf_map(struct list_shelf *shelf, const struct whitelist_tables *other)
{
    shelf->other = other;
}

int list_shelf_profile(const struct whitelist_tables *tables, const char *name)
{
    for (int i = 0; i < tables->profile_count; i++)
        if (strcmp(tables->profiles[i].name, name) == 0)
            return i;
    return -1;
}

static void map_profiles(const struct list_shelf *shelf, struct shelf_list *list)
{
    const struct whitelist_tables *tables = &list->open.tables;
    for (int i = 0; shelf->other != NULL && i < tables->profile_count; i++)
        list->profile_map[i] = (int8_t)list_shelf_profile(shelf->other, tables->profiles[i].name);
}

static void read_list(struct list_shelf *shelf, struct shelf_list *list)
{
    const char *why;
    size_t len;
    list->state = SHELF_BAD;
    int result = list_store_read(shelf->store, list->version, &list->open.data, &len);
    if (result != ERR_OK) {
        shelf->error = shelf->error == ERR_OK ? result : shelf->error;
        return;
    }
    if (list_open_bytes(&list->open, len, shelf->key, &why) == ERR_OK) {
        list->state = SHELF_READ;
        map_profiles(shelf, list);
    }
}

static int by_version(const void *version, const void *list)
{
    uint32_t a = *(const uint32_t *)version, b = ((const struct shelf_list *)list)->version;
    return a < b ? -1 : a > b;
}

const struct shelf_list *list_shelf_version(struct list_shelf *shelf, uint32_t version)
{
    struct shelf_list *list =
        shelf->count == 0 ? NULL : bsearch(&version, shelf->lists, shelf->count, sizeof *list, by_version);
    if (list != NULL && list->state == SHELF_STORED)
        read_list(shelf, list);
    return list != NULL && list->state == SHELF_READ ? list : NULL;
}

uint32_t list_shelf_newest(const struct list_shelf *shelf, uint32_t utc_s)
{
    for (size_t i = shelf->count; i > 0; i--)
        if (shelf->lists[i - 1].issued_utc_s <= utc_s)
            return shelf->lists[i - 1].version;
    return 0;
}
