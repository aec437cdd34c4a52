/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/card_option.h"

#include <stdio.h>
#include <string.h>

#include "firmware/crypto/credential.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"

bool card_option_notation(const char *command, const char *value, struct card_notation *notation)
{
    int error = card_notation_parse(value, notation);
    if (error == ERR_UNSUPPORTED)
        command_misuse(command, "--uid %s: refused: %s", value, _(card_number_wiegand));
    else if (error != ERR_OK)
        command_misuse(command, "--uid %s: not hex, decimal or decimal10, or one of them with -reversed",
                       value);
    return error == ERR_OK;
}

int card_option_read(const char *command, const char *option, const char *text,
                     const struct card_notation *notation, const struct site *site, struct card_option *card)
{
    uint8_t uid[READER_UID_MAX], uid_len;
    char why[CARD_NUMBER_WHY_MAX];
    struct credential credential;
    if (card_number_parse(notation, text, strlen(text), uid, &uid_len, why) != ERR_OK) {
        command_fail("%s: --%s %s: %s", command, option, text, why);
        return ERR_FORMAT;
    }
    if (credential_from_uid(&credential, uid, uid_len) != ERR_OK ||
        tag_from_credential(&card->tag, site->tag_key, &credential) != ERR_OK) {
        command_fail("%s: --%s %s: its tag could not be computed", command, option, text);
        return ERR_CRYPTO;
    }
    for (uint8_t i = 0; i < uid_len; i++)
        snprintf(card->hex + 2 * i, 3, "%02X", uid[i]);
    return ERR_OK;
}
