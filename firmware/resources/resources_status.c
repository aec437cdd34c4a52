/* SPDX-License-Identifier: Apache-2.0 */
/* /status, /time, /settings */
#include "firmware/resources/resources_status.h"

#include <string.h>

#include "firmware/base/version.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_anchor.h"
#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "firmware/portillon_owner.h"
#include "firmware/portillon_state.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof(fields)[0])

static void put_list(CborEncoder *map, const struct portillon *portillon)
{
    const struct whitelist *list = &portillon->whitelist;
    if (!portillon->storage_ok || whitelist_active(list) == NULL) {
        cbor_map_put_null(map, "list");
        return;
    }
    const struct whitelist_header *header = whitelist_active(list);
    const struct whitelist_health health = whitelist_health(list);
    CborEncoder inner;
    cbor_map_open_map(map, "list", &inner, 6);
    cbor_map_put_uint(&inner, "version", header->version);
    cbor_map_put_uint(&inner, "cards", header->card_count);
    cbor_map_put_bool(&inner, "twin_whole", health.replica_is_whole);
    cbor_map_put_uint(&inner, "repaired", health.repaired_count);
    cbor_map_put_uint(&inner, "damaged", health.damaged_count);
    cbor_map_put_uint(&inner, "failed", health.failed_count);
    cbor_map_close(map, &inner);
}

/* Writes the profiles that are turned off. */
static void put_profiles_off(CborEncoder *map, const struct portillon *portillon)
{
    const struct whitelist_tables *tables = whitelist_active_tables(&portillon->whitelist);
    uint32_t off = whitelist_active(&portillon->whitelist) != NULL ? portillon->rights.profiles_off : 0;
    uint32_t count = 0;
    CborEncoder inner;
    for (uint32_t i = 0; i < tables->profile_count; i++)
        count += off >> i & 1;
    cbor_map_open_array(map, "profiles_off", &inner, count);
    for (uint32_t i = 0; i < tables->profile_count; i++)
        if (off >> i & 1)
            (void)cbor_encode_text_stringz(&inner, tables->profiles[i].name);
    cbor_map_close(map, &inner);
}

static void put_journal(CborEncoder *map, const struct portillon *portillon)
{
    static const struct journal none; /* without storage: zeros, so that the format stays the same */
    const struct journal *journal = portillon->storage_ok ? &portillon->journal : &none;
    CborEncoder inner;
    cbor_map_open_map(map, "journal", &inner, 6);
    cbor_map_put_uint(&inner, "tail", journal_tail_seq(journal));
    cbor_map_put_uint(&inner, "head", journal_head_seq(journal));
    cbor_map_put_uint(&inner, "acked", journal_acked_seq(journal));
    cbor_map_put_uint(&inner, "pending", portillon->storage_ok ? journal_pending_count(journal) : 0);
    cbor_map_put_uint(&inner, "unreadable", journal_unreadable_count(journal));
    cbor_map_put_uint(&inner, "lost", portillon->lost_record_count);
    cbor_map_close(map, &inner);
}

/* Writes the counters that tell a bad cable or a wrong key from a gate fault. */
static void put_link(CborEncoder *map, const struct maintenance *maintenance)
{
    CborEncoder inner;
    cbor_map_open_map(map, "link", &inner, 4);
    cbor_map_put_uint(&inner, "good_frames", maintenance->decoder.good_count);
    cbor_map_put_uint(&inner, "bad_frames", maintenance->decoder.bad_count);
    cbor_map_put_uint(&inner, "sessions", maintenance->dtls.opened_count);
    cbor_map_put_uint(&inner, "refused", maintenance->dtls.refused_count);
    cbor_map_close(map, &inner);
}

static void put_pool(CborEncoder *map)
{
    size_t now, most;
    CborEncoder inner;
    crypto_pool_usage(&now, &most);
    cbor_map_open_map(map, "pool", &inner, 3);
    cbor_map_put_uint(&inner, "now", now);
    cbor_map_put_uint(&inner, "most", most);
    cbor_map_put_uint(&inner, "size", PORTILLON_POOL_LEN);
    cbor_map_close(map, &inner);
}

static void put_tap_times(CborEncoder *map, const struct portillon *portillon)
{
    CborEncoder inner;
    cbor_map_open_map(map, "tap_us", &inner, 2);
    cbor_map_put_uint(&inner, "last", portillon->tap_last_us);
    cbor_map_put_uint(&inner, "worst", portillon->tap_worst_us);
    cbor_map_close(map, &inner);
}

static void put_time(CborEncoder *map, const struct clock *clock)
{
    cbor_map_put_uint(map, "time", clock_utc_s(clock));
    cbor_map_put_text(map, "clock", clock_quality_name(clock->quality));
}

static uint64_t uptime_s(const struct portillon *portillon)
{
    const struct timer *timer = portillon->hardware->timer;
    return (timer->monotonic_us(timer->ctx) - portillon->started_us) / 1000000;
}

static uint32_t resident_s(const struct portillon *portillon)
{
    return tap_tracker_resident_s(&portillon->taps, portillon_now_us(portillon));
}

/* Writes whose the chip is: {device, same_site}; null if it is this gate's. */
static void put_owner(CborEncoder *map, const struct portillon *portillon)
{
    CborEncoder inner;
    if (!portillon_has_other_owner(portillon)) {
        cbor_map_put_null(map, "chip_owner");
        return;
    }
    cbor_map_open_map(map, "chip_owner", &inner, 2);
    cbor_map_put_text(&inner, "device", portillon->owner.device_id);
    cbor_map_put_bool(&inner, "same_site",
                      memcmp(portillon->owner.site_id, portillon->identity->site_id, IDENTITY_SITE_ID_LEN) ==
                          0);
    cbor_map_close(map, &inner);
}

void resource_get_status(const struct resource_call *call)
{
    const struct portillon *portillon = call->portillon;
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 25);
    cbor_map_put_text(&map, "version", portillon_version);
    cbor_map_put_text(&map, "device", portillon->identity->device_id);
    cbor_map_put_text(&map, "name", portillon->identity->name);
    cbor_map_put_text(&map, "zone", zone_name(portillon->identity->zone));
    cbor_map_put_text(&map, "state", gate_state_name(portillon->gate.state));
    cbor_map_put_uint(&map, "uptime_s", uptime_s(portillon));
    cbor_map_put_uint(&map, "boots", portillon->boot_count);
    put_time(&map, &portillon->clock);
    cbor_map_put_text(&map, "reader", portillon->reader_text);
    cbor_map_put_bool(&map, "reader_up", portillon->reader_up);
    cbor_map_put_bool(&map, "storage_ok", portillon->storage_ok);
    put_owner(&map, portillon);
    cbor_map_put_bool(&map, "list_rolled_back", whitelist_is_rolled_back(&portillon->whitelist));
    cbor_map_put_bool(&map, "store_rolled_back", portillon->store_rolled_back);
    cbor_map_put_bool(&map, "rotation_silent", portillon_rotation_is_silent(portillon));
    cbor_map_put_uint(&map, "taps", portillon->tap_count);
    cbor_map_put_uint(&map, "granted", portillon->granted_count);
    cbor_map_put_uint(&map, "resident_s", resident_s(portillon));
    put_list(&map, portillon);
    put_profiles_off(&map, portillon);
    put_journal(&map, portillon);
    put_link(&map, &portillon->maintenance);
    put_pool(&map);
    put_tap_times(&map, portillon);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_get_time(const struct resource_call *call)
{
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, 3);
    put_time(&map, &call->portillon->clock);
    cbor_map_put_uint(&map, "confirmed", call->portillon->clock.confirmed_utc_s);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

void resource_put_time(const struct resource_call *call)
{
    uint32_t utc_s = 0;
    struct cbor_field fields[] = {{.key = "time", .number = &utc_s}};
    int result = resource_read_payload(call, fields, FIELD_COUNT(fields));
    if (result == ERR_OK && !fields[0].seen)
        result = ERR_FORMAT;
    if (result == ERR_OK)
        result = portillon_set_clock(call->portillon, utc_s, call->role);
    resource_finish(call, result);
    if (result == ERR_FORBIDDEN)
        call->response->diagnostic = MAINTENANCE_CLOCK_TOO_FAR;
}

void resource_get_settings(const struct resource_call *call)
{
    const struct settings *settings = &call->portillon->settings;
    CborEncoder top, map;
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, SETTINGS_COUNT);
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        uint16_t value = settings_get(settings, (enum setting_id)id);
        if (settings_table[id].unit == NULL)
            cbor_map_put_bool(&map, settings_table[id].name, value != 0);
        else
            cbor_map_put_uint(&map, settings_table[id].name, value);
    }
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
}

/* Ends a call that came without storage. It can only confirm that this gate takes the chip of another one,
 * and nothing else: what is set must not go lost. */
static void confirm_chip(const struct resource_call *call, const struct cbor_field *fields, size_t count,
                         bool confirm)
{
    size_t seen = 0;
    for (size_t i = 0; i < count; i++)
        seen += fields[i].seen;
    if (!portillon_has_other_owner(call->portillon) || !confirm || seen != 1) {
        resource_respond(call->response, COAP_UNAVAILABLE, resource_storage_word(call->portillon));
        return;
    }
    portillon_take_over(call->portillon);
    resource_finish(call, ERR_OK);
}

/* The settings of a request, and whether it confirms. */
struct wanted_settings {
    bool flags[SETTINGS_COUNT], confirm;
    uint32_t numbers[SETTINGS_COUNT];
    struct cbor_field fields[SETTINGS_COUNT + 1];
};

/* Reads a request over the settings of now. Returns ERR_OK, or the error of the payload. */
static int read_wanted(const struct resource_call *call, struct wanted_settings *wanted)
{
    *wanted = (struct wanted_settings){.confirm = false};
    wanted->fields[SETTINGS_COUNT] = (struct cbor_field){.key = "confirm", .flag = &wanted->confirm};
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        struct cbor_field *field = &wanted->fields[id];
        wanted->numbers[id] = settings_get(&call->portillon->settings, (enum setting_id)id);
        wanted->flags[id] = wanted->numbers[id] != 0;
        field->key = settings_table[id].name;
        if (settings_table[id].unit == NULL)
            field->flag = &wanted->flags[id];
        else
            field->number = &wanted->numbers[id];
    }
    return resource_read_payload(call, wanted->fields, FIELD_COUNT(wanted->fields));
}

/* Returns ERR_OK with the settings, or ERR_ARGUMENT (a value outside its bounds). */
static int take_wanted(const struct wanted_settings *wanted, struct settings *settings)
{
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        uint32_t value = settings_table[id].unit == NULL ? wanted->flags[id] : wanted->numbers[id];
        if (value > UINT16_MAX)
            return ERR_ARGUMENT;
        settings_put(settings, (enum setting_id)id, (uint16_t)value);
    }
    return settings_check(settings);
}

void resource_put_settings(const struct resource_call *call)
{
    struct settings settings = call->portillon->settings;
    struct wanted_settings wanted;
    int result = read_wanted(call, &wanted);
    if (result == ERR_OK && !call->portillon->storage_ok) {
        confirm_chip(call, wanted.fields, FIELD_COUNT(wanted.fields), wanted.confirm);
        return;
    }
    if (result == ERR_OK)
        result = take_wanted(&wanted, &settings);
    if (result == ERR_OK)
        result = portillon_set_settings(call->portillon, &settings, call->role);
    if (result == ERR_OK && wanted.confirm)
        portillon_confirm_store(call->portillon);
    resource_finish(call, result);
}
