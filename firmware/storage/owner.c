/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/owner.h"

#include <string.h>

#include "firmware/storage/flash_io.h"

_Static_assert(IDENTITY_DEVICE_ID_MAX + 1 <= STORE_VALUE_LEN && IDENTITY_SITE_ID_LEN <= STORE_VALUE_LEN,
               "an owner is stored in two values");

struct owner owner_of(const struct identity *identity)
{
    struct owner owner = {{0}, {0}};
    memcpy(owner.device_id, identity->device_id, IDENTITY_DEVICE_ID_MAX);
    memcpy(owner.site_id, identity->site_id, sizeof owner.site_id);
    return owner;
}

bool owner_is_same(const struct owner *a, const struct owner *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Takes one part of an owner from a value. Anything but a device id, padded with zeros, is no owner. */
static bool take_device(struct owner *owner, const uint8_t value[STORE_VALUE_LEN])
{
    size_t len = 0;
    while (len < IDENTITY_DEVICE_ID_MAX && value[len] > ' ' && value[len] < 0x7F)
        len++;
    if (len == 0 || value[len] != 0)
        return false;
    memset(owner->device_id, 0, sizeof owner->device_id);
    memcpy(owner->device_id, value, len);
    return true;
}

/* Looks at the places of a sector. A store begins with two headers, so a sector without them has none. */
static int find_in(const struct flash *flash, uint32_t base, struct owner *owner, bool *found)
{
    uint8_t value[STORE_VALUE_LEN];
    for (uint32_t at = 0; at < flash->geometry->sector_size; at += STORE_RECORD_LEN) {
        int key = store_peek(flash, base + at, value);
        if (key == ERR_IO)
            return ERR_IO;
        if (key == ERR_NOT_FOUND && at == STORE_RECORD_LEN)
            return ERR_OK;
        if (key == STORE_OWNER)
            *found = take_device(owner, value) || *found;
        else if (key == STORE_OWNER_SITE)
            memcpy(owner->site_id, value, sizeof owner->site_id);
    }
    return ERR_OK;
}

int owner_find(const struct flash *flash, uint32_t base, struct owner *owner)
{
    bool found = false;
    *owner = (struct owner){{0}, {0}};
    int result = find_in(flash, base, owner, &found);
    if (result == ERR_OK)
        result = find_in(flash, base + flash->geometry->sector_size, owner, &found);
    return result != ERR_OK || found ? result : ERR_NOT_FOUND;
}

int owner_keep(struct store *store, const struct owner *owner)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    memcpy(value, owner->site_id, sizeof owner->site_id);
    int result = store_set(store, STORE_OWNER_SITE, value);
    memcpy(value, owner->device_id, sizeof owner->device_id);
    return result == ERR_OK ? store_set(store, STORE_OWNER, value) : result;
}
