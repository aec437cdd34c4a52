/* SPDX-License-Identifier: Apache-2.0 */
/* The list's layout by hand, and bucket checks that openssl computed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_format.h"
#include "tests/fakes/hex.h"

/* ---- header ---- */

/* 2 profiles, 4 rule slots, 1 service, 3 windows, 2 calendar entries, 2 blocks of 64 buckets:
 * 128 + 2·16 + 4·8 + 1·40 + 3·8 + 2·8 + 2·16 = 304 bytes of head. The time zone is
 * "WET0WEST,M3.5.0/1,M10.5.0". */
#define ZERO_35 "0000000000000000000000000000000000000000000000000000000000000000000000"
#define HEADER                                                                                               \
    "5054574c 0100 0200 b18b86ce1389e46d 07000000 2c010000 80000000 02000000 3412f96a 0400 01 03 30010000"   \
    "02" ZERO_35 "57455430574553542c4d332e352e302f312c4d31302e352e30"                                        \
    "0000000000000000000000000000000000000000000000"

static uint8_t header_bytes[WHITELIST_HEADER_LEN];

static int lay_out_header(void **state)
{
    (void)state;
    return hex_bytes(HEADER, header_bytes, sizeof header_bytes) != sizeof header_bytes;
}

static void a_header_is_read_and_written_as_the_table_says(void **state)
{
    (void)state;
    static const uint8_t site_id[] = {0xb1, 0x8b, 0x86, 0xce, 0x13, 0x89, 0xe4, 0x6d};
    struct whitelist_header header;
    uint8_t again[WHITELIST_HEADER_LEN];
    assert_int_equal(whitelist_header_decode(&header, header_bytes), ERR_OK);
    assert_memory_equal(header.site_id, site_id, sizeof site_id);
    assert_int_equal(header.version, 7);
    assert_int_equal(header.card_count, 300);
    assert_int_equal(header.bucket_count, 128);
    assert_int_equal(header.block_count, 2);
    assert_int_equal(header.created_utc_s, 0x6AF91234);
    assert_int_equal(header.profile_count, 2);
    assert_int_equal(header.rule_slots, 4);
    assert_int_equal(header.service_count, 1);
    assert_int_equal(header.window_count, 3);
    assert_int_equal(header.calendar_count, 2);
    assert_string_equal(header.time_zone, "WET0WEST,M3.5.0/1,M10.5.0");
    assert_int_equal(header.head_len, 304);
    assert_int_equal(whitelist_profiles_offset(), 128);
    assert_int_equal(whitelist_rules_offset(&header), 160);
    assert_int_equal(whitelist_services_offset(&header), 192);
    assert_int_equal(whitelist_windows_offset(&header), 232);
    assert_int_equal(whitelist_calendar_offset(&header), 256);
    assert_int_equal(whitelist_hashes_offset(&header), 272);
    assert_int_equal(whitelist_head_length(&header), 304);
    memset(again, 0xEE, sizeof again);
    whitelist_header_encode(&header, again);
    assert_memory_equal(again, header_bytes, sizeof again);
}

static int decode_with(size_t at, const char *hex)
{
    struct whitelist_header header;
    uint8_t changed[WHITELIST_HEADER_LEN];
    memcpy(changed, header_bytes, sizeof changed);
    hex_bytes(hex, changed + at, sizeof changed - at);
    return whitelist_header_decode(&header, changed);
}

static void numbers_that_disagree_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *hex;
        int expected;
    } cases[] = {
        {0, "50", ERR_OK},
        {0, "51", ERR_FORMAT},
        {4, "0200", ERR_FORMAT}, /* format 2 without any entry of it */
        {4, "0300", ERR_UNSUPPORTED},
        {4, "0000", ERR_UNSUPPORTED},
        {6, "0000", ERR_COUNT},      /* no profile */
        {6, "0300", ERR_COUNT},      /* a profile more than the head has room for */
        {6, "2100", ERR_COUNT},      /* 33 profiles */
        {20, "00000000", ERR_OK},    /* no card: nobody is granted, but it is a valid list */
        {20, "00030000", ERR_OK},    /* 768: every entry used */
        {20, "01030000", ERR_COUNT}, /* one card more than there are entries */
        {20, "ffffffff", ERR_COUNT},
        {24, "40000000", ERR_COUNT}, /* buckets for one block, but two blocks */
        {24, "81000000", ERR_COUNT},
        {28, "00000000", ERR_COUNT},
        {28, "01000000", ERR_COUNT},
        {28, "02000004", ERR_COUNT}, /* times 64 overflows 32 bits to what the bucket count says */
        {36, "0500", ERR_COUNT},
        {36, "0102", ERR_COUNT}, /* 513 rule slots */
        {38, "02", ERR_COUNT},
        {38, "10", ERR_COUNT}, /* 16 services */
        {39, "04", ERR_COUNT},
        {39, "61", ERR_COUNT}, /* 97 windows */
        {40, "31010000", ERR_COUNT},
        {40, "30010080", ERR_COUNT},
        {44, "03", ERR_COUNT},
        {44, "41", ERR_COUNT},  /* 65 entries in the calendar */
        {45, "01", ERR_FORMAT}, /* an entry of format 2 */
        {47, "01", ERR_FORMAT},
        {48, "01", ERR_FORMAT},
        {79, "80", ERR_FORMAT},
        {80, "00000000000000000000000000000000000000000000000000", ERR_OK}, /* the default zone */
        {80, "00", ERR_FORMAT},                                             /* text behind its end */
        {80, "31", ERR_FORMAT},                                             /* no rule */
        {127, "41", ERR_FORMAT},                                            /* no end */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int result = decode_with(cases[i].at, cases[i].hex);
        if (result != cases[i].expected)
            print_error("offset %zu, %s: %s\n", cases[i].at, cases[i].hex, error_name(result));
        assert_int_equal(result, cases[i].expected);
    }
}

/* The same list with 2 assurance entries, 1 fingerprint and 3 applications: 24 + 8 + 96 bytes more. */
static void a_list_that_says_how_cards_are_known_has_format_2(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *hex;
        int expected;
    } cases[] = {
        {4, "0100", ERR_FORMAT}, /* a gate of format 1 must not take it */
        {4, "0300", ERR_UNSUPPORTED}, {45, "01", ERR_COUNT}, {45, "11", ERR_COUNT}, {46, "02", ERR_COUNT},
        {46, "08", ERR_COUNT},        {47, "02", ERR_COUNT}, {47, "04", ERR_COUNT}, {48, "01", ERR_FORMAT},
    };
    struct whitelist_header header;
    uint8_t bytes[WHITELIST_HEADER_LEN], again[WHITELIST_HEADER_LEN];
    memcpy(bytes, header_bytes, sizeof bytes);
    hex_bytes("0200", bytes + 4, 2);
    hex_bytes("b0010000", bytes + 40, 4);
    hex_bytes("020103", bytes + 45, 3);
    assert_int_equal(whitelist_header_decode(&header, bytes), ERR_OK);
    assert_int_equal(header.head_len, 432);
    assert_int_equal(header.assurance_count, 2);
    assert_int_equal(header.fingerprint_count, 1);
    assert_int_equal(header.application_count, 3);
    assert_int_equal(whitelist_assurance_offset(&header), 272);
    assert_int_equal(whitelist_fingerprints_offset(&header), 296);
    assert_int_equal(whitelist_applications_offset(&header), 304);
    assert_int_equal(whitelist_hashes_offset(&header), 400);
    whitelist_header_encode(&header, again);
    assert_memory_equal(again, bytes, sizeof again);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memcpy(again, bytes, sizeof again);
        hex_bytes(cases[i].hex, again + cases[i].at, sizeof again - cases[i].at);
        assert_int_equal(whitelist_header_decode(&header, again), cases[i].expected);
    }
}

static void the_largest_list_and_nothing_larger_is_taken(void **state)
{
    (void)state;
    struct whitelist_header header = {.version = 1,
                                      .card_count = 250000,
                                      .bucket_count = WHITELIST_BLOCKS_MAX * 64,
                                      .block_count = WHITELIST_BLOCKS_MAX,
                                      .profile_count = 32,
                                      .rule_slots = 512,
                                      .service_count = 15,
                                      .window_count = 96,
                                      .calendar_count = 64,
                                      .assurance_count = 16,
                                      .fingerprint_count = 7,
                                      .application_count = 3,
                                      .head_len = 128 + 32 * 16 + 512 * 8 + 15 * 40 + 96 * 8 + 64 * 8 +
                                                  16 * 12 + 7 * 8 + 3 * 32 + WHITELIST_BLOCKS_MAX * 16};
    uint8_t bytes[WHITELIST_HEADER_LEN];
    whitelist_header_encode(&header, bytes);
    assert_int_equal(whitelist_header_decode(&header, bytes), ERR_OK);
    header.block_count++;
    header.bucket_count += 64;
    header.head_len += 16;
    whitelist_header_encode(&header, bytes);
    assert_int_equal(whitelist_header_decode(&header, bytes), ERR_COUNT);
}

/* ---- profiles and rules ---- */

static void a_profile_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct whitelist_profile profile = {
        .zones = 3, .closed_day_zones = 1, .services = 0x4005, .name = "demi-pension"};
    uint8_t expected[WHITELIST_PROFILE_LEN], out[WHITELIST_PROFILE_LEN];
    hex_bytes("03 01 0540 64656d692d70656e73696f6e", expected, sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_profile_encode(&profile, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&profile, 0xEE, sizeof profile);
    whitelist_profile_decode(&profile, expected);
    assert_int_equal(profile.zones, 3);
    assert_int_equal(profile.closed_day_zones, 1);
    assert_int_equal(profile.services, 0x4005);
    assert_string_equal(profile.name, "demi-pension"); /* all twelve bytes used, and still terminated */
    hex_bytes("01 000000 65787465726e650000000000", expected, sizeof expected);
    whitelist_profile_decode(&profile, expected);
    assert_string_equal(profile.name, "externe");
}

static void an_assurance_entry_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct whitelist_assurance entry = {.profile = 2,
                                        .zones = 1,
                                        .weekdays = 0x1F,
                                        .least = CREDENTIAL_ASSURED_DESFIRE,
                                        .span = {480, 1080},
                                        .first_day = 9831,
                                        .last_day = 0xFFFF};
    uint8_t expected[WHITELIST_ASSURANCE_LEN], out[WHITELIST_ASSURANCE_LEN];
    hex_bytes("02 01 1f 03 e001 3804 6726 ffff", expected, sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_assurance_encode(&entry, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&entry, 0xEE, sizeof entry);
    whitelist_assurance_decode(&entry, expected);
    assert_int_equal(entry.profile, 2);
    assert_int_equal(entry.zones, 1);
    assert_int_equal(entry.weekdays, 0x1F);
    assert_int_equal(entry.least, 3);
    assert_int_equal(entry.span.from_min, 480);
    assert_int_equal(entry.span.to_min, 1080);
    assert_int_equal(entry.first_day, 9831);
    assert_int_equal(entry.last_day, 0xFFFF);
}

/* The ATS of a DESFire EV1 without its length, 75 77 81 02 80; its CRC-32 is from zlib. */
static void a_fingerprint_is_laid_out_and_compared_as_the_table_says(void **state)
{
    (void)state;
    const struct reader_target desfire = {
        .uid_len = 7, .atqa = {3, 0x44}, .sak = 0x20, .ats = {0x75, 0x77, 0x81, 0x02, 0x80}, .ats_len = 5};
    struct whitelist_fingerprint genuine = whitelist_fingerprint_of(&desfire), seen = genuine;
    uint8_t expected[WHITELIST_FINGERPRINT_LEN], out[WHITELIST_FINGERPRINT_LEN];
    hex_bytes("0344 20 05 9290813e", expected, sizeof expected);
    whitelist_fingerprint_encode(&genuine, out);
    assert_memory_equal(out, expected, sizeof out);
    whitelist_fingerprint_decode(&seen, out);
    assert_true(whitelist_fingerprint_matches(&genuine, &seen));
    seen.atqa[1] |= 1; /* a second card collided with it */
    assert_true(whitelist_fingerprint_matches(&genuine, &seen));
    seen.atqa[1] = 4; /* a MIFARE Classic: bit 6, for a UID of 7 bytes, is not set */
    assert_false(whitelist_fingerprint_matches(&genuine, &seen));
    seen = genuine;
    seen.sak = 0x28;
    assert_false(whitelist_fingerprint_matches(&genuine, &seen));
    seen = genuine;
    seen.ats_len = 0;
    assert_false(whitelist_fingerprint_matches(&genuine, &seen));
    seen = genuine;
    seen.ats_crc ^= 1;
    assert_false(whitelist_fingerprint_matches(&genuine, &seen));
    const struct reader_target classic = {.uid_len = 4, .atqa = {0, 4}, .sak = 8};
    seen = whitelist_fingerprint_of(&classic);
    assert_int_equal(seen.ats_crc, 0);
}

static void an_application_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct whitelist_application application = {.aid = {0x30, 0x42, 0xF5},
                                                .authentication = WHITELIST_AUTHENTICATE_EV2,
                                                .key_number = 1,
                                                .key_set = 2,
                                                .file = 5,
                                                .mode = 3,
                                                .offset = 0x0120,
                                                .id_len = 16,
                                                .flags = WHITELIST_APPLICATION_DIVERSIFIED,
                                                .uid_key_number = 4,
                                                .uid_key_set = 6,
                                                .system_id_len = 7,
                                                .system_id = "NXP Abu"};
    uint8_t expected[WHITELIST_APPLICATION_LEN], out[WHITELIST_APPLICATION_LEN];
    hex_bytes("3042f5 02 01 02 05 03 2001 10 01 07 040600 4e585020416275 000000000000000000", expected,
              sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_application_encode(&application, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&application, 0xEE, sizeof application);
    whitelist_application_decode(&application, expected);
    assert_memory_equal(application.aid, "\x30\x42\xF5", 3);
    assert_int_equal(application.authentication, 2);
    assert_int_equal(application.key_number, 1);
    assert_int_equal(application.key_set, 2);
    assert_int_equal(application.file, 5);
    assert_int_equal(application.mode, 3);
    assert_int_equal(application.offset, 0x0120);
    assert_int_equal(application.id_len, 16);
    assert_int_equal(application.flags, 1);
    assert_int_equal(application.uid_key_number, 4);
    assert_int_equal(application.uid_key_set, 6);
    assert_int_equal(application.system_id_len, 7);
    assert_memory_equal(application.system_id, "NXP Abu", 8);
    expected[12] = 255; /* a length beyond the field */
    whitelist_application_decode(&application, expected);
    assert_int_equal(application.system_id_len, 16);
}

static void a_service_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct whitelist_service service = {
        .name = "lunch", .spans = {{690, 810}, {0, 0}, {720, 1440}, {0, 0}, {0, 0}, {0, 0}, {1320, 60}}};
    uint8_t expected[WHITELIST_SERVICE_LEN], out[WHITELIST_SERVICE_LEN];
    assert_int_equal(
        hex_bytes("6c756e636800000000000000 b2022a03 00000000 d002a005 00000000 00000000 00000000"
                  "28053c00",
                  expected, sizeof expected),
        sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_service_encode(&service, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&service, 0xEE, sizeof service);
    whitelist_service_decode(&service, expected);
    assert_string_equal(service.name, "lunch");
    assert_int_equal(service.spans[0].from_min, 690);
    assert_int_equal(service.spans[2].to_min, 1440);
    assert_int_equal(service.spans[6].from_min, 1320);
    assert_int_equal(service.spans[6].to_min, 60);
}

static void windows_and_calendar_are_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct whitelist_window window = {.profile = 4, .zones = 1, .weekdays = 0x1F, .span = {450, 1110}};
    struct whitelist_calendar_entry entry = {
        .first_day = 9786, .last_day = 9801, .kind = WHITELIST_DAYS_OPEN, .zones = 2, .as_weekday = 3};
    uint8_t expected[8], out[8];
    hex_bytes("04 01 1f 00 c201 5604", expected, sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_window_encode(&window, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&window, 0xEE, sizeof window);
    whitelist_window_decode(&window, expected);
    assert_int_equal(window.profile, 4);
    assert_int_equal(window.zones, 1);
    assert_int_equal(window.weekdays, 0x1F);
    assert_int_equal(window.span.from_min, 450);
    assert_int_equal(window.span.to_min, 1110);
    hex_bytes("3a26 4926 02 02 03 00", expected, sizeof expected);
    memset(out, 0xEE, sizeof out);
    whitelist_calendar_encode(&entry, out);
    assert_memory_equal(out, expected, sizeof out);
    memset(&entry, 0xEE, sizeof entry);
    whitelist_calendar_decode(&entry, expected);
    assert_int_equal(entry.first_day, 9786);
    assert_int_equal(entry.last_day, 9801);
    assert_int_equal(entry.kind, WHITELIST_DAYS_OPEN);
    assert_int_equal(entry.zones, 2);
    assert_int_equal(entry.as_weekday, 3);
}

static void a_rule_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    const struct whitelist_rule rule = {.profile = 2,
                                        .weekdays = 0x1B,
                                        .first_day = 0x2648,
                                        .last_day = 0xFFFF,
                                        .passages = 3,
                                        .flags = WHITELIST_RULE_BLOCKED | WHITELIST_RULE_TEMPORARY};
    struct whitelist_rule read;
    uint8_t expected[WHITELIST_RULE_LEN], out[WHITELIST_RULE_LEN];
    hex_bytes("02 1b 4826 ffff 03 03", expected, sizeof expected);
    whitelist_rule_encode(&rule, out);
    assert_memory_equal(out, expected, sizeof out);
    whitelist_rule_decode(&read, expected);
    assert_int_equal(read.profile, 2);
    assert_int_equal(read.weekdays, 0x1B);
    assert_int_equal(read.first_day, 0x2648);
    assert_int_equal(read.last_day, WHITELIST_NO_LAST_DAY);
    assert_int_equal(read.passages, 3);
    assert_int_equal(read.flags, 3);
}

/* ---- places ---- */

/* Computed with Python's whole numbers: home (a·n) >> 32, other (home + 1 + b mod (n-1)) mod n. */
static void a_tag_has_the_two_buckets_of_the_formula(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        uint32_t home[3], other[3]; /* of 64, 128 and 131072 buckets */
    } cases[] = {
        {"0000000000000000", {0, 0, 0}, {1, 1, 1}},
        {"ffffffffffffffff", {63, 127, 131071}, {3, 15, 32767}},
        {"80000000ffffffff", {32, 64, 65536}, {36, 80, 98304}},
        {"e4dc2c2b9412bb3c", {57, 114, 117176}, {41, 26, 52990}},
        {"2f1a2a2aefba2904", {11, 23, 24116}, {56, 99, 65302}},
        {"03ffffff00000000", {0, 1, 2047}, {1, 2, 2048}},
        {"0400000000000000", {1, 2, 2048}, {2, 3, 2049}},
        {"fc0000000000003e", {63, 126, 129024}, {62, 61, 129087}},
        {"fc0000000000003f", {63, 126, 129024}, {0, 62, 129088}},
    };
    static const uint32_t bucket_counts[] = {64, 128, 131072};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct tag tag;
        hex_bytes(cases[i].tag, tag.bytes, TAG_LEN);
        for (int n = 0; n < 3; n++) {
            assert_int_equal(whitelist_home_bucket(&tag, bucket_counts[n]), cases[i].home[n]);
            assert_int_equal(whitelist_other_bucket(&tag, bucket_counts[n]), cases[i].other[n]);
        }
    }
}

static void the_other_bucket_is_never_the_home(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int i = 0; i < 100000; i++) {
        struct tag tag;
        for (int b = 0; b < TAG_LEN; b++) {
            random = random * 1664525U + 1013904223U;
            tag.bytes[b] = (uint8_t)(random >> 24);
        }
        uint32_t home = whitelist_home_bucket(&tag, 192), other = whitelist_other_bucket(&tag, 192);
        assert_in_range(home, 0, 191);
        assert_in_range(other, 0, 191);
        assert_int_not_equal(home, other);
    }
}

/* ---- buckets ---- */

static crypto_mac list_mac;

/* printf 'portillon list check' | openssl dgst -sha256 -mac hmac -macopt hexkey:000102…1e1f */
static int set_list_key(void **state)
{
    (void)state;
    uint8_t tag_key[IDENTITY_TAG_KEY_LEN], key[CRYPTO_KEY_LEN], expected[CRYPTO_KEY_LEN];
    for (uint8_t i = 0; i < sizeof tag_key; i++)
        tag_key[i] = i;
    hex_bytes("46e49a72545c2565d03f3c798fe1aa75", expected, sizeof expected);
    if (whitelist_list_key(tag_key, key) != ERR_OK || memcmp(key, expected, sizeof key) != 0)
        return -1;
    return crypto_mac_init(&list_mac, key);
}

static int forget_list_key(void **state)
{
    (void)state;
    crypto_mac_free(&list_mac);
    return 0;
}

/* Bucket 0x0102 with two entries, bucket 0x3F full and spilled, bucket 0 empty. The checks:
 *   printf <index as u32, little-endian><bytes 4 to 63> | xxd -r -p |
 *       openssl mac -cipher AES-128-CBC -macopt hexkey:46e49a72545c2565d03f3c798fe1aa75 -binary CMAC */
#define UNUSED "ffffffffffffffffffff"
static const char two_hex[] =
    "152990c1 e4dc2c2b9412bb3c0500 2f1a2a2aefba2904ff01" UNUSED UNUSED UNUSED UNUSED;
static const char full_hex[] = "649dd754 01010101010101010100 02020202020202020200 03030303030303030300"
                               "04040404040404040400 05050505050505050500 06060606060606062a80";
static const char empty_hex[] = "a0689602" UNUSED UNUSED UNUSED UNUSED UNUSED UNUSED;

static int decode(struct whitelist_bucket *bucket, uint32_t index, const char *hex)
{
    uint8_t bytes[WHITELIST_BUCKET_LEN];
    assert_int_equal(hex_bytes(hex, bytes, sizeof bytes), sizeof bytes);
    return whitelist_bucket_decode(bucket, index, &list_mac, bytes);
}

static void buckets_are_read_as_the_table_says(void **state)
{
    (void)state;
    static const uint8_t first[] = {0xe4, 0xdc, 0x2c, 0x2b, 0x94, 0x12, 0xbb, 0x3c};
    struct whitelist_bucket bucket;
    assert_int_equal(decode(&bucket, 0x0102, two_hex), ERR_OK);
    assert_int_equal(bucket.count, 2);
    assert_false(bucket.spilled);
    assert_memory_equal(bucket.entries[0].tag.bytes, first, TAG_LEN);
    assert_int_equal(bucket.entries[0].rule, 5);
    assert_int_equal(bucket.entries[1].rule, 511);

    assert_int_equal(decode(&bucket, 0x3F, full_hex), ERR_OK);
    assert_int_equal(bucket.count, 6);
    assert_true(bucket.spilled);
    assert_int_equal(bucket.entries[0].rule, 1);
    assert_int_equal(bucket.entries[5].rule, 42); /* without the spill bit */

    assert_int_equal(decode(&bucket, 0, empty_hex), ERR_OK);
    assert_int_equal(bucket.count, 0);
    assert_false(bucket.spilled);
}

static void buckets_are_written_as_they_were_read(void **state)
{
    (void)state;
    static const struct {
        uint32_t index;
        const char *hex;
    } cases[] = {{0x0102, two_hex}, {0x3F, full_hex}, {0, empty_hex}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct whitelist_bucket bucket;
        uint8_t expected[WHITELIST_BUCKET_LEN], out[WHITELIST_BUCKET_LEN];
        hex_bytes(cases[i].hex, expected, sizeof expected);
        assert_int_equal(decode(&bucket, cases[i].index, cases[i].hex), ERR_OK);
        assert_int_equal(whitelist_bucket_encode(&bucket, cases[i].index, &list_mac, out), ERR_OK);
        assert_memory_equal(out, expected, sizeof out);
    }
}

static void a_flip_of_any_bit_is_refused(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    uint8_t bytes[WHITELIST_BUCKET_LEN];
    hex_bytes(two_hex, bytes, sizeof bytes);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(whitelist_bucket_decode(&bucket, 0x0102, &list_mac, bytes), ERR_CORRUPT);
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void a_bucket_in_the_place_of_another_is_refused(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    for (unsigned bit = 0; bit < 17; bit++)
        assert_int_equal(decode(&bucket, 0x0102 ^ 1U << bit, two_hex), ERR_CORRUPT);
}

static void erased_flash_is_no_bucket(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    uint8_t bytes[WHITELIST_BUCKET_LEN];
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(whitelist_bucket_decode(&bucket, 0, &list_mac, bytes), ERR_CORRUPT);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(whitelist_bucket_decode(&bucket, 0, &list_mac, bytes), ERR_CORRUPT);
}

static void only_a_full_bucket_spills(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    uint8_t out[WHITELIST_BUCKET_LEN];
    assert_int_equal(decode(&bucket, 0x3F, full_hex), ERR_OK);
    for (uint8_t count = 0; count < WHITELIST_BUCKET_ENTRIES; count++) {
        bucket.count = count;
        assert_int_equal(whitelist_bucket_encode(&bucket, 0x3F, &list_mac, out), ERR_ARGUMENT);
    }
    bucket.count = WHITELIST_BUCKET_ENTRIES + 1;
    assert_int_equal(whitelist_bucket_encode(&bucket, 0x3F, &list_mac, out), ERR_ARGUMENT);
}

/* Such buckets are not ours, but their checks are good (computed as above, index 0). */
static void the_spill_bit_counts_in_the_last_entry_alone(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    assert_int_equal(decode(&bucket, 0, "8327d43d e4dc2c2b9412bb3c0580" UNUSED UNUSED UNUSED UNUSED UNUSED),
                     ERR_OK);
    assert_int_equal(bucket.count, 1);
    assert_false(bucket.spilled);
    assert_int_equal(bucket.entries[0].rule, 5);
    assert_int_equal(decode(&bucket, 0,
                            "8c050298 01010101010101010100 02020202020202020200 03030303030303030380"
                            "04040404040404040400 05050505050505050500 06060606060606060600"),
                     ERR_OK);
    assert_int_equal(bucket.count, 6);
    assert_false(bucket.spilled);
    assert_int_equal(bucket.entries[2].rule, 3);
}

static void a_rule_that_needs_the_spill_bit_is_not_written(void **state)
{
    (void)state;
    struct whitelist_bucket bucket;
    uint8_t out[WHITELIST_BUCKET_LEN];
    assert_int_equal(decode(&bucket, 0x0102, two_hex), ERR_OK);
    bucket.entries[1].rule = 0x8001;
    assert_int_equal(whitelist_bucket_encode(&bucket, 0x0102, &list_mac, out), ERR_ARGUMENT);
}

static void a_block_counts_the_entries_of_all_its_buckets(void **state)
{
    (void)state;
    static uint8_t block[WHITELIST_BLOCK_LEN];
    memset(block, 0xFF, sizeof block);
    assert_int_equal(whitelist_block_count_entries(block), 0);
    hex_bytes(two_hex, block, WHITELIST_BUCKET_LEN);
    hex_bytes(full_hex, block + 63 * WHITELIST_BUCKET_LEN, WHITELIST_BUCKET_LEN);
    assert_int_equal(whitelist_block_count_entries(block), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_header_is_read_and_written_as_the_table_says, lay_out_header),
        cmocka_unit_test_setup(numbers_that_disagree_are_refused, lay_out_header),
        cmocka_unit_test(a_list_that_says_how_cards_are_known_has_format_2),
        cmocka_unit_test(the_largest_list_and_nothing_larger_is_taken),
        cmocka_unit_test(a_profile_is_laid_out_as_the_table_says),
        cmocka_unit_test(an_assurance_entry_is_laid_out_as_the_table_says),
        cmocka_unit_test(a_fingerprint_is_laid_out_and_compared_as_the_table_says),
        cmocka_unit_test(an_application_is_laid_out_as_the_table_says),
        cmocka_unit_test(a_service_is_laid_out_as_the_table_says),
        cmocka_unit_test(windows_and_calendar_are_laid_out_as_the_table_says),
        cmocka_unit_test(a_rule_is_laid_out_as_the_table_says),
        cmocka_unit_test(a_tag_has_the_two_buckets_of_the_formula),
        cmocka_unit_test(the_other_bucket_is_never_the_home),
        cmocka_unit_test_setup_teardown(buckets_are_read_as_the_table_says, set_list_key, forget_list_key),
        cmocka_unit_test_setup_teardown(buckets_are_written_as_they_were_read, set_list_key, forget_list_key),
        cmocka_unit_test_setup_teardown(a_flip_of_any_bit_is_refused, set_list_key, forget_list_key),
        cmocka_unit_test_setup_teardown(a_bucket_in_the_place_of_another_is_refused, set_list_key,
                                        forget_list_key),
        cmocka_unit_test_setup_teardown(erased_flash_is_no_bucket, set_list_key, forget_list_key),
        cmocka_unit_test_setup_teardown(only_a_full_bucket_spills, set_list_key, forget_list_key),
        cmocka_unit_test_setup_teardown(the_spill_bit_counts_in_the_last_entry_alone, set_list_key,
                                        forget_list_key),
        cmocka_unit_test_setup_teardown(a_rule_that_needs_the_spill_bit_is_not_written, set_list_key,
                                        forget_list_key),
        cmocka_unit_test(a_block_counts_the_entries_of_all_its_buckets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
