/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_target.h"

#include <string.h>

enum { SAK_ISO14443_4 = 0x20, CASCADE_TAG = 0x88 };

/* Copies the UID without its cascade tags, which the PN531 and perhaps clones leave in. A UID of invalid
 * length stays invalid. */
static void strip_cascade_tags(struct reader_target *target, const uint8_t *uid, size_t len)
{
    size_t at = 0;
    for (; len > 4 && len % 4 == 0 && uid[0] == CASCADE_TAG; uid += 4, len -= 4) {
        memcpy(target->uid + at, uid + 1, 3);
        at += 3;
    }
    if (at + len <= sizeof target->uid)
        memcpy(target->uid + at, uid, len);
    target->uid_len = (uint8_t)(at + len);
}

int pn532_target_decode(struct reader_target *target, const uint8_t *data, size_t len)
{
    enum { UID_LEN_AT = 5, UID_AT = 6 };
    if (len >= 1 && data[0] == 0)
        return 0;
    if (len < UID_AT || data[0] != 1 || data[1] != 1)
        return ERR_FORMAT;
    size_t uid_len = data[UID_LEN_AT], ats_at = UID_AT + uid_len;
    if (uid_len > PN532_TARGET_UID_MAX || ats_at > len)
        return ERR_FORMAT;
    *target = (struct reader_target){.atqa = {data[2], data[3]}, .sak = data[4]};
    strip_cascade_tags(target, data + UID_AT, uid_len);
    if (target->uid_len != 4 && target->uid_len != 7 && target->uid_len != 10)
        return ERR_FORMAT;
    if (ats_at == len) {
        target->is_unfinished = target->sak & SAK_ISO14443_4;
        return 1;
    }
    size_t ats_len = data[ats_at];
    if (ats_len == 0 || ats_at + ats_len > len)
        return ERR_FORMAT;
    ats_len--;
    target->ats_len = (uint8_t)(ats_len < READER_ATS_MAX ? ats_len : READER_ATS_MAX);
    memcpy(target->ats, data + ats_at + 1, target->ats_len);
    return 1;
}

size_t pn532_target_encode_uid(const struct reader_target *target, uint8_t uid[PN532_TARGET_UID_MAX])
{
    const uint8_t *from = target->uid;
    size_t at = 0, left = target->uid_len;
    for (; left > 4; left -= 3, from += 3) {
        uid[at++] = CASCADE_TAG;
        memcpy(uid + at, from, 3);
        at += 3;
    }
    memcpy(uid + at, from, left);
    return at + left;
}

bool pn532_target_is_iso14443_4(const struct reader_target *target)
{
    return target->sak & SAK_ISO14443_4 && target->ats_len > 0;
}
