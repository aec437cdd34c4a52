/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desfire_seal.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"

enum { CHANGE_KEY = 0xC4, WRITE_DATA = 0x3D };

#define CRC_LEN      4
#define WRITE_HEADER 8 /* command, file, offset, length */

static void put_u24(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 3; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* Puts the CRC of len bytes behind at. */
static void put_crc(uint8_t *to, const uint8_t *bytes, size_t len)
{
    bytes_put_u32(to, ~crc32_compute(bytes, len));
}

int desfire_seal_change_key(struct desfire_channel *channel, uint8_t number, const uint8_t *old_key,
                            const uint8_t new_key[CRYPTO_KEY_LEN], uint8_t version,
                            uint8_t command[DESFIRE_SEAL_MAX])
{
    uint8_t *text = command + 2;
    memset(command, 0, DESFIRE_SEAL_MAX);
    command[0] = CHANGE_KEY;
    command[1] = number;
    for (size_t i = 0; i < CRYPTO_KEY_LEN; i++)
        text[i] = new_key[i] ^ (old_key != NULL ? old_key[i] : 0);
    text[CRYPTO_KEY_LEN] = version;
    put_crc(text + CRYPTO_KEY_LEN + 1, command, 2 + CRYPTO_KEY_LEN + 1);
    if (old_key != NULL)
        put_crc(text + CRYPTO_KEY_LEN + 1 + CRC_LEN, new_key, CRYPTO_KEY_LEN);
    int error = crypto_cbc_encrypt(channel->cipher_key, channel->chain, text, DESFIRE_SEAL_KEY_LEN - 2);
    return error == ERR_OK ? DESFIRE_SEAL_KEY_LEN : error;
}

/* The CMAC goes over the command, and behind it if the file is MACed. */
static int seal_readable(struct desfire_channel *channel, enum desfire_mode mode, uint8_t *command,
                         size_t len)
{
    int result = desfire_channel_seal(channel, command, len);
    if (result < 0 || mode == DESFIRE_PLAIN)
        return result;
    memcpy(command + len, channel->chain, DESFIRE_CHANNEL_MAC_LEN);
    return (int)len + DESFIRE_CHANNEL_MAC_LEN;
}

static int seal_enciphered(struct desfire_channel *channel, uint8_t *command, size_t len)
{
    size_t text_len = len - WRITE_HEADER + CRC_LEN;
    put_crc(command + len, command, len);
    text_len = (text_len + CRYPTO_BLOCK_LEN - 1) / CRYPTO_BLOCK_LEN * CRYPTO_BLOCK_LEN;
    int error = crypto_cbc_encrypt(channel->cipher_key, channel->chain, command + WRITE_HEADER, text_len);
    return error == ERR_OK ? WRITE_HEADER + (int)text_len : error;
}

int desfire_seal_write(struct desfire_channel *channel, enum desfire_mode mode, uint8_t file, uint32_t offset,
                       const uint8_t *data, size_t len, uint8_t command[DESFIRE_SEAL_MAX])
{
    if (len == 0 || len > DESFIRE_SEAL_DATA_MAX)
        return ERR_ARGUMENT;
    memset(command, 0, DESFIRE_SEAL_MAX);
    command[0] = WRITE_DATA;
    command[1] = file;
    put_u24(command + 2, offset);
    put_u24(command + 5, (uint32_t)len);
    memcpy(command + WRITE_HEADER, data, len);
    return mode == DESFIRE_ENCIPHERED ? seal_enciphered(channel, command, WRITE_HEADER + len)
                                      : seal_readable(channel, mode, command, WRITE_HEADER + len);
}
