/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_words.h"

#include <stddef.h>
#include <string.h>

#include "hal/error.h"
#include "hal/linux/translate.h"

struct sentence {
    int error;
    const char *text;
};

static const char *find(const struct sentence *sentences, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, error_name(sentences[i].error)) == 0)
            return translate(sentences[i].text);
    return word[0] != '\0' ? word : _("it does not say why");
}

const char *push_words_refusal(const char *word)
{
    static const struct sentence sentences[] = {
        {ERR_SIGNATURE, N_("its signature does not verify under the gate's site key")},
        {ERR_SITE, N_("it was made for another site")},
        {ERR_VERSION, N_("its version is not above that of a list the gate had")},
        {ERR_COUNT, N_("its counts disagree with its content")},
        {ERR_FORMAT, N_("it is malformed")},
        {ERR_UNSUPPORTED, N_("its format is not known to the gate: is the gate's firmware too old?")},
        {ERR_NO_SPACE, N_("it does not fit the gate's memory")},
        {ERR_NOT_LISTED, N_("a block does not have the hash the list gives for it")},
        {ERR_IO, N_("the gate's memory chip failed")},
        {ERR_TAG_KEY,
         N_("it was built with another tag key than this site's: build it with the site the gate is of")},
    };
    return find(sentences, sizeof sentences / sizeof sentences[0], word);
}

const char *push_words_patch(const char *word)
{
    static const struct sentence sentences[] = {
        {ERR_NOT_FOUND, N_("the gate's firmware does not know changes yet")},
        {ERR_CONFLICT, N_("the gate runs another list by now")},
        {ERR_SIGNATURE, N_("the changes did not give the signed list")},
    };
    return find(sentences, sizeof sentences / sizeof sentences[0], word);
}
