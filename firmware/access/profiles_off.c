/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/profiles_off.h"

#include <stdbool.h>
#include <string.h>

#include "firmware/base/bytes.h"

enum { SETS = 2, VALUES = 4, NAMES_A_VALUE = 3, NAME_LEN = 4 };

_Static_assert(VALUES *NAMES_A_VALUE == PROFILES_OFF_MAX, "the names fill a set");
_Static_assert((1 + NAMES_A_VALUE) * NAME_LEN == STORE_VALUE_LEN, "number and names fill a value");
_Static_assert((int)STORE_PROFILES_OFF + SETS * VALUES <= (int)STORE_KEYS, "a key for each value");
_Static_assert(WHITELIST_PROFILES_MAX <= 32, "a bit for each profile");

/* ---- names ---- */

static int find(const uint32_t names[PROFILES_OFF_MAX], uint32_t name)
{
    for (int i = 0; i < PROFILES_OFF_MAX; i++)
        if (names[i] == name)
            return i;
    return -1;
}

static bool is_known(const struct whitelist_tables *tables, uint32_t name)
{
    for (uint32_t i = 0; i < tables->profile_count; i++)
        if (whitelist_name_code(tables->profiles[i].name) == name)
            return true;
    return false;
}

/* Returns a free place, or else that of a name that these tables do not have; -1: there is none. */
static int find_room(const uint32_t names[PROFILES_OFF_MAX], const struct whitelist_tables *tables)
{
    int place = find(names, 0);
    for (int i = 0; i < PROFILES_OFF_MAX && place < 0; i++)
        if (!is_known(tables, names[i]))
            place = i;
    return place;
}

uint32_t profiles_off_bits(const struct profiles_off *off, const struct whitelist_tables *tables)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < tables->profile_count; i++)
        if (find(off->names, whitelist_name_code(tables->profiles[i].name)) >= 0)
            bits |= UINT32_C(1) << i;
    return bits;
}

/* ---- in flash ---- */

static enum store_key key_of(uint32_t set, uint32_t value)
{
    return (enum store_key)(STORE_PROFILES_OFF + set * VALUES + value);
}

static bool load_set(const struct store *store, uint32_t set, struct profiles_off *found)
{
    bool whole = true;
    for (uint32_t value = 0; value < VALUES; value++) {
        uint8_t bytes[STORE_VALUE_LEN] = {0};
        uint32_t number = store_get(store, key_of(set, value), bytes) == ERR_OK ? bytes_get_u32(bytes) : 0;
        found->highest = number > found->highest ? number : found->highest;
        found->number = value == 0 ? number : found->number;
        whole = whole && number == found->number && number != 0 && number % SETS == set;
        for (uint32_t i = 0; i < NAMES_A_VALUE; i++)
            found->names[value * NAMES_A_VALUE + i] = bytes_get_u32(bytes + NAME_LEN * (i + 1));
    }
    return whole;
}

void profiles_off_load(struct profiles_off *off, const struct store *store)
{
    *off = (struct profiles_off){.number = 0};
    for (uint32_t set = 0; set < SETS; set++) {
        struct profiles_off found = {.highest = off->highest};
        if (load_set(store, set, &found) && found.number > off->number)
            *off = found;
        off->highest = found.highest;
    }
}

/* Writes the change to the set that is not valid now, so that the valid one survives a power cut. */
static int save(struct profiles_off *changed, struct store *store)
{
    uint8_t bytes[STORE_VALUE_LEN];
    uint32_t number = changed->highest + 1;
    int result = ERR_OK;
    if (number % SETS == changed->number % SETS)
        number++;
    changed->highest = number;
    for (uint32_t value = 0; value < VALUES && result == ERR_OK; value++) {
        bytes_put_u32(bytes, number);
        for (uint32_t i = 0; i < NAMES_A_VALUE; i++)
            bytes_put_u32(bytes + NAME_LEN * (i + 1), changed->names[value * NAMES_A_VALUE + i]);
        result = store_set(store, key_of(number % SETS, value), bytes);
    }
    if (result == ERR_OK)
        changed->number = number;
    return result;
}

int profiles_off_turn(struct profiles_off *off, const struct whitelist_tables *tables, uint32_t on,
                      struct store *store)
{
    struct profiles_off changed = *off;
    bool any_off = false;
    /* First the profiles turned on, because they free places. */
    for (uint32_t i = 0; i < tables->profile_count; i++) {
        int place = find(changed.names, whitelist_name_code(tables->profiles[i].name));
        any_off = any_off || !(on >> i & 1);
        if ((on >> i & 1) && place >= 0)
            changed.names[place] = 0;
    }
    if (!any_off)
        memset(changed.names, 0, sizeof changed.names);
    for (uint32_t i = 0; i < tables->profile_count; i++) {
        uint32_t name = whitelist_name_code(tables->profiles[i].name);
        if ((on >> i & 1) || find(changed.names, name) >= 0)
            continue;
        int place = find_room(changed.names, tables);
        if (place < 0)
            return ERR_NO_SPACE;
        changed.names[place] = name;
    }
    bool in_doubt = off->highest != off->number; /* an earlier change failed, but may be in flash */
    if (!in_doubt && memcmp(changed.names, off->names, sizeof off->names) == 0)
        return ERR_OK;
    int result = save(&changed, store);
    off->highest = changed.highest; /* the number of a failed change must not be used again */
    if (result == ERR_OK)
        *off = changed;
    return result;
}
