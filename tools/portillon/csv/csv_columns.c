/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_columns.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/card_state.h"

/* Header words, folded (text_fold.h). */
static const char *const card_words[] = {"carte",
                                         "card",
                                         "uid",
                                         "csn",
                                         "badge",
                                         "numerodecarte",
                                         "numerocarte",
                                         "numcarte",
                                         "ndecarte",
                                         "ncarte",
                                         "nocarte",
                                         "nodecarte",
                                         "numerodelacarte",
                                         "numerodebadge",
                                         "numerobadge",
                                         "numbadge",
                                         "ndebadge",
                                         "nbadge",
                                         "nobadge",
                                         "cardnumber",
                                         "cardno",
                                         "cardid",
                                         "carduid",
                                         "carteuid",
                                         "badgeuid",
                                         "uidcarte",
                                         "uiddelacarte",
                                         "uidbadge",
                                         "idcarte",
                                         "idbadge",
                                         "identifiantcarte",
                                         "identifiantdelacarte",
                                         "passregion",
                                         "cartepassregion",
                                         "numeropassregion",
                                         "numerodecartepassregion",
                                         "numerocartepassregion",
                                         "numerodeserie",
                                         "serialnumber",
                                         NULL};
static const char *const profile_words[] = {"regime",
                                            "profil",
                                            "profile",
                                            "regimescolaire",
                                            "regimecantine",
                                            "regimedemipension",
                                            "libelleregime",
                                            "coderegime",
                                            "categorie",
                                            "category",
                                            NULL};
static const char *const from_words[] = {
    "debut",     "datededebut",   "datedebut", "debutvalidite", "debutdevalidite", "validitedebut",
    "valabledu", "valabledepuis", "validedu",  "validele",      "valabledes",      "valideapartirdu",
    "apartirdu", "validfrom",     "from",      "start",         "startdate",       "du",
    NULL};
static const char *const until_words[] = {
    "fin",         "datedefin",      "datefin",       "finvalidite",     "findevalidite",
    "validitefin", "valablejusquau", "valablejusqua", "validejusquau",   "validejusqua",
    "jusquau",     "jusqua",         "expiration",    "datedexpiration", "dateexpiration",
    "expirele",    "validuntil",     "validto",       "until",           "end",
    "enddate",     "expires",        "expiry",        "expirydate",      "au",
    NULL};
static const char *const blocked_words[] = {
    "bloquee",    "bloque", "cartebloquee", "badgebloque",   "perdue",      "perdu",      "carteperdue",
    "badgeperdu", "volee",  "cartevolee",   "perdueouvolee", "perduevolee", "opposition", "enopposition",
    "blocked",    "lost",   "stolen",       "lostorstolen",  NULL};
static const char *const weekdays_words[] = {"jours",
                                             "joursderepas",
                                             "jourrepas",
                                             "joursrepas",
                                             "joursdp",
                                             "joursdedemipension",
                                             "joursdepresence",
                                             "jourscantine",
                                             "jourscantines",
                                             "weekdays",
                                             "days",
                                             "mealdays",
                                             NULL};
static const char *const day_words[7][5] = {
    {"lundi", "lun", "monday", "mon", NULL},       {"mardi", "mar", "tuesday", "tue", NULL},
    {"mercredi", "mer", "wednesday", "wed", NULL}, {"jeudi", "jeu", "thursday", "thu", NULL},
    {"vendredi", "ven", "friday", "fri", NULL},    {"samedi", "sam", "saturday", "sat", NULL},
    {"dimanche", "dim", "sunday", "sun", NULL},
};
static const char *const passages_words[] = {"passages",
                                             "passage",
                                             "nbpassages",
                                             "nombredepassages",
                                             "passagesparservice",
                                             "nbmulti",
                                             "multipassage",
                                             "multipassages",
                                             "nbpassagesparservice",
                                             "passagesautorises",
                                             "repasparservice",
                                             NULL};
static const char *const temporary_words[] = {"temporaire",
                                              "cartetemporaire",
                                              "provisoire",
                                              "carteprovisoire",
                                              "badgeprovisoire",
                                              "badgetemporaire",
                                              "pret",
                                              "cartedepret",
                                              "temporary",
                                              "loan",
                                              NULL};
static const char *const desfire_words[] = {
    "identifiantdesfire", "iddesfire", "desfireid", "desfire", "desfireidentifier",
    "numerodesfire",      "ndesfire",  "nodesfire", NULL};
static const char *const surname_words[] = {
    "nom",     "nometprenom", "nomprenom",   "prenomnom", "nomdefamille", "nomdusage", "nomusage",
    "eleve",   "nomeleve",    "nomdeleleve", "name",      "lastname",     "surname",   "fullname",
    "student", "pupil",       NULL};
static const char *const first_name_words[] = {"prenom",    "prenoms",   "prenomeleve", "prenomdeleleve",
                                               "firstname", "givenname", NULL};
static const char *const class_words[] = {"classe", "division", "libelleclasse", "codeclasse", "class", NULL};
static const char *const id_words[] = {
    "ine",     "identifiant", "idnational", "identifiantnational", "numerointerne", "matricule",
    "ideleve", "studentid",   NULL};
static const char *const person_words[] = {
    "groupe",          "niveau",      "mef",    "sexe",  "genre",    "naissance",
    "datedenaissance", "nele",        "mail",   "email", "courriel", "telephone",
    "birthdate",       "dateofbirth", "gender", "phone", NULL};
static const char *const pin_words[] = {"pin",
                                        "code",
                                        "codesecret",
                                        "codepin",
                                        "pincode",
                                        "codeconfidentiel",
                                        "codepersonnel",
                                        "secretcode",
                                        "motdepasse",
                                        "password",
                                        "activation",
                                        "dateactivation",
                                        "datedactivation",
                                        NULL};

const char *csv_column_name(enum csv_column column)
{
    static const char *const names[CSV_COLUMN_MAPPABLE] = {
        "card",     "profile",   "from",      "until",    "blocked",    "active",   "weekdays",
        "monday",   "tuesday",   "wednesday", "thursday", "friday",     "saturday", "sunday",
        "passages", "temporary", "desfire",   "name",     "first_name", "class",    "id",
        "ignored",  "ignored",   "ignored",   "ignored"};
    return column < CSV_COLUMN_MAPPABLE ? names[column] : NULL;
}

const char csv_column_names[] =
    N_("card, profile, from, until, blocked, active, weekdays, monday to sunday, passages, temporary, "
       "desfire, name, first_name, class, id or ignored");

int csv_column_find(const char *name, size_t len)
{
    for (int column = 0; column < CSV_COLUMN_MAPPABLE; column++) {
        const char *known = csv_column_name((enum csv_column)column);
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return column;
    }
    return ERR_NOT_FOUND;
}

int csv_column_place(const char *const by_hand[CSV_COLUMN_MAPPABLE], int role)
{
    while (role >= CSV_COLUMN_IGNORED && role < CSV_COLUMN_IGNORED_LAST && by_hand[role] != NULL)
        role++;
    return role;
}

bool csv_column_may_repeat(int role)
{
    return role == CSV_COLUMN_BLOCKED || role == CSV_COLUMN_ACTIVE || role >= CSV_COLUMN_SURNAME;
}

/* Recognises "Code PIN défini", "Etat du compte", "Compte activé", "PIN set", "Account status" and so on. */
static bool is_pin_or_account(const char *word)
{
    return text_is_one_of(word, pin_words) || strstr(word, "codesecret") != NULL ||
           strstr(word, "codepin") != NULL || strstr(word, "compte") != NULL ||
           strstr(word, "account") != NULL || strncmp(word, "pin", 3) == 0;
}

static enum csv_column recognise(const char *word)
{
    static const struct {
        const char *const *words;
        enum csv_column column;
    } table[] = {
        {card_words, CSV_COLUMN_CARD},
        {profile_words, CSV_COLUMN_PROFILE},
        {from_words, CSV_COLUMN_FROM},
        {until_words, CSV_COLUMN_UNTIL},
        {blocked_words, CSV_COLUMN_BLOCKED},
        {weekdays_words, CSV_COLUMN_WEEKDAYS},
        {passages_words, CSV_COLUMN_PASSAGES},
        {temporary_words, CSV_COLUMN_TEMPORARY},
        {desfire_words, CSV_COLUMN_DESFIRE},
        {surname_words, CSV_COLUMN_SURNAME},
        {first_name_words, CSV_COLUMN_FIRST_NAME},
        {class_words, CSV_COLUMN_CLASS},
        {id_words, CSV_COLUMN_PERSON_ID},
        {person_words, CSV_COLUMN_PERSON},
    };
    if (is_pin_or_account(word))
        return CSV_COLUMN_PIN;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (text_is_one_of(word, table[i].words))
            return table[i].column;
    for (int day = 0; day < 7; day++)
        if (text_is_one_of(word, day_words[day]))
            return (enum csv_column)(CSV_COLUMN_MONDAY + day);
    return CSV_COLUMN_OTHER;
}

/* Finds the role of a header that tells of a state: the vocabulary is that of card_state.h. */
static enum csv_column recognise_state(const struct csv_cell *header)
{
    switch (card_state_header(header->text, header->len)) {
    case CARD_STATE_BLOCKED:
        return CSV_COLUMN_BLOCKED;
    case CARD_STATE_ACTIVE:
        return CSV_COLUMN_ACTIVE;
    case CARD_STATE_CARD:
        return CSV_COLUMN_CARD_STATE;
    case CARD_STATE_UNCLEAR:
        return CSV_COLUMN_UNCLEAR_STATE;
    case CARD_STATE_UNCLEAR_ACTIVE:
        return CSV_COLUMN_UNCLEAR_ACTIVE;
    case CARD_STATE_NONE:
        break;
    }
    return CSV_COLUMN_OTHER;
}

__attribute__((format(printf, 2, 3))) static int refuse(char why[CSV_COLUMNS_WHY_MAX], const char *format,
                                                        ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, CSV_COLUMNS_WHY_MAX, format, arguments);
    va_end(arguments);
    return ERR_FORMAT;
}

static void list_all(const struct csv_columns *columns, int role, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < columns->count; i++) {
        if ((role >= 0 && columns->roles[i] != role) || columns->names[i][0] == '\0')
            continue;
        int added = snprintf(out + used, size - used, "%s%s", used != 0 ? ", " : "", columns->names[i]);
        if (added < 0 || (size_t)added >= size - used) {
            if (size > 4)
                memcpy(out + size - 4, "...", 4);
            return;
        }
        used += (size_t)added;
    }
}

size_t csv_columns_list(const struct csv_columns *columns, enum csv_column role, char *out, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < columns->count; i++)
        count += columns->roles[i] == role && columns->names[i][0] != '\0';
    list_all(columns, (int)role, out, size);
    return count;
}

/* Gives a role to the column that --column names, and takes the role from all other columns. */
static int map_by_hand(struct csv_columns *columns, const char words[][CSV_COLUMNS_NAME_MAX], int role,
                       const char *name, char why[CSV_COLUMNS_WHY_MAX])
{
    char word[CSV_COLUMNS_NAME_MAX], all[300];
    int found = -1;
    text_fold(name, strlen(name), word, sizeof word);
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->roles[i] == role && role != CSV_COLUMN_BLOCKED && role != CSV_COLUMN_ACTIVE)
            columns->roles[i] = CSV_COLUMN_OTHER;
        if (word[0] == '\0' || strcmp(words[i], word) != 0)
            continue;
        if (found >= 0)
            return refuse(why, _("there are two columns '%s': rename one"), name);
        found = (int)i;
    }
    if (found < 0) {
        list_all(columns, -1, all, sizeof all);
        return refuse(why, _("there is no column '%s' (--column %s); the columns are: %s"), name,
                      csv_column_name((enum csv_column)role), all);
    }
    if (role != CSV_COLUMN_CARD && role < CSV_COLUMN_IGNORED && is_pin_or_account(word))
        return refuse(
            why,
            _("column %s is about the secret code or the account: access control does not depend on "
              "them, so it cannot be --column %s"),
            columns->names[found], csv_column_name((enum csv_column)role));
    columns->roles[found] = (uint8_t)role;
    return ERR_OK;
}

bool csv_columns_have_card(const struct csv_columns *columns)
{
    return columns->first[CSV_COLUMN_CARD] >= 0 || columns->first[CSV_COLUMN_DESFIRE] >= 0;
}

int csv_columns_need_card(const struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX])
{
    char all[300];
    if (csv_columns_have_card(columns))
        return ERR_OK;
    list_all(columns, -1, all, sizeof all);
    return refuse(why,
                  _("no column is the card: call one 'Carte' or 'UID', or say --column card=NAME, or let "
                    "--guess propose; the columns are: %s"),
                  all);
}

int csv_columns_need_profile(const struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX])
{
    char all[300];
    if (columns->first[CSV_COLUMN_PROFILE] >= 0)
        return ERR_OK;
    list_all(columns, -1, all, sizeof all);
    return refuse(
        why,
        _("no column is the profile: call one 'Régime' or 'Profil', or say --column profile=NAME, or "
          "let --guess propose; the columns are: %s"),
        all);
}

/* Checks that no role is given twice. */
static int check_roles(struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX])
{
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++) {
        columns->first[role] = -1;
        for (size_t i = 0; i < columns->count; i++) {
            if (columns->roles[i] != role)
                continue;
            if (columns->first[role] < 0)
                columns->first[role] = (int16_t)i;
            else if (!csv_column_may_repeat(role))
                return refuse(why, _("columns %s and %s may both be the %s: say which with --column %s=NAME"),
                              columns->names[columns->first[role]], columns->names[i],
                              csv_column_name((enum csv_column)role), csv_column_name((enum csv_column)role));
        }
    }
    return ERR_OK;
}

int csv_columns_read(struct csv_columns *columns, const struct csv_cell *header, size_t count,
                     const char *const by_hand[CSV_COLUMN_MAPPABLE], char why[CSV_COLUMNS_WHY_MAX])
{
    char words[CSV_ROWS_CELLS_MAX][CSV_COLUMNS_NAME_MAX];
    *columns = (struct csv_columns){.count = count};
    for (size_t i = 0; i < count; i++) {
        text_show(header[i].text, header[i].len, columns->names[i], CSV_COLUMNS_NAME_MAX);
        text_fold(header[i].text, header[i].len, words[i], CSV_COLUMNS_NAME_MAX);
        columns->roles[i] = (uint8_t)recognise(words[i]);
        if (columns->roles[i] == CSV_COLUMN_OTHER)
            columns->roles[i] = (uint8_t)recognise_state(&header[i]);
    }
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++) {
        int error = by_hand[role] != NULL ? map_by_hand(columns, words, role, by_hand[role], why) : ERR_OK;
        if (error != ERR_OK)
            return error;
    }
    return check_roles(columns, why);
}
