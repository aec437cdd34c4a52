/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/desfire/desfire_channel.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"

#define STATUS_OK 0x00
#define CRC_LEN   4

/* Computes the CMAC of text under a key that is used once. mac holds the MAC to continue from. */
static int add_to_mac(const uint8_t key[CRYPTO_KEY_LEN], const uint8_t *text, size_t len,
                      uint8_t mac[CRYPTO_MAC_LEN])
{
    crypto_mac context;
    int result = crypto_mac_init(&context, key);
    if (result == ERR_OK)
        result = crypto_mac_chain(&context, text, len, mac);
    crypto_mac_free(&context);
    return result;
}

/* ---- session keys ---- */

/* The ends of both numbers, by turns. */
static void make_ev1_key(uint8_t key[CRYPTO_KEY_LEN], const uint8_t *rnd_a, const uint8_t *rnd_b)
{
    memcpy(key, rnd_a, 4);
    memcpy(key + 4, rnd_b, 4);
    memcpy(key + 8, rnd_a + 12, 4);
    memcpy(key + 12, rnd_b + 12, 4);
}

/* The CMAC of a session vector, SV1 or SV2, which differ in their first two bytes. */
static int make_ev2_key(uint8_t session_key[CRYPTO_KEY_LEN], uint8_t first, uint8_t second,
                        const uint8_t key[CRYPTO_KEY_LEN], const uint8_t *rnd_a, const uint8_t *rnd_b)
{
    uint8_t vector[2 * CRYPTO_BLOCK_LEN] = {first, second, 0x00, 0x01, 0x00, 0x80};
    memcpy(vector + 6, rnd_a, 8);
    for (size_t i = 0; i < 6; i++)
        vector[8 + i] ^= rnd_b[i];
    memcpy(vector + 14, rnd_b + 6, 10);
    memcpy(vector + 24, rnd_a + 8, 8);
    memset(session_key, 0, CRYPTO_KEY_LEN);
    int result = add_to_mac(key, vector, sizeof vector, session_key);
    crypto_wipe(vector, sizeof vector);
    return result;
}

int desfire_channel_open(struct desfire_channel *channel, enum desfire_authentication authentication,
                         const uint8_t key[CRYPTO_KEY_LEN], const uint8_t rnd_a[DESFIRE_RANDOM_LEN],
                         const uint8_t rnd_b[DESFIRE_RANDOM_LEN], const uint8_t ti[DESFIRE_TI_LEN])
{
    *channel = (struct desfire_channel){.authentication = authentication};
    if (authentication == DESFIRE_EV1_AES) {
        make_ev1_key(channel->mac_key, rnd_a, rnd_b);
        memcpy(channel->cipher_key, channel->mac_key, CRYPTO_KEY_LEN);
        return ERR_OK;
    }
    memcpy(channel->ti, ti, DESFIRE_TI_LEN);
    int result = make_ev2_key(channel->cipher_key, 0xA5, 0x5A, key, rnd_a, rnd_b);
    return result == ERR_OK ? make_ev2_key(channel->mac_key, 0x5A, 0xA5, key, rnd_a, rnd_b) : result;
}

/* ---- commands ---- */

/* Computes the MAC of EV2. first is the command or the status. */
static int make_ev2_mac(const struct desfire_channel *channel, uint8_t first, const uint8_t *data, size_t len,
                        uint8_t out[DESFIRE_CHANNEL_MAC_LEN])
{
    uint8_t text[3 + DESFIRE_TI_LEN + DESFIRE_CHANNEL_DATA_MAX] = {first}, mac[CRYPTO_MAC_LEN] = {0};
    bytes_put_u16(text + 1, channel->counter);
    memcpy(text + 3, channel->ti, DESFIRE_TI_LEN);
    memcpy(text + 3 + DESFIRE_TI_LEN, data, len);
    int result = add_to_mac(channel->mac_key, text, 3 + DESFIRE_TI_LEN + len, mac);
    for (size_t i = 0; i < DESFIRE_CHANNEL_MAC_LEN; i++)
        out[i] = mac[2 * i + 1];
    return result;
}

int desfire_channel_seal(struct desfire_channel *channel, uint8_t *command, size_t len)
{
    if (len == 0 || len > 1 + DESFIRE_CHANNEL_DATA_MAX)
        return ERR_ARGUMENT;
    int result;
    if (channel->authentication == DESFIRE_EV1_AES) {
        result = add_to_mac(channel->mac_key, command, len, channel->chain);
    } else {
        result = make_ev2_mac(channel, command[0], command + 1, len - 1, command + len);
        channel->counter++;
        len += DESFIRE_CHANNEL_MAC_LEN;
    }
    return result == ERR_OK ? (int)len : result;
}

/* ---- answers ---- */

static size_t whole_blocks(size_t len)
{
    return (len + CRYPTO_BLOCK_LEN - 1) / CRYPTO_BLOCK_LEN * CRYPTO_BLOCK_LEN;
}

size_t desfire_channel_sealed_len(const struct desfire_channel *channel, enum desfire_mode mode,
                                  size_t text_len)
{
    bool is_ev1 = channel->authentication == DESFIRE_EV1_AES;
    if (mode != DESFIRE_ENCIPHERED)
        return text_len + DESFIRE_CHANNEL_MAC_LEN;
    return is_ev1 ? whole_blocks(text_len + CRC_LEN) : whole_blocks(text_len + 1) + DESFIRE_CHANNEL_MAC_LEN;
}

/* answer has room for the status, in the place of the MAC. */
static int check_ev1_mac(struct desfire_channel *channel, uint8_t *answer, size_t text_len)
{
    uint8_t mac[DESFIRE_CHANNEL_MAC_LEN];
    memcpy(mac, answer + text_len, sizeof mac);
    answer[text_len] = STATUS_OK;
    int result = add_to_mac(channel->mac_key, answer, text_len + 1, channel->chain);
    if (result == ERR_OK && !crypto_equal(mac, channel->chain, sizeof mac))
        result = ERR_CORRUPT;
    return result;
}

/* Compares what follows the text of a deciphered answer with the bytes of tail and zeros. */
static int check_tail(const uint8_t *answer, size_t len, size_t text_len, const uint8_t *tail,
                      size_t tail_len)
{
    uint8_t expected[CRC_LEN + CRYPTO_BLOCK_LEN] = {0};
    memcpy(expected, tail, tail_len);
    return crypto_equal(answer + text_len, expected, len - text_len) ? ERR_OK : ERR_CORRUPT;
}

/* The padding of EV1 is zeros. libfreefare also takes 80 and zeros, and no source rules that out. */
static void straighten_padding(uint8_t *padding, size_t len)
{
    if (len > 0 && padding[0] == 0x80)
        padding[0] = 0;
}

static int decipher_ev1(struct desfire_channel *channel, uint8_t *answer, size_t len, size_t text_len)
{
    uint8_t crc[CRC_LEN];
    int result = crypto_cbc_decrypt(channel->cipher_key, channel->chain, answer, len);
    if (result != ERR_OK)
        return result;
    /* The CRC covers the status as well, which takes the place of the first byte of the CRC meanwhile.
     * DESFire does not invert the CRC-32 at its end. */
    uint8_t first = answer[text_len];
    answer[text_len] = STATUS_OK;
    bytes_put_u32(crc, ~crc32_compute(answer, text_len + 1));
    answer[text_len] = first;
    straighten_padding(answer + text_len + CRC_LEN, len - text_len - CRC_LEN);
    return check_tail(answer, len, text_len, crc, sizeof crc);
}

static int check_ev2_mac(const struct desfire_channel *channel, const uint8_t *answer, size_t len)
{
    uint8_t mac[DESFIRE_CHANNEL_MAC_LEN];
    int result = make_ev2_mac(channel, STATUS_OK, answer, len, mac);
    if (result == ERR_OK && !crypto_equal(mac, answer + len, sizeof mac))
        result = ERR_CORRUPT;
    return result;
}

static int decipher_ev2(const struct desfire_channel *channel, uint8_t *answer, size_t len, size_t text_len)
{
    static const uint8_t padding[] = {0x80};
    uint8_t iv[CRYPTO_BLOCK_LEN] = {0}, seed[CRYPTO_BLOCK_LEN] = {0x5A, 0xA5};
    memcpy(seed + 2, channel->ti, DESFIRE_TI_LEN);
    bytes_put_u16(seed + 2 + DESFIRE_TI_LEN, channel->counter);
    int result = crypto_cbc_encrypt(channel->cipher_key, iv, seed, sizeof seed);
    if (result == ERR_OK)
        result = crypto_cbc_decrypt(channel->cipher_key, iv, answer, len);
    return result == ERR_OK ? check_tail(answer, len, text_len, padding, sizeof padding) : result;
}

static int unseal_ev2(const struct desfire_channel *channel, enum desfire_mode mode, uint8_t *answer,
                      size_t len, size_t text_len)
{
    len -= DESFIRE_CHANNEL_MAC_LEN;
    if (mode == DESFIRE_PLAIN)
        return ERR_UNSUPPORTED;
    int result = check_ev2_mac(channel, answer, len);
    return result == ERR_OK && mode == DESFIRE_ENCIPHERED ? decipher_ev2(channel, answer, len, text_len)
                                                          : result;
}

int desfire_channel_unseal(struct desfire_channel *channel, enum desfire_mode mode, uint8_t *answer,
                           size_t len, size_t text_len)
{
    if (text_len > DESFIRE_CHANNEL_TEXT_MAX || len != desfire_channel_sealed_len(channel, mode, text_len))
        return ERR_FORMAT;
    if (channel->authentication == DESFIRE_EV2_FIRST)
        return unseal_ev2(channel, mode, answer, len, text_len);
    return mode == DESFIRE_ENCIPHERED ? decipher_ev1(channel, answer, len, text_len)
                                      : check_ev1_mac(channel, answer, text_len);
}
