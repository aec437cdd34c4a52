/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_correct.h"

#include <string.h>

#include "firmware/journal/journal_sector.h"
#include "firmware/storage/sealed.h"

enum {
    SEARCHES_AT_MOUNT = 16,
    SEARCHES_MOST = 4, /* saved up by polls */
    BODY_AT = 4,       /* behind the number: what a record that is written again has in common */
    NO_BIT = 0xFFFF,
};

void journal_correct_start(struct journal *journal)
{
    journal->correct.searches = SEARCHES_AT_MOUNT;
}

void journal_correct_poll(struct journal *journal)
{
    journal->correct.searches += journal->correct.searches < SEARCHES_MOST;
}

/* Returns true if next is the same record under the next number: an append found that the first did not hold,
 * and wrote it again. If the second try left a wrong bit too, the two may differ in both. */
static bool is_written_again(struct journal *journal, const uint8_t raw[JOURNAL_RECORD_LEN],
                             const uint8_t next[JOURNAL_RECORD_LEN])
{
    struct journal_record record;
    uint32_t distance = sealed_distance(raw + BODY_AT, next + BODY_AT, SEALED_CONTENT_LEN - BODY_AT);
    return distance <= 1 || (distance == 2 && journal_record_decode(&record, &journal->mac, next) != ERR_OK);
}

int journal_correct_is_allowed(struct journal *journal, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN])
{
    uint8_t next[JOURNAL_RECORD_LEN];
    if (!journal_record_is_near(raw, seq))
        return ERR_CORRUPT;
    if (seq == journal->appended_seq)
        return ERR_OK;
    if (seq + 1 >= journal->head_seq)
        return ERR_CORRUPT; /* power may have failed while it was written: the next append finds out */
    int result = journal_flash_read(journal, journal_place_address(journal, seq + 1), next, sizeof next);
    if (result != ERR_OK)
        return result;
    /* Anything else than a record may be a mark, also one that was cut off. */
    bool is_followed = journal_record_is_near(next, seq + 1);
    return is_followed && !is_written_again(journal, raw, next) ? ERR_OK : ERR_CORRUPT;
}

/* ---- searches ---- */

static struct journal_correction *find_known(struct journal *journal, uint32_t seq)
{
    for (int i = 0; i < JOURNAL_CORRECTIONS; i++)
        if (journal->correct.known[i].seq == seq)
            return &journal->correct.known[i];
    return NULL;
}

static void keep(struct journal *journal, uint32_t seq, uint16_t bit)
{
    struct journal_correction *known = find_known(journal, seq);
    if (known == NULL) {
        known = &journal->correct.known[journal->correct.next];
        journal->correct.next = (uint8_t)((journal->correct.next + 1) % JOURNAL_CORRECTIONS);
    }
    *known = (struct journal_correction){.seq = seq, .bit = bit};
}

/* Returns the bit in which two records differ. */
static uint16_t bit_between(const uint8_t a[JOURNAL_RECORD_LEN], const uint8_t b[JOURNAL_RECORD_LEN])
{
    uint16_t bit = 0;
    while (bit < 8 * JOURNAL_RECORD_LEN && ((a[bit / 8] ^ b[bit / 8]) >> bit % 8 & 1) == 0)
        bit++;
    return bit;
}

static int search(struct journal *journal, uint32_t seq, uint8_t raw[JOURNAL_RECORD_LEN])
{
    uint8_t before[JOURNAL_RECORD_LEN];
    memcpy(before, raw, sizeof before);
    if (journal->correct.searches == 0)
        return ERR_CORRUPT;
    journal->correct.searches--;
    int result = journal_record_correct(raw, &journal->mac, seq);
    if (result == ERR_OK || result == ERR_CORRUPT)
        keep(journal, seq, result == ERR_OK ? bit_between(before, raw) : NO_BIT);
    return result;
}

static int correct(struct journal *journal, uint32_t seq, uint8_t raw[JOURNAL_RECORD_LEN])
{
    const struct journal_correction *known = find_known(journal, seq);
    if (known != NULL && known->bit == NO_BIT)
        return ERR_CORRUPT;
    int result = journal_correct_is_allowed(journal, seq, raw);
    if (result != ERR_OK)
        return result;
    if (known != NULL) {
        raw[known->bit / 8] ^= (uint8_t)(1U << known->bit % 8);
        result = sealed_check(&journal->mac, raw);
        if (result != ERR_CORRUPT)
            return result;
        raw[known->bit / 8] ^= (uint8_t)(1U << known->bit % 8);
    }
    return search(journal, seq, raw);
}

int journal_correct_decode(struct journal *journal, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN],
                           struct journal_record *record)
{
    uint8_t corrected[JOURNAL_RECORD_LEN];
    int result = journal_record_decode(record, &journal->mac, raw);
    if (result == ERR_CORRUPT) {
        memcpy(corrected, raw, sizeof corrected);
        result = correct(journal, seq, corrected);
        if (result == ERR_OK)
            result = journal_record_parse(record, corrected);
    }
    return result == ERR_NOT_FOUND || (result == ERR_OK && record->seq != seq) ? ERR_CORRUPT : result;
}
