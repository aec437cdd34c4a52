/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/meal_count.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"

enum { FIRST_CAPACITY = 1024, KEPT_S = 2 * 86400, HOUR_S = 3600, MOVED_S = 3 * HOUR_S };

static uint32_t *place_of(const struct meal_count *count, const struct tag *tag)
{
    return &count->places[bytes_get_u32(tag->bytes) & (count->capacity - 1)];
}

static void enter(struct meal_count *count, uint32_t index)
{
    uint32_t *place = place_of(count, &count->passages[index].tag);
    count->passages[index].next = *place;
    *place = index + 1;
}

/* Removes the passages from before a time. */
static void leave_out(struct meal_count *count, uint32_t before_utc_s)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count->count; i++)
        if (count->passages[i].utc_s >= before_utc_s && count->passages[i].service != 0)
            count->passages[kept++] = count->passages[i];
    count->count = kept;
}

static int grow(struct meal_count *count)
{
    uint32_t capacity = count->capacity == 0 ? FIRST_CAPACITY : 2 * count->capacity;
    struct meal_passage *passages = realloc(count->passages, capacity * sizeof *passages);
    if (passages == NULL)
        return ERR_NO_SPACE;
    count->passages = passages;
    uint32_t *places = realloc(count->places, capacity * sizeof *places);
    if (places == NULL)
        return ERR_NO_SPACE;
    count->places = places;
    count->capacity = capacity;
    return ERR_OK;
}

/* Makes room: leaves out what is old, and grows if that was not much. */
static int make_room(struct meal_count *count, uint32_t now_utc_s)
{
    int result = ERR_OK;
    leave_out(count, now_utc_s > KEPT_S ? now_utc_s - KEPT_S : 0);
    if (count->count >= count->capacity / 2)
        result = grow(count);
    if (result != ERR_OK)
        return result;
    memset(count->places, 0, count->capacity * sizeof *count->places);
    for (uint32_t i = 0; i < count->count; i++)
        enter(count, i);
    return ERR_OK;
}

int meal_count_add(struct meal_count *count, const struct meal_passage *passage)
{
    if (passage->service == 0)
        return ERR_OK;
    if (count->count == count->capacity && make_room(count, passage->utc_s) != ERR_OK)
        return ERR_NO_SPACE;
    count->passages[count->count] = *passage;
    enter(count, count->count++);
    return ERR_OK;
}

static int by_seq(const void *seq, const void *passage)
{
    uint32_t a = *(const uint32_t *)seq, b = ((const struct meal_passage *)passage)->seq;
    return a < b ? -1 : a > b;
}

void meal_count_close(struct meal_count *count, uint32_t seq, bool counts)
{
    struct meal_passage *passage =
        count->count == 0 ? NULL : bsearch(&seq, count->passages, count->count, sizeof *passage, by_seq);
    if (passage == NULL)
        return;
    passage->is_under_way = false;
    if (!counts)
        passage->service = 0;
}

void meal_count_restart(struct meal_count *count)
{
    for (uint32_t i = 0; i < count->count; i++)
        if (count->passages[i].is_under_way)
            count->passages[i].service = 0;
}

void meal_count_renumber(struct meal_count *count, const struct journal_services *map)
{
    static const struct journal_services as_before;
    if (memcmp(map, &as_before, sizeof as_before) == 0)
        return;
    for (uint32_t i = 0; i < count->count; i++)
        if (count->passages[i].service != 0)
            count->passages[i].service = journal_services_place(map, count->passages[i].service);
}

/* Returns true if a passage of the service is one of the meal: see is_of_meal in firmware/access/rights.c,
 * whose bounds these are. */
static bool is_of_meal(const struct meal_passage *passage, const struct policy_meal *meal,
                       const struct whitelist_tables *tables, uint32_t now_utc_s)
{
    uint32_t reach_s = meal->minutes * 60u + HOUR_S + MOVED_S;
    if (passage->service != meal->service + 1 ||
        (now_utc_s > reach_s && passage->utc_s < now_utc_s - reach_s))
        return false;
    struct local_time then = time_zone_local(&tables->zone, passage->utc_s);
    struct policy_meal of = policy_service_at(tables, (uint8_t)meal->service, &then);
    return of.service < 0 || of.day == meal->day;
}

uint8_t meal_count_of(const struct meal_count *count, const struct tag *tag, const struct policy_meal *meal,
                      const struct whitelist_tables *tables, uint32_t now_utc_s)
{
    uint8_t passages = 0;
    if (count->count == 0)
        return 0;
    for (uint32_t at = *place_of(count, tag); at != 0 && passages < 254; at = count->passages[at - 1].next) {
        const struct meal_passage *passage = &count->passages[at - 1];
        if (memcmp(passage->tag.bytes, tag->bytes, TAG_LEN) == 0 &&
            is_of_meal(passage, meal, tables, now_utc_s))
            passages++;
    }
    return passages;
}

void meal_count_free(struct meal_count *count)
{
    free(count->passages);
    free(count->places);
    memset(count, 0, sizeof *count);
}
