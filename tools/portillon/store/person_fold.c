/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/person_fold.h"

#include <stdio.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"

void person_fold(const char *surname, const char *first_name, char out[PERSON_FOLD_SIZE])
{
    char words[2][128];
    text_fold(surname, strlen(surname), words[0], sizeof words[0]);
    text_fold(first_name, strlen(first_name), words[1], sizeof words[1]);
    snprintf(out, PERSON_FOLD_SIZE, "%s:%s", words[0], words[1]);
}
