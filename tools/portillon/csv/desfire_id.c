/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/desfire_id.h"

#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/hex_text.h"

#define ID_READ_MAX (2 * CREDENTIAL_ID_MAX) /* so that the length of one that is too long can be told */

static int refuse(char why[CARD_NUMBER_WHY_MAX], const char *text)
{
    snprintf(why, CARD_NUMBER_WHY_MAX, "%s", text);
    return ERR_FORMAT;
}

static int refuse_length(char why[CARD_NUMBER_WHY_MAX], size_t len, uint8_t expected)
{
    snprintf(
        why, CARD_NUMBER_WHY_MAX,
        translate_count(len,
                        "it has %zu byte, but the application of site.conf says length = %u: export the "
                        "whole identifier, with its zeros",
                        "it has %zu bytes, but the application of site.conf says length = %u: export the "
                        "whole identifier, with its zeros"),
        len, expected);
    return ERR_FORMAT;
}

int desfire_id_parse(const struct whitelist_application *application, const char *text,
                     uint8_t id[CREDENTIAL_ID_MAX], uint8_t *id_len, char why[CARD_NUMBER_WHY_MAX])
{
    uint8_t bytes[ID_READ_MAX];
    size_t len;
    struct credential credential;
    if (application == NULL)
        return refuse(why, _("site.conf has no [application NAME] whose identifier this could be: write it "
                             "there, or say --column ignored=NAME"));
    if (hex_text_parse(text, bytes, sizeof bytes, &len) != ERR_OK)
        return refuse(why, _("it is not the identifier of a DESFire application: write each byte with two "
                             "hexadecimal digits (0-9, A-F)"));
    if (len != application->id_len)
        return refuse_length(why, len, application->id_len);
    if (credential_from_desfire(&credential, application->aid, bytes, len) != ERR_OK)
        return refuse(why, _("all its bytes are 00, or FF: such a card was never written"));
    memcpy(id, bytes, len);
    *id_len = (uint8_t)len;
    return ERR_OK;
}
