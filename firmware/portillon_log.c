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

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq;
    record.kind = JOURNAL_EVENT;
    record.code = event;
    record.ref = ref;
    int result = portillon_append(portillon, &record, &seq);
    (void)result; /* counted in lost_record_count */
}
