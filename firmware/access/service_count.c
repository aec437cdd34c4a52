/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/service_count.h"

#include <string.h>

#include "firmware/base/clock.h"

enum {
    FREE = 0xFFFF,
    REMOVED = 0xFFFE,
    DISTANCE_MAX = 0xFFFD,
    NEARLY_PLACES = 256,    /* left when a purge is due: a gate takes 30 passages a minute at most, */
    NEARLY_DISTANCE = 4096, /* and other records besides */
    PURGE_READS = 4,        /* in one call */
};

_Static_assert((SERVICE_COUNT_PLACES & (SERVICE_COUNT_PLACES - 1)) == 0, "a power of two");

static uint32_t first_place(const struct tag *tag)
{
    /* Pseudonyms are uniformly distributed. The last bytes are used, because the first bytes choose the
     * buckets of the whitelist. */
    return (tag->bytes[TAG_LEN - 1] | (uint32_t)tag->bytes[TAG_LEN - 2] << 8) % SERVICE_COUNT_PLACES;
}

/* A byte that does not choose the place. */
static uint8_t print_of(const struct tag *tag)
{
    return tag->bytes[TAG_LEN - 3];
}

static uint32_t next_place(uint32_t place)
{
    return (place + 1) % SERVICE_COUNT_PLACES;
}

static uint32_t place_before(uint32_t place)
{
    return (place + SERVICE_COUNT_PLACES - 1) % SERVICE_COUNT_PLACES;
}

/* Returns true if a search that took so many steps goes on at a place. */
static bool goes_on(const struct service_count *count, uint32_t place, uint32_t steps)
{
    return count->places[place] != FREE && steps < SERVICE_COUNT_PLACES;
}

/* Removes the record of a place. A place that no search needs any more becomes free, and so do those before
 * it. */
static void release(struct service_count *count, uint32_t place)
{
    count->places[place] = REMOVED;
    count->taken--;
    if (count->places[next_place(place)] != FREE)
        return;
    for (; count->places[place] == REMOVED; place = place_before(place))
        count->places[place] = FREE;
}

static void start_at(struct service_count *count, uint32_t base_seq)
{
    count->base_seq = base_seq;
    count->taken = 0;
    count->unlisted = 0;
    count->renumbered_count = 0;
    count->numbered_since_seq = 0;
    count->purge_at = SERVICE_COUNT_PLACES;
    memset(count->places, 0xFF, sizeof count->places);
}

void service_count_reset(struct service_count *count, struct journal *journal)
{
    count->journal = journal;
    start_at(count, journal_head_seq(journal));
}

bool service_count_is_full(const struct service_count *count)
{
    return count->taken >= SERVICE_COUNT_MOST ||
           journal_head_seq(count->journal) - count->base_seq > DISTANCE_MAX;
}

bool service_count_is_nearly_full(const struct service_count *count)
{
    return count->taken >= SERVICE_COUNT_MOST - NEARLY_PLACES ||
           journal_head_seq(count->journal) - count->base_seq > DISTANCE_MAX - NEARLY_DISTANCE;
}

int service_count_add(struct service_count *count, const struct tag *tag, uint32_t seq)
{
    uint32_t place = first_place(tag);
    if (count->taken >= SERVICE_COUNT_MOST || seq < count->base_seq || seq - count->base_seq > DISTANCE_MAX)
        return ERR_NO_SPACE;
    while (count->places[place] < REMOVED)
        place = next_place(place);
    count->taken++;
    count->places[place] = (uint16_t)(seq - count->base_seq);
    count->prints[place] = print_of(tag);
    return ERR_OK;
}

int service_count_add_elsewhere(struct service_count *count, const struct journal_record *record)
{
    int result = service_count_add(count, &record->tag, record->seq);
    count->unlisted += result == ERR_OK && (record->flags & JOURNAL_FLAG_UNCOUNTED);
    return result;
}

void service_count_remove(struct service_count *count, uint32_t seq)
{
    struct journal_record record;
    if (seq < count->base_seq || seq - count->base_seq > DISTANCE_MAX ||
        journal_read(count->journal, seq, &record) != ERR_OK)
        return;
    for (uint32_t place = first_place(&record.tag), steps = 0; goes_on(count, place, steps++);
         place = next_place(place))
        if (count->places[place] == seq - count->base_seq)
            release(count, place);
}

static bool is_meal(const struct journal_record *record)
{
    return record->kind == JOURNAL_GRANTED || journal_record_is_meal_elsewhere(record);
}

uint8_t service_count_of(const struct service_count *count, const struct tag *tag,
                         const struct service_filter *filter)
{
    struct journal_record record;
    uint8_t passages = 0;
    for (uint32_t place = first_place(tag), steps = 0; goes_on(count, place, steps++) && passages < 254;
         place = next_place(place))
        if (count->places[place] < REMOVED && count->prints[place] == print_of(tag) &&
            journal_read(count->journal, count->base_seq + count->places[place], &record) == ERR_OK &&
            is_meal(&record) && memcmp(record.tag.bytes, tag->bytes, TAG_LEN) == 0 &&
            filter->counts(filter->ctx, &record))
            passages++;
    return passages;
}

/* ---- lists that renumber services ---- */

static void take_list(struct service_count *count, const struct journal_record *installed)
{
    static const struct journal_services as_before;
    if (memcmp(&installed->services, &as_before, sizeof as_before) == 0)
        return;
    if (count->renumbered_count == SERVICE_COUNT_LISTS) {
        count->numbered_since_seq = count->renumbered[0].seq;
        memmove(count->renumbered, count->renumbered + 1,
                sizeof count->renumbered - sizeof count->renumbered[0]);
        count->renumbered_count--;
    }
    count->renumbered[count->renumbered_count++] =
        (struct service_renumbering){installed->seq, installed->services};
}

uint8_t service_count_number(const struct service_count *count, const struct journal_record *record)
{
    uint8_t service = record->seq < count->numbered_since_seq ? 0 : journal_record_service(record);
    for (int i = 0; i < count->renumbered_count && service != 0; i++)
        if (record->seq < count->renumbered[i].seq)
            service = journal_services_place(&count->renumbered[i].map, service);
    return service;
}

/* ---- recount ---- */

static bool is_wanted(const struct journal_record *record, uint32_t since_utc_s)
{
    return is_meal(record) && journal_record_clock(record) == CLOCK_SET &&
           journal_record_service(record) != 0 && record->utc_s >= since_utc_s;
}

/* Returns the first record to read. It searches backwards in steps, so that few records are read. It stops at
 * a record from before the time, and does not go on for long among records without a date. */
static uint32_t find_start(struct journal *journal, uint32_t since_utc_s)
{
    const uint32_t step = 64;
    struct journal_record record;
    uint32_t kept = journal_head_seq(journal) - journal_tail_seq(journal), undated = 0;
    uint32_t first = kept < SERVICE_COUNT_REACH ? journal_tail_seq(journal)
                                                : journal_head_seq(journal) - SERVICE_COUNT_REACH;
    uint32_t seq = journal_head_seq(journal);
    while (seq - first > step) {
        seq -= step;
        bool dated =
            journal_read(journal, seq, &record) == ERR_OK && journal_record_clock(&record) == CLOCK_SET;
        undated += dated ? 0 : step;
        if (undated >= SERVICE_COUNT_UNDATED || (dated && record.utc_s < since_utc_s))
            return seq;
    }
    return first;
}

static void take_granted(struct service_count *count, const struct journal_record *granted,
                         const struct service_recount *recount)
{
    if (!is_wanted(granted, recount->since_utc_s))
        return;
    int taken = service_count_add(count, &granted->tag, granted->seq);
    (void)taken; /* if the table is full, the passage is not counted */
}

static void take_elsewhere(struct service_count *count, const struct journal_record *meal,
                           const struct service_recount *recount)
{
    if (!is_wanted(meal, recount->since_utc_s))
        return;
    int taken = service_count_add_elsewhere(count, meal);
    (void)taken; /* as above */
}

/* Returns true if the passage counts until a closing says that it does not. All other passages count only if
 * a closing says so. */
static bool counts_by_itself(const struct journal_record *granted, const struct service_recount *recount)
{
    return granted->code == JOURNAL_ASSUMED || granted->seq >= recount->run_first_seq;
}

static void take_closing(struct service_count *count, const struct journal_record *closing,
                         const struct service_recount *recount)
{
    struct journal_record granted;
    if (closing->code == JOURNAL_ABANDONED || (closing->flags & JOURNAL_FLAG_UNCOUNTED))
        service_count_remove(count, closing->ref);
    else if (closing->ref < recount->run_first_seq &&
             journal_read(count->journal, closing->ref, &granted) == ERR_OK &&
             !counts_by_itself(&granted, recount))
        take_granted(count, &granted, recount);
}

/* Takes a record. Returns true if it is a refusal. */
static bool take_record(struct service_count *count, uint32_t seq, const struct service_recount *recount)
{
    struct journal_record record;
    if (journal_read(count->journal, seq, &record) != ERR_OK)
        return false;
    if (record.kind == JOURNAL_EVENT && record.code == JOURNAL_EVENT_LIST_INSTALLED)
        take_list(count, &record);
    else if (journal_record_is_meal_elsewhere(&record))
        take_elsewhere(count, &record, recount);
    else if (record.kind == JOURNAL_CLOSED)
        take_closing(count, &record, recount);
    else if (counts_by_itself(&record, recount))
        take_granted(count, &record, recount);
    return record.kind == JOURNAL_REFUSED;
}

/* Returns the next number that may not be a refusal. There may be many of them in a row, and a look at their
 * kind is ten times as fast as the check of a record. */
static uint32_t skip_refusals(struct journal *journal, uint32_t seq)
{
    uint8_t kinds[JOURNAL_PEEK_MAX];
    int read;
    while ((read = journal_peek_kinds(journal, seq, kinds)) > 0)
        for (int i = 0; i < read; i++, seq++)
            if (kinds[i] != JOURNAL_REFUSED)
                return seq;
    return seq;
}

void service_count_again(struct service_count *count, const struct service_recount *recount)
{
    struct journal *journal = count->journal;
    start_at(count, find_start(journal, recount->since_utc_s));
    for (uint32_t seq = count->base_seq; seq < journal_head_seq(journal);) {
        bool refusal = take_record(count, seq++, recount);
        if (refusal)
            seq = skip_refusals(journal, seq);
    }
}

/* ---- purge ---- */

void service_count_purge_start(struct service_count *count)
{
    count->purge_at = 0;
}

/* Removes the record of a place if it is of a past meal. One that cannot be read now may be of this meal. */
static void purge_place(struct service_count *count, uint32_t place, uint32_t since_utc_s)
{
    struct journal_record record;
    uint32_t seq = count->base_seq + count->places[place];
    bool is_near = journal_head_seq(count->journal) - seq <= SERVICE_COUNT_REACH;
    int result = journal_read(count->journal, seq, &record);
    if (result == ERR_OK ? is_wanted(&record, since_utc_s) : result != ERR_NOT_FOUND && is_near)
        return;
    if (result == ERR_OK && journal_record_is_meal_elsewhere(&record) && count->unlisted > 0)
        count->unlisted -= (record.flags & JOURNAL_FLAG_UNCOUNTED) != 0;
    release(count, place);
}

/* Makes room for numbers: the distances count from the oldest record that is left. */
static void move_base(struct service_count *count)
{
    uint32_t least = journal_head_seq(count->journal) - count->base_seq;
    for (uint32_t place = 0; place < SERVICE_COUNT_PLACES; place++)
        if (count->places[place] < REMOVED && count->places[place] < least)
            least = count->places[place];
    for (uint32_t place = 0; place < SERVICE_COUNT_PLACES; place++)
        if (count->places[place] < REMOVED)
            count->places[place] -= (uint16_t)least;
    count->base_seq += least;
}

bool service_count_is_purging(const struct service_count *count)
{
    return count->purge_at < SERVICE_COUNT_PLACES;
}

void service_count_purge(struct service_count *count, uint32_t since_utc_s)
{
    for (int reads = 0; reads < PURGE_READS && service_count_is_purging(count); count->purge_at++)
        if (count->places[count->purge_at] < REMOVED) {
            purge_place(count, count->purge_at, since_utc_s);
            reads++;
        }
    if (!service_count_is_purging(count))
        move_base(count);
}
