/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes and decodes the tables that a list carries beside the cards, that is, the rules of the school:
 * profiles, services, windows, calendar. They are small enough to be kept in memory (struct whitelist_tables,
 * 3 KB). The caller owns all memory. Nothing blocks.
 *
 * Weekdays are bits, Monday first (bit 0). Minutes count from midnight, local time. The end of a span of
 * minutes does not belong to it.
 *
 * profile, 16 bytes
 * offset  size  field
 *      0     1  zones where the profile may pass: bit 0 building, bit 1 canteen
 *      1     1  those of these zones where it may also pass on closed days of the calendar
 *      2     2  services that it may use: bit n stands for service n
 *      4    12  name (UTF-8, NUL-padded)
 *
 * service, 40 bytes: a meal at the canteen. If the list has no services, meals are served at all hours.
 *      0    12  name (UTF-8, NUL-padded)
 *     12    28  for each weekday: from, to (2 each; 0 to 1440). If they are equal, the service is not served.
 *               If `to` is before `from`, the span ends on the next day and belongs to the day it began.
 *
 * window, 8 bytes: a profile with windows for a zone may pass there only inside one of them, a profile
 * without windows at any hour
 *      0     1  profile index
 *      1     1  zones, as above
 *      2     1  weekdays
 *      3     1  reserved, 0
 *      4     4  from, to (2 each; as for services)
 *
 * calendar entry, 8 bytes: days on which a zone is closed, or open although another entry closes it
 *      0     4  first and last day (2 each; days since 2000-01-01)
 *      4     1  kind: 1 closed, 2 open. Open takes precedence.
 *      5     1  zones, as above
 *      6     1  of an open day: the weekday whose hours and meals apply, 1 Monday to 7 Sunday; 0: its own
 *      7     1  reserved, 0
 *
 * assurance entry, 12 bytes: how well a card must be known. The first entry that covers profile, zone, day
 * and hour decides; if none does, every method is enough.
 *      0     1  profile index; 255: every profile
 *      1     1  zones, as above
 *      2     1  weekdays
 *      3     1  least assurance (enum credential_assurance)
 *      4     4  from, to (2 each; as for services); equal: all day
 *      8     4  first and last day (2 each; 0 and FFFF: no such bound)
 *
 * fingerprint, 8 bytes: what a genuine card of the school shows beside its UID
 *      0     2  ATQA, in the order of struct reader_target. A bit that is set here must be set in the card's:
 *               when cards collide, a reader sees the bits of all of them
 *      2     1  SAK
 *      3     1  length of the ATS
 *      4     4  CRC-32 of the ATS; 0 without one
 *
 * DESFire application, 32 bytes: where a card keeps the identifier by which the list names it
 *      0     3  AID, in the order in which it is sent
 *      3     1  authentication: 1 AuthenticateAES (EV1), 2 AuthenticateEV2First
 *      4     1  key number on the card, 0 to 13
 *      5     1  key set of the gate (identity.h), from 1
 *      6     1  file, 0 to 31
 *      7     1  communication mode of the file: 0 plain, 1 MACed, 3 enciphered
 *      8     2  offset of the identifier in the file
 *     10     1  length of the identifier, 1 to 16
 *     11     1  flags: bit 0 the key is diversified (AN10922), bit 1 with the AID most significant byte first
 *     12     1  length of the system identifier, 0 to 16
 *     13     1  number of the key under which a card with a random UID tells its real one
 *     14     1  its key set; 0: there is no such key
 *     15     1  reserved, 0
 *     16    16  system identifier, padded with 0: the last part of the input of the diversification
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_TABLES_H
#define FIRMWARE_WHITELIST_WHITELIST_TABLES_H

#include <stdint.h>

#include "firmware/base/time_zone.h"
#include "firmware/crypto/credential.h"

#define WHITELIST_NAME_LEN         12
#define WHITELIST_PROFILE_LEN      16
#define WHITELIST_PROFILE_NAME_LEN WHITELIST_NAME_LEN
#define WHITELIST_PROFILES_MAX     32
#define WHITELIST_SERVICE_LEN      40
#define WHITELIST_SERVICES_MAX     15 /* a service number has four bits in the journal */
#define WHITELIST_WINDOW_LEN       8
#define WHITELIST_WINDOWS_MAX      96
#define WHITELIST_CALENDAR_LEN     8
#define WHITELIST_CALENDAR_MAX     64
#define WHITELIST_ASSURANCE_LEN    12
#define WHITELIST_ASSURANCE_MAX    16
#define WHITELIST_FINGERPRINT_LEN  8
#define WHITELIST_FINGERPRINTS_MAX 7 /* a rule has three bits for its number */
#define WHITELIST_APPLICATION_LEN  32
#define WHITELIST_APPLICATIONS_MAX 3
#define WHITELIST_EVERY_PROFILE    255
#define WHITELIST_SYSTEM_ID_MAX    16
#define WHITELIST_ID_LEN_MAX       16   /* of an identifier in a file */
#define WHITELIST_MINUTES_MAX      1440 /* 24:00 */
#define WHITELIST_WEEKDAYS         7
#define WHITELIST_EVERY_DAY        0x7F
#define WHITELIST_EVERY_SERVICE    0x7FFF

enum whitelist_zone_bit {
    WHITELIST_ZONE_BUILDING = 1 << 0,
    WHITELIST_ZONE_CANTEEN = 1 << 1,
    WHITELIST_ZONES_ALL = 3,
};

struct whitelist_profile {
    uint8_t zones; /* enum whitelist_zone_bit */
    uint8_t closed_day_zones;
    uint16_t services;
    char name[WHITELIST_NAME_LEN + 1];
};

struct whitelist_span {
    uint16_t from_min, to_min;
};

struct whitelist_service {
    char name[WHITELIST_NAME_LEN + 1];
    struct whitelist_span spans[WHITELIST_WEEKDAYS]; /* Monday first */
};

struct whitelist_window {
    uint8_t profile;
    uint8_t zones;
    uint8_t weekdays;
    struct whitelist_span span;
};

enum whitelist_calendar_kind {
    WHITELIST_DAYS_CLOSED = 1,
    WHITELIST_DAYS_OPEN = 2,
};

struct whitelist_calendar_entry {
    uint16_t first_day, last_day;
    uint8_t kind; /* enum whitelist_calendar_kind */
    uint8_t zones;
    uint8_t as_weekday; /* 1 to 7; 0: its own */
};

struct whitelist_assurance {
    uint8_t profile; /* WHITELIST_EVERY_PROFILE: each */
    uint8_t zones;
    uint8_t weekdays;
    uint8_t least; /* enum credential_assurance */
    struct whitelist_span span;
    uint16_t first_day, last_day;
};

struct whitelist_fingerprint {
    uint8_t atqa[2];
    uint8_t sak;
    uint8_t ats_len;
    uint32_t ats_crc;
};

enum whitelist_authentication {
    WHITELIST_AUTHENTICATE_EV1 = 1,
    WHITELIST_AUTHENTICATE_EV2 = 2,
};

enum whitelist_application_flag {
    WHITELIST_APPLICATION_DIVERSIFIED = 1 << 0,
    WHITELIST_APPLICATION_AID_REVERSED = 1 << 1,
};

struct whitelist_application {
    uint8_t aid[3];
    uint8_t authentication; /* enum whitelist_authentication */
    uint8_t key_number;
    uint8_t key_set;
    uint8_t file;
    uint8_t mode;
    uint16_t offset;
    uint8_t id_len;
    uint8_t flags; /* enum whitelist_application_flag */
    uint8_t uid_key_number;
    uint8_t uid_key_set; /* 0: none */
    uint8_t system_id_len;
    uint8_t system_id[WHITELIST_SYSTEM_ID_MAX];
};

struct whitelist_tables {
    struct time_zone zone;
    uint8_t profile_count, service_count, window_count, calendar_count;
    uint8_t assurance_count, fingerprint_count, application_count;
    struct whitelist_profile profiles[WHITELIST_PROFILES_MAX];
    struct whitelist_service services[WHITELIST_SERVICES_MAX];
    struct whitelist_window windows[WHITELIST_WINDOWS_MAX];
    struct whitelist_calendar_entry calendar[WHITELIST_CALENDAR_MAX];
    struct whitelist_assurance assurance[WHITELIST_ASSURANCE_MAX];
    struct whitelist_fingerprint fingerprints[WHITELIST_FINGERPRINTS_MAX];
    struct whitelist_application applications[WHITELIST_APPLICATIONS_MAX];
};

/* Returns a code for the name of a profile or service: its CRC-32, or 1 if that is 0. Other modules keep this
 * code rather than the number, because later lists may number profiles and services differently. */
uint32_t whitelist_name_code(const char *name);

/* Each decodes or encodes one entry in the form above. A name is NUL-terminated in memory. */
void whitelist_profile_decode(struct whitelist_profile *profile, const uint8_t in[WHITELIST_PROFILE_LEN]);
void whitelist_profile_encode(const struct whitelist_profile *profile, uint8_t out[WHITELIST_PROFILE_LEN]);
void whitelist_service_decode(struct whitelist_service *service, const uint8_t in[WHITELIST_SERVICE_LEN]);
void whitelist_service_encode(const struct whitelist_service *service, uint8_t out[WHITELIST_SERVICE_LEN]);
void whitelist_window_decode(struct whitelist_window *window, const uint8_t in[WHITELIST_WINDOW_LEN]);
void whitelist_window_encode(const struct whitelist_window *window, uint8_t out[WHITELIST_WINDOW_LEN]);
void whitelist_calendar_decode(struct whitelist_calendar_entry *entry,
                               const uint8_t in[WHITELIST_CALENDAR_LEN]);
void whitelist_calendar_encode(const struct whitelist_calendar_entry *entry,
                               uint8_t out[WHITELIST_CALENDAR_LEN]);
void whitelist_assurance_decode(struct whitelist_assurance *entry, const uint8_t in[WHITELIST_ASSURANCE_LEN]);
void whitelist_assurance_encode(const struct whitelist_assurance *entry,
                                uint8_t out[WHITELIST_ASSURANCE_LEN]);
void whitelist_fingerprint_decode(struct whitelist_fingerprint *fingerprint,
                                  const uint8_t in[WHITELIST_FINGERPRINT_LEN]);
void whitelist_fingerprint_encode(const struct whitelist_fingerprint *fingerprint,
                                  uint8_t out[WHITELIST_FINGERPRINT_LEN]);
void whitelist_application_decode(struct whitelist_application *application,
                                  const uint8_t in[WHITELIST_APPLICATION_LEN]);
void whitelist_application_encode(const struct whitelist_application *application,
                                  uint8_t out[WHITELIST_APPLICATION_LEN]);

/* Returns the fingerprint of a card. */
struct whitelist_fingerprint whitelist_fingerprint_of(const struct reader_target *target);
/* Returns true if a card with the fingerprint seen may be one of which this fingerprint is expected. */
bool whitelist_fingerprint_matches(const struct whitelist_fingerprint *expected,
                                   const struct whitelist_fingerprint *seen);

#endif
