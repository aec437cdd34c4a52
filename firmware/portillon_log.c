#include "firmware/portillon_parts.h"

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
        store_poll(&portillon->store); /* whichever of them holds the chip */
        result = journal_append(&portillon->journal, record, seq);
    }
    if (result != ERR_OK)
        portillon->lost_record_count++;
    portillon->journal_fails = result != ERR_OK;
    return result;
}

static void log_record(struct portillon *portillon, uint8_t event, uint32_t ref, const struct tag *tag)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq;
    record.kind = JOURNAL_EVENT;
    record.code = event;
    record.ref = ref;
    record.tag = *tag;
    int result = portillon_append(portillon, &record, &seq);
    (void)result; /* counted in lost_record_count */
}

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    log_record(portillon, event, ref, &(struct tag){{0}});
}

/* The store hears of it last: a list that it does not know of at the next start has no record either. */
void portillon_log_list(struct portillon *portillon, const struct tag *services)
{
    uint32_t version = portillon->whitelist.version_floor;
    log_record(portillon, JOURNAL_EVENT_LIST_INSTALLED, version, services);
    /* The slots themselves hold the floor; the store keeps it should both be lost. */
    int kept = store_set_u32(&portillon->store, STORE_VERSION_FLOOR, version);
    (void)kept;
}
