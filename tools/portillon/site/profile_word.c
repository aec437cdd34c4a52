/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/profile_word.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/suggest.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/site/site_rules_default.h"
#include "tools/portillon/site/site_rules_file.h"

/* Returns the name of the profile that a word of the school's files stands for; NULL if it stands for
 * none. */
static const char *name_of(const struct site_rules *rules, const char *word)
{
    char folded[SITE_RULES_WORD_SIZE];
    uint8_t weekdays;
    int day_count;
    text_fold(word, strlen(word), folded, sizeof folded);
    int profile = site_rules_find(rules, folded, &weekdays, &day_count);
    return profile >= 0 && weekdays == 0 && day_count == 0 ? rules->tables.profiles[profile].name : NULL;
}

static int read_rules(struct site_rules *rules, const char *command, const char *site_folder)
{
    if (site_folder != NULL)
        return site_rules_read(rules, command, site_folder);
    site_rules_default(rules);
    return ERR_OK;
}

int profile_word_find(const char *command, const char *site_folder, const char *word,
                      const char *const *known)
{
    int found = suggest_find(word, known);
    struct site_rules *rules = found < 0 ? calloc(1, sizeof *rules) : NULL;
    if (rules == NULL)
        return found;
    const char *name = read_rules(rules, command, site_folder) == ERR_OK ? name_of(rules, word) : NULL;
    if (name != NULL)
        found = suggest_find(name, known);
    free(rules);
    return found;
}
