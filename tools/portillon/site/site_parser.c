/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_parser.h"

#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/text_fold.h"

enum { WRONG_SIZE = SITE_PARSER_SHOWN_MAX + 64 };

void site_parser_complain_unknown(struct site_parser *parser, const char *what, const char *word,
                                  const char *const *known, const char *all)
{
    char shown[SITE_PARSER_SHOWN_MAX], wrong[WRONG_SIZE];
    const char *near = suggest_nearest(word, known);
    text_show(word, strlen(word), shown, sizeof shown);
    snprintf(wrong, sizeof wrong, translate(what), shown);
    if (near != NULL)
        SITE_COMPLAIN(parser, "%s: did you mean '%s'?", wrong, near);
    else
        SITE_COMPLAIN(parser, "%s: there is %s", wrong, all);
}

char *site_parser_trim(char *text)
{
    size_t len;
    while (*text == ' ' || *text == '\t')
        text++;
    for (len = strlen(text); len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t');)
        text[--len] = '\0';
    return text;
}

bool site_parser_same_word(const char *a, const char *b)
{
    char left[SITE_RULES_WORD_SIZE], right[SITE_RULES_WORD_SIZE];
    text_fold(a, strlen(a), left, sizeof left);
    text_fold(b, strlen(b), right, sizeof right);
    return left[0] != '\0' && strcmp(left, right) == 0;
}

char *site_parser_take_date(struct site_parser *parser, char *text, int32_t *day)
{
    const char *why;
    text = site_parser_trim(text);
    size_t len = strcspn(text, " \t");
    if (civil_date_parse(text, len, day, &why) != ERR_OK || *day <= 0 || *day >= WHITELIST_NO_LAST_DAY) {
        SITE_COMPLAIN(
            parser,
            "'%.*s' is no date of this century: write 17/10/2026 or 2026-10-17, with a space around the "
            "dash between two dates",
            (int)(len < SITE_PARSER_SHOWN_MAX ? len : SITE_PARSER_SHOWN_MAX), text);
        return NULL;
    }
    return site_parser_trim(text + len);
}
