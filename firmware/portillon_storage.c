/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_storage.h"

#include "firmware/base/bytes.h"
#include "firmware/portillon_anchor.h"
#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "firmware/portillon_owner.h"
#include "firmware/portillon_wait.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_upload.h"

#define MOUNT_LIMIT_US    UINT64_C(50000)
#define MOUNT_AGAIN_US    UINT64_C(1000)
#define RETRY_MAX_S       64
#define SCRUB_EVERY_US    UINT64_C(1000000)
#define UPLOAD_TIMEOUT_US (UINT64_C(1800) * 1000000)

/* ---- mounting ---- */

static void wait_for_storage(struct portillon *portillon)
{
    while ((!store_is_ready(&portillon->store) || !journal_is_ready(&portillon->journal)) &&
           portillon_may_wait(portillon)) {
        int store = store_poll(&portillon->store), journal = journal_poll(&portillon->journal);
        if (store == ERR_IO || journal == ERR_IO)
            return;
    }
}

static int mount_storage(struct portillon *portillon)
{
    const struct flash *flash = portillon->hardware->flash;
    const struct identity *identity = portillon->identity;
    const struct layout *layout = &portillon->layout;
    int result = layout_plan(&portillon->layout, flash->geometry);
    if (result != ERR_OK)
        return result;
    result = store_mount(&portillon->store, flash, layout->store_base, identity->storage_key);
    if (result != ERR_OK)
        return result;
    result = portillon_check_owner(portillon);
    if (result != ERR_OK) {
        store_unmount(&portillon->store);
        return result;
    }
    struct journal_floor floor = portillon_known_floor(portillon);
    portillon_stay_alive(portillon);
    result = journal_mount(&portillon->journal, flash, layout->journal_base, layout->journal_len,
                           identity->journal_key, store_get_u32(&portillon->store, STORE_ACKED));
    if (result != ERR_OK) {
        store_unmount(&portillon->store);
        return result;
    }
    result = journal_set_floor(&portillon->journal, &floor);
    portillon_stay_alive(portillon);
    struct whitelist_known known = portillon_known_list(portillon);
    if (result == ERR_OK)
        result = whitelist_mount(&portillon->whitelist, flash, layout->whitelist_base, layout->whitelist_len,
                                 identity, &known);
    if (result != ERR_OK) {
        journal_unmount(&portillon->journal);
        store_unmount(&portillon->store);
    }
    return result;
}

static void unmount_storage(struct portillon *portillon)
{
    whitelist_unmount(&portillon->whitelist);
    journal_unmount(&portillon->journal);
    store_unmount(&portillon->store);
}

/* Returns true if the mounted storage holds less than the store says it should. A new chip looks like
 * this, and so does a chip that returns wrong data. */
static bool is_data_missing(const struct portillon *portillon)
{
    const struct store *store = &portillon->store;
    const struct journal *journal = &portillon->journal;
    return !store_is_ready(store) || journal_cut(journal).last != 0 || portillon_is_rolled_back(portillon) ||
           (store_get_u32(store, STORE_VERSION_FLOOR) > 0 &&
            whitelist_active(&portillon->whitelist) == NULL) ||
           (store_get_u32(store, STORE_BOOT_COUNT) > 0 &&
            journal_head_seq(journal) == journal_tail_seq(journal));
}

static void wait_us(struct portillon *portillon, uint64_t us)
{
    uint64_t started = portillon_now_us(portillon);
    while (portillon_now_us(portillon) - started < us)
        portillon_stay_alive(portillon);
}

static bool is_transient(int result)
{
    return result == ERR_IO || result == ERR_CRYPTO || result == ERR_FORBIDDEN;
}

/* Mounts the storage, with more attempts for MOUNT_LIMIT_US. Just after power-up a chip may fail, or
 * read as all ones or all zeros, for a moment. Storage that then looks empty would be erased. A healthy
 * chip is mounted once. */
static int mount_with_retries(struct portillon *portillon)
{
    uint64_t started = portillon_now_us(portillon);
    int result = mount_storage(portillon);
    while ((is_transient(result) || (result == ERR_OK && is_data_missing(portillon))) &&
           portillon_now_us(portillon) - started < MOUNT_LIMIT_US) {
        wait_us(portillon, MOUNT_AGAIN_US);
        if (result == ERR_OK)
            unmount_storage(portillon);
        result = mount_storage(portillon);
    }
    return result;
}

/* Logs the start, and the end of the previous run if that was a crash. */
static void log_start(struct portillon *portillon)
{
    static const uint8_t events[] = {[RESET_WATCHDOG] = JOURNAL_EVENT_WATCHDOG,
                                     [RESET_FAULT] = JOURNAL_EVENT_FAULT,
                                     [RESET_PANIC] = JOURNAL_EVENT_PANIC};
    const struct reset_report *reset = portillon->hardware->reset;
    portillon_log_event(portillon, JOURNAL_EVENT_START, portillon->boot_count);
    if (reset != NULL && (unsigned)reset->cause < sizeof events && events[reset->cause] != 0)
        portillon_log_event(portillon, events[reset->cause], reset->program_counter);
}

/* Logs how many records are missing at the end of the journal, at least, and not known to the office. */
static void log_cut(struct portillon *portillon)
{
    struct journal_range cut = journal_cut(&portillon->journal);
    uint32_t acked = journal_acked_seq(&portillon->journal);
    uint32_t first = cut.first > acked ? cut.first : acked + 1;
    struct journal_detail detail;
    if (cut.last == 0)
        return;
    bytes_put_u32(detail.bytes, cut.first);
    bytes_put_u32(detail.bytes + 4, cut.last);
    portillon_log_detail(portillon, JOURNAL_EVENT_JOURNAL_CUT, cut.last >= first ? cut.last - first + 1 : 0,
                         &detail);
}

/* Starts the parts of the gate that depend on the storage, which has just been mounted. */
static void start_from_storage(struct portillon *portillon)
{
    uint8_t value[STORE_VALUE_LEN];
    struct settings settings = settings_default();
    portillon->storage_ok = true;
    if (portillon->owner_state != OWNER_TAKEN) /* otherwise a technician has just confirmed it */
        portillon_find_rollback(portillon);
    if (store_get(&portillon->store, STORE_SETTINGS, value) == ERR_OK &&
        settings_decode(&settings, value) != ERR_OK)
        settings = settings_default();
    portillon_apply_settings(portillon, &settings);
    wait_for_storage(portillon);
    portillon_start_clock(portillon);
    portillon_recall_rotation(portillon);
    portillon->boot_count = store_get_u32(&portillon->store, STORE_BOOT_COUNT) + 1;
    int result = store_set_u32(&portillon->store, STORE_BOOT_COUNT, portillon->boot_count);
    (void)result; /* only the count would be wrong; the journal number changes at each start too */
    log_start(portillon);
    log_cut(portillon);
    portillon_keep_owner(portillon);
    portillon_log_rollback(portillon);
    /* Power may have failed right after this list became active. */
    portillon_log_list(portillon, &(struct journal_services){{0}});
}

/* Schedules the next attempt. There is none if the chip is missing or too small. */
static void plan_retry(struct portillon *portillon, int result)
{
    uint32_t pause_s = portillon->storage_pause_s == 0 ? 1 : portillon->storage_pause_s * 2;
    portillon->storage_pause_s = is_transient(result) ? pause_s : 0;
    if (portillon->storage_pause_s > RETRY_MAX_S)
        portillon->storage_pause_s = RETRY_MAX_S;
    portillon->storage_tried_us = portillon_now_us(portillon);
}

void portillon_start_storage(struct portillon *portillon)
{
    struct settings settings = settings_default();
    portillon_mount_anchor(portillon);
    int result = mount_with_retries(portillon);
    if (result == ERR_OK) {
        start_from_storage(portillon);
        return;
    }
    whitelist_deactivate(&portillon->whitelist);
    portillon_apply_settings(portillon, &settings);
    plan_retry(portillon, result);
}

void portillon_start_rights(struct portillon *portillon)
{
    portillon_stay_alive(portillon); /* a recount of meals may take a second */
    rights_init(&portillon->rights, portillon->identity->zone, &portillon->whitelist, &portillon->journal,
                &portillon->clock);
    if (portillon->storage_ok)
        rights_load_off(&portillon->rights, &portillon->store);
}

static void retry_storage(struct portillon *portillon)
{
    uint64_t pause_us = UINT64_C(1000000) * portillon->storage_pause_s;
    bool is_due = pause_us > 0 && portillon_now_us(portillon) - portillon->storage_tried_us >= pause_us;
    if (portillon_poll_owner(portillon))
        is_due = true;
    else if (portillon->owner_state == OWNER_WANTED || portillon->owner_state == OWNER_ERASING)
        return;
    if (!is_due)
        return;
    int result = mount_with_retries(portillon);
    if (result != ERR_OK) {
        whitelist_deactivate(&portillon->whitelist);
        plan_retry(portillon, result);
        return;
    }
    start_from_storage(portillon);
    portillon_start_rights(portillon);
}

/* ---- idle time ---- */

static void abandon_stalled_upload(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    bool waits =
        whitelist_upload_state(list) == WHITELIST_HEAD || whitelist_upload_state(list) == WHITELIST_RECEIVING;
    uint32_t progress = whitelist_upload_progress(list);
    if (!waits || progress != portillon->upload_progress) {
        portillon->upload_progress = progress;
        portillon->upload_moved_us = portillon_now_us(portillon);
    } else if (portillon_now_us(portillon) - portillon->upload_moved_us > UPLOAD_TIMEOUT_US) {
        whitelist_upload_abandon(list);
    }
}

/* Handles a change of the active list. It was just installed, or it could not be read before. */
static void handle_new_list(struct portillon *portillon)
{
    struct journal_services services = rights_renumber_services(&portillon->rights);
    portillon_log_list(portillon, &services);
    rights_take_list(&portillon->rights, &services);
}

static int serve_whitelist(struct portillon *portillon)
{
    struct whitelist *list = &portillon->whitelist;
    uint32_t version = whitelist_active_version(list);
    if (portillon_now_us(portillon) - portillon->scrubbed_us >= SCRUB_EVERY_US) {
        portillon->scrubbed_us = portillon_now_us(portillon);
        whitelist_scrub(list);
        whitelist_upload_tick(list);
        abandon_stalled_upload(portillon);
        portillon_poll_clock(portillon);
        rights_poll(&portillon->rights);
    }
    int result = whitelist_poll(list);
    if (whitelist_active_version(list) != version)
        handle_new_list(portillon);
    if (result == WHITELIST_UPLOAD_REFUSED)
        portillon_log_event(portillon, JOURNAL_EVENT_LIST_REFUSED, (uint32_t)-whitelist_upload_error(list));
    else if (result == WHITELIST_REPAIRED)
        portillon_log_event(portillon, JOURNAL_EVENT_BLOCK_REPAIRED, whitelist_health(list).repaired_last);
    return result == ERR_OK ? ERR_OK : ERR_BUSY;
}

int portillon_serve_storage(struct portillon *portillon)
{
    if (!portillon->storage_ok) {
        retry_storage(portillon);
        return ERR_OK;
    }
    struct journal_record stamp = portillon_stamp(portillon);
    journal_set_time(&portillon->journal, &stamp, portillon_retention_bound(portillon));
    portillon_poll_noise(portillon);
    portillon_keep_anchor(portillon);
    int journal = journal_poll(&portillon->journal);
    int store = store_poll(&portillon->store);
    int whitelist = serve_whitelist(portillon);
    int meals = rights_work(&portillon->rights);
    int selftest = selftest_poll(&portillon->selftest, portillon_now_us(portillon));
    return journal == ERR_BUSY || store == ERR_BUSY || whitelist == ERR_BUSY || meals == ERR_BUSY ||
                   selftest == ERR_BUSY
               ? ERR_BUSY
               : ERR_OK;
}
