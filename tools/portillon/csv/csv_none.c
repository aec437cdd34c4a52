/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_none.h"

#include <string.h>

#include "tools/portillon/common/text_fold.h"

static bool is_made_of(const char *text, size_t len, const char *bytes)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] == '\0' || strchr(bytes, text[i]) == NULL)
            return false;
    return true;
}

bool csv_none_is(const char *text, size_t len)
{
    static const char *const none[] = {"null",  "nil",  "none",      "na",    "nan",    "nd", "nc",
                                       "neant", "vide", "undefined", "aucun", "aucune", NULL};
    char folded[16];
    if (len == 2 && memcmp(text, "\\N", 2) == 0) /* as MySQL and PostgreSQL export it */
        return true;
    if (is_made_of(text, len, "-_./") || (len == 3 && memcmp(text, "\xE2\x80\x94", 3) == 0))
        return true;
    return len <= 12 && text_fold(text, len, folded, sizeof folded) > 0 && text_is_one_of(folded, none);
}

bool csv_none_is_zero(const char *text, size_t len)
{
    return len > 0 && memchr(text, '0', len) != NULL && is_made_of(text, len, "0-/:. TZ");
}
