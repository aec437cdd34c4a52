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
    uint8_t again[IDENTITY_LEN];
    char psk[IDENTITY_PSK_LEN + 1];
    int result = identity_decode(&identity, block, size);
    if (result != ERR_OK)
        return result;
    if (size != IDENTITY_LEN || identity.device_id[0] == 0 ||
        strnlen(identity.device_id, sizeof identity.device_id) == sizeof identity.device_id ||
        strnlen(identity.name, sizeof identity.name) == sizeof identity.name ||
        identity_psk(&identity, ROLE_TECHNICIAN, psk) != ERR_OK || strlen(psk) != IDENTITY_PSK_LEN)
        abort();
    identity_encode(&identity, again);
    if (memcmp(again, block, sizeof again) != 0)
        abort();
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[IDENTITY_LEN];
    (void)check(data, size);
    if (size != sizeof block)
        return 0;
    memcpy(block, data, sizeof block);
    bytes_put_u32(block + 260, crc32_compute(block, 260));
    if (check(block, sizeof block) != ERR_SITE)
        return 0;
    identity_site_id(block + 64, block + 8); /* the same for the site id */
    bytes_put_u32(block + 260, crc32_compute(block, 260));
    (void)check(block, sizeof block);
    return 0;
}
