/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/meals_elsewhere.h"

#include <stdio.h>
#include <string.h>

#include "firmware/journal/journal_record.h"
#include "tools/portillon/store/tag_text.h"

static uint32_t look_back(uint32_t last)
{
    return last > MEAL_LANE_LOOK_BACK ? last - MEAL_LANE_LOOK_BACK : 0;
}

/* Notes what is stored of a lane. Returns the number of lanes. */
static int note_lane(struct meal_lane *lanes, int count, const struct meal_lane *found, int max)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(lanes[i].device, found->device) != 0)
            continue;
        if (lanes[i].run == found->run)
            lanes[i].last = found->last;
        else
            lanes[i] = *found;
        return count;
    }
    if (count < max)
        lanes[count++] = *found;
    return count;
}

int meals_elsewhere_lanes(struct store_db *store, const char *device, struct meal_lane *lanes, int count,
                          int max)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "SELECT device, run, last_seq FROM devices WHERE site = $1 AND device <> $2 ORDER BY device");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, device);
    while ((result = db_step(&statement)) == DB_ROW) {
        struct meal_lane found = {.run = (uint32_t)db_int(&statement, 1),
                                  .last = (uint32_t)db_int(&statement, 2)};
        snprintf(found.device, sizeof found.device, "%s", db_text(&statement, 0));
        found.read = look_back(found.last);
        count = note_lane(lanes, count, &found, max);
    }
    db_finalize(&statement);
    return result < 0 ? result : count;
}

static uint8_t flags_of(struct db_statement *statement, int column)
{
    size_t len;
    const uint8_t *raw = db_blob(statement, column, &len);
    return raw != NULL && len == JOURNAL_RECORD_LEN ? raw[JOURNAL_RECORD_FLAGS_AT] : JOURNAL_FLAG_UNCOUNTED;
}

/* Reads a row. Returns false if it is no meal: the closing does not count, or the passage has no service. */
static bool take(struct db_statement *statement, struct meal_elsewhere *meal)
{
    bool is_closing = db_int(statement, 5) != 0;
    *meal = (struct meal_elsewhere){.seq = (uint32_t)db_int(statement, 0),
                                    .utc_s = (uint32_t)db_int(statement, 1)};
    if (is_closing && (flags_of(statement, 4) & JOURNAL_FLAG_UNCOUNTED) != 0)
        return false;
    if (!tag_text_read(db_text(statement, 2), &meal->tag))
        return false;
    const struct journal_record passage = {.flags = flags_of(statement, 3)};
    meal->service = journal_record_service(&passage);
    return meal->service != 0;
}

int meals_elsewhere_read(struct store_db *store, const struct meal_lane *lane, int64_t since_utc_s,
                         struct meal_elsewhere *meals, int max, uint32_t *reached)
{
    struct db_statement statement;
    int count = 0, rows = 0;
    int result = store_db_prepare(
        store, &statement,
        "SELECT c.seq, j.utc_s, j.tag, j.raw, c.raw, CASE c.kind WHEN 'closed' THEN 1 ELSE 0 END"
        " FROM journal c JOIN journal j ON j.site = c.site AND j.device = c.device AND j.run = c.run"
        " AND j.seq = CASE c.kind WHEN 'closed' THEN c.ref ELSE c.seq END"
        " WHERE c.site = $1 AND c.device = $2 AND c.run = $3 AND c.seq > $4 AND j.utc_s >= $5"
        " AND ((c.kind = 'closed' AND c.what IN ('passed', 'assumed'))"
        " OR (c.kind = 'granted' AND c.what = 'assumed'))"
        " AND j.kind = 'granted' AND j.zone = 'canteen' AND j.clock = 'set' AND j.tag IS NOT NULL"
        " ORDER BY c.seq LIMIT $6");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, lane->device);
    db_bind_int(&statement, 3, lane->run);
    db_bind_int(&statement, 4, lane->read);
    db_bind_int(&statement, 5, since_utc_s);
    db_bind_int(&statement, 6, max);
    while ((result = db_step(&statement)) == DB_ROW) {
        *reached = (uint32_t)db_int(&statement, 0);
        rows++;
        count += take(&statement, &meals[count]);
    }
    db_finalize(&statement);
    if (rows < max)
        *reached = lane->last > lane->read ? lane->last : lane->read;
    return result < 0 ? result : count;
}
