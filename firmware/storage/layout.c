/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/layout.h"

enum {
    UNIT = 65536,
    STORE_UNITS = 2,
    WHITELIST_UNITS_LEAST = 4, /* two slots, each with a manifest and some blocks */
    JOURNAL_UNITS_LEAST = 3,
};

int layout_plan(struct layout *layout, const struct flash_geometry *geometry)
{
    uint32_t units = geometry->size / UNIT;
    uint32_t images = units * 16 / 256; /* the last one is the scratch unit */
    uint32_t whitelist = units * 160 / 256 / 2 * 2;
    if (whitelist > WHITELIST_UNITS_LEAST && units - STORE_UNITS - images - whitelist < JOURNAL_UNITS_LEAST)
        whitelist -= 2; /* on a small chip, rounding must not take units that the journal needs */
    if (whitelist < WHITELIST_UNITS_LEAST || units < STORE_UNITS + images + whitelist + JOURNAL_UNITS_LEAST)
        return ERR_NO_SPACE;
    layout->store_base = 0;
    layout->images_base = STORE_UNITS * UNIT;
    layout->scratch_len = images > 0 ? UNIT : 0;
    layout->images_len = images * UNIT - layout->scratch_len;
    layout->scratch_base = layout->images_base + layout->images_len;
    layout->whitelist_base = layout->scratch_base + layout->scratch_len;
    layout->whitelist_len = whitelist * UNIT;
    layout->journal_base = layout->whitelist_base + layout->whitelist_len;
    layout->journal_len = (units - STORE_UNITS - images - whitelist) * UNIT;
    return ERR_OK;
}
