/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desk_methods.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "firmware/whitelist/whitelist_tables.h"
#include "hal/linux/translate.h"
#include "tools/portillon/desk/card_technology.h"
#include "tools/portillon/desk/desk_card.h"

static void judge_uid(const struct desk_survey *survey, struct desk_method *method)
{
    method->is_usable = desk_card_refusal(&survey->card, method->why) == NULL;
    if (method->is_usable)
        snprintf(method->why, sizeof method->why, "%s",
                 _("it has a number of its own; whoever reads it once can copy it"));
}

int desk_methods_card_type(const struct reader_target *card, const struct site_rules *rules)
{
    struct whitelist_fingerprint seen = whitelist_fingerprint_of(card);
    for (int i = 0; rules != NULL && i < rules->tables.fingerprint_count; i++)
        if (whitelist_fingerprint_matches(&rules->tables.fingerprints[i], &seen))
            return i;
    return -1;
}

static void judge_chip(const struct desk_survey *survey, const struct site_rules *rules,
                       const struct desk_method *uid, struct desk_method *method)
{
    int type = desk_methods_card_type(&survey->card, rules);
    *method = *uid;
    if (!uid->is_usable)
        return;
    if (type >= 0)
        snprintf(method->why, sizeof method->why, _("its chip is the card type %s of site.conf"),
                 rules->card_types[type]);
    else
        snprintf(method->why, sizeof method->why, "%s",
                 _("a gate can compare its chip as well: site.conf needs the card type"));
}

static const char *why_no_desfire(const struct desk_survey *survey, const struct site_rules *rules)
{
    if (!survey->has_version)
        return _("it is no DESFire card");
    if (!survey->version.has_aes)
        return _("a card of this product has no AES keys that gates use");
    if (rules == NULL)
        return _("without a site (--site) it is not known which application to look for");
    if (rules->tables.application_count == 0)
        return _("site.conf has no application");
    return survey->site_application < 0 ? _("it has none of the applications of site.conf")
                                        : _("it knows only authentication = ev1, and site.conf says ev2");
}

/* Returns true if the card has an application of site.conf, and can authenticate as it says. */
static bool can_prove(const struct desk_survey *survey, const struct site_rules *rules)
{
    int number = survey->site_application;
    return number >= 0 && survey->version.has_aes &&
           (survey->version.has_ev2 ||
            rules->tables.applications[number].authentication == WHITELIST_AUTHENTICATE_EV1);
}

static void judge_desfire(const struct desk_survey *survey, const struct site_rules *rules,
                          struct desk_method *method)
{
    method->is_usable = can_prove(survey, rules);
    if (method->is_usable)
        snprintf(method->why, sizeof method->why, _("it has the application %s of site.conf"),
                 rules->applications[survey->site_application]);
    else
        snprintf(method->why, sizeof method->why, "%s", why_no_desfire(survey, rules));
}

void desk_methods_judge(const struct desk_survey *survey, const struct site_rules *rules,
                        struct desk_method methods[DESK_METHODS])
{
    judge_uid(survey, &methods[DESK_METHOD_UID]);
    judge_chip(survey, rules, &methods[DESK_METHOD_UID], &methods[DESK_METHOD_CHIP]);
    judge_desfire(survey, rules, &methods[DESK_METHOD_DESFIRE]);
    methods[DESK_METHOD_UID].name = "uid";
    methods[DESK_METHOD_CHIP].name = "uid+";
    methods[DESK_METHOD_DESFIRE].name = "desfire";
}

/* Writes a name for the card type: "MIFARE DESFire EV2" becomes mifare-desfire-ev2. */
static void write_name(const struct desk_survey *survey, char out[DESK_METHODS_LINE])
{
    const char *text = survey->has_version ? survey->version.product : card_technology(&survey->card);
    size_t len = 0;
    for (; *text != '\0' && len < SITE_RULES_WORD_SIZE - 1; text++) {
        if (isalnum((unsigned char)*text))
            out[len++] = (char)tolower((unsigned char)*text);
        else if (len > 0 && out[len - 1] != '-')
            out[len++] = '-';
    }
    if (len > 0 && out[len - 1] == '-')
        len--;
    out[len] = '\0';
}

void desk_methods_lines(const struct desk_survey *survey, char lines[DESK_METHODS_LINES][DESK_METHODS_LINE])
{
    const struct reader_target *card = &survey->card;
    char name[DESK_METHODS_LINE];
    write_name(survey, name);
    snprintf(lines[0], DESK_METHODS_LINE, "[card-type %.*s]", SITE_RULES_WORD_SIZE, name);
    snprintf(lines[1], DESK_METHODS_LINE, "atqa = %02X%02X", card->atqa[0], card->atqa[1]);
    snprintf(lines[2], DESK_METHODS_LINE, "sak = %02X", card->sak);
    int len = snprintf(lines[3], DESK_METHODS_LINE, "ats = %s", card->ats_len == 0 ? "none" : "");
    for (size_t i = 0; i < card->ats_len; i++)
        snprintf(lines[3] + len + 2 * i, 3, "%02X", card->ats[i]);
}
