#include "firmware/portillon_log.h"

#include <string.h>

#include "firmware/base/bytes.h"

enum { RATE_LIMIT_COUNT = 32, RATE_LIMIT_S = 3600 };

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
    uint64_t started = portillon_now_us(portillon);
    int result = journal_append(&portillon->journal, record, seq);
    while (result == ERR_BUSY && portillon_now_us(portillon) - started < PORTILLON_STORAGE_WAIT_US) {
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

/* Returns true for events that a broken gate can cause again and again. */
static bool is_rate_limited(uint8_t event)
{
    static const uint8_t limited[] = {JOURNAL_EVENT_START,     JOURNAL_EVENT_READER_DOWN,
                                      JOURNAL_EVENT_READER_UP, JOURNAL_EVENT_READER_RESTARTED,
                                      JOURNAL_EVENT_WATCHDOG,  JOURNAL_EVENT_FAULT,
                                      JOURNAL_EVENT_PANIC};
    for (size_t i = 0; i < sizeof limited; i++)
        if (event == limited[i])
            return true;
    return false;
}

/* Returns true if the last RATE_LIMIT_COUNT records are all rate limited events and none is older than
 * RATE_LIMIT_S, as far as the clock is set. Without this limit a gate that restarts all the time, or a
 * reader that fails all the time, would push passages out of the journal. The number of starts is not
 * lost: the next start that is logged carries the boot count. */
static bool is_limit_reached(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record now = portillon_stamp(portillon), record;
    for (uint32_t back = 1; back <= RATE_LIMIT_COUNT; back++) {
        if (journal_read(journal, journal_head_seq(journal) - back, &record) != ERR_OK ||
            record.kind != JOURNAL_EVENT || !is_rate_limited(record.code))
            return false;
        bool dated = journal_record_clock(&record) != CLOCK_UNSET && now.flags != CLOCK_UNSET;
        if (dated && now.utc_s - record.utc_s >= RATE_LIMIT_S)
            return false;
    }
    return true;
}

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    if (is_rate_limited(event) && portillon->storage_ok && is_limit_reached(portillon))
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
