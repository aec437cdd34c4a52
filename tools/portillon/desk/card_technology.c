/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/card_technology.h"

#include <stddef.h>
#include <string.h>

#include "hal/linux/translate.h"

#define SAK_ISO14443_4 0x20

static bool is_desfire(const struct reader_target *target)
{
    static const uint8_t ats[] = {0x75, 0x77, 0x81, 0x02, 0x80};
    return target->sak == SAK_ISO14443_4 && target->atqa[1] == 0x44 && target->ats_len == sizeof ats &&
           memcmp(target->ats, ats, sizeof ats) == 0;
}

const char *card_technology(const struct reader_target *target)
{
    static const struct {
        uint8_t sak;
        const char *name;
    } known[] = {
        {0x00, N_("MIFARE Ultralight or NTAG")},
        {0x08, "MIFARE Classic 1K"},
        {0x09, "MIFARE Mini"},
        {0x18, "MIFARE Classic 4K"},
        {0x28, N_("JCOP with MIFARE Classic 1K")},
        {0x38, N_("JCOP with MIFARE Classic 4K")},
    };
    if (target->uid_len == 0)
        return N_("type B or FeliCa");
    if (is_desfire(target))
        return "MIFARE DESFire";
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].sak == target->sak)
            return known[i].name;
    return target->sak & SAK_ISO14443_4 ? "ISO 14443-4" : "ISO 14443-3";
}
