/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_sector.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/storage/sealed.h"

static const uint8_t header_magic[4] = {'P', 'T', 'J', 'S'};

uint32_t journal_ordinal_of(const struct journal *journal, uint32_t seq)
{
    return (seq - 1) / journal->per_sector;
}

uint32_t journal_ordinal_limit(const struct journal *journal)
{
    return UINT32_MAX / journal->per_sector - 2 * journal->sector_count;
}

uint32_t journal_first_seq_of(const struct journal *journal, uint32_t ordinal)
{
    return ordinal * journal->per_sector + 1;
}

uint32_t journal_sector_address(const struct journal *journal, uint32_t ordinal)
{
    return journal->base + ordinal % journal->sector_count * journal->flash->geometry->sector_size;
}

uint32_t journal_place_address(const struct journal *journal, uint32_t seq)
{
    uint32_t place = (seq - 1) % journal->per_sector;
    return journal_sector_address(journal, journal_ordinal_of(journal, seq)) +
           (place + 1) * JOURNAL_RECORD_LEN;
}

int journal_flash_read(const struct journal *journal, uint32_t addr, void *buf, size_t len)
{
    return journal->flash->read(journal->flash->ctx, addr, buf, len);
}

int journal_header_encode(struct journal *journal, uint32_t ordinal, uint8_t out[JOURNAL_RECORD_LEN])
{
    memset(out, 0, JOURNAL_RECORD_LEN);
    memcpy(out, header_magic, sizeof header_magic);
    bytes_put_u32(out + 4, ordinal);
    return sealed_close(&journal->mac, out);
}

int journal_header_read(struct journal *journal, uint32_t position, enum journal_header_state *state,
                        uint32_t *ordinal)
{
    uint8_t header[JOURNAL_RECORD_LEN], expected[JOURNAL_RECORD_LEN];
    int result =
        journal_flash_read(journal, journal_sector_address(journal, position), header, sizeof header);
    if (result != ERR_OK)
        return result;
    *state = flash_is_blank(header, sizeof header) ? JOURNAL_HEADER_BLANK : JOURNAL_HEADER_DAMAGED;
    *ordinal = bytes_get_u32(header + 4);
    if (*state == JOURNAL_HEADER_BLANK || *ordinal > journal_ordinal_limit(journal) ||
        *ordinal % journal->sector_count != position % journal->sector_count)
        return ERR_OK;
    result = journal_header_encode(journal, *ordinal, expected);
    if (result == ERR_OK && crypto_equal(header, expected, sizeof header))
        *state = JOURNAL_HEADER_VALID;
    return result;
}
