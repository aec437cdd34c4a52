/* SPDX-License-Identifier: Apache-2.0 */
/* Mutual authentication against published sessions. The gate's random number is put in by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/desfire/desfire_proof.h"
#include "tests/fakes/fake_entropy.h"
#include "tests/fakes/hex.h"

struct session {
    enum desfire_authentication authentication;
    const char *key, *challenge, *rnd_b, *rnd_a, *response, *answer;
    const char *mac_key, *cipher_key, *ti;
};

static const struct session sessions[] = {
    /* skelsec/pydesfire, tests.py, AuthTest_AES */
    {.authentication = DESFIRE_EV1_AES,
     .key = "00000000000000000000000000000000",
     .challenge = "B969FDFE56FD91FC9DE6F6F213B8FD1E",
     .rnd_b = "C05DDD714FD788A6B7B754F3C4D066E8",
     .rnd_a = "F44B26F5686F3A391CD38EBD10772281",
     .response = "36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
     .answer = "800DB680BC146BD121D6578F2D2E2059",
     .mac_key = "F44B26F5C05DDD7110772281C4D066E8",
     .cipher_key = "F44B26F5C05DDD7110772281C4D066E8",
     .ti = "00000000"},
    /* patsys/desfire-python, test.py, File; RndB deciphered with openssl */
    {.authentication = DESFIRE_EV1_AES,
     .key = "10182028303840485058606870788088",
     .challenge = "B351CB2465D4F33AC627FD6E87A168F2",
     .rnd_b = "626ffbd45caf334acca45599304f5b17",
     .rnd_a = "40E7D27174CBA675E8EFBAB99C530E3D",
     .response = "044B6CAC343A0865895149649CA8DDE1F5AC4EC67BD208900AF02F049E05F0B0",
     .answer = "A2EE144B1012FBEB7B2F11132D95A454",
     .mac_key = "40e7d271626ffbd49c530e3d304f5b17",
     .cipher_key = "40e7d271626ffbd49c530e3d304f5b17",
     .ti = "00000000"},
    /* AN12343, table 16 */
    {.authentication = DESFIRE_EV2_FIRST,
     .key = "00000000000000000000000000000000",
     .challenge = "24677DDBD46349E623798FD729006E79",
     .rnd_b = "FA659AD0DCA738DD65DC7DC38612AD81",
     .rnd_a = "B04D0787C93EE0CC8CACC8E86F16C6FE",
     .response = "3B50445F21D21D77D500794DEB245E5A754F5F901844259F4C9B31A5C7335ACD",
     .answer = "04C6DBD67417ED0D31DDDE4D2E3FFAC2B4B074F638EEF7FFF9254963B65C7759",
     .mac_key = "774F26743ECE6AF5033B6AE8522946F6",
     .cipher_key = "63DC07286289A7A6C0334CA31C314A04",
     .ti = "8CF141F3"},
    /* AN12196, 6.6 */
    {.authentication = DESFIRE_EV2_FIRST,
     .key = "00000000000000000000000000000000",
     .challenge = "A04C124213C186F22399D33AC2A30215",
     .rnd_b = "B9E2FC789B64BF237CCCAA20EC7E6E48",
     .rnd_a = "13C5DB8A5930439FC3DEF9A4C675360F",
     .response = "35C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D",
     .answer = "3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663",
     .mac_key = "4C6626F5E72EA694202139295C7A7FC7",
     .cipher_key = "1309C877509E5A215007FF0ED19CA564",
     .ti = "9D00C4DF"},
    /* AN12196, 6.10 */
    {.authentication = DESFIRE_EV2_FIRST,
     .key = "00000000000000000000000000000000",
     .challenge = "B875CEB0E66A6C5CD00898DC371F92D1",
     .rnd_b = "91517975190DCEA6104948EFA3085C1B",
     .rnd_a = "B98F4C50CF1C2E084FD150E33992B048",
     .response = "FF0306E47DFBC50087C4D8A78E88E62DE1E8BE457AA477C707E2F0874916A8B1",
     .answer = "0CC9A8094A8EEA683ECAAC5C7BF20584206D0608D477110FC6B3D5D3F65C3A6A",
     .mac_key = "FC4AF159B62E549B5812394CAB1918CC",
     .cipher_key = "7A93D6571E4B180FCA6AC90C9A7488D4",
     .ti = "7614281A"},
};
#define SESSION_COUNT (sizeof sessions / sizeof sessions[0])

static struct fake_entropy entropy;

static int seed(void **state)
{
    (void)state;
    fake_entropy_init(&entropy);
    return crypto_init(&entropy.entropy, NULL, 0);
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[64];
    assert_memory_equal(bytes, expected, hex_bytes(hex, expected, sizeof expected));
}

static struct desfire_proof take_challenge(const struct session *session)
{
    struct desfire_proof proof = {.authentication = session->authentication};
    uint8_t challenge[DESFIRE_RANDOM_LEN];
    hex_bytes(session->key, proof.key, sizeof proof.key);
    hex_bytes(session->challenge, challenge, sizeof challenge);
    assert_int_equal(desfire_proof_take_challenge(&proof, challenge), ERR_OK);
    return proof;
}

static struct desfire_proof respond(const struct session *session, uint8_t response[DESFIRE_RESPONSE_LEN])
{
    struct desfire_proof proof = take_challenge(session);
    assert_hex(proof.rnd_b, session->rnd_b);
    hex_bytes(session->rnd_a, proof.rnd_a, sizeof proof.rnd_a);
    assert_int_equal(desfire_proof_respond(&proof, response), ERR_OK);
    return proof;
}

static void published_sessions_give_their_response_and_their_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        const struct session *session = &sessions[i];
        uint8_t response[DESFIRE_RESPONSE_LEN], answer[DESFIRE_EV2_ANSWER_LEN];
        struct desfire_channel channel;
        struct desfire_proof proof = respond(session, response);
        assert_hex(response, session->response);
        size_t len = hex_bytes(session->answer, answer, sizeof answer);
        assert_int_equal(desfire_proof_check(&proof, answer, len, &channel), ERR_OK);
        assert_int_equal(channel.authentication, session->authentication);
        assert_hex(channel.mac_key, session->mac_key);
        assert_hex(channel.cipher_key, session->cipher_key);
        assert_hex(channel.ti, session->ti);
        assert_int_equal(channel.counter, 0);
    }
}

static void an_answer_that_differs_in_any_bit_proves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        uint8_t response[DESFIRE_RESPONSE_LEN], answer[DESFIRE_EV2_ANSWER_LEN];
        struct desfire_channel channel;
        struct desfire_proof proof = respond(&sessions[i], response);
        size_t len = hex_bytes(sessions[i].answer, answer, sizeof answer);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            struct desfire_proof copy = proof;
            hex_bytes(sessions[i].answer, answer, sizeof answer);
            answer[bit / 8] ^= (uint8_t)(1U << bit % 8);
            assert_int_equal(desfire_proof_check(&copy, answer, len, &channel), ERR_CORRUPT);
        }
    }
}

static void an_answer_of_another_length_proves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        uint8_t response[DESFIRE_RESPONSE_LEN], answer[48];
        struct desfire_channel channel;
        for (size_t len = 0; len <= sizeof answer; len++) {
            struct desfire_proof proof = respond(&sessions[i], response);
            if (len == hex_bytes(sessions[i].answer, answer, sizeof answer))
                continue;
            assert_int_equal(desfire_proof_check(&proof, answer, len, &channel), ERR_FORMAT);
        }
    }
}

/* What a card without the key can do is send the gate's own numbers back. */
static void a_card_that_repeats_the_gate_proves_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < SESSION_COUNT; i++) {
        uint8_t response[DESFIRE_RESPONSE_LEN];
        struct desfire_channel channel;
        struct desfire_proof proof = respond(&sessions[i], response);
        size_t len = sessions[i].authentication == DESFIRE_EV1_AES ? 16 : 32;
        assert_int_equal(desfire_proof_check(&proof, response, len, &channel), ERR_CORRUPT);
    }
}

static void the_gate_draws_a_new_number_each_time(void **state)
{
    (void)state;
    struct desfire_proof first = take_challenge(&sessions[0]), second = take_challenge(&sessions[0]);
    assert_memory_not_equal(first.rnd_a, second.rnd_a, DESFIRE_RANDOM_LEN);
}

static void without_randomness_there_is_no_response(void **state)
{
    (void)state;
    struct desfire_proof proof = {.authentication = DESFIRE_EV1_AES};
    const uint8_t challenge[DESFIRE_RANDOM_LEN] = {1};
    entropy.broken = true;
    assert_int_equal(crypto_init(&entropy.entropy, NULL, 0), ERR_CRYPTO);
    assert_int_equal(desfire_proof_take_challenge(&proof, challenge), ERR_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(published_sessions_give_their_response_and_their_keys, seed),
        cmocka_unit_test_setup(an_answer_that_differs_in_any_bit_proves_nothing, seed),
        cmocka_unit_test_setup(an_answer_of_another_length_proves_nothing, seed),
        cmocka_unit_test_setup(a_card_that_repeats_the_gate_proves_nothing, seed),
        cmocka_unit_test_setup(the_gate_draws_a_new_number_each_time, seed),
        cmocka_unit_test_setup(without_randomness_there_is_no_response, seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
