/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_anchor.h"

#include <string.h>

#include "firmware/portillon_log.h"
#include "firmware/whitelist/whitelist_upload.h"

/* Records that a journal may have beyond the stored floor, which is renewed every 32 records and each sector
 * of 64 KiB. More than that, and the store is the older of the two. */
#define FLOOR_LAG_MAX 4096

void portillon_mount_anchor(struct portillon *portillon)
{
    (void)anchor_mount(&portillon->anchor, portillon->hardware->anchor, portillon->identity->storage_key);
}

static struct journal_floor stored_floor(const struct portillon *portillon)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    int result = store_get(&portillon->store, STORE_JOURNAL_FLOOR, value);
    (void)result; /* an absent value is all zeros: nothing is known */
    return journal_floor_decode(value);
}

struct journal_floor portillon_known_floor(const struct portillon *portillon)
{
    struct journal_floor floor = stored_floor(portillon);
    if (portillon->anchor.values.journal_head > floor.head_seq)
        floor.head_seq = portillon->anchor.values.journal_head;
    return floor;
}

struct whitelist_known portillon_known_list(const struct portillon *portillon)
{
    struct whitelist_known known = {.version = store_get_u32(&portillon->store, STORE_VERSION_FLOOR)};
    uint8_t value[STORE_VALUE_LEN] = {0};
    int result = store_get(&portillon->store, STORE_UPLOAD, value);
    (void)result; /* an absent value is all zeros: no upload is continued */
    memcpy(known.resumable, value, sizeof known.resumable);
    if (portillon->anchor.values.list_version > known.version)
        known.version = portillon->anchor.values.list_version;
    return known;
}

/* Without an anchor the journal tells: it is far ahead of what the store knows of it, or it has records of
 * starts that the store did not count. */
static bool is_store_older(const struct portillon *portillon)
{
    const struct journal *journal = &portillon->journal;
    uint32_t head = journal_head_seq(journal), floor = stored_floor(portillon).head_seq;
    if (portillon->anchor.values.store_position > 0)
        return store_position(&portillon->store) < portillon->anchor.values.store_position;
    if (floor > 0)
        return head > floor + FLOOR_LAG_MAX;
    return store_get_u32(&portillon->store, STORE_BOOT_COUNT) == 0 && head > journal_tail_seq(journal);
}

bool portillon_is_rolled_back(const struct portillon *portillon)
{
    return is_store_older(portillon) || whitelist_is_rolled_back(&portillon->whitelist);
}

void portillon_find_rollback(struct portillon *portillon)
{
    portillon->store_rolled_back = is_store_older(portillon);
}

void portillon_log_rollback(struct portillon *portillon)
{
    if (whitelist_is_rolled_back(&portillon->whitelist))
        portillon_log_event(portillon, JOURNAL_EVENT_LIST_ROLLED_BACK,
                            whitelist_version_floor(&portillon->whitelist));
    if (portillon->store_rolled_back)
        portillon_log_event(portillon, JOURNAL_EVENT_STORE_ROLLED_BACK, 0);
}

/* Keeps how far the numbers have come, once for each sector of the journal and every 32 records. */
static void keep_floor(struct portillon *portillon, const struct journal_floor *floor)
{
    uint8_t value[STORE_VALUE_LEN];
    if (floor->head_seq == portillon->floor_tried_seq)
        return;
    journal_floor_encode(floor, value);
    if (store_set(&portillon->store, STORE_JOURNAL_FLOOR, value) != ERR_BUSY)
        portillon->floor_tried_seq = floor->head_seq; /* a worn store is not tried again for each record */
}

/* Keeps which upload may continue after a restart. */
static void keep_upload(struct portillon *portillon)
{
    const uint8_t *digest = whitelist_upload_digest(&portillon->whitelist);
    if (digest == NULL || memcmp(digest, portillon->whitelist.resumable, WHITELIST_RESUME_LEN) == 0)
        return;
    int result = store_set(&portillon->store, STORE_UPLOAD, digest);
    if (result != ERR_BUSY) /* after a failure the upload would begin again after a restart */
        memcpy(portillon->whitelist.resumable, digest, WHITELIST_RESUME_LEN);
}

void portillon_keep_anchor(struct portillon *portillon)
{
    struct journal_floor floor = journal_floor_now(&portillon->journal);
    keep_floor(portillon, &floor);
    keep_upload(portillon);
    struct anchor_values values = {.list_version = whitelist_version_floor(&portillon->whitelist),
                                   .store_position = store_position(&portillon->store),
                                   .journal_head = floor.head_seq};
    if (portillon->store_rolled_back)
        values.store_position = portillon->anchor.values.store_position;
    int result = anchor_keep(&portillon->anchor, &values);
    (void)result; /* tried again at the next call */
    /* On internal flash an erase stops the processor for some seconds: nobody may be waiting for it. */
    if (portillon->gate.state == GATE_IDLE && maintenance_role(&portillon->maintenance) == ROLE_NONE)
        anchor_poll(&portillon->anchor);
}

void portillon_confirm_store(struct portillon *portillon)
{
    portillon->store_rolled_back = false;
}
