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

bool person_fold_key(const struct csv_person *person, char fold[PERSON_FOLD_SIZE], char key[PERSON_KEY_SIZE])
{
    char class_name[128];
    person_fold(person->surname, person->first_name, fold);
    text_fold(person->class_name, strlen(person->class_name), class_name, sizeof class_name);
    if (person->id[0] != '\0')
        snprintf(key, PERSON_KEY_SIZE, "id:%s", person->id);
    else
        snprintf(key, PERSON_KEY_SIZE, "%s:%s", fold, class_name);
    return person->id[0] != '\0' || fold[1] != '\0'; /* a colon alone: no name */
}
