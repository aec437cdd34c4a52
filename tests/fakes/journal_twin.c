/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/journal_twin.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"

void journal_twin_clear(struct journal_twin *twin)
{
    memset(twin, 0, sizeof *twin);
}

struct journal_record journal_twin_make(uint32_t number)
{
    struct journal_record record = {
        .utc_s = 1700000000 + number,
        .kind = number % 3 == 2 ? JOURNAL_REFUSED : JOURNAL_GRANTED,
        .code = (uint8_t)(number * 7),
        .zone = 1,
        .flags = 2,
        .ref = number * 2654435761u,
    };
    bytes_put_u32(record.tag.bytes, number);
    bytes_put_u32(record.tag.bytes + 4, ~number);
    return record;
}

static bool same(const struct journal_record *a, const struct journal_record *b)
{
    return a->utc_s == b->utc_s && a->kind == b->kind && a->code == b->code && a->zone == b->zone &&
           a->flags == b->flags && a->ref == b->ref && memcmp(&a->tag, &b->tag, sizeof a->tag) == 0;
}

static bool complain(struct journal_twin *twin, const char *what, uint32_t seq)
{
    twin->complaint = what;
    twin->complaint_seq = seq;
    return false;
}

static void take(struct journal_twin *twin, const struct journal_record *record, uint32_t seq)
{
    if (seq >= JOURNAL_TWIN_MAX)
        abort();
    twin->records[seq] = *record;
    if (seq > twin->last_given)
        twin->last_given = seq;
}

void journal_twin_appended(struct journal_twin *twin, int result, const struct journal_record *record,
                           uint32_t seq)
{
    twin->in_doubt.kind = 0;
    if (result == ERR_IO) {
        twin->in_doubt = *record;
        return;
    }
    if (result != ERR_OK)
        return;
    if (seq <= twin->last_given)
        complain(twin, "a number was given again, or went back", seq);
    take(twin, record, seq);
}

static bool hear_gap(struct journal_twin *twin, const struct journal_record *gap)
{
    uint32_t first = gap->dropped.first, last = gap->dropped.last;
    for (uint32_t seq = first; seq <= last && seq < JOURNAL_TWIN_MAX; seq++)
        twin->told[seq] = true;
    if (last >= JOURNAL_TWIN_MAX || (twin->told_by[last] != 0 && twin->told_by[last] != gap->seq))
        return complain(twin, "a gap was told twice", gap->seq);
    twin->told_by[last] = gap->seq;
    return true;
}

bool journal_twin_check(struct journal_twin *twin, struct journal *journal)
{
    uint32_t end = journal->head_seq > twin->last_given + 1 ? journal->head_seq : twin->last_given + 1;
    if (twin->complaint)
        return false;
    if (journal->head_seq <= twin->last_given)
        return complain(twin, "the next number was given before", journal->head_seq);
    for (uint32_t seq = 1; seq < end; seq++) {
        struct journal_record record;
        int result = journal_read(journal, seq, &record);
        if (result != ERR_OK)
            continue;
        struct journal_record *known = &twin->records[seq];
        if (known->kind == 0 && record.kind != JOURNAL_GAP && !same(&record, &twin->in_doubt))
            return complain(twin, "a record that nobody appended", seq);
        if (known->kind != 0 && !same(known, &record))
            return complain(twin, "a record changed", seq);
        if (record.kind == JOURNAL_GAP && !hear_gap(twin, &record))
            return false;
        take(twin, &record, seq);
    }
    for (uint32_t seq = twin->acked + 1; seq < end; seq++) {
        struct journal_record record;
        if (twin->records[seq].kind != 0 && !twin->told[seq] && journal_read(journal, seq, &record) != ERR_OK)
            return complain(twin, "a record is gone, and no gap told of it", seq);
    }
    twin->in_doubt.kind = 0;
    return true;
}
