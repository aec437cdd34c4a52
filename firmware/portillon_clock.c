/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_clock.h"

#include "firmware/base/bytes.h"
#include "firmware/portillon_log.h"

#define TIME_LOOK_BACK 64 /* records */
#define SLIP_S         60 /* after a smaller change the meals are not counted again */
#define CONFIRMED_S    1  /* a smaller change only confirms the time, and can come again and again */
#define KEPT_TO_S      (6u * 3600u)

/* ---- what is kept ---- */

static uint32_t apart_s(uint32_t a, uint32_t b)
{
    return a > b ? a - b : b - a;
}

/* Keeps a time to six hours, so that a time that changes often does not wear the store. */
static void keep_time(struct portillon *portillon, enum store_key key, uint32_t utc_s)
{
    if (apart_s(utc_s, store_get_u32(&portillon->store, key)) < KEPT_TO_S)
        return;
    int kept = store_set_u32(&portillon->store, key, utc_s);
    (void)kept; /* on failure the clock is stale too early after a restart; the gate still opens */
}

static bool was_clock_set(const struct journal_record *record)
{
    return record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_CLOCK_SET;
}

/* Returns the newest known time, for a board without a battery-backed clock; 0: unknown. It is the time of
 * the last record that was written with the clock set. If that record says that the clock was set, it is the
 * new time, because the time of the record is the old one. */
static uint32_t last_known_utc_s(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record record;
    for (uint32_t back = 1;
         back <= TIME_LOOK_BACK && journal_head_seq(journal) - back >= journal_tail_seq(journal); back++) {
        if (journal_read(journal, journal_head_seq(journal) - back, &record) != ERR_OK)
            continue;
        if (was_clock_set(&record))
            return record.ref;
        if (journal_record_clock(&record) != CLOCK_UNSET)
            return record.utc_s;
    }
    return store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
}

void portillon_start_clock(struct portillon *portillon)
{
    uint32_t confirmed_s = store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
    clock_resume(&portillon->clock, last_known_utc_s(portillon));
    clock_recall_confirmed(&portillon->clock, confirmed_s);
    clock_age(&portillon->clock, portillon->settings.clock_days);
    clock_proof_start(&portillon->proof, &portillon->clock,
                      store_get_u32(&portillon->store, STORE_CLOCK_PROVEN));
    if (confirmed_s == 0 && portillon->clock.quality == CLOCK_SET)
        keep_time(portillon, STORE_CLOCK_CONFIRMED, portillon->clock.confirmed_utc_s);
}

/* ---- setting it ---- */

/* The stored value: the last day on which the clock was corrected, u32, and by how many seconds, u32. */
static int note_corrected(struct portillon *portillon, uint32_t day, uint32_t corrected_s)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    bytes_put_u32(value, day);
    bytes_put_u32(value + 4, corrected_s);
    return portillon->storage_ok ? store_set(&portillon->store, STORE_CLOCK_CORRECTED, value) : ERR_IO;
}

/* Takes a correction out of what maintenance may correct today. A day that was gone back to is not a new one:
 * only a later day than the last one noted starts afresh. */
static int take_correction(struct portillon *portillon, uint32_t moved_s)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    uint32_t today = clock_day(clock_utc_s(&portillon->clock));
    if (moved_s > PORTILLON_CORRECTION_MAX_S)
        return ERR_FORBIDDEN;
    if (moved_s == 0)
        return ERR_OK;
    uint32_t day = 0, corrected_s = 0;
    if (store_get(&portillon->store, STORE_CLOCK_CORRECTED, value) == ERR_OK) {
        day = bytes_get_u32(value);
        corrected_s = bytes_get_u32(value + 4);
    }
    if (today > day) {
        day = today;
        corrected_s = 0;
    }
    if (corrected_s + moved_s > PORTILLON_CORRECTION_MAX_S)
        return ERR_FORBIDDEN;
    return note_corrected(portillon, day, corrected_s + moved_s);
}

static int check_role(struct portillon *portillon, uint32_t utc_s, enum role role)
{
    const struct clock *clock = &portillon->clock;
    uint32_t now_s = clock_utc_s(clock);
    if (role == ROLE_TECHNICIAN) {
        int noted = note_corrected(portillon, clock_day(utc_s), 0);
        (void)noted; /* on failure maintenance may correct less than it could */
        return ERR_OK;
    }
    if (clock->quality == CLOCK_UNSET || (clock->resumed && utc_s >= now_s))
        return ERR_OK;
    return take_correction(portillon, apart_s(utc_s, now_s));
}

int portillon_set_clock(struct portillon *portillon, uint32_t utc_s, enum role role)
{
    struct clock changed = portillon->clock;
    if (utc_s < CLOCK_EARLIEST_UTC_S)
        return ERR_ARGUMENT;
    int result = check_role(portillon, utc_s, role);
    if (result == ERR_OK)
        result = clock_set(&changed, utc_s);
    if (result != ERR_OK)
        return result;
    struct journal_detail detail = {{(uint8_t)role}};
    uint32_t moved_s = apart_s(utc_s, clock_utc_s(&portillon->clock));
    bool another_time = portillon->clock.quality != CLOCK_SET || moved_s > SLIP_S;
    /* Logged before the change: the record carries the old time. */
    if (another_time || moved_s > CONFIRMED_S)
        portillon_log_detail(portillon, JOURNAL_EVENT_CLOCK_SET, utc_s, &detail);
    else
        portillon_log_event(portillon, JOURNAL_EVENT_CLOCK_SET, utc_s);
    portillon->clock = changed;
    clock_proof_poll(&portillon->proof, &portillon->clock);
    if (portillon->storage_ok)
        keep_time(portillon, STORE_CLOCK_CONFIRMED, changed.confirmed_utc_s);
    if (another_time)
        rights_take_clock(&portillon->rights);
    return ERR_OK;
}

/* ---- as time goes by ---- */

void portillon_poll_clock(struct portillon *portillon)
{
    clock_age(&portillon->clock, portillon->settings.clock_days);
    clock_proof_poll(&portillon->proof, &portillon->clock);
    if (portillon->storage_ok && portillon->proof.utc_s != 0)
        keep_time(portillon, STORE_CLOCK_PROVEN, portillon->proof.utc_s);
}

uint32_t portillon_retention_bound(const struct portillon *portillon)
{
    uint32_t now_s = clock_utc_s(&portillon->clock), kept_s = portillon->settings.retention_days * 86400u;
    uint32_t proven_s = portillon->proof.utc_s < now_s ? portillon->proof.utc_s : now_s;
    return portillon->clock.quality == CLOCK_SET && proven_s > kept_s ? proven_s - kept_s : 0;
}
