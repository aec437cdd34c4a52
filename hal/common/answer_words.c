/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/common/answer_words.h"

#include <string.h>
#include <strings.h>

#define BLANKS " \t\r\n"

bool answer_words_match(const char *line, const char *word)
{
    line += strspn(line, BLANKS);
    size_t len = strcspn(line, BLANKS);
    if (line[len + strspn(line + len, BLANKS)] != '\0')
        return false;
    return (len == 1 || len == strlen(word)) && strncasecmp(line, word, len) == 0;
}

enum yes_no answer_words_yes_no(const char *line)
{
    if (answer_words_match(line, "yes") || answer_words_match(line, "oui"))
        return YES_NO_YES;
    if (answer_words_match(line, "no") || answer_words_match(line, "non"))
        return YES_NO_NO;
    return YES_NO_NEITHER;
}
