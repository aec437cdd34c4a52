/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/anchor.h"

#include <string.h>

#include "firmware/base/bytes.h"

enum { AT_LIST = 0, AT_STORE = 4, AT_JOURNAL = 8 };

enum anchor_state anchor_mount(struct anchor *anchor, const struct flash *flash,
                               const uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t value[STORE_VALUE_LEN];
    memset(anchor, 0, sizeof *anchor);
    if (flash == NULL)
        return anchor->state = ANCHOR_NONE;
    if (store_mount(&anchor->store, flash, 0, key) != ERR_OK)
        return anchor->state = ANCHOR_FAILED;
    if (store_get(&anchor->store, STORE_ANCHOR, value) == ERR_OK)
        anchor->values = (struct anchor_values){.list_version = bytes_get_u32(value + AT_LIST),
                                                .store_position = bytes_get_u32(value + AT_STORE),
                                                .journal_head = bytes_get_u32(value + AT_JOURNAL)};
    return anchor->state = ANCHOR_IN_USE;
}

int anchor_keep(struct anchor *anchor, const struct anchor_values *values)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    if (anchor->state != ANCHOR_IN_USE || memcmp(values, &anchor->values, sizeof *values) == 0)
        return ERR_OK;
    bytes_put_u32(value + AT_LIST, values->list_version);
    bytes_put_u32(value + AT_STORE, values->store_position);
    bytes_put_u32(value + AT_JOURNAL, values->journal_head);
    int result = store_set(&anchor->store, STORE_ANCHOR, value);
    if (result == ERR_OK)
        anchor->values = *values;
    return result;
}

int anchor_poll(struct anchor *anchor)
{
    return anchor->state == ANCHOR_IN_USE ? store_poll(&anchor->store) : ERR_OK;
}

const char *anchor_state_name(enum anchor_state state)
{
    static const char *const names[] = {
        [ANCHOR_NONE] = "none", [ANCHOR_FAILED] = "failed", [ANCHOR_IN_USE] = "in_use"};
    return (unsigned)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}
