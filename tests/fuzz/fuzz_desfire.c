/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hostile card may answer. The first byte of the input says how the card is asked:
 *
 *   bits 0..2  authentication and mode of the file
 *   bit 3      the card has a random UID
 *   bit 4      two generations of both keys are listed
 *   bit 5      the identifier has 7 bytes, else 16
 *   bit 6      the first application of the table is another one
 *
 * Then each exchange takes an operation, a byte and what it needs:
 *
 *   00..3F  the next so many bytes are the answer
 *   40..7F  the right answer, with the next byte put over its byte of this number
 *   80..9F  the right answer, cut to so many bytes
 *   A0..AF  the reader gives an error
 *   B0..BF  the right answer comes so many times 20 ms later
 *   C0..FF  the right answer; so does the end of the input
 *
 * Whatever comes, the card is known only after it has authenticated and told its file, and the session ends
 * after a bounded count of exchanges. (EV1 protects an enciphered answer by a CRC-32 and the cipher: one in
 * four milliards of altered ones passes.)
 */
#include <stdlib.h>
#include <string.h>

#include "firmware/desfire/desfire.h"
#include "tests/fakes/fake_desfire.h"
#include "tests/fakes/fake_entropy.h"
#include "tests/fakes/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define EXCHANGES_MAX (10 + 2 * DESFIRE_ANSWER_MAX)

static struct input {
    const uint8_t *data;
    size_t size;
} input;
static struct fake_entropy entropy;
static struct fake_timer timer;
static struct fake_desfire card;
static struct desfire_key generations[2], uid_generations[2];
static struct desfire_application applications[2];
static struct desfire_config config;

static uint8_t take_byte(void)
{
    if (input.size == 0)
        return 0xFF;
    input.size--;
    return *input.data++;
}

static int give_bytes(uint8_t *frame, size_t len)
{
    if (len > input.size)
        len = input.size;
    memcpy(frame, input.data, len);
    input.data += len;
    input.size -= len;
    return (int)len;
}

static int alter(void *ctx, uint8_t frame[FAKE_DESFIRE_FRAME], int len)
{
    static const int errors[] = {ERR_NOT_FOUND, ERR_TIMEOUT, ERR_IO, ERR_ARGUMENT, ERR_NO_SPACE, 0};
    uint8_t operation = take_byte();
    (void)ctx;
    if (operation < 0x40)
        return give_bytes(frame, operation);
    if (operation < 0x80) {
        if (operation - 0x40 < len)
            frame[operation - 0x40] = take_byte();
        return len;
    }
    if (operation < 0xA0)
        return operation - 0x80 < len ? operation - 0x80 : len;
    if (operation < 0xB0)
        return errors[(operation - 0xA0) % (sizeof errors / sizeof errors[0])];
    if (operation < 0xC0)
        timer.now_us += (operation - 0xB0u) * 20000;
    return len;
}

static void set_card(uint8_t way)
{
    static const enum desfire_mode modes[] = {DESFIRE_PLAIN, DESFIRE_MACED, DESFIRE_ENCIPHERED, DESFIRE_MACED,
                                              DESFIRE_ENCIPHERED};
    bool has_generations = way & 0x10;
    unsigned kind = (way & 7u) % (sizeof modes / sizeof modes[0]);
    fake_desfire_init(&card);
    fake_desfire_set_key(&card, 0, 1, "2B7E151628AED2A6ABF7158809CF4F3C");
    fake_desfire_set_key(&card, 1, 2, "A8DD63A3B89D54B37CA802473FDA9175");
    hex_bytes("3042F5", card.aid, sizeof card.aid);
    card.read_key = 1;
    card.file_mode = (uint8_t)modes[kind];
    card.alter = alter;
    if (way & 0x08)
        fake_desfire_hide_uid(&card);
    applications[1] =
        (struct desfire_application){.aid = {0x30, 0x42, 0xF5},
                                     .len = way & 0x20 ? 7 : 16,
                                     .mode = modes[kind],
                                     .authentication = kind < 3 ? DESFIRE_EV1_AES : DESFIRE_EV2_FIRST,
                                     .key = {1, has_generations ? 2 : 1, generations},
                                     .is_diversified = true,
                                     .system_id = "NXP Abu",
                                     .system_id_len = 7,
                                     .uid_key = {0, has_generations ? 2 : 1, uid_generations}};
    applications[0] = applications[1];
    applications[0].aid[0] = 0x31;
    config.applications = way & 0x40 ? applications : applications + 1;
    config.application_count = way & 0x40 ? 2 : 1;
}

static void set_up(uint8_t way)
{
    fake_entropy_init(&entropy);
    fake_timer_init(&timer, 0);
    config = (struct desfire_config){.reader = &card.reader, .timer = &timer.timer};
    uid_generations[0].version = 1;
    uid_generations[1].version = 0xE1;
    generations[0].version = 2;
    generations[1].version = 0xE2;
    hex_bytes("2B7E151628AED2A6ABF7158809CF4F3C", uid_generations[0].bytes, CRYPTO_KEY_LEN);
    hex_bytes("00112233445566778899AABBCCDDEEFF", generations[0].bytes, CRYPTO_KEY_LEN);
    set_card(way);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        abort();
}

static void check_end(const struct desfire_session *session, enum desfire_progress progress,
                      const struct credential *credential)
{
    if (progress == DESFIRE_KNOWN) {
        if (!card.has_read || credential->id_len != applications[1].len ||
            memcmp(credential->id, card.content, credential->id_len) != 0 || timer.now_us >= 300000)
            abort();
    } else if (credential->id_len != 0 || desfire_reason(session) == DESFIRE_REASON_NONE) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct desfire_session session;
    struct credential credential;
    enum desfire_progress progress;
    input = (struct input){data, size};
    set_up(take_byte());
    desfire_start(&session, &config, &card.target, 300000);
    while ((progress = desfire_poll(&session, &credential)) == DESFIRE_BUSY)
        if (card.exchange_count > EXCHANGES_MAX)
            abort();
    check_end(&session, progress, &credential);
    return 0;
}
