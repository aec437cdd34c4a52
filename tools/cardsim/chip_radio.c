/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip_radio.h"

#include <string.h>

enum { REQA = 0x26, WUPA = 0x52, SEL_CL1 = 0x93, CASCADE_TAG = 0x88 };
enum { SAK_INCOMPLETE = 0x04, SAK_ISO14443_4 = 0x20 };

uint8_t cardsim_radio_send(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                           struct cardsim_rf_frame *answer, bool add_crc, bool check_crc)
{
    enum { CRC_ERROR = 0x02 };
    if (add_crc)
        cardsim_rf_append_crc(frame);
    if (!cardsim_field_transceive(chip->field, frame, answer))
        return CARDSIM_STATUS_TIMEOUT;
    if (!check_crc)
        return CARDSIM_STATUS_OK;
    if (answer->last_bits || answer->len < 2 || cardsim_crc_a(answer->data, answer->len) != 0)
        return CRC_ERROR;
    answer->len -= 2;
    return CARDSIM_STATUS_OK;
}

static bool send_request(struct cardsim_chip *chip, uint8_t request, struct cardsim_rf_frame *atqa)
{
    struct cardsim_rf_frame frame = {.data = {request}, .len = 1, .last_bits = 7};
    return cardsim_radio_send(chip, &frame, atqa, false, false) == CARDSIM_STATUS_OK;
}

/* Selects a card level by level. known is the wanted UID with its cascade tags, or NULL for the UID that
 * anticollision gives. Fills uid with 4 bytes a level. Returns the number of levels, or 0 if there is no such
 * card. */
static unsigned select_levels(struct cardsim_chip *chip, const uint8_t *known, size_t known_len,
                              uint8_t uid[12], uint8_t *sak)
{
    struct cardsim_rf_frame frame, answer;
    for (unsigned level = 0; level < 3; level++) {
        uint8_t *part = uid + 4 * level;
        if (known && known_len < 4 * (level + 1u))
            return 0;
        if (known) {
            memcpy(part, known + 4 * level, 4);
        } else {
            frame = (struct cardsim_rf_frame){.data = {(uint8_t)(SEL_CL1 + 2 * level), 0x20}, .len = 2};
            if (cardsim_radio_send(chip, &frame, &answer, false, false) != CARDSIM_STATUS_OK ||
                answer.len != 5)
                return 0;
            memcpy(part, answer.data, 4);
        }
        frame = (struct cardsim_rf_frame){.data = {(uint8_t)(SEL_CL1 + 2 * level), 0x70}, .len = 2};
        memcpy(frame.data + 2, part, 4);
        frame.data[6] = part[0] ^ part[1] ^ part[2] ^ part[3];
        frame.len = 7;
        if (cardsim_radio_send(chip, &frame, &answer, true, true) != CARDSIM_STATUS_OK || answer.len != 1)
            return 0;
        *sak = answer.data[0];
        if (!(*sak & SAK_INCOMPLETE))
            return level + 1;
    }
    return 0;
}

/* Copies the bytes of the cascade levels without their tags. */
static uint8_t strip_tags(const uint8_t levels[12], unsigned count, uint8_t uid[CARDSIM_UID_MAX])
{
    uint8_t len = 0;
    for (unsigned level = 0; level < count; level++) {
        size_t skip = level + 1 < count ? 1 : 0;
        memcpy(uid + len, levels + 4 * level + skip, 4 - skip);
        len += (uint8_t)(4 - skip);
    }
    return len;
}

uint8_t cardsim_radio_add_tags(const uint8_t *uid, size_t len, uint8_t levels[12])
{
    if (len == 4 || len == 8 || len == 12) {
        memcpy(levels, uid, len);
        return (uint8_t)len;
    }
    if (len != 7 && len != 10)
        return 0;
    uint8_t at = 0;
    for (; len > 4; len -= 3, uid += 3) {
        levels[at++] = CASCADE_TAG;
        memcpy(levels + at, uid, 3);
        at += 3;
    }
    memcpy(levels + at, uid, 4);
    return at + 4;
}

static struct cardsim_card *card_with_uid(struct cardsim_chip *chip, const struct cardsim_found *found)
{
    for (size_t i = 0; i < chip->field->count; i++) {
        struct cardsim_card *card = &chip->field->cards[i];
        if (card->in_field && card->uid_len == found->uid_len &&
            memcmp(card->uid, found->uid, card->uid_len) == 0)
            return card;
    }
    return NULL;
}

bool cardsim_radio_activate(struct cardsim_chip *chip, bool wake, const uint8_t *known, size_t known_len,
                            bool rats, struct cardsim_found *found)
{
    struct cardsim_rf_frame answer, frame;
    uint8_t levels[12];
    memset(found, 0, sizeof *found);
    if (known)
        wake = true;
    uint8_t first = known || chip->searches_wupa ? WUPA : REQA;
    if (!(send_request(chip, first, &answer) || (wake && send_request(chip, WUPA, &answer))))
        return false;
    unsigned count = select_levels(chip, known, known_len, levels, &found->sak);
    if (count == 0)
        return false;
    found->uid_len = strip_tags(levels, count, found->uid);
    /* When several cards answer the request, the ATQA of the selected card is reported instead of the
     * mixture. */
    found->card = card_with_uid(chip, found);
    if (!found->card)
        return false;
    memcpy(found->atqa, found->card->atqa, sizeof found->atqa);
    if (rats && found->sak & SAK_ISO14443_4) {
        frame = (struct cardsim_rf_frame){.data = {0xE0, 0x50}, .len = 2};
        if (cardsim_radio_send(chip, &frame, &answer, true, true) == CARDSIM_STATUS_OK &&
            answer.len <= sizeof found->ats) {
            memcpy(found->ats, answer.data, answer.len);
            found->ats_len = (uint8_t)answer.len;
        }
    }
    return true;
}

bool cardsim_radio_halt(struct cardsim_chip *chip, struct cardsim_target *target)
{
    struct cardsim_rf_frame answer, frame = {.data = {0x50, 0x00}, .len = 2};
    bool was_selected = target->card && target->is_selected;
    target->is_selected = false;
    if (!was_selected)
        return true;
    if (target->is_iso4)
        frame = (struct cardsim_rf_frame){.data = {0xC2}, .len = 1};
    uint8_t status = cardsim_radio_send(chip, &frame, &answer, true, true);
    return !target->is_iso4 || status == CARDSIM_STATUS_OK; /* HLTA has no answer */
}
