/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desk_card.h"

#include <stdio.h>
#include <string.h>

#include "firmware/crypto/credential.h"
#include "hal/linux/translate.h"

void desk_card_number(const struct reader_target *card, char hex[DESK_CARD_HEX_SIZE])
{
    hex[0] = '\0';
    for (size_t i = 0; i < card->uid_len; i++)
        snprintf(hex + 2 * i, 3, "%02X", card->uid[i]);
}

const char *desk_card_refusal(const struct reader_target *card, char why[CARD_NUMBER_WHY_MAX])
{
    static const struct card_notation notation = {.base = CARD_NUMBER_HEX};
    char hex[DESK_CARD_HEX_SIZE];
    uint8_t uid[READER_UID_MAX], len;
    desk_card_number(card, hex);
    if (card->uid_len == 0)
        snprintf(why, CARD_NUMBER_WHY_MAX, "%s", _("no gate reads cards of this kind"));
    else if (card->is_unfinished)
        snprintf(why, CARD_NUMBER_WHY_MAX, "%s",
                 _("it did not answer to the end: hold it still, a gate would refuse it"));
    else if (card_number_parse(&notation, hex, strlen(hex), uid, &len, why) == ERR_OK)
        why[0] = '\0';
    if (why[0] == '\0')
        return NULL;
    if (credential_is_random_uid(card->uid, card->uid_len))
        return N_("random");
    return credential_is_shared_uid(card->uid, card->uid_len) ? N_("shared") : N_("unusable");
}
