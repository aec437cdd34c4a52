#include "firmware/portillon_log.h"

enum { CHATTER_MOST = 32, CHATTER_S = 3600 };

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

/* Events that a broken gate makes by itself, without end. */
static bool is_chatter(uint8_t event)
{
    static const uint8_t chatter[] = {JOURNAL_EVENT_START,     JOURNAL_EVENT_READER_DOWN,
                                      JOURNAL_EVENT_READER_UP, JOURNAL_EVENT_READER_RESTARTED,
                                      JOURNAL_EVENT_WATCHDOG,  JOURNAL_EVENT_FAULT,
                                      JOURNAL_EVENT_PANIC};
    for (size_t i = 0; i < sizeof chatter; i++)
        if (event == chatter[i])
            return true;
    return false;
}

/* A gate that starts over and over, or whose reader comes and goes, must not push passages out of its
 * journal: of such events no more stand in a row than CHATTER_MOST, of the last hour as far as the clock
 * can tell. How many starts there were, the next one written says. */
static bool is_said_often(struct portillon *portillon)
{
    struct journal *journal = &portillon->journal;
    struct journal_record now = portillon_stamp(portillon), record;
    for (uint32_t back = 1; back <= CHATTER_MOST; back++) {
        if (journal_read(journal, journal_head_seq(journal) - back, &record) != ERR_OK ||
            record.kind != JOURNAL_EVENT || !is_chatter(record.code))
            return false;
        bool dated = journal_record_clock(&record) != CLOCK_UNSET && now.flags != CLOCK_UNSET;
        if (dated && now.utc_s - record.utc_s >= CHATTER_S)
            return false;
    }
    return true;
}

void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref)
{
    if (is_chatter(event) && portillon->storage_ok && is_said_often(portillon))
        return;
    log_record(portillon, event, ref, &(struct tag){{0}});
}

/* The store hears of it last: a list that it does not know of has no record either. */
void portillon_log_list(struct portillon *portillon, const struct tag *services)
{
    uint32_t version = whitelist_version_floor(&portillon->whitelist);
    if (whitelist_active(&portillon->whitelist) == NULL ||
        version <= store_get_u32(&portillon->store, STORE_VERSION_FLOOR))
        return;
    log_record(portillon, JOURNAL_EVENT_LIST_INSTALLED, version, services);
    /* The slots themselves hold the floor; the store keeps it should both be lost. */
    int kept = store_set_u32(&portillon->store, STORE_VERSION_FLOOR, version);
    (void)kept;
}
