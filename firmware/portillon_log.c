/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_log.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_wait.h"

enum {
    ROW_MAX = 32, /* noisy events in a row */
    ROW_S = 3600,
    COUNTED_BELOW_PERCENT = 50, /* how full of unfetched records the journal may be for a count, … */
    REFUSALS_BELOW_PERCENT = 75,
    EVENTS_BELOW_PERCENT = 100,
};

#define MINUTE_US UINT64_C(60000000)

/* The events that a broken or abused gate can cause again and again. */
static const struct {
    uint8_t event, burst, every_min;
    uint8_t told_every_min; /* how often the count of those left out is written */
} noisy_events[PORTILLON_NOISY_EVENTS] = {
    {JOURNAL_EVENT_START, 32, 2, 60},
    {JOURNAL_EVENT_READER_DOWN, 32, 2, 60},
    {JOURNAL_EVENT_READER_UP, 32, 2, 60},
    {JOURNAL_EVENT_READER_RESTARTED, 32, 2, 60},
    {JOURNAL_EVENT_WATCHDOG, 32, 2, 60},
    {JOURNAL_EVENT_FAULT, 32, 2, 60},
    {JOURNAL_EVENT_PANIC, 32, 2, 60},
    {JOURNAL_EVENT_LIST_REFUSED, 16, 60, 60},
    {JOURNAL_EVENT_CLOCK_SET, 16, 60, 60},
    {JOURNAL_EVENT_BLOCK_REPAIRED, 32, 10, 60},
    {JOURNAL_EVENT_CARD_RESIDENT, 32, 2, 60},
    {JOURNAL_EVENT_CARD_REMOVED, 32, 2, 60},
    {JOURNAL_EVENT_LIST_ROLLED_BACK, 16, 60, 60},
    {JOURNAL_EVENT_STORE_ROLLED_BACK, 16, 60, 60},
    {JOURNAL_EVENT_FIRE_START, 16, 60, 1},
    {JOURNAL_EVENT_FIRE_END, 16, 60, 1},
    {JOURNAL_EVENT_TAMPER_START, 16, 60, 1},
    {JOURNAL_EVENT_TAMPER_END, 16, 60, 1},
};

uint64_t portillon_now_us(const struct portillon *portillon)
{
    const struct timer *timer = portillon->hardware->timer;
    return timer->monotonic_us(timer->ctx);
}

struct journal_record portillon_stamp(const struct portillon *portillon)
{
    return (struct journal_record){
        .utc_s = clock_utc_s(&portillon->clock),
        .zone = (uint8_t)portillon->identity->zone,
        .flags = (uint8_t)portillon->clock.quality,
    };
}

int portillon_append(struct portillon *portillon, const struct journal_record *record, uint32_t *seq)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    int result = journal_append(&portillon->journal, record, seq);
    /* A journal that kept the last record waiting in vain is not waited for again. */
    while (result == ERR_BUSY && !portillon->journal_fails && portillon_may_wait(portillon)) {
        journal_poll(&portillon->journal);
        store_poll(&portillon->store); /* either of them may be using the chip */
        result = journal_append(&portillon->journal, record, seq);
    }
    if (result != ERR_OK)
        portillon->lost_record_count++;
    portillon->journal_fails = result != ERR_OK;
    return result;
}

static void log_record(struct portillon *portillon, uint8_t event, uint32_t ref,
                       const struct journal_detail *detail)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq;
    record.kind = JOURNAL_EVENT;
    record.code = event;
    record.ref = ref;
    record.detail = *detail;
    int result = portillon_append(portillon, &record, &seq);
    (void)result; /* counted in lost_record_count */
}

/* ---- noise ---- */

void portillon_start_noise(struct portillon *portillon)
{
    struct portillon_noise *noise = &portillon->noise;
    for (size_t i = 0; i < PORTILLON_REASONS; i++)
        rate_limit_init(&noise->refusals[i], 100, 1);
    for (size_t i = 0; i < PORTILLON_NOISY_EVENTS; i++)
        rate_limit_init(&noise->events[i], noisy_events[i].burst, noisy_events[i].every_min);
    rate_limit_init(&noise->button, 100, 1);
    noise->minute_us = portillon_now_us(portillon);
}

static bool has_room(const struct portillon *portillon, uint32_t below_percent)
{
    return portillon->storage_ok && journal_fullness_percent(&portillon->journal) < below_percent;
}

/* Returns the place of an event in noisy_events; -1: it is always written. */
static int noisy_place(uint8_t event)
{
    for (int i = 0; i < PORTILLON_NOISY_EVENTS; i++)
        if (event == noisy_events[i].event)
            return i;
    return -1;
}

static bool is_noise(const struct journal_record *record)
{
    return record->kind == JOURNAL_EVENT &&
           (noisy_place(record->code) >= 0 || record->code == JOURNAL_EVENT_REPEATED);
}

/* Returns true if the last ROW_MAX records are all noisy events and none is older than ROW_S, as far as the
 * clock is set. This holds across restarts: a gate that restarts all the time must not push passages out of
 * the journal. The number of starts is not lost, because the next start that is logged carries the boot
 * count. */
static bool is_row_full(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record now = portillon_stamp(portillon), record;
    for (uint32_t back = 1; back <= ROW_MAX; back++) {
        if (journal_read(journal, journal_head_seq(journal) - back, &record) != ERR_OK || !is_noise(&record))
            return false;
        bool dated = journal_record_clock(&record) != CLOCK_UNSET && now.flags != CLOCK_UNSET;
        if (dated && now.utc_s - record.utc_s >= ROW_S)
            return false;
    }
    return true;
}

/* Returns true if an event is to be written; otherwise it is counted. */
static bool admit_event(struct portillon *portillon, uint8_t event)
{
    int place = noisy_place(event);
    if (place < 0 || !portillon->storage_ok)
        return true;
    if (!has_room(portillon, EVENTS_BELOW_PERCENT) || is_row_full(portillon)) {
        portillon->noise.events[place].left_out_count++;
        return false;
    }
    return rate_limit_take(&portillon->noise.events[place]);
}

bool portillon_admits_refusal(struct portillon *portillon, enum reason reason)
{
    struct rate_limit *limit = &portillon->noise.refusals[(unsigned)reason % PORTILLON_REASONS];
    if (!portillon->storage_ok)
        return true;
    if (has_room(portillon, REFUSALS_BELOW_PERCENT))
        return rate_limit_take(limit);
    limit->left_out_count++;
    return false;
}

bool portillon_admits_meal(const struct portillon *portillon)
{
    return has_room(portillon, REFUSALS_BELOW_PERCENT);
}

bool portillon_admits_button(struct portillon *portillon)
{
    /* Without a journal that works there is nothing to count in: the record is tried, and the gate stays
     * shut. */
    return !portillon->storage_ok || portillon->journal_fails || rate_limit_take(&portillon->noise.button);
}

/* Writes the count of what was left out, if there is room. It waits for nothing: what is not written now is
 * written in another minute. */
static void tell_left_out(struct portillon *portillon, struct rate_limit *limit, enum journal_event event,
                          uint8_t what)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq;
    if (limit->left_out_count == 0 || !has_room(portillon, COUNTED_BELOW_PERCENT))
        return;
    record.kind = JOURNAL_EVENT;
    record.code = (uint8_t)event;
    record.detail = (struct journal_detail){{what}};
    record.ref = limit->left_out_count;
    if (journal_append(&portillon->journal, &record, &seq) == ERR_OK)
        limit->left_out_count = 0;
}

void portillon_poll_noise(struct portillon *portillon)
{
    struct portillon_noise *noise = &portillon->noise;
    uint32_t passed = (uint32_t)((portillon_now_us(portillon) - noise->minute_us) / MINUTE_US);
    uint32_t before = noise->minute, now = noise->minute + passed;
    if (passed == 0)
        return;
    noise->minute = now;
    noise->minute_us += passed * MINUTE_US;
    for (uint8_t i = 0; i < PORTILLON_REASONS; i++) {
        rate_limit_pass(&noise->refusals[i], before, now);
        tell_left_out(portillon, &noise->refusals[i], JOURNAL_EVENT_REFUSALS, i);
    }
    for (size_t i = 0; i < PORTILLON_NOISY_EVENTS; i++) {
        uint32_t told_every_min = noisy_events[i].told_every_min;
        rate_limit_pass(&noise->events[i], before, now);
        if (now / told_every_min != before / told_every_min)
            tell_left_out(portillon, &noise->events[i], JOURNAL_EVENT_REPEATED, noisy_events[i].event);
    }
    rate_limit_pass(&noise->button, before, now);
    tell_left_out(portillon, &noise->button, JOURNAL_EVENT_REPEATED, JOURNAL_EVENT_MANUAL_OPENING);
}

/* ---- events ---- */

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    if (!admit_event(portillon, event))
        return;
    log_record(portillon, event, ref, &(struct journal_detail){{0}});
}

void portillon_log_detail(struct portillon *portillon, uint8_t event, uint32_t ref,
                          const struct journal_detail *detail)
{
    log_record(portillon, event, ref, detail);
}

void portillon_log_change(struct portillon *portillon, uint8_t event, enum role role, uint32_t before,
                          uint32_t now)
{
    struct journal_detail detail = {{(uint8_t)role}};
    bytes_put_u32(detail.bytes + 4, before);
    if (now != before)
        log_record(portillon, event, now, &detail);
}

/* The store is written last. A version that is missing in the store may also be missing in the journal,
 * and is then logged at the next start. */
void portillon_log_list(struct portillon *portillon, const struct journal_services *services)
{
    uint32_t version = whitelist_version_floor(&portillon->whitelist);
    if (whitelist_active(&portillon->whitelist) == NULL ||
        version <= store_get_u32(&portillon->store, STORE_VERSION_FLOOR))
        return;
    struct journal_detail detail;
    memcpy(detail.bytes, services->bytes, sizeof detail.bytes);
    log_record(portillon, JOURNAL_EVENT_LIST_INSTALLED, version, &detail);
    /* A failure does no harm: the slots hold the version floor too. The store is needed only if both are
     * lost. */
    int kept = store_set_u32(&portillon->store, STORE_VERSION_FLOOR, version);
    (void)kept;
}
