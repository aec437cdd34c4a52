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
