/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_rules_default.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No rule in it refuses a card that has a right in the zone: a school first opens its gates, and then writes
 * its hours. */
static const char head[] =
    "# The rules of this school: who may pass which gate, and when.\n"
    "#\n"
    "#   portillon site check DIR           prints them as the gates will apply them\n"
    "#   portillon whitelist build DIR ...  puts them into the list, with the cards\n"
    "#   portillon explain ...              says what a gate answers to a card, and why\n"
    "#\n"
    "# A line that begins with # is a remark and does nothing. What is not said here is not restricted.\n"
    "# Days are mon tue wed thu fri sat sun or lun mar mer jeu ven sam dim; hours 07:00-19:00 or 7h-19h;\n"
    "# dates 17/10/2026 or 2026-10-17.\n"
    "\n"
    "format = 1\n";

static const char rest[] =
    "# The number of the school. The register of SIECLE is checked against it.\n"
    "#uai = 0691234A\n"
    "time_zone = Europe/Paris\n"
    "\n"
    "# Meals. As soon as one is named, the canteen opens only while a meal is served, and a card passes once "
    "at\n"
    "# each meal (or as often as the column Passages of the school's file says).\n"
    "[services]\n"
    "#petit-déj = mon-fri 06:45-07:45\n"
    "#déjeuner = mon-fri 11:30-13:45\n"
    "#dîner = mon-thu 18:30-19:45\n"
    "\n"
    "# Profiles. \"called\" is how the school's files say it; case and accents do not matter. A word may "
    "stand for\n"
    "# days of meals: DP4: mon tue thu fri.\n"
    "#   building, canteen   always, never, or hours\n"
    "#   services            all, none, or some of those above\n"
    "#   closed_days         where closed days of the calendar do not count: building, canteen or both\n"
    "\n"
    "[profile externe]\n"
    "called = externes, ext, externe libre, externe surveillé, externe surveillée\n"
    "building = always\n"
    "#building = mon-fri 07:00-19:00, sat 07:30-12:30\n"
    "canteen = never\n"
    "\n"
    "[profile demi-pension]\n"
    "called = DP, demi-pensionnaire, demi-pensionnaires, demi-pensionnaire dans l'établissement\n"
    "#called = DP4: mon tue thu fri\n"
    "building = always\n"
    "canteen = always\n"
    "#services = déjeuner\n"
    "\n"
    "[profile interne]\n"
    "called = internes, internat, interne dans l'établissement, interne hébergé\n"
    "building = always\n"
    "canteen = always\n"
    "\n"
    "[profile commensal]\n"
    "called = commensale, commensaux, commensales\n"
    "building = always\n"
    "canteen = always\n"
    "\n"
    "[profile agent]\n"
    "called = agente, agents, personnel, staff\n"
    "building = always\n"
    "canteen = always\n"
    "closed_days = building\n"
    "\n"
    "[profile visiteur]\n"
    "called = visiteuse, visiteurs, visitor, invité, invitée\n"
    "building = always\n"
    "canteen = never\n"
    "\n"
    "# Days that are not as the week says. \"closed\" closes both zones unless one is named; \"open\" is an\n"
    "# exception, such as an open day on a Saturday;\n"
    "# \"as\" names the day whose hours and meals count then.\n"
    "[calendar]\n"
    "#closed = 11/11/2026\n"
    "#closed = 19/12/2026 - 03/01/2027\n"
    "#closed = 15/03/2027 canteen\n"
    "#open = 30/01/2027 as friday\n";

_Static_assert(sizeof head + sizeof rest + SITE_RULES_SITE_NAME + 16 <= SITE_CONF_SIZE, "room");

void site_rules_write_default(const char *name, char out[SITE_CONF_SIZE])
{
    snprintf(out, SITE_CONF_SIZE, "%sname = %.*s\n%s", head, SITE_RULES_SITE_NAME - 1, name, rest);
}

void site_rules_default(struct site_rules *rules)
{
    struct import_report *report = calloc(1, sizeof *report);
    char text[SITE_CONF_SIZE];
    site_rules_write_default("lycée", text);
    int error =
        report != NULL ? site_rules_parse(rules, "site.conf", text, strlen(text), report) : ERR_NO_SPACE;
    assert(error == ERR_OK);
    (void)error;
    free(report);
}

void site_rules_take_default_profiles(struct site_rules *rules)
{
    if (rules->tables.profile_count != 0)
        return;
    struct site_rules *standard = calloc(1, sizeof *standard);
    if (standard == NULL)
        return;
    site_rules_default(standard);
    memcpy(rules->tables.profiles, standard->tables.profiles, sizeof rules->tables.profiles);
    memcpy(rules->words, standard->words, sizeof rules->words);
    rules->tables.profile_count = standard->tables.profile_count;
    rules->word_count = standard->word_count;
    rules->default_profiles = true;
    free(standard);
}
