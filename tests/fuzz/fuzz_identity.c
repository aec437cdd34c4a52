/* SPDX-License-Identifier: Apache-2.0 */
/* An identity block of any content. The CRC is not secret, so it is put right as well: what is accepted must
 * be safe to print and be written back byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"
#include "firmware/crypto/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check(const uint8_t *block, size_t size)
{
    struct identity identity;
    uint8_t again[IDENTITY_LEN_MAX];
    char psk[IDENTITY_PSK_LEN + 1];
    int result = identity_decode(&identity, block, size);
    if (result != ERR_OK)
        return result;
    if (size != identity_length(block) || identity.device_id[0] == 0 ||
        strnlen(identity.device_id, sizeof identity.device_id) == sizeof identity.device_id ||
        strnlen(identity.name, sizeof identity.name) == sizeof identity.name ||
        identity_psk(&identity, ROLE_TECHNICIAN, psk) != ERR_OK || strlen(psk) != IDENTITY_PSK_LEN)
        abort();
    if (identity_encode(&identity, again) != size || memcmp(again, block, size) != 0)
        abort();
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[IDENTITY_LEN_MAX];
    (void)check(data, size);
    if (size != IDENTITY_LEN && size != IDENTITY_LEN_MAX)
        return 0;
    memcpy(block, data, size);
    bytes_put_u32(block + size - 4, crc32_compute(block, size - 4));
    if (check(block, size) != ERR_SITE)
        return 0;
    identity_site_id(block + 64, block + 8); /* the same for the site id */
    bytes_put_u32(block + size - 4, crc32_compute(block, size - 4));
    (void)check(block, size);
    return 0;
}
