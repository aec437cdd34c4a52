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
    START_STEP = 64,        /* records from one read of the search for the start of a recount to the next */
    WORK_UNITS = 24, /* of a recount in one call: records checked, or kinds of eight refusals looked at */
};

#define NOT_KNOWN UINT32_MAX

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

static void start_at(struct service_count *count, uint32_t base_seq, uint32_t complete_since_s)
{
    count->complete_since_s = complete_since_s;
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
    count->stage = SERVICE_COUNT_WHOLE;
    start_at(count, journal_head_seq(journal), NOT_KNOWN);
}

void service_count_forget(struct service_count *count, uint32_t none_since_s)
{
    start_at(count, journal_head_seq(count->journal), none_since_s);
}

bool service_count_is_complete(const struct service_count *count, uint32_t since_utc_s)
{
    return count->stage == SERVICE_COUNT_WHOLE && count->complete_since_s <= since_utc_s;
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

/* Puts a record into the table. */
static int put(struct service_count *count, const struct tag *tag, uint32_t seq)
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

static int put_elsewhere(struct service_count *count, const struct journal_record *record)
{
    int result = put(count, &record->tag, record->seq);
    count->unlisted += result == ERR_OK && (record->flags & JOURNAL_FLAG_UNCOUNTED);
    return result;
}

int service_count_add(struct service_count *count, const struct tag *tag, uint32_t seq)
{
    return service_count_is_counting(count) ? ERR_OK
                                            : put(count, tag, seq); /* it comes to new records itself */
}

int service_count_add_elsewhere(struct service_count *count, const struct journal_record *record)
{
    return service_count_is_counting(count) ? ERR_OK : put_elsewhere(count, record);
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

uint8_t service_count_of(struct service_count *count, const struct tag *tag,
                         const struct service_filter *filter)
{
    struct journal_record record;
    uint8_t passages = 0;
    service_count_finish(count);
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

void service_count_take_list(struct service_count *count, uint32_t seq,
                             const struct journal_services *services)
{
    static const struct journal_services as_before;
    if (memcmp(services, &as_before, sizeof as_before) == 0)
        return;
    if (count->renumbered_count == SERVICE_COUNT_LISTS) {
        count->numbered_since_seq = count->renumbered[0].seq;
        memmove(count->renumbered, count->renumbered + 1,
                sizeof count->renumbered - sizeof count->renumbered[0]);
        count->renumbered_count--;
    }
    count->renumbered[count->renumbered_count++] = (struct service_renumbering){seq, *services};
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

static void start_reading(struct service_count *count, uint32_t seq)
{
    start_at(count, seq, count->recount.since_utc_s);
    count->next_seq = seq;
    count->stage = SERVICE_COUNT_READING;
}

/* Searches the first record to read, backwards in steps, so that few records are read. It stops at a record
 * from before the time, and does not go on for long among records without a date. */
static void search_start(struct service_count *count)
{
    struct journal *journal = count->journal;
    struct journal_record record;
    uint32_t head = journal_head_seq(journal), first = journal_tail_seq(journal);
    if (head - first > SERVICE_COUNT_REACH)
        first = head - SERVICE_COUNT_REACH;
    for (int reads = 0; reads < WORK_UNITS; reads++) {
        if (count->next_seq <= first + START_STEP) {
            start_reading(count, first);
            return;
        }
        count->next_seq -= START_STEP;
        bool dated = journal_read(journal, count->next_seq, &record) == ERR_OK &&
                     journal_record_clock(&record) == CLOCK_SET;
        count->undated += dated ? 0 : START_STEP;
        if (count->undated >= SERVICE_COUNT_UNDATED || (dated && record.utc_s < count->recount.since_utc_s)) {
            start_reading(count, count->next_seq);
            return;
        }
    }
}

static void take_granted(struct service_count *count, const struct journal_record *granted)
{
    if (!is_wanted(granted, count->recount.since_utc_s))
        return;
    int taken = put(count, &granted->tag, granted->seq);
    (void)taken; /* if the table is full, the passage is not counted */
}

static void take_elsewhere(struct service_count *count, const struct journal_record *meal)
{
    if (!is_wanted(meal, count->recount.since_utc_s))
        return;
    int taken = put_elsewhere(count, meal);
    (void)taken; /* as above */
}

/* Returns true if the passage counts until a closing says that it does not. All other passages count only if
 * a closing says so. */
static bool counts_by_itself(const struct service_count *count, const struct journal_record *granted)
{
    return granted->code == JOURNAL_ASSUMED || granted->seq >= count->recount.run_first_seq;
}

static void take_closing(struct service_count *count, const struct journal_record *closing)
{
    struct journal_record granted;
    if (closing->code == JOURNAL_ABANDONED || (closing->flags & JOURNAL_FLAG_UNCOUNTED))
        service_count_remove(count, closing->ref);
    else if (closing->ref < count->recount.run_first_seq &&
             journal_read(count->journal, closing->ref, &granted) == ERR_OK &&
             !counts_by_itself(count, &granted))
        take_granted(count, &granted);
}

/* Takes the next record. Returns how many records it read. */
static int take_next(struct service_count *count)
{
    struct journal_record record;
    count->in_refusals = false;
    if (journal_read(count->journal, count->next_seq++, &record) != ERR_OK)
        return 1;
    if (record.kind == JOURNAL_EVENT && record.code == JOURNAL_EVENT_LIST_INSTALLED)
        service_count_take_list(count, record.seq, &record.services);
    else if (journal_record_is_meal_elsewhere(&record))
        take_elsewhere(count, &record);
    else if (record.kind == JOURNAL_CLOSED)
        take_closing(count, &record);
    else if (counts_by_itself(count, &record))
        take_granted(count, &record);
    count->in_refusals = record.kind == JOURNAL_REFUSED;
    return record.kind == JOURNAL_CLOSED ? 2 : 1;
}

/* Passes over the next records that are refusals. There may be many of them in a row, and a look at their
 * kind is ten times as fast as the check of a record. */
static void skip_refusals(struct service_count *count)
{
    uint8_t kinds[JOURNAL_PEEK_MAX];
    int read = journal_peek_kinds(count->journal, count->next_seq, kinds);
    count->in_refusals = read > 0;
    for (int i = 0; i < read && count->in_refusals; i++) {
        count->in_refusals = kinds[i] == JOURNAL_REFUSED;
        count->next_seq += count->in_refusals;
    }
}

static void read_on(struct service_count *count)
{
    for (int units = 0; units < WORK_UNITS && count->next_seq < journal_head_seq(count->journal);)
        if (count->in_refusals) {
            skip_refusals(count);
            units++;
        } else {
            units += take_next(count);
        }
    if (count->next_seq >= journal_head_seq(count->journal))
        count->stage = SERVICE_COUNT_WHOLE;
}

void service_count_again(struct service_count *count, const struct service_recount *recount)
{
    count->recount = *recount;
    count->next_seq = journal_head_seq(count->journal);
    count->undated = 0;
    count->in_refusals = false;
    count->purge_at = SERVICE_COUNT_PLACES;
    count->stage = SERVICE_COUNT_SEARCHING;
}

bool service_count_is_counting(const struct service_count *count)
{
    return count->stage != SERVICE_COUNT_WHOLE;
}

void service_count_work(struct service_count *count)
{
    if (count->stage == SERVICE_COUNT_SEARCHING)
        search_start(count);
    else if (count->stage == SERVICE_COUNT_READING)
        read_on(count);
}

void service_count_finish(struct service_count *count)
{
    while (service_count_is_counting(count))
        service_count_work(count);
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
    if (count->complete_since_s < since_utc_s)
        count->complete_since_s = since_utc_s;
    for (int reads = 0; reads < PURGE_READS && service_count_is_purging(count); count->purge_at++)
        if (count->places[count->purge_at] < REMOVED) {
            purge_place(count, count->purge_at, since_utc_s);
            reads++;
        }
    if (!service_count_is_purging(count))
        move_base(count);
}
