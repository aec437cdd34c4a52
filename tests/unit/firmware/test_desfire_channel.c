/* SPDX-License-Identifier: Apache-2.0 */
/* Protected commands and answers against published sessions. What is not published was computed with openssl,
 * and says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/desfire/desfire_channel.h"
#include "tests/fakes/hex.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct desfire_channel make_ev1(const char *key)
{
    struct desfire_channel channel = {.authentication = DESFIRE_EV1_AES};
    hex_bytes(key, channel.mac_key, sizeof channel.mac_key);
    hex_bytes(key, channel.cipher_key, sizeof channel.cipher_key);
    return channel;
}

static struct desfire_channel make_ev2(const char *mac_key, const char *cipher_key, const char *ti,
                                       uint16_t counter)
{
    struct desfire_channel channel = {.authentication = DESFIRE_EV2_FIRST, .counter = counter};
    hex_bytes(mac_key, channel.mac_key, sizeof channel.mac_key);
    hex_bytes(cipher_key, channel.cipher_key, sizeof channel.cipher_key);
    hex_bytes(ti, channel.ti, sizeof channel.ti);
    return channel;
}

/* Seals a command and expects the bytes of sent. */
static void assert_sent(struct desfire_channel *channel, const char *command_hex, const char *sent_hex)
{
    uint8_t command[96], sent[96];
    size_t len = hex_bytes(command_hex, command, sizeof command);
    size_t sent_len = hex_bytes(sent_hex, sent, sizeof sent);
    assert_int_equal(desfire_channel_seal(channel, command, len), sent_len);
    assert_memory_equal(command, sent, sent_len);
}

static int unseal(struct desfire_channel channel, enum desfire_mode mode, const char *answer_hex,
                  size_t text_len)
{
    uint8_t answer[96];
    size_t len = hex_bytes(answer_hex, answer, sizeof answer);
    return desfire_channel_unseal(&channel, mode, answer, len, text_len);
}

/* Unseals an answer and expects the text. */
static void assert_text(struct desfire_channel *channel, enum desfire_mode mode, const char *answer_hex,
                        const char *text_hex)
{
    uint8_t answer[96], text[96];
    size_t len = hex_bytes(answer_hex, answer, sizeof answer);
    size_t text_len = hex_bytes(text_hex, text, sizeof text);
    assert_int_equal(desfire_channel_sealed_len(channel, mode, text_len), len);
    assert_int_equal(desfire_channel_unseal(channel, mode, answer, len, text_len), ERR_OK);
    assert_memory_equal(answer, text, text_len);
}

/* ---- published sessions ---- */

/* patsys/desfire-python, test.py, File. The file is plain, and its answers have a MAC all the same. */
static void a_recorded_ev1_session_is_followed_to_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *command, *answer, *text;
    } exchanges[] = {
        {"CD 05 00 11 00 50 00 00", "A75316AD1596B953", ""},
        {"6F", "05 2D5FF67FFEC9D2D3", "05"},
        {"F5 05", "00 00 11 00 50 00 00 2AAC7517024E09DC", "00 00 11 00 50 00 00"},
        {"3D 05 00 00 00 34 00 00 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
         "202122232425262728292A2B2C2D2E2F30313233",
         "765C9DAA50ECB62F", ""},
        {"3D 05 34 00 00 1C 00 00 3435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F",
         "3E0AED986B8B0F37", ""},
        {"BD 05 00 00 00 30 00 00",
         "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F"
         "4C65F1F842262BAC",
         "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F"},
        {"BD 05 30 00 00 20 00 00",
         "303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F F02205CF913C03C9",
         "303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F"},
        {"DF 05", "1BEF0D32B6D1D7F9", ""},
    };
    struct desfire_channel channel = make_ev1("40e7d271626ffbd49c530e3d304f5b17");
    for (size_t i = 0; i < COUNT(exchanges); i++) {
        assert_sent(&channel, exchanges[i].command, exchanges[i].command);
        assert_text(&channel, i % 2 == 0 ? DESFIRE_PLAIN : DESFIRE_MACED, exchanges[i].answer,
                    exchanges[i].text);
    }
}

/* The text of a GetCardUID with its CRC and zeros is in proxmark3, client/src/mifare/desfiretest.c,
 * TestCRC32. It was enciphered with openssl. */
static void an_enciphered_ev1_answer_gives_the_uid(void **state)
{
    (void)state;
    struct desfire_channel channel = make_ev1("F44B26F5C05DDD7110772281C4D066E8");
    assert_sent(&channel, "51", "51");
    assert_text(&channel, DESFIRE_ENCIPHERED, "6c2b9e47b5ebafc6ef94f456e5f585ac", "04440F32763180");
}

/* AN12343, tables 23 and 24, by proxmark3, TestEV2MAC. */
static void published_ev2_macs_are_made_and_checked(void **state)
{
    (void)state;
    struct desfire_channel channel =
        make_ev2("9366FA195EB566F5BD2BAD4020B83002", "C4C9F2A734F32967FAC80A0F37C764F0", "E2D3AF69", 0);
    assert_sent(&channel, "8D 00000000190000 22222222222222222222222222222222222222222222222222",
                "8D 00000000190000 22222222222222222222222222222222222222222222222222 68F2C28C575A1628");
    assert_text(&channel, DESFIRE_MACED, "0820F68898C2A7F1", "");
    assert_sent(&channel, "AD 00000000300000", "AD 00000000300000 0D9BE191D5960834");
    assert_text(&channel, DESFIRE_MACED,
                "22222222222222222222222222222222222222222222222222"
                "0000000000000000000000000000000000000000000000 A49A44222D926666",
                "22222222222222222222222222222222222222222222222222"
                "0000000000000000000000000000000000000000000000");
}

/* AN12196, 5.3, by icedevml/nfc-ev2-crypto, test_mac1. */
static void a_published_ev2_answer_about_a_file_is_checked(void **state)
{
    (void)state;
    struct desfire_channel channel =
        make_ev2("8248134A386E86EB7FAF54A52E536CB6", "00000000000000000000000000000000", "7A21085E", 0);
    assert_sent(&channel, "F5 02", "F5 02 6597A457C8CD442C");
    assert_text(&channel, DESFIRE_MACED,
                "0040EEEE000100D1FE001F00004400004400002000006A0000 2A474282E7A47986",
                "0040EEEE000100D1FE001F00004400004400002000006A0000");
}

static struct desfire_channel make_table_26(void)
{
    return make_ev2("37E7234B11BEBEFDE41A8F290090EF80", "FFBCFE1F41840A09C9A88D0A4B10DF05", "CD73D8E5", 1);
}
static const char table_26[] = "8848D0F9B9FD4495770C89925B2A85C7274D350FA9029C484D43804886662DC4"
                               "2D7F40A6D7A415E4A71EFF79EB8E5721AC3BF1CAAFE8EB2CAA2DC162E67A97A3"
                               "8ED7888F22B3A587";

/* AN12343, table 26. */
static void a_published_enciphered_ev2_answer_is_read(void **state)
{
    (void)state;
    struct desfire_channel channel = make_table_26();
    assert_sent(&channel, "AD 00000000300000", "AD 00000000300000 7CF94F122B3DB05F");
    assert_text(&channel, DESFIRE_ENCIPHERED, table_26,
                "22222222222222222222222222222222222222222222222222"
                "0000000000000000000000000000000000000000000000");
}

/* AN12196, 7.3, by icedevml/nfc-ev2-crypto, test_full3. */
static void a_published_enciphered_ev2_answer_gives_the_uid(void **state)
{
    (void)state;
    struct desfire_channel channel =
        make_ev2("379D32130CE61705DD5FD8C36B95D764", "2B4D963C014DC36F24F69A50A394F875", "DF055522", 0);
    assert_sent(&channel, "51", "51 8E2C155ADDA99BE3");
    assert_text(&channel, DESFIRE_ENCIPHERED, "70756055688505B52A5E26E59E329CD6 595F672298EA41B7",
                "04958CAA5C5E80");
}

/* ---- what is refused ---- */

/* One answer of each kind, and the session in which it is right. */
static const struct kind {
    enum desfire_authentication authentication;
    enum desfire_mode mode;
    const char *command, *answer;
    size_t text_len;
} kinds[] = {
    /* computed with openssl, in the session of pydesfire (key F44B…) and that of AN12343, table 16 */
    {DESFIRE_EV1_AES, DESFIRE_PLAIN, "BD 02 040000 100000",
     "123e4567e89b12d3a456426614174000030c25de2467127b", 16},
    {DESFIRE_EV1_AES, DESFIRE_MACED, "BD 02 040000 100000",
     "123e4567e89b12d3a456426614174000030c25de2467127b", 16},
    {DESFIRE_EV1_AES, DESFIRE_ENCIPHERED, "BD 02 040000 100000",
     "5f434e2d7317b6237bd2bd5d983336dd57e620f6fdf0af50e259cbb73b24a04e", 16},
    {DESFIRE_EV1_AES, DESFIRE_ENCIPHERED, "BD 02 040000 070000", "ce24d7efe9b513ac674eef8b96284d98", 7},
    {DESFIRE_EV2_FIRST, DESFIRE_MACED, "BD 02 040000 100000",
     "123e4567e89b12d3a456426614174000b16e448e5266ef6c", 16},
    {DESFIRE_EV2_FIRST, DESFIRE_ENCIPHERED, "BD 02 040000 100000",
     "c09a95814a81952c83a2bd21899070954e8eb8e944bb6a237e6659e39de6a3fc6a111e083a97d6e2", 16},
    {DESFIRE_EV2_FIRST, DESFIRE_ENCIPHERED, "BD 02 040000 070000",
     "52f8a2ff88a3e6a57c0f36991ccf5ce869500c322ed160f4", 7},
};

static struct desfire_channel make_kind(const struct kind *kind)
{
    struct desfire_channel channel =
        kind->authentication == DESFIRE_EV1_AES
            ? make_ev1("F44B26F5C05DDD7110772281C4D066E8")
            : make_ev2("774F26743ECE6AF5033B6AE8522946F6", "63DC07286289A7A6C0334CA31C314A04", "8CF141F3", 0);
    uint8_t command[32];
    size_t len = hex_bytes(kind->command, command, sizeof command);
    assert_true(desfire_channel_seal(&channel, command, len) > 0);
    return channel;
}

static void an_answer_that_differs_in_any_bit_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct desfire_channel channel = make_kind(&kinds[i]);
        uint8_t good[96], answer[96];
        size_t len = hex_bytes(kinds[i].answer, good, sizeof good);
        assert_int_equal(unseal(channel, kinds[i].mode, kinds[i].answer, kinds[i].text_len), ERR_OK);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            struct desfire_channel copy = channel;
            memcpy(answer, good, len);
            answer[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(desfire_channel_unseal(&copy, kinds[i].mode, answer, len, kinds[i].text_len),
                             ERR_CORRUPT);
        }
    }
}

static void an_answer_of_another_length_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct desfire_channel channel = make_kind(&kinds[i]);
        uint8_t answer[96] = {0};
        size_t right = hex_bytes(kinds[i].answer, answer, sizeof answer);
        for (size_t len = 0; len <= sizeof answer; len++)
            if (len != right)
                assert_int_equal(
                    desfire_channel_unseal(&channel, kinds[i].mode, answer, len, kinds[i].text_len),
                    ERR_FORMAT);
    }
}

static void an_answer_to_another_command_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct desfire_channel channel = make_kind(&kinds[i]);
        uint8_t command[32];
        assert_true(desfire_channel_seal(&channel, command,
                                         hex_bytes(kinds[i].command, command, sizeof command)) > 0);
        assert_int_equal(unseal(channel, kinds[i].mode, kinds[i].answer, kinds[i].text_len), ERR_CORRUPT);
    }
}

/* 80 00 00 00 00 behind the CRC (openssl). */
static void ev1_padding_may_begin_with_80(void **state)
{
    (void)state;
    struct desfire_channel channel = make_kind(&kinds[3]);
    assert_text(&channel, DESFIRE_ENCIPHERED, "ccd82adfcf0243ba83f6d9e9505aee52", "04782E21801D80");
}

/* Texts whose padding or CRC is wrong, under the right keys (openssl). A card does not make them. */
static void wrong_padding_and_a_wrong_crc_are_refused(void **state)
{
    (void)state;
    static const char *const ev1[] = {
        "ccfccf828774312dc6954f7afb1ec9c7", /* the CRC leaves out the status */
        "4404c02376587a2bb969d7934ae3b0b2", /* 00 00 00 00 01 */
        "f7391577432a6b898ad34b2bb59db642", /* most significant byte of the CRC first */
    };
    static const char *const ev2[] = {
        "f9ebf6a24791eae159f06e0cf7a99c534567f74b9845e010", /* 80 00 … 01 */
        "190aabc7b1e7dc3658c245a15485681d1a2b5d22dccc908d", /* 00 00 … */
        "db38b29de9ede16a85dc51ee4ff8010c54a5c54ea887ecf0", /* 81 00 … */
    };
    for (size_t i = 0; i < COUNT(ev1); i++)
        assert_int_equal(unseal(make_kind(&kinds[3]), DESFIRE_ENCIPHERED, ev1[i], 7), ERR_CORRUPT);
    for (size_t i = 0; i < COUNT(ev2); i++)
        assert_int_equal(unseal(make_kind(&kinds[6]), DESFIRE_ENCIPHERED, ev2[i], 7), ERR_CORRUPT);
}

static void an_unprotected_answer_is_refused(void **state)
{
    (void)state;
    assert_int_equal(unseal(make_kind(&kinds[4]), DESFIRE_PLAIN, kinds[4].answer, 16), ERR_UNSUPPORTED);
}

static void texts_and_commands_have_a_longest_length(void **state)
{
    (void)state;
    struct desfire_channel channel = make_table_26();
    uint8_t bytes[2 + DESFIRE_CHANNEL_DATA_MAX + DESFIRE_CHANNEL_MAC_LEN] = {0};
    assert_int_equal(desfire_channel_seal(&channel, bytes, 0), ERR_ARGUMENT);
    assert_int_equal(desfire_channel_seal(&channel, bytes, 1 + DESFIRE_CHANNEL_DATA_MAX),
                     1 + DESFIRE_CHANNEL_DATA_MAX + DESFIRE_CHANNEL_MAC_LEN);
    assert_int_equal(desfire_channel_seal(&channel, bytes, 2 + DESFIRE_CHANNEL_DATA_MAX), ERR_ARGUMENT);
    assert_int_equal(desfire_channel_unseal(&channel, DESFIRE_MACED, bytes, 59 + 8, 59), ERR_CORRUPT);
    assert_int_equal(desfire_channel_unseal(&channel, DESFIRE_ENCIPHERED, bytes, 64 + 8, 59), ERR_CORRUPT);
    assert_int_equal(desfire_channel_unseal(&channel, DESFIRE_MACED, bytes, 60 + 8, 60), ERR_FORMAT);
    assert_int_equal(desfire_channel_unseal(&channel, DESFIRE_ENCIPHERED, bytes, 64 + 8, 60), ERR_FORMAT);
}

/* ---- session keys ---- */

/* AN12343, 7.1.3.1, by proxmark3, TestEV2SessionKeys. */
static void published_numbers_give_the_ev2_session_keys(void **state)
{
    (void)state;
    const uint8_t key[CRYPTO_KEY_LEN] = {0}, ti[DESFIRE_TI_LEN] = {1, 2, 3, 4};
    uint8_t rnd_a[DESFIRE_RANDOM_LEN], rnd_b[DESFIRE_RANDOM_LEN];
    struct desfire_channel channel, expected = make_ev2("774F26743ECE6AF5033B6AE8522946F6",
                                                        "63DC07286289A7A6C0334CA31C314A04", "01020304", 0);
    hex_bytes("B04D0787C93EE0CC8CACC8E86F16C6FE", rnd_a, sizeof rnd_a);
    hex_bytes("FA659AD0DCA738DD65DC7DC38612AD81", rnd_b, sizeof rnd_b);
    memset(&channel, 0xA5, sizeof channel);
    assert_int_equal(desfire_channel_open(&channel, DESFIRE_EV2_FIRST, key, rnd_a, rnd_b, ti), ERR_OK);
    assert_memory_equal(channel.mac_key, expected.mac_key, CRYPTO_KEY_LEN);
    assert_memory_equal(channel.cipher_key, expected.cipher_key, CRYPTO_KEY_LEN);
    assert_memory_equal(channel.ti, ti, sizeof ti);
    assert_int_equal(channel.counter, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_ev1_session_is_followed_to_its_end),
        cmocka_unit_test(an_enciphered_ev1_answer_gives_the_uid),
        cmocka_unit_test(published_ev2_macs_are_made_and_checked),
        cmocka_unit_test(a_published_ev2_answer_about_a_file_is_checked),
        cmocka_unit_test(a_published_enciphered_ev2_answer_is_read),
        cmocka_unit_test(a_published_enciphered_ev2_answer_gives_the_uid),
        cmocka_unit_test(an_answer_that_differs_in_any_bit_is_refused),
        cmocka_unit_test(an_answer_of_another_length_is_refused),
        cmocka_unit_test(an_answer_to_another_command_is_refused),
        cmocka_unit_test(ev1_padding_may_begin_with_80),
        cmocka_unit_test(wrong_padding_and_a_wrong_crc_are_refused),
        cmocka_unit_test(an_unprotected_answer_is_refused),
        cmocka_unit_test(texts_and_commands_have_a_longest_length),
        cmocka_unit_test(published_numbers_give_the_ev2_session_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
