/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_tables.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"

enum {
    PROFILE_AT_SERVICES = 2,
    PROFILE_AT_NAME = 4,
    SERVICE_AT_SPANS = WHITELIST_NAME_LEN,
    SPAN_LEN = 4,
    WINDOW_AT_SPAN = 4,
    ASSURANCE_AT_SPAN = 4,
    ASSURANCE_AT_DAYS = 8,
    FINGERPRINT_AT_CRC = 4,
    APPLICATION_AT_OFFSET = 8,
    APPLICATION_AT_SYSTEM_ID = 16,
};

_Static_assert(PROFILE_AT_NAME + WHITELIST_NAME_LEN == WHITELIST_PROFILE_LEN, "profile");
_Static_assert(SERVICE_AT_SPANS + WHITELIST_WEEKDAYS * SPAN_LEN == WHITELIST_SERVICE_LEN, "service");
_Static_assert(WINDOW_AT_SPAN + SPAN_LEN == WHITELIST_WINDOW_LEN, "window");
_Static_assert(ASSURANCE_AT_DAYS + 4 == WHITELIST_ASSURANCE_LEN, "assurance entry");
_Static_assert(FINGERPRINT_AT_CRC + 4 == WHITELIST_FINGERPRINT_LEN, "fingerprint");
_Static_assert(APPLICATION_AT_SYSTEM_ID + WHITELIST_SYSTEM_ID_MAX == WHITELIST_APPLICATION_LEN,
               "application");
_Static_assert(sizeof(struct whitelist_tables) <= 3072, "what the header says of its size");

uint32_t whitelist_name_code(const char *name)
{
    uint32_t code = crc32_compute(name, strlen(name));
    return code != 0 ? code : 1;
}

static void decode_name(char name[WHITELIST_NAME_LEN + 1], const uint8_t *in)
{
    memcpy(name, in, WHITELIST_NAME_LEN);
    name[WHITELIST_NAME_LEN] = 0;
}

static void encode_name(const char *name, uint8_t *out)
{
    for (int i = 0; i < WHITELIST_NAME_LEN && name[i] != 0; i++)
        out[i] = (uint8_t)name[i];
}

static struct whitelist_span decode_span(const uint8_t *in)
{
    return (struct whitelist_span){bytes_get_u16(in), bytes_get_u16(in + 2)};
}

static void encode_span(struct whitelist_span span, uint8_t *out)
{
    bytes_put_u16(out, span.from_min);
    bytes_put_u16(out + 2, span.to_min);
}

void whitelist_profile_decode(struct whitelist_profile *profile, const uint8_t in[WHITELIST_PROFILE_LEN])
{
    profile->zones = in[0];
    profile->closed_day_zones = in[1];
    profile->services = bytes_get_u16(in + PROFILE_AT_SERVICES);
    decode_name(profile->name, in + PROFILE_AT_NAME);
}

void whitelist_profile_encode(const struct whitelist_profile *profile, uint8_t out[WHITELIST_PROFILE_LEN])
{
    memset(out, 0, WHITELIST_PROFILE_LEN);
    out[0] = profile->zones;
    out[1] = profile->closed_day_zones;
    bytes_put_u16(out + PROFILE_AT_SERVICES, profile->services);
    encode_name(profile->name, out + PROFILE_AT_NAME);
}

void whitelist_service_decode(struct whitelist_service *service, const uint8_t in[WHITELIST_SERVICE_LEN])
{
    decode_name(service->name, in);
    for (int day = 0; day < WHITELIST_WEEKDAYS; day++)
        service->spans[day] = decode_span(in + SERVICE_AT_SPANS + day * SPAN_LEN);
}

void whitelist_service_encode(const struct whitelist_service *service, uint8_t out[WHITELIST_SERVICE_LEN])
{
    memset(out, 0, WHITELIST_SERVICE_LEN);
    encode_name(service->name, out);
    for (int day = 0; day < WHITELIST_WEEKDAYS; day++)
        encode_span(service->spans[day], out + SERVICE_AT_SPANS + day * SPAN_LEN);
}

void whitelist_window_decode(struct whitelist_window *window, const uint8_t in[WHITELIST_WINDOW_LEN])
{
    *window = (struct whitelist_window){
        .profile = in[0], .zones = in[1], .weekdays = in[2], .span = decode_span(in + WINDOW_AT_SPAN)};
}

void whitelist_window_encode(const struct whitelist_window *window, uint8_t out[WHITELIST_WINDOW_LEN])
{
    out[0] = window->profile;
    out[1] = window->zones;
    out[2] = window->weekdays;
    out[3] = 0;
    encode_span(window->span, out + WINDOW_AT_SPAN);
}

void whitelist_calendar_decode(struct whitelist_calendar_entry *entry,
                               const uint8_t in[WHITELIST_CALENDAR_LEN])
{
    *entry = (struct whitelist_calendar_entry){.first_day = bytes_get_u16(in),
                                               .last_day = bytes_get_u16(in + 2),
                                               .kind = in[4],
                                               .zones = in[5],
                                               .as_weekday = in[6]};
}

void whitelist_calendar_encode(const struct whitelist_calendar_entry *entry,
                               uint8_t out[WHITELIST_CALENDAR_LEN])
{
    bytes_put_u16(out, entry->first_day);
    bytes_put_u16(out + 2, entry->last_day);
    out[4] = entry->kind;
    out[5] = entry->zones;
    out[6] = entry->as_weekday;
    out[7] = 0;
}

void whitelist_assurance_decode(struct whitelist_assurance *entry, const uint8_t in[WHITELIST_ASSURANCE_LEN])
{
    *entry = (struct whitelist_assurance){.profile = in[0],
                                          .zones = in[1],
                                          .weekdays = in[2],
                                          .least = in[3],
                                          .span = decode_span(in + ASSURANCE_AT_SPAN),
                                          .first_day = bytes_get_u16(in + ASSURANCE_AT_DAYS),
                                          .last_day = bytes_get_u16(in + ASSURANCE_AT_DAYS + 2)};
}

void whitelist_assurance_encode(const struct whitelist_assurance *entry, uint8_t out[WHITELIST_ASSURANCE_LEN])
{
    out[0] = entry->profile;
    out[1] = entry->zones;
    out[2] = entry->weekdays;
    out[3] = entry->least;
    encode_span(entry->span, out + ASSURANCE_AT_SPAN);
    bytes_put_u16(out + ASSURANCE_AT_DAYS, entry->first_day);
    bytes_put_u16(out + ASSURANCE_AT_DAYS + 2, entry->last_day);
}

void whitelist_fingerprint_decode(struct whitelist_fingerprint *fingerprint,
                                  const uint8_t in[WHITELIST_FINGERPRINT_LEN])
{
    *fingerprint = (struct whitelist_fingerprint){.atqa = {in[0], in[1]},
                                                  .sak = in[2],
                                                  .ats_len = in[3],
                                                  .ats_crc = bytes_get_u32(in + FINGERPRINT_AT_CRC)};
}

void whitelist_fingerprint_encode(const struct whitelist_fingerprint *fingerprint,
                                  uint8_t out[WHITELIST_FINGERPRINT_LEN])
{
    memcpy(out, fingerprint->atqa, sizeof fingerprint->atqa);
    out[2] = fingerprint->sak;
    out[3] = fingerprint->ats_len;
    bytes_put_u32(out + FINGERPRINT_AT_CRC, fingerprint->ats_crc);
}

struct whitelist_fingerprint whitelist_fingerprint_of(const struct reader_target *target)
{
    uint8_t ats_len = target->ats_len <= sizeof target->ats ? target->ats_len : (uint8_t)sizeof target->ats;
    return (struct whitelist_fingerprint){.atqa = {target->atqa[0], target->atqa[1]},
                                          .sak = target->sak,
                                          .ats_len = ats_len,
                                          .ats_crc = ats_len == 0 ? 0 : crc32_compute(target->ats, ats_len)};
}

bool whitelist_fingerprint_matches(const struct whitelist_fingerprint *expected,
                                   const struct whitelist_fingerprint *seen)
{
    return (expected->atqa[0] & ~seen->atqa[0]) == 0 && (expected->atqa[1] & ~seen->atqa[1]) == 0 &&
           expected->sak == seen->sak && expected->ats_len == seen->ats_len &&
           expected->ats_crc == seen->ats_crc;
}

void whitelist_application_decode(struct whitelist_application *application,
                                  const uint8_t in[WHITELIST_APPLICATION_LEN])
{
    *application = (struct whitelist_application){
        .authentication = in[3],
        .key_number = in[4],
        .key_set = in[5],
        .file = in[6],
        .mode = in[7],
        .offset = bytes_get_u16(in + APPLICATION_AT_OFFSET),
        .id_len = in[10],
        .flags = in[11],
        .uid_key_number = in[13],
        .uid_key_set = in[14],
        .system_id_len = in[12] <= WHITELIST_SYSTEM_ID_MAX ? in[12] : WHITELIST_SYSTEM_ID_MAX,
    };
    memcpy(application->aid, in, sizeof application->aid);
    memcpy(application->system_id, in + APPLICATION_AT_SYSTEM_ID, sizeof application->system_id);
}

void whitelist_application_encode(const struct whitelist_application *application,
                                  uint8_t out[WHITELIST_APPLICATION_LEN])
{
    memset(out, 0, WHITELIST_APPLICATION_LEN);
    memcpy(out, application->aid, sizeof application->aid);
    out[3] = application->authentication;
    out[4] = application->key_number;
    out[5] = application->key_set;
    out[6] = application->file;
    out[7] = application->mode;
    bytes_put_u16(out + APPLICATION_AT_OFFSET, application->offset);
    out[10] = application->id_len;
    out[11] = application->flags;
    out[12] = application->system_id_len;
    out[13] = application->uid_key_number;
    out[14] = application->uid_key_set;
    memcpy(out + APPLICATION_AT_SYSTEM_ID, application->system_id, application->system_id_len);
}
