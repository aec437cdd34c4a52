/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_desfire.h"

#include <string.h>

#include <mbedtls/aes.h>

#include "tests/fakes/hex.h"

/* ---- AES ---- */

static void aes(const uint8_t key[16], bool is_encryption, uint8_t iv[16], uint8_t *data, size_t len)
{
    mbedtls_aes_context context;
    mbedtls_aes_init(&context);
    if (is_encryption)
        mbedtls_aes_setkey_enc(&context, key, 128);
    else
        mbedtls_aes_setkey_dec(&context, key, 128);
    mbedtls_aes_crypt_cbc(&context, is_encryption ? MBEDTLS_AES_ENCRYPT : MBEDTLS_AES_DECRYPT, len, iv, data,
                          data);
    mbedtls_aes_free(&context);
}

static void double_block(uint8_t block[16])
{
    bool carry = block[0] & 0x80;
    for (int bit = 0; bit < 128; bit++) {
        int next = bit + 1;
        bool is_set = next < 128 && block[next / 8] >> (7 - next % 8) & 1;
        block[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
        block[bit / 8] |= (uint8_t)(is_set << (7 - bit % 8));
    }
    if (carry)
        block[15] ^= 0x87;
}

/* The CMAC of RFC 4493, with an IV that becomes the MAC. */
static void cmac(const uint8_t key[16], uint8_t iv[16], const uint8_t *data, size_t len)
{
    uint8_t text[160] = {0}, subkey[16] = {0}, zeros[16] = {0};
    aes(key, true, zeros, subkey, 16);
    double_block(subkey);
    memcpy(text, data, len);
    if (len == 0 || len % 16 != 0) {
        double_block(subkey);
        text[len++] = 0x80;
        len = (len + 15) / 16 * 16;
    }
    for (int i = 0; i < 16; i++)
        text[len - 16 + (size_t)i] ^= subkey[i];
    aes(key, true, iv, text, len);
}

static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bool is_odd = (crc ^ data[bit / 8] >> bit % 8) & 1;
        crc = crc >> 1 ^ (is_odd ? 0xEDB88320 : 0);
    }
    return crc;
}

static void draw(struct fake_desfire *card, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        card->random = card->random * 1103515245U + 12345U;
        out[i] = (uint8_t)(card->random >> 16);
    }
}

static void rotate(uint8_t number[16])
{
    uint8_t first = number[0];
    memmove(number, number + 1, 15);
    number[15] = first;
}

/* ---- answers ---- */

static int give_status(uint8_t *frame, uint8_t status)
{
    frame[0] = status;
    return 1;
}

/* An error ends authentication and whatever was begun. */
static int fail(struct fake_desfire *card, uint8_t *frame, uint8_t status)
{
    card->session = card->pending = 0;
    card->rest_len = 0;
    return give_status(frame, status);
}

static int select_application(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    card->is_selected = false;
    if (len != 4)
        return fail(card, frame, 0x7E);
    if (memcmp(tx + 1, card->aid, 3) != 0)
        return fail(card, frame, 0xA0);
    card->is_selected = true;
    card->session = card->pending = 0;
    return give_status(frame, 0x00);
}

static int tell_version(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (len != 2 || !card->is_selected || card->session != 0)
        return fail(card, frame, 0x7E);
    if (tx[1] >= card->key_count)
        return fail(card, frame, 0x40);
    frame[1] = card->keys[tx[1]].version;
    return 1 + give_status(frame, 0x00);
}

static int challenge(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (tx[0] == 0x71 && card->is_ev1)
        return fail(card, frame, 0x1C);
    if (len != (tx[0] == 0x71 ? 3 : 2) || (len == 3 && tx[2] != 0))
        return fail(card, frame, 0x7E);
    if (!card->is_selected || tx[1] >= card->key_count)
        return fail(card, frame, 0x40);
    card->session = 0;
    card->has_read = false;
    card->pending = tx[0];
    card->key_number = tx[1];
    draw(card, card->rnd_b, 16);
    memset(card->iv, 0, 16);
    memcpy(frame + 1, card->rnd_b, 16);
    aes(card->keys[tx[1]].bytes, true, card->iv, frame + 1, 16);
    return 16 + give_status(frame, 0xAF);
}

static void make_ev2_key(const uint8_t key[16], const char *label, const uint8_t *a, const uint8_t *b,
                         uint8_t out[16])
{
    uint8_t vector[32];
    hex_bytes(label, vector, 6);
    for (int i = 0; i < 26; i++)
        vector[6 + i] = i < 2 ? a[i] : i < 8 ? a[i] ^ b[i - 2] : i < 18 ? b[i - 2] : a[i - 10];
    memset(out, 0, 16);
    cmac(key, out, vector, 32);
}

static void open_session(struct fake_desfire *card, const uint8_t *a)
{
    const uint8_t *b = card->rnd_b, *key = card->keys[card->key_number].bytes;
    card->session = card->pending;
    card->counter = 0;
    if (card->session == 0x71) {
        make_ev2_key(key, "A55A00010080", a, b, card->cipher_key);
        make_ev2_key(key, "5AA500010080", a, b, card->mac_key);
    } else {
        for (int i = 0; i < 16; i++)
            card->mac_key[i] = i % 8 < 4 ? a[i < 8 ? i : i + 4] : b[i < 8 ? i - 4 : i];
        memset(card->iv, 0, 16);
    }
}

static int prove(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    const uint8_t *key = card->keys[card->key_number].bytes;
    bool is_ev2 = card->pending == 0x71;
    uint8_t numbers[32], rotated[16];
    size_t answer_len = is_ev2 ? 32 : 16;
    if (len != 33)
        return fail(card, frame, 0x7E);
    if (is_ev2)
        memset(card->iv, 0, 16);
    memcpy(numbers, tx + 1, 32);
    aes(key, false, card->iv, numbers, 32);
    memcpy(rotated, card->rnd_b, 16);
    rotate(rotated);
    if (memcmp(numbers + 16, rotated, 16) != 0)
        return fail(card, frame, 0xAE);
    memset(frame, 0, FAKE_DESFIRE_FRAME);
    memcpy(rotated, numbers, 16);
    rotate(rotated);
    memcpy(frame + (is_ev2 ? 5 : 1), rotated, 16);
    if (is_ev2) {
        memset(card->iv, 0, 16);
        draw(card, card->ti, 4);
        memcpy(frame + 1, card->ti, 4);
    }
    aes(key, true, card->iv, frame + 1, answer_len);
    open_session(card, numbers);
    card->pending = 0;
    return (int)answer_len + give_status(frame, 0x00);
}

static void make_ev2_mac(const struct fake_desfire *card, uint8_t first, const uint8_t *data, size_t len,
                         uint8_t mac[8])
{
    uint8_t text[128] = {first, (uint8_t)card->counter, (uint8_t)(card->counter >> 8)}, whole[16] = {0};
    memcpy(text + 3, card->ti, 4);
    memcpy(text + 7, data, len);
    cmac(card->mac_key, whole, text, 7 + len);
    for (int i = 0; i < 8; i++)
        mac[i] = whole[2 * i + 1];
}

/* Takes the MAC off a command. Returns its length without it; 0: it is wrong. */
static size_t open_command(struct fake_desfire *card, const uint8_t *tx, size_t len, size_t expected_len)
{
    uint8_t mac[8];
    if (card->session == 0xAA) {
        cmac(card->mac_key, card->iv, tx, len);
        return len == expected_len ? len : 0;
    }
    if (len != expected_len + 8)
        return 0;
    make_ev2_mac(card, tx[0], tx + 1, expected_len - 1, mac);
    card->counter++;
    return memcmp(mac, tx + expected_len, 8) == 0 ? expected_len : 0;
}

/* Protects the text in card->rest. */
static void protect(struct fake_desfire *card, uint8_t mode, size_t len)
{
    uint8_t *text = card->rest, iv[16] = {0}, seed[16] = {0x5A, 0xA5};
    if (card->session == 0xAA && mode == 3) {
        text[len] = 0;
        uint32_t crc = crc32_of(text, len + 1);
        size_t whole = (len + 4 + 15) / 16 * 16;
        memset(text + len, 0, whole - len);
        for (int i = 0; i < 4; i++)
            text[len + (size_t)i] = (uint8_t)(crc >> 8 * i);
        aes(card->mac_key, true, card->iv, text, whole);
        card->rest_len = (int)whole;
    } else if (card->session == 0xAA) {
        text[len] = 0;
        cmac(card->mac_key, card->iv, text, len + 1);
        memcpy(text + len, card->iv, 8);
        card->rest_len = (int)len + 8;
    } else {
        if (mode == 3) {
            memcpy(seed + 2, card->ti, 4);
            seed[6] = (uint8_t)card->counter;
            seed[7] = (uint8_t)(card->counter >> 8);
            aes(card->cipher_key, true, iv, seed, 16);
            text[len] = 0x80;
            memset(text + len + 1, 0, 15);
            len = (len + 16) / 16 * 16;
            aes(card->cipher_key, true, seed, text, len);
        }
        make_ev2_mac(card, 0, text, len, text + len);
        card->rest_len = mode == 0 ? (int)len : (int)len + 8;
    }
}

/* Gives the next part of card->rest. */
static int give_part(struct fake_desfire *card, uint8_t *frame)
{
    int len = card->part_len != 0 && card->part_len < card->rest_len ? card->part_len : card->rest_len;
    memcpy(frame + 1, card->rest, (size_t)len);
    card->rest_len -= len;
    memmove(card->rest, card->rest + len, (size_t)card->rest_len);
    card->has_read = card->is_file && card->rest_len == 0;
    return len + give_status(frame, card->rest_len > 0 ? 0xAF : 0x00);
}

static int give_uid(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (card->session == 0)
        return fail(card, frame, 0xAE);
    if (open_command(card, tx, len, 1) == 0)
        return fail(card, frame, 0x1E);
    card->is_file = false;
    memcpy(card->rest, card->uid, 7);
    protect(card, 3, 7);
    return give_part(card, frame);
}

static int read_file(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (card->session == 0)
        return fail(card, frame, 0xAE);
    if (open_command(card, tx, len, 8) == 0)
        return fail(card, frame, 0x1E);
    uint32_t offset = (uint32_t)(tx[2] | tx[3] << 8 | tx[4] << 16);
    uint32_t count = (uint32_t)(tx[5] | tx[6] << 8 | tx[7] << 16);
    if (tx[1] != card->file)
        return fail(card, frame, 0xF0);
    if (card->key_number != card->read_key)
        return fail(card, frame, 0x9D);
    if (count == 0 || offset > card->file_len || count > card->file_len - offset)
        return fail(card, frame, 0xBE);
    memcpy(card->rest, card->content + offset, count);
    protect(card, card->file_mode, count);
    card->is_file = true;
    return give_part(card, frame);
}

static int give_more(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (card->pending != 0)
        return prove(card, tx, len, frame);
    if (card->rest_len == 0 || len != 1)
        return fail(card, frame, 0x1C);
    return give_part(card, frame);
}

static int answer(struct fake_desfire *card, const uint8_t *tx, size_t len, uint8_t *frame)
{
    if (tx[0] != 0xAF)
        card->rest_len = card->pending = 0;
    switch (tx[0]) {
    case 0x5A:
        return select_application(card, tx, len, frame);
    case 0x64:
        return tell_version(card, tx, len, frame);
    case 0x71:
    case 0xAA:
        return challenge(card, tx, len, frame);
    case 0x51:
        return give_uid(card, tx, len, frame);
    case 0xBD:
        return read_file(card, tx, len, frame);
    case 0xAF:
        return give_more(card, tx, len, frame);
    default:
        return fail(card, frame, 0x1C);
    }
}

/* ---- the reader ---- */

static int poll(void *ctx, struct reader_report *report)
{
    (void)ctx, (void)report;
    return 0;
}

static int exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    struct fake_desfire *card = ctx;
    uint8_t frame[FAKE_DESFIRE_FRAME];
    if (card->exchange_count < FAKE_DESFIRE_COMMANDS)
        card->commands[card->exchange_count] = tx[0];
    card->exchange_count++;
    int len = answer(card, tx, tx_len, frame);
    if (card->timer != NULL)
        card->timer->now_us += card->exchange_us;
    if (card->alter != NULL)
        len = card->alter(card->alter_ctx, frame, len);
    if (len > (int)rx_size)
        return ERR_NO_SPACE;
    if (len > 0)
        memcpy(rx, frame, (size_t)len);
    return len;
}

void fake_desfire_init(struct fake_desfire *card)
{
    *card = (struct fake_desfire){.reader = {.poll = poll, .exchange = exchange, .ctx = card},
                                  .target = {.uid_len = 7, .atqa = {0x03, 0x44}, .sak = 0x20, .ats_len = 5},
                                  .file_len = sizeof card->content,
                                  .random = 1};
    hex_bytes("04782E21801D80", card->uid, sizeof card->uid);
    memcpy(card->target.uid, card->uid, sizeof card->uid);
    hex_bytes("7577810280", card->target.ats, sizeof card->target.ats);
    for (uint8_t i = 0; i < sizeof card->content; i++)
        card->content[i] = (uint8_t)(0xC0 + i);
}

void fake_desfire_hide_uid(struct fake_desfire *card)
{
    card->target.uid_len = (uint8_t)hex_bytes("08A1B2C3", card->target.uid, sizeof card->target.uid);
}

void fake_desfire_set_key(struct fake_desfire *card, uint8_t number, uint8_t version, const char *hex)
{
    struct fake_desfire_key *key = &card->keys[number];
    hex_bytes(hex, key->bytes, sizeof key->bytes);
    key->version = version;
    if (card->key_count <= number)
        card->key_count = (uint8_t)(number + 1);
}
