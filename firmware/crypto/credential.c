/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/credential.h"

#include <string.h>

#define RANDOM_UID_FIRST_BYTE 0x08 /* ISO/IEC 14443-3, 6.5.4, table on single-size UIDs */

bool credential_is_random_uid(const uint8_t *uid, size_t uid_len)
{
    return uid_len == 4 && uid[0] == RANDOM_UID_FIRST_BYTE;
}

int credential_from_uid(struct credential *credential, const uint8_t *uid, size_t uid_len)
{
    if (uid_len != 4 && uid_len != 7 && uid_len != 10)
        return ERR_FORMAT;
    if (credential_is_random_uid(uid, uid_len))
        return ERR_UNSUPPORTED;
    *credential = (struct credential){
        .technology = CREDENTIAL_ISO14443A, .method = CREDENTIAL_UID, .id_len = (uint8_t)uid_len};
    memcpy(credential->id, uid, uid_len);
    return ERR_OK;
}

size_t credential_encode(const struct credential *credential, uint8_t out[CREDENTIAL_ENCODED_MAX])
{
    out[0] = (uint8_t)credential->technology;
    out[1] = (uint8_t)credential->method;
    out[2] = credential->id_len;
    memcpy(out + 3, credential->id, credential->id_len);
    return 3U + credential->id_len;
}
