/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_control.h"

#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"

#define CLOCK_SLIP_S    60 /* after a smaller change the meals are not counted again */
#define CLOCK_KEPT_TO_S (6u * 3600u)

void portillon_apply_settings(struct portillon *portillon, const struct settings *settings)
{
    portillon->settings = *settings;
    journal_set_full_policy(&portillon->journal,
                            settings->refuse_when_full ? JOURNAL_REFUSE : JOURNAL_DROP_OLDEST);
}

void portillon_remember_clock(struct portillon *portillon)
{
    uint32_t confirmed_s = portillon->clock.confirmed_utc_s;
    uint32_t kept_s = store_get_u32(&portillon->store, STORE_CLOCK_CONFIRMED);
    uint32_t apart_s = confirmed_s > kept_s ? confirmed_s - kept_s : kept_s - confirmed_s;
    if (apart_s < CLOCK_KEPT_TO_S)
        return;
    int kept = store_set_u32(&portillon->store, STORE_CLOCK_CONFIRMED, confirmed_s);
    (void)kept; /* on failure the clock is stale too early after a restart; the gate still opens */
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
    portillon_apply_settings(portillon, settings);
    portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, (uint32_t)role);
    return ERR_OK;
}

int portillon_set_clock(struct portillon *portillon, uint32_t utc_s)
{
    struct clock changed = portillon->clock;
    int result = clock_set(&changed, utc_s);
    if (result != ERR_OK)
        return result;
    portillon_log_event(portillon, JOURNAL_EVENT_CLOCK_SET, utc_s); /* recorded with the old time */
    uint32_t before_s = clock_utc_s(&portillon->clock);
    uint32_t moved_s = utc_s > before_s ? utc_s - before_s : before_s - utc_s;
    bool another_time = portillon->clock.quality != CLOCK_SET || moved_s > CLOCK_SLIP_S;
    portillon->clock = changed;
    if (portillon->storage_ok)
        portillon_remember_clock(portillon);
    if (another_time)
        rights_recount(&portillon->rights);
    return ERR_OK;
}

int portillon_open(struct portillon *portillon, enum journal_opening_source source)
{
    struct journal_record record = portillon_stamp(portillon);
    uint32_t seq;
    if (portillon->gate.state == GATE_RELEASED)
        return ERR_OK;
    if (portillon->gate.queue_count == GATE_QUEUE_MAX)
        return ERR_BUSY;
    record.kind = JOURNAL_EVENT;
    record.code = JOURNAL_EVENT_MANUAL_OPENING;
    record.ref = (uint32_t)source;
    int result = portillon_append(portillon, &record, &seq);
    if (result == ERR_OK)
        result = gate_admit(&portillon->gate, seq, portillon_now_us(portillon));
    portillon_run_gate(portillon, GATE_EVENT_NONE);
    return result;
}

int portillon_turn_profiles(struct portillon *portillon, uint32_t on)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (whitelist_active(&portillon->whitelist) == NULL)
        return ERR_NO_LIST;
    uint32_t before = portillon->rights.profiles_off;
    int result = rights_turn(&portillon->rights, on, &portillon->store);
    if (portillon->rights.profiles_off != before)
        portillon_log_event(portillon, JOURNAL_EVENT_PROFILES, portillon->rights.profiles_off);
    return result;
}

int portillon_acknowledge(struct portillon *portillon, uint32_t seq)
{
    if (!portillon->storage_ok)
        return ERR_IO;
    if (seq >= journal_head_seq(&portillon->journal))
        return ERR_ARGUMENT;
    if (seq <= journal_acked_seq(&portillon->journal))
        return ERR_OK;
    int result = store_set_u32(&portillon->store, STORE_ACKED, seq);
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
