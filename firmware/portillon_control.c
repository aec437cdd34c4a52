/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_control.h"

#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"

void portillon_apply_settings(struct portillon *portillon, const struct settings *settings)
{
    portillon->settings = *settings;
    journal_set_full_policy(&portillon->journal,
                            settings->refuse_when_full ? JOURNAL_REFUSE : JOURNAL_DROP_OLDEST);
}

static void log_settings(struct portillon *portillon, const struct settings *before, enum role role)
{
    static const uint8_t events[] = {
        [SETTING_ROTATION_FITTED] = JOURNAL_EVENT_SET_ROTATION_FITTED,
        [SETTING_BUZZER_ON] = JOURNAL_EVENT_SET_BUZZER_ON,
        [SETTING_REFUSE_WHEN_FULL] = JOURNAL_EVENT_SET_REFUSE_WHEN_FULL,
        [SETTING_OPEN_MS] = JOURNAL_EVENT_SET_OPEN_MS,
        [SETTING_RETENTION_DAYS] = JOURNAL_EVENT_SET_RETENTION_DAYS,
        [SETTING_CLOCK_DAYS] = JOURNAL_EVENT_SET_CLOCK_DAYS,
    };
    _Static_assert(sizeof events == SETTINGS_COUNT, "an event for each setting");
    for (int id = 0; id < SETTINGS_COUNT; id++)
        portillon_log_change(portillon, events[id], role, settings_get(before, (enum setting_id)id),
                             settings_get(&portillon->settings, (enum setting_id)id));
}

int portillon_set_settings(struct portillon *portillon, const struct settings *settings, enum role role)
{
    uint8_t value[STORE_VALUE_LEN];
    int result = settings_check(settings);
    if (result != ERR_OK)
        return result;
    if (!portillon->storage_ok)
        return ERR_IO;
    settings_encode(settings, value);
    result = store_set(&portillon->store, STORE_SETTINGS, value);
    if (result != ERR_OK)
        return result;
    struct settings before = portillon->settings;
    portillon_apply_settings(portillon, settings);
    log_settings(portillon, &before, role);
    return ERR_OK;
}

int portillon_open(struct portillon *portillon, enum journal_opening_source source)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq = 0;
    int result = ERR_OK;
    if (portillon->gate.state == GATE_RELEASED)
        return ERR_OK;
    if (portillon->gate.queue_count == GATE_QUEUE_MAX)
        return ERR_BUSY;
    record.kind = JOURNAL_EVENT;
    record.code = JOURNAL_EVENT_MANUAL_OPENING;
    record.ref = (uint32_t)source;
    if (source != JOURNAL_OPENED_BY_BUTTON || portillon_admits_button(portillon))
        result = portillon_append(portillon, &record, &seq);
    if (result == ERR_OK)
        result = gate_admit(&portillon->gate, verdict_grant(), seq, portillon_now_us(portillon));
    portillon_run_gate(portillon, GATE_EVENT_NONE);
    return result;
}

int portillon_turn_profiles(struct portillon *portillon, uint32_t on, enum role role)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (whitelist_active(&portillon->whitelist) == NULL)
        return ERR_NO_LIST;
    uint32_t before = portillon->rights.profiles_off;
    int result = rights_turn(&portillon->rights, on, &portillon->store);
    portillon_log_change(portillon, JOURNAL_EVENT_PROFILES, role, before, portillon->rights.profiles_off);
    return result;
}

/* Checks that the client means the record that stands here: it may have read another journal, whose numbers
 * are the same. */
static int check_acknowledged(struct portillon *portillon, uint32_t seq,
                              const uint8_t mac[JOURNAL_RECORD_MAC_LEN])
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    int result = journal_read_raw(&portillon->journal, seq, raw);
    if (result == ERR_OK)
        return crypto_equal(raw + JOURNAL_RECORD_MAC_AT, mac, JOURNAL_RECORD_MAC_LEN) ? ERR_OK : ERR_CONFLICT;
    return result == ERR_CORRUPT ? ERR_CONFLICT : result;
}

int portillon_acknowledge(struct portillon *portillon, uint32_t seq,
                          const uint8_t mac[JOURNAL_RECORD_MAC_LEN])
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (seq >= journal_head_seq(&portillon->journal))
        return ERR_ARGUMENT;
    if (seq < journal_tail_seq(&portillon->journal))
        return ERR_OK; /* erased since: nothing is left to acknowledge */
    int result = check_acknowledged(portillon, seq, mac);
    if (result != ERR_OK || seq <= journal_acked_seq(&portillon->journal))
        return result;
    result = store_set_u32(&portillon->store, STORE_ACKED, seq);
    if (result != ERR_OK)
        return result;
    portillon->journal_fails = false; /* if the journal was full, it has room again */
    return journal_acknowledge(&portillon->journal, seq);
}

int portillon_test_flash(struct portillon *portillon)
{
    uint32_t seed;
    if (!portillon->storage_ok)
        return ERR_IO;
    if (portillon->layout.scratch_len == 0)
        return ERR_UNSUPPORTED;
    if (crypto_random((uint8_t *)&seed, sizeof seed) != ERR_OK)
        seed = portillon->boot_count; /* it need not be secret, only different from the last one */
    return selftest_start_flash(&portillon->selftest, portillon->hardware->flash,
                                portillon->layout.scratch_base, seed, portillon_now_us(portillon));
}

int portillon_test_output(struct portillon *portillon, uint32_t output, enum role role)
{
    if (!portillon_is_at_rest(&portillon->gate, portillon_now_us(portillon)))
        return ERR_BUSY;
    if (output & GATE_RELAY) {
        struct journal_record record = portillon_stamp(portillon);
        uint32_t seq;
        record.kind = JOURNAL_EVENT;
        record.code = JOURNAL_EVENT_TEST_OPENING;
        record.ref = (uint32_t)role;
        int result = portillon_append(portillon, &record, &seq);
        if (result != ERR_OK)
            return result;
    }
    selftest_start_output(&portillon->selftest, output, portillon_now_us(portillon));
    portillon_drive_outputs(portillon);
    return ERR_OK;
}
