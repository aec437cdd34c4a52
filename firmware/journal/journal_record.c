/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_record.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/storage/sealed.h"

enum {
    AT_UTC = 4,
    AT_KIND = JOURNAL_RECORD_KIND_AT,
    AT_CODE = 9,
    AT_ZONE = 10,
    ZONE_MASK = 0x0F,
    METHOD_SHIFT = 4,
    AT_FLAGS = JOURNAL_RECORD_FLAGS_AT,
    AT_TAG = 12,
    AT_REF = 20,
    AT_GAP_FIRST = AT_TAG,
    AT_GAP_LAST = AT_TAG + 4,
};

_Static_assert(AT_TAG + TAG_LEN == AT_REF && AT_REF + 4 == SEALED_CONTENT_LEN &&
                   JOURNAL_RECORD_LEN == SEALED_LEN,
               "record layout");

/* A UID is written as 0, so that records with it are those of the format before. */
static uint8_t encode_zone(const struct journal_record *record)
{
    uint8_t method = record->method == CREDENTIAL_UID ? 0 : record->method;
    return (uint8_t)(record->zone | method << METHOD_SHIFT);
}

int journal_record_encode(const struct journal_record *record, crypto_mac *mac,
                          uint8_t out[JOURNAL_RECORD_LEN])
{
    bytes_put_u32(out, record->seq);
    bytes_put_u32(out + AT_UTC, record->utc_s);
    out[AT_KIND] = (uint8_t)record->kind;
    out[AT_CODE] = record->code;
    out[AT_ZONE] = encode_zone(record);
    out[AT_FLAGS] = record->flags;
    if (record->kind == JOURNAL_GAP) {
        bytes_put_u32(out + AT_GAP_FIRST, record->dropped.first);
        bytes_put_u32(out + AT_GAP_LAST, record->dropped.last);
    } else {
        memcpy(out + AT_TAG, record->tag.bytes, TAG_LEN);
    }
    bytes_put_u32(out + AT_REF, record->ref);
    return sealed_close(mac, out);
}

int journal_record_parse(struct journal_record *record, const uint8_t in[JOURNAL_RECORD_LEN])
{
    if (journal_kind_name((enum journal_kind)in[AT_KIND]) == NULL)
        return ERR_CORRUPT;
    *record = (struct journal_record){
        .seq = bytes_get_u32(in),
        .utc_s = bytes_get_u32(in + AT_UTC),
        .kind = (enum journal_kind)in[AT_KIND],
        .code = in[AT_CODE],
        .zone = in[AT_ZONE] & ZONE_MASK,
        .method = in[AT_ZONE] >> METHOD_SHIFT == 0 ? (uint8_t)CREDENTIAL_UID : in[AT_ZONE] >> METHOD_SHIFT,
        .flags = in[AT_FLAGS],
        .ref = bytes_get_u32(in + AT_REF),
    };
    if (record->kind == JOURNAL_GAP)
        record->dropped =
            (struct journal_range){bytes_get_u32(in + AT_GAP_FIRST), bytes_get_u32(in + AT_GAP_LAST)};
    else
        memcpy(record->tag.bytes, in + AT_TAG, TAG_LEN);
    return ERR_OK;
}

int journal_record_decode(struct journal_record *record, crypto_mac *mac,
                          const uint8_t in[JOURNAL_RECORD_LEN])
{
    int result = sealed_check(mac, in);
    return result == ERR_OK ? journal_record_parse(record, in) : result;
}

enum journal_kind journal_kind_near(uint8_t byte)
{
    static const enum journal_kind kinds[] = {JOURNAL_GRANTED, JOURNAL_CLOSED, JOURNAL_REFUSED, JOURNAL_EVENT,
                                              JOURNAL_GAP};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint8_t kind = (uint8_t)kinds[i];
        if (sealed_distance(&kind, &byte, 1) <= 1)
            return kinds[i];
    }
    return (enum journal_kind)0;
}

/* Fills in what the record with this number has for certain. The kinds differ in four bits, so a kind that is
 * valid is right, and one that is not is the nearest. */
static struct sealed_known known_of(const uint8_t record[JOURNAL_RECORD_LEN], uint32_t seq)
{
    struct sealed_known known = {.bytes = 0xF | 1U << AT_KIND};
    bytes_put_u32(known.content, seq);
    known.content[AT_KIND] = (uint8_t)journal_kind_near(record[AT_KIND]);
    return known;
}

bool journal_record_is_near(const uint8_t in[JOURNAL_RECORD_LEN], uint32_t seq)
{
    struct sealed_known known = known_of(in, seq);
    return known.content[AT_KIND] != 0 && sealed_is_near(in, &known);
}

int journal_record_correct(uint8_t record[JOURNAL_RECORD_LEN], crypto_mac *mac, uint32_t seq)
{
    struct sealed_known known = known_of(record, seq);
    return known.content[AT_KIND] != 0 ? sealed_correct(mac, record, &known) : ERR_CORRUPT;
}

const char *journal_kind_name(enum journal_kind kind)
{
    switch (kind) {
    case JOURNAL_GRANTED:
        return "granted";
    case JOURNAL_CLOSED:
        return "closed";
    case JOURNAL_REFUSED:
        return "refused";
    case JOURNAL_EVENT:
        return "event";
    case JOURNAL_GAP:
        return "gap";
    }
    return NULL;
}

const char *journal_outcome_name(uint8_t outcome)
{
    switch ((enum journal_outcome)outcome) {
    case JOURNAL_PASSED:
        return "passed";
    case JOURNAL_ABANDONED:
        return "abandoned";
    case JOURNAL_ASSUMED:
        return "assumed";
    }
    return "unknown_outcome";
}

const char *journal_event_name(uint8_t event)
{
    switch ((enum journal_event)event) {
    case JOURNAL_EVENT_START:
        return "start";
    case JOURNAL_EVENT_READER_DOWN:
        return "reader_down";
    case JOURNAL_EVENT_READER_UP:
        return "reader_up";
    case JOURNAL_EVENT_LIST_INSTALLED:
        return "list_installed";
    case JOURNAL_EVENT_LIST_REFUSED:
        return "list_refused";
    case JOURNAL_EVENT_BLOCK_REPAIRED:
        return "block_repaired";
    case JOURNAL_EVENT_FIRE_START:
        return "fire_start";
    case JOURNAL_EVENT_FIRE_END:
        return "fire_end";
    case JOURNAL_EVENT_TAMPER_START:
        return "tamper_start";
    case JOURNAL_EVENT_TAMPER_END:
        return "tamper_end";
    case JOURNAL_EVENT_CLOCK_SET:
        return "clock_set";
    case JOURNAL_EVENT_SETTINGS:
        return "settings_changed";
    case JOURNAL_EVENT_READER_RESTARTED:
        return "reader_restarted";
    case JOURNAL_EVENT_WATCHDOG:
        return "watchdog_reset";
    case JOURNAL_EVENT_FAULT:
        return "processor_fault";
    case JOURNAL_EVENT_PANIC:
        return "panic";
    case JOURNAL_EVENT_TEST_OPENING:
        return "test_opening";
    case JOURNAL_EVENT_MANUAL_OPENING:
        return "manual_opening";
    case JOURNAL_EVENT_PROFILES:
        return "profiles_changed";
    case JOURNAL_EVENT_CARD_RESIDENT:
        return "card_resident";
    case JOURNAL_EVENT_CARD_REMOVED:
        return "card_removed";
    case JOURNAL_EVENT_SET_ROTATION_FITTED:
        return "rotation_fitted_set";
    case JOURNAL_EVENT_SET_BUZZER_ON:
        return "buzzer_on_set";
    case JOURNAL_EVENT_SET_REFUSE_WHEN_FULL:
        return "refuse_when_full_set";
    case JOURNAL_EVENT_SET_OPEN_MS:
        return "open_ms_set";
    case JOURNAL_EVENT_SET_RETENTION_DAYS:
        return "retention_days_set";
    case JOURNAL_EVENT_SET_CLOCK_DAYS:
        return "clock_days_set";
    case JOURNAL_EVENT_REPEATED:
        return "repeated";
    case JOURNAL_EVENT_REFUSALS:
        return "refusals";
    case JOURNAL_EVENT_JOURNAL_CUT:
        return "journal_cut";
    case JOURNAL_EVENT_ROTATION_SILENT:
        return "rotation_silent";
    case JOURNAL_EVENT_ROTATION_SEEN:
        return "rotation_seen";
    case JOURNAL_EVENT_LIST_ROLLED_BACK:
        return "list_rolled_back";
    case JOURNAL_EVENT_STORE_ROLLED_BACK:
        return "store_rolled_back";
    case JOURNAL_EVENT_CHIP_TAKEN_OVER:
        return "chip_taken_over";
    case JOURNAL_EVENT_MEAL_ELSEWHERE:
        return "meal_elsewhere";
    }
    return "unknown_event";
}
