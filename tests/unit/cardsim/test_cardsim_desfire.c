/* SPDX-License-Identifier: Apache-2.0 */
/* The DESFire card: published EV1 AES authentication, CMAC of RFC 4493, and the commands' forms. */
#include "tests/fakes/cardsim_bench.h"
#include "tools/cardsim/desfire_crypto.h"

#define LISTED "4B01 01 0344 20 07 04782E21801D80 067577810280"

static struct cardsim_card *put_desfire(void)
{
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", LISTED);
    return card;
}

/* The vector: key zero, both random numbers and every block on the wire. */
static void aes_authentication_follows_the_published_vector(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    assert_true(card->kind->option(card, "rndb", "C05DDD714FD788A6B7B754F3C4D066E8"));
    command("4001 AA00", "4100 AF B969FDFE56FD91FC9DE6F6F213B8FD1E");
    command("4001 AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
            "4100 00 800DB680BC146BD121D6578F2D2E2059");
    assert_int_equal(card->memory.desfire.session.messaging, CARDSIM_DESFIRE_EV1);
    assert_bytes(card->memory.desfire.session.encryption_key, 16, "F44B26F5C05DDD7110772281C4D066E8");
}

static void a_wrong_key_is_refused_and_nothing_is_open(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    assert_true(card->kind->option(card, "rndb", "C05DDD714FD788A6B7B754F3C4D066E8"));
    assert_true(card->kind->option(card, "picc-key", "00112233445566778899AABBCCDDEEFF"));
    uint8_t frame[64];
    const uint8_t start[] = {0x40, 0x01, 0xAA, 0x00};
    cardsim_chip_receive(&bench_chip, frame, cardsim_frame_encode(frame, 0xD4, start, sizeof start),
                         bench_us);
    cardsim_chip_consume(&bench_chip, bench_chip.output_len);
    command("4001 AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774", "4100 AE");
    assert_int_equal(card->memory.desfire.session.messaging, CARDSIM_DESFIRE_NO_SESSION);
    assert_int_equal(card->memory.desfire.refused, 1);
    command("4001 51", "4100 AE");
}

static void challenges_differ_from_one_another(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    uint8_t frame[64], first[16];
    const uint8_t start[] = {0x40, 0x01, 0xAA, 0x00};
    for (int i = 0; i < 2; i++) {
        cardsim_chip_receive(&bench_chip, frame, cardsim_frame_encode(frame, 0xD4, start, sizeof start),
                             bench_us);
        cardsim_chip_consume(&bench_chip, bench_chip.output_len);
        command("4001 5A000000", "4100 CA");
        if (i == 0)
            memcpy(first, card->memory.desfire.rnd_b, 16);
    }
    assert_memory_not_equal(card->memory.desfire.rnd_b, first, 16);
}

static void a_continuation_without_a_beginning_is_refused(void **state)
{
    (void)state;
    put_desfire();
    command("4001 AF", "4100 CA");
    command("4001 60", "4100 AF 04010101001805");
    command("4001 5A000000", "4100 CA"); /* the version was not finished */
    command("4001 AF", "4100 CA");
    command("4001 5A000000", "4100 00");
}

static void the_version_comes_in_three_frames_native_or_wrapped(void **state)
{
    (void)state;
    put_desfire();
    command("4001 60", "4100 AF 04010101001805");
    command("4001 AF", "4100 AF 04010101041805");
    command("4001 AF", "4100 00 04782E21801D80 BA7C000001 36 25");
    command("4001 9060000000", "4100 04010101001805 91AF");
    command("4001 90AF000000", "4100 04010101041805 91AF");
    command("4001 90AF000000", "4100 04782E21801D80 BA7C000001 36 25 9100");
}

static void generations_tell_their_version(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev2, "04782E21801D80");
    command("4A0100", LISTED);
    command("4001 60", "4100 AF 04010112001805");
    cardsim_field_take(&bench_field, card);
    put_card(&cardsim_kind_desfire_ev3, "04782E21801D81");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D81 067577810280");
    command("4001 60", "4100 AF 04010133001805");
}

static void only_its_own_application_can_be_selected(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    command("4001 905A0000033042F500", "4100 91A0");
    assert_true(card->kind->option(card, "aid", "3042F5"));
    command("4001 6A", "4100 00 3042F5");
    command("4001 905A0000033042F500", "4100 9100");
    command("4001 45", "4100 00 0F85");
    command("4001 AA05", "4100 40"); /* it has keys 0 to 4 */
    command("4001 5A000000", "4100 00");
    command("4001 45", "4100 00 0F81");
}

static void malformed_commands_are_refused(void **state)
{
    (void)state;
    put_desfire();
    command("4001 99", "4100 1C");
    command("4001 5A00", "4100 7E");
    command("4001 905A0000FF00", "4100 917E");
    command("4001 90600100 00", "4100 917E");
    command("4001 00B0000000", "4100 6D00");
    command("4001 00A4040007D2760000850100 00", "4100 9000");
    command("4001 00A4040007D2760000850101 00", "4100 6A82");
}

/* CMAC chains over the session: the MAC of an answer is checked against RFC 4493's K = 2B7E.. vectors. */
static void cmac_agrees_with_rfc_4493(void **state)
{
    (void)state;
    uint8_t key[16], message[64];
    static const struct {
        size_t len;
        const char *mac;
    } cases[] = {{0, "BB1D6929E95937287FA37D129B756746"},
                 {16, "070A16B46B4D4144F79BDD9DD04A287C"},
                 {40, "DFA66747DE9AE63030CA32611497C827"},
                 {64, "51F0BEBF7E3B9D92FC49741779363CFE"}};
    from_hex("2B7E151628AED2A6ABF7158809CF4F3C", key);
    from_hex("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"
             "30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710",
             message);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t mac[16] = {0};
        cardsim_desfire_cmac(key, mac, message, cases[i].len);
        assert_bytes(mac, 16, cases[i].mac);
    }
}

static void crc32_is_the_common_one_without_its_last_inversion(void **state)
{
    (void)state;
    assert_int_equal(cardsim_desfire_crc32((const uint8_t *)"123456789", 9) ^ 0xFFFFFFFFu, 0xCBF43926u);
}

static void crc_a_agrees_with_annex_b(void **state)
{
    (void)state;
    const uint8_t zeros[] = {0x00, 0x00}, other[] = {0x12, 0x34};
    assert_int_equal(cardsim_crc_a(zeros, 2), 0x1EA0); /* sent A0 1E */
    assert_int_equal(cardsim_crc_a(other, 2), 0xCF26); /* sent 26 CF */
}

/* A session that was recorded with libfreefare 0.4.0, an independent implementation of the reader's
 * side. libfreefare checked every MAC and decrypted both UIDs. */
static void a_session_that_satisfied_libfreefare_is_repeated(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    assert_true(card->kind->option(card, "rndb", "C05DDD714FD788A6B7B754F3C4D066E8"));
    assert_true(card->kind->option(card, "aid", "3042F5"));
    assert_true(card->kind->option(card, "key", "00112233445566778899AABBCCDDEEFF"));
    command("4001 90AA0000010000", "4100 B969FDFE56FD91FC9DE6F6F213B8FD1E 91AF");
    command("4001 90AF000020 3B1007ECC6723F9773E3D302D8FB1793F9E9484DA7A7D86AC921BBECFF1938DA 00",
            "4100 D0A7A63BE3CB448823A3EC141F290D9A 9100");
    command("4001 9060000000", "4100 04010101001805 91AF");
    command("4001 90AF000000", "4100 04010101041805 91AF");
    command("4001 90AF000000", "4100 04782E21801D80BA7C0000013625 88C6DB75C17C2D40 9100");
    command("4001 9051000000", "4100 C9DD087F84927A0E71214C9D93CAFE2D 9100");
    command("4001 906E000000", "4100 001300 644B14CBBA1B7A83 9100");
    command("4001 9051000000", "4100 F9F08D21330E5E9AE7D1F5D443AC2DC2 9100");
    command("4001 9045000000", "4100 0F81 265E902C6B200B7B 9100");
    command("4001 906A000000", "4100 3042F5 2F7A2704CCE2CE0C 9100");
    command("4001 905A0000033042F500", "4100 9100");
    command("4001 90AA0000010100", "4100 4C34194DDDD037322EEA084832CB136C 91AF");
    command("4001 90AF000020 4DADF192F52E7442E6395ABFE6A0BC8A0183DB8BFFF799A0294C8B79D367D86F 00",
            "4100 B5D2A51AF74902505513C88458E4AFF5 9100");
    command("4001 9051000000", "4100 32D92853E5CFAF51AF31624D67FE206A 9100");
}

/* A card that shows a random UID gives its real UID only after authentication, and encrypted. */
static void the_true_uid_is_told_under_the_session_key(void **state)
{
    (void)state;
    struct cardsim_card *card = put_desfire();
    assert_true(card->kind->option(card, "rndb", "C05DDD714FD788A6B7B754F3C4D066E8"));
    command("4001 51", "4100 AE");
    command("4001 AA00", "4100 AF B969FDFE56FD91FC9DE6F6F213B8FD1E");
    command("4001 AF 36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
            "4100 00 800DB680BC146BD121D6578F2D2E2059");
    uint8_t frame[64], plain[16], iv[16] = {0};
    const uint8_t get_uid[] = {0x40, 0x01, 0x51};
    cardsim_chip_receive(&bench_chip, frame, cardsim_frame_encode(frame, 0xD4, get_uid, sizeof get_uid),
                         bench_us);
    assert_int_equal(bench_chip.output_len, 6 + 8 + 2 + 1 + 16 + 1 - 1);
    memcpy(plain, bench_chip.output + 6 + 9, 16);
    cardsim_desfire_cmac(card->memory.desfire.session.encryption_key, iv, (const uint8_t[]){0x51}, 1);
    cardsim_cbc_decrypt(card->memory.desfire.session.encryption_key, iv, plain, 16);
    assert_bytes(plain, 7, "04782E21801D80");
    assert_bytes(plain + 11, 5, "0000000000");
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(aes_authentication_follows_the_published_vector),
        BENCH_TEST(a_wrong_key_is_refused_and_nothing_is_open),
        BENCH_TEST(challenges_differ_from_one_another),
        BENCH_TEST(a_continuation_without_a_beginning_is_refused),
        BENCH_TEST(the_version_comes_in_three_frames_native_or_wrapped),
        BENCH_TEST(generations_tell_their_version),
        BENCH_TEST(only_its_own_application_can_be_selected),
        BENCH_TEST(malformed_commands_are_refused),
        BENCH_TEST(cmac_agrees_with_rfc_4493),
        BENCH_TEST(crc32_is_the_common_one_without_its_last_inversion),
        BENCH_TEST(crc_a_agrees_with_annex_b),
        BENCH_TEST(a_session_that_satisfied_libfreefare_is_repeated),
        BENCH_TEST(the_true_uid_is_told_under_the_session_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
