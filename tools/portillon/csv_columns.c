#include "tools/portillon/csv_columns.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tools/portillon/text_fold.h"

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
static const char *const profile_words[] = {"regime",        "profil",
                                            "profile",       "regimescolaire",
                                            "regimecantine", "regimedemipension",
                                            "libelleregime", "categorie",
                                            "category",      NULL};
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
static const char *const person_words[] = {
    "nom",       "prenom",   "prenoms",   "nomprenom", "prenomnom",       "nometprenom", "nomdefamille",
    "nomdusage", "eleve",    "classe",    "division",  "groupe",          "niveau",      "mef",
    "ine",       "sexe",     "genre",     "naissance", "datedenaissance", "nele",        "mail",
    "email",     "courriel", "telephone", "name",      "firstname",       "lastname",    "surname",
    "givenname", "fullname", "student",   "pupil",     "class",           "birthdate",   "dateofbirth",
    "gender",    "phone",    NULL};
static const char *const pin_words[] = {
    "pin",        "code",       "codesecret", "codepin",    "pincode", "codeconfidentiel", "codepersonnel",
    "secretcode", "motdepasse", "password",   "activation", "etat",    "dateactivation",   "datedactivation",
    NULL};

const char *csv_column_name(enum csv_column column)
{
    static const char *const names[CSV_COLUMN_MAPPABLE] = {"card", "profile", "from", "until", "blocked"};
    return column < CSV_COLUMN_MAPPABLE ? names[column] : NULL;
}

/* "Code PIN défini", "Etat du compte", "Compte activé", "PIN set", "Account status" and so on. */
static bool is_pin_or_account(const char *word)
{
    return text_is_one_of(word, pin_words) || strstr(word, "codesecret") != NULL ||
           strstr(word, "codepin") != NULL || strstr(word, "compte") != NULL ||
           strstr(word, "account") != NULL || strncmp(word, "pin", 3) == 0;
}

static enum csv_column recognise(const char *word)
{
    if (is_pin_or_account(word))
        return CSV_COLUMN_PIN;
    if (text_is_one_of(word, card_words))
        return CSV_COLUMN_CARD;
    if (text_is_one_of(word, profile_words))
        return CSV_COLUMN_PROFILE;
    if (text_is_one_of(word, from_words))
        return CSV_COLUMN_FROM;
    if (text_is_one_of(word, until_words))
        return CSV_COLUMN_UNTIL;
    if (text_is_one_of(word, blocked_words))
        return CSV_COLUMN_BLOCKED;
    return text_is_one_of(word, person_words) ? CSV_COLUMN_PERSON : CSV_COLUMN_OTHER;
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

/* Gives a role to the column that --column names, and takes it from the others. */
static int map_by_hand(struct csv_columns *columns, const char words[][CSV_COLUMNS_NAME_MAX], int role,
                       const char *name, char why[CSV_COLUMNS_WHY_MAX])
{
    char word[CSV_COLUMNS_NAME_MAX], all[300];
    int found = -1;
    text_fold(name, strlen(name), word, sizeof word);
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->roles[i] == role)
            columns->roles[i] = CSV_COLUMN_OTHER;
        if (word[0] == '\0' || strcmp(words[i], word) != 0)
            continue;
        if (found >= 0)
            return refuse(why, "there are two columns '%s': rename one", name);
        found = (int)i;
    }
    if (found < 0) {
        list_all(columns, -1, all, sizeof all);
        return refuse(why, "there is no column '%s' (--column %s); the columns are: %s", name,
                      csv_column_name((enum csv_column)role), all);
    }
    if (role != CSV_COLUMN_CARD && is_pin_or_account(word))
        return refuse(why,
                      "column %s is about the secret code or the account: access control does not depend on "
                      "them, so it cannot be --column %s",
                      columns->names[found], csv_column_name((enum csv_column)role));
    columns->roles[found] = (uint8_t)role;
    return ERR_OK;
}

/* Every role at most once, and the two that a list cannot do without. */
static int check_roles(struct csv_columns *columns, char why[CSV_COLUMNS_WHY_MAX])
{
    static const char *const hints[] = {"call one 'Carte' or 'UID'", "call one 'Régime' or 'Profil'"};
    char all[300];
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++) {
        columns->first[role] = -1;
        for (size_t i = 0; i < columns->count; i++) {
            if (columns->roles[i] != role)
                continue;
            if (columns->first[role] < 0)
                columns->first[role] = (int16_t)i;
            else if (role != CSV_COLUMN_BLOCKED)
                return refuse(why, "columns %s and %s may both be the %s: say which with --column %s=NAME",
                              columns->names[columns->first[role]], columns->names[i],
                              csv_column_name((enum csv_column)role), csv_column_name((enum csv_column)role));
        }
    }
    for (int role = CSV_COLUMN_CARD; role <= CSV_COLUMN_PROFILE; role++)
        if (columns->first[role] < 0) {
            list_all(columns, -1, all, sizeof all);
            return refuse(why, "no column is the %s: %s, or say --column %s=NAME; the columns are: %s",
                          csv_column_name((enum csv_column)role), hints[role],
                          csv_column_name((enum csv_column)role), all);
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
    }
    for (int role = 0; role < CSV_COLUMN_MAPPABLE; role++) {
        int error = by_hand[role] != NULL ? map_by_hand(columns, words, role, by_hand[role], why) : ERR_OK;
        if (error != ERR_OK)
            return error;
    }
    return check_roles(columns, why);
}
