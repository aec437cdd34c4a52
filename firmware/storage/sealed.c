/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/sealed.h"

#include <string.h>

#include "hal/flash.h"

int sealed_close(crypto_mac *mac, uint8_t record[SEALED_LEN])
{
    uint8_t full[CRYPTO_MAC_LEN];
    int result = crypto_mac_compute(mac, record, SEALED_CONTENT_LEN, full);
    if (result == ERR_OK)
        memcpy(record + SEALED_CONTENT_LEN, full, SEALED_LEN - SEALED_CONTENT_LEN);
    return result;
}

int sealed_check(crypto_mac *mac, const uint8_t record[SEALED_LEN])
{
    uint8_t full[CRYPTO_MAC_LEN];
    if (flash_is_blank(record, SEALED_LEN))
        return ERR_NOT_FOUND;
    int result = crypto_mac_compute(mac, record, SEALED_CONTENT_LEN, full);
    if (result != ERR_OK)
        return result;
    return crypto_equal(full, record + SEALED_CONTENT_LEN, SEALED_LEN - SEALED_CONTENT_LEN) ? ERR_OK
                                                                                            : ERR_CORRUPT;
}

uint32_t sealed_distance(const uint8_t *a, const uint8_t *b, uint32_t len)
{
    uint32_t distance = 0;
    for (uint32_t i = 0; i < len; i++)
        for (uint8_t wrong = a[i] ^ b[i]; wrong != 0; wrong &= (uint8_t)(wrong - 1))
            distance++;
    return distance;
}

static bool is_known(const struct sealed_known *known, uint32_t at)
{
    return known->bytes >> at & 1;
}

static uint32_t wrong_known_bits(const uint8_t record[SEALED_LEN], const struct sealed_known *known)
{
    uint32_t wrong = 0;
    for (uint32_t at = 0; at < SEALED_CONTENT_LEN; at++)
        wrong += is_known(known, at) ? sealed_distance(record + at, known->content + at, 1) : 0;
    return wrong;
}

bool sealed_is_near(const uint8_t record[SEALED_LEN], const struct sealed_known *known)
{
    return wrong_known_bits(record, known) <= 1;
}

/* Sets the known bytes, and checks the record. */
static int correct_known(crypto_mac *mac, uint8_t record[SEALED_LEN], const struct sealed_known *known)
{
    uint8_t tried[SEALED_LEN];
    memcpy(tried, record, sizeof tried);
    for (uint32_t at = 0; at < SEALED_CONTENT_LEN; at++)
        tried[at] = is_known(known, at) ? known->content[at] : tried[at];
    int result = sealed_check(mac, tried);
    if (result == ERR_OK)
        memcpy(record, tried, sizeof tried);
    return result;
}

/* Accepts a MAC in which one bit is wrong. */
static int correct_mac(crypto_mac *mac, uint8_t record[SEALED_LEN])
{
    uint8_t full[CRYPTO_MAC_LEN];
    int result = crypto_mac_compute(mac, record, SEALED_CONTENT_LEN, full);
    if (result != ERR_OK)
        return result;
    if (sealed_distance(full, record + SEALED_CONTENT_LEN, SEALED_LEN - SEALED_CONTENT_LEN) > 1)
        return ERR_CORRUPT;
    memcpy(record + SEALED_CONTENT_LEN, full, SEALED_LEN - SEALED_CONTENT_LEN);
    return ERR_OK;
}

static int correct_byte(crypto_mac *mac, uint8_t record[SEALED_LEN], uint32_t at)
{
    int result = ERR_CORRUPT;
    for (uint8_t bit = 1; bit != 0 && result == ERR_CORRUPT; bit = (uint8_t)(bit << 1)) {
        record[at] ^= bit;
        result = sealed_check(mac, record);
        if (result != ERR_OK)
            record[at] ^= bit;
    }
    return result;
}

int sealed_correct(crypto_mac *mac, uint8_t record[SEALED_LEN], const struct sealed_known *known)
{
    uint32_t wrong = wrong_known_bits(record, known);
    if (wrong > 1)
        return ERR_CORRUPT;
    if (wrong == 1)
        return correct_known(mac, record, known);
    int result = correct_mac(mac, record);
    for (uint32_t at = 0; at < SEALED_CONTENT_LEN && result == ERR_CORRUPT; at++)
        if (!is_known(known, at))
            result = correct_byte(mac, record, at);
    return result;
}
