/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/credential.h"

#include <assert.h>
#include <string.h>

static_assert(READER_UID_MAX <= CREDENTIAL_ID_MAX, "a credential holds a UID of any length");

#define RANDOM_UID_FIRST_BYTE 0x08 /* ISO/IEC 14443-3, 6.5.4, table on single-size UIDs */

bool credential_is_random_uid(const uint8_t *uid, size_t uid_len)
{
    return uid_len == 4 && uid[0] == RANDOM_UID_FIRST_BYTE;
}

/* UIDs that many devices show, with the place that documents each. */
static const struct {
    uint8_t uid_len;
    uint8_t uid[READER_UID_MAX];
} shared_uids[] = {
    /* NFC controllers of phones and boards emulate a card with the value of LA_NFCID1 in their configuration:
     * NXP PN71xx (NXPNFCLinux/linux_libnfc-nci issue 51), linux_libnfc-nci (…_examples issue 2). */
    {4, {0x01, 0x02, 0x03, 0x04}},
    {4, {0x04, 0x03, 0x02, 0x01}},
    /* Cards whose UID can be written: wiped, as sold, and as the usual programs write block 0 of a new card
     * (skylandersNFC/Mifare-1K-Magic-UID-Reset; libnfc nfc-mfsetuid; proxmark3 doc/magic_cards_notes.md). */
    {4, {0x00, 0x00, 0x00, 0x00}},
    {4, {0xFF, 0xFF, 0xFF, 0xFF}},
    {4, {0x01, 0x23, 0x45, 0x67}},
    {4, {0x12, 0x34, 0x56, 0x78}},
    {4, {0x11, 0x22, 0x33, 0x44}},
    {4, {0xAA, 0x55, 0xC3, 0x96}},
    {4, {0x00, 0x01, 0x02, 0x03}},
    {7, {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06}},
    {10, {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09}},
};

bool credential_is_shared_uid(const uint8_t *uid, size_t uid_len)
{
    for (size_t i = 0; i < sizeof shared_uids / sizeof shared_uids[0]; i++)
        if (shared_uids[i].uid_len == uid_len && memcmp(shared_uids[i].uid, uid, uid_len) == 0)
            return true;
    return false;
}

int credential_from_uid(struct credential *credential, const uint8_t *uid, size_t uid_len)
{
    if (uid_len != 4 && uid_len != 7 && uid_len != 10)
        return ERR_FORMAT;
    if (credential_is_random_uid(uid, uid_len) || credential_is_shared_uid(uid, uid_len))
        return ERR_UNSUPPORTED;
    *credential = (struct credential){
        .technology = CREDENTIAL_ISO14443A, .method = CREDENTIAL_UID, .id_len = (uint8_t)uid_len};
    memcpy(credential->id, uid, uid_len);
    return ERR_OK;
}

enum credential_assurance credential_assurance(enum credential_method method)
{
    switch (method) {
    case CREDENTIAL_DESFIRE:
        return CREDENTIAL_ASSURED_DESFIRE;
    case CREDENTIAL_UID_PLUS:
        return CREDENTIAL_ASSURED_CHIP;
    case CREDENTIAL_UID:
        return CREDENTIAL_ASSURED_UID;
    case CREDENTIAL_QR:
    case CREDENTIAL_PASS:
        return CREDENTIAL_ASSURED_NOT;
    }
    return CREDENTIAL_ASSURED_NOT;
}

const char *credential_method_name(enum credential_method method)
{
    switch (method) {
    case CREDENTIAL_UID:
        return "uid";
    case CREDENTIAL_DESFIRE:
        return "desfire";
    case CREDENTIAL_UID_PLUS:
        return "uid+";
    case CREDENTIAL_QR:
        return "qr";
    case CREDENTIAL_PASS:
        return "pass";
    }
    return "unknown_method";
}

static bool is_blank(const uint8_t *id, size_t id_len)
{
    bool is_same = true;
    for (size_t i = 1; i < id_len; i++)
        is_same = is_same && id[i] == id[0];
    return is_same && (id[0] == 0x00 || id[0] == 0xFF);
}

int credential_from_desfire(struct credential *credential, const uint8_t aid[CREDENTIAL_AID_LEN],
                            const uint8_t *id, size_t id_len)
{
    if (id_len == 0 || id_len > CREDENTIAL_ID_MAX)
        return ERR_FORMAT;
    if (is_blank(id, id_len))
        return ERR_UNSUPPORTED;
    *credential = (struct credential){
        .technology = CREDENTIAL_ISO14443A, .method = CREDENTIAL_DESFIRE, .id_len = (uint8_t)id_len};
    memcpy(credential->aid, aid, CREDENTIAL_AID_LEN);
    memcpy(credential->id, id, id_len);
    return ERR_OK;
}

size_t credential_encode(const struct credential *credential, uint8_t out[CREDENTIAL_ENCODED_MAX])
{
    out[0] = (uint8_t)credential->technology;
    out[1] = (uint8_t)credential->method;
    out[2] = credential->id_len;
    size_t len = 3;
    if (credential->method == CREDENTIAL_DESFIRE) {
        memcpy(out + len, credential->aid, sizeof credential->aid);
        len += sizeof credential->aid;
    }
    memcpy(out + len, credential->id, credential->id_len);
    return len + credential->id_len;
}
