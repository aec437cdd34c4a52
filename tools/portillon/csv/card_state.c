/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/card_state.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/csv_none.h"

#define WORDS_MAX 12
#define WORD_SIZE 24

/* The words of a text, folded (text_fold.h). */
struct words {
    size_t count;
    char word[WORDS_MAX][WORD_SIZE];
    bool more; /* than fit */
};

/* --- vocabulary --- */

static const char *const lost_words[] = {"perdu", "perdue",   "perdus", "perte",   "vole",
                                         "volee", "vol",      "egare",  "egaree",  "disparu",
                                         "lost",  "disparue", "stolen", "missing", NULL};
/* Participles that agree with "la carte" ("le compte" has other forms), and what is done only to cards. */
static const char *const card_bad_words[] = {
    "gelee",      "neutralisee", "blacklistee", "oppo",       "opposition", "opposee",   "bloquee",
    "desactivee", "suspendue",   "verrouillee", "annulee",    "invalidee",  "perimee",   "expiree",
    "resiliee",   "revoquee",    "restituee",   "restitue",   "rendue",     "rendu",     "remplacee",
    "remplace",   "detruite",    "detruit",     "cassee",     "casse",      "interdite", "refusee",
    "abimee",     "abime",       "defectueuse", "defectueux", "illisible",  "hs",        "returned",
    "replaced",   "destroyed",   "damaged",     "broken",     NULL};
static const char *const bad_words[] = {
    "ko",         "nok",        "blacklisted", "blacklist",   "blackliste", "gele",       "frozen",
    "neutralise", "hotlisted",  "bloque",      "blocage",     "blocked",    "desactive",  "desactivation",
    "inactif",    "inactive",   "disabled",    "deactivated", "locked",     "verrouille", "suspendu",
    "suspended",  "suspension", "annule",      "cancelled",   "canceled",   "revoque",    "revoked",
    "expire",     "expired",    "perime",      "invalide",    "invalid",    "resilie",    "ferme",
    "fermee",     "closed",     "cloture",     "cloturee",    "clos",       "archive",    "archivee",
    "inhibe",     "inhibee",    "banned",      "barred",      "interdit",   "forbidden",  "denied",
    "refuse",     "supprime",   "supprimee",   "deleted",     "exclu",      "exclue",     NULL};
static const char *const good_words[] = {
    "neuve",    "neuf",      "nouvelle",   "nouveau",   "new",       "temporaire", "provisoire", "definitive",
    "imprimee", "livree",    "produite",   "editee",    "encodee",   "expediee",   "fabriquee",  "possession",
    "actif",    "active",    "actives",    "activee",   "activated", "enabled",    "valide",     "valid",
    "validee",  "ok",        "bon",        "bonne",     "good",      "normal",     "normale",    "service",
    "cours",    "usage",     "use",        "utilisee",  "utilise",   "delivree",   "delivre",    "remise",
    "remis",    "issued",    "distribuee", "attribuee", "attribue",  "affectee",   "assigned",   "retrouvee",
    "retrouve", "found",     "debloquee",  "debloque",  "unblocked", "unlocked",   "ouvert",     "ouverte",
    "open",     "reactivee", "reactive",   "autorisee", "autorise",  "allowed",    "authorized", "opened",
    NULL};
static const char *const never_words[] = {"jamais", "never", "attente", "pending", NULL};
static const char *const not_words[] = {"non", "not", "pas", "hors", "sans", "aucun", "aucune", NULL};
static const char *const yes_words[] = {"oui", "on", "o", "1", "x", "vrai", "yes", "y", "true", NULL};
static const char *const no_words[] = {"non", "n", "0", "faux", "no", "false", "off", NULL};
/* The card itself, in a header or a cell. */
static const char *const card_nouns[] = {"carte", "cartes", "badge", "badges", "card", "cards",
                                         "jeton", "uid",    "acces", "access", NULL};
static const char *const access_nouns[] = {"acces", "access", NULL};
static const char *const fillers[] = {"etat",
                                      "eleve",
                                      "titulaire",
                                      "la",
                                      "le",
                                      "les",
                                      "l",
                                      "de",
                                      "du",
                                      "des",
                                      "d",
                                      "en",
                                      "est",
                                      "is",
                                      "a",
                                      "ete",
                                      "has",
                                      "been",
                                      "the",
                                      "of",
                                      "mise",
                                      "e",
                                      "temporairement",
                                      "definitivement",
                                      "mis",
                                      "faite",
                                      "fait",
                                      "et",
                                      "ou",
                                      "or",
                                      "declaree",
                                      "declare",
                                      "signalee",
                                      "signale",
                                      "reported",
                                      "flag",
                                      "pass",
                                      "region",
                                      "passregion",
                                      "nfc",
                                      "rfid",
                                      "d",
                                      "s",
                                      NULL};
/* A warning in any column, when they stand alone. */
static const char *const plain_words[] = {"bloquee",     "bloque",   "desactivee",  "desactive",
                                          "blocked",     "disabled", "deactivated", "locked",
                                          "verrouillee", "oppo",     "blacklisted", NULL};
/* In a header only. */
static const char *const state_words[] = {"etat", "statut", "status", "state", NULL};
static const char *const answer_hints[] = {"o", "n", "oui", "non", "yes", "no", "y", "0", "1", NULL};
static const char *const reason_words[] = {"vol",   "declaration", "signalement", "motif", "raison", "reason",
                                           "cause", "date",        "depuis",      "since", "on",     NULL};
static const char *const header_blocked_words[] = {
    "oppo",        "verrou",   "blacklisted",  "blacklist",  "blackliste", "blacklistee", "gelee",
    "gele",        "frozen",   "neutralisee",  "neutralise", "perdu",      "perdue",      "perte",
    "vole",        "volee",    "egare",        "egaree",     "lost",       "stolen",      "opposition",
    "bloquee",     "bloque",   "blocage",      "blocked",    "desactivee", "desactive",   "desactivation",
    "deactivated", "disabled", "inactif",      "inactive",   "locked",     "verrouillee", "verrouille",
    "suspendue",   "suspendu", "suspension",   "suspended",  "annulee",    "annule",      "cancelled",
    "canceled",    "revoquee", "revoque",      "revoked",    "invalide",   "invalidee",   "invalid",
    "interdite",   "interdit", "interdiction", "forbidden",  "restituee",  "rendue",      "returned",
    "remplacee",   "cassee",   "detruite",     "hs",         "expiree",    "perimee",     NULL};
static const char *const header_active_words[] = {"active",   "valide",     "valid",     "enabled",
                                                  "autorise", "autorisee",  "autorises", "authorized",
                                                  "allowed",  "utilisable", NULL};
static const char *const header_activated_words[] = {"activee", "activated", "activation", NULL};

/* --- words --- */

static bool is_camel_break(const char *text, size_t i)
{
    return i > 0 && islower((unsigned char)text[i - 1]) && isupper((unsigned char)text[i]);
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static void add_word(struct words *words, const char *text, size_t len)
{
    if (words->count == WORDS_MAX) {
        words->more = true;
        return;
    }
    if (text_fold(text, len, words->word[words->count], WORD_SIZE) > 0)
        words->count++;
}

/* Splits at spaces, punctuation and camel case. */
static void split(struct words *words, const char *text, size_t len)
{
    size_t start = 0;
    *words = (struct words){0};
    for (size_t i = 0; i <= len; i++) {
        bool inside = i < len && is_word_byte(text[i]);
        if (inside && !is_camel_break(text, i))
            continue;
        if (i > start)
            add_word(words, text + start, i - start);
        start = inside ? i : i + 1;
    }
}

static bool is_number(const char *word)
{
    return word[strspn(word, "0123456789")] == '\0';
}

/* --- headers --- */

/* "Activé" and "Active" are the same when folded, but only the second agrees with "la carte". */
static bool has_activated_accent(const char *text, size_t len)
{
    static const char *const forms[] = {"ctiv\xC3\xA9", "CTIV\xC3\x89"};
    for (size_t i = 0; i + strlen(forms[0]) <= len; i++)
        if (memcmp(text + i, forms[0], strlen(forms[0])) == 0 ||
            memcmp(text + i, forms[1], strlen(forms[1])) == 0)
            return true;
    return false;
}

enum card_state_header card_state_header(const char *text, size_t len)
{
    struct words words;
    bool card = false, access = false, state = false, blocked = false, active = false, activated = false,
         masculine = false;
    split(&words, text, len);
    for (size_t i = 0; i < words.count; i++) {
        const char *word = words.word[i];
        bool service = strcmp(word, "service") == 0 && i > 0; /* "en service", "hors service" */
        access = access || text_is_one_of(word, access_nouns);
        if (text_is_one_of(word, card_nouns))
            card = true;
        else if (text_is_one_of(word, state_words))
            state = true;
        else if (text_is_one_of(word, header_blocked_words) || strcmp(word, "hors") == 0)
            blocked = true;
        else if (text_is_one_of(word, header_active_words) || service)
            active = true;
        else if (text_is_one_of(word, header_activated_words))
            activated = true;
        else if (strcmp(word, "actif") == 0)
            masculine = true;
        else if (!text_is_one_of(word, fillers) && !text_is_one_of(word, answer_hints) &&
                 !text_is_one_of(word, reason_words))
            return CARD_STATE_NONE;
    }
    if (words.more)
        return CARD_STATE_NONE;
    if (blocked)
        return CARD_STATE_BLOCKED;
    bool access_only = access && words.count == 1;
    if (access_only || activated || (active && has_activated_accent(text, len)) || (masculine && !card))
        return CARD_STATE_UNCLEAR_ACTIVE;
    if (active || masculine)
        return CARD_STATE_ACTIVE;
    return !state ? CARD_STATE_NONE : card ? CARD_STATE_CARD : CARD_STATE_UNCLEAR;
}

/* --- cells --- */

struct meaning {
    bool lost, card_bad, bad, good, never;
    bool card, unknown, number;
};

static void weigh(struct meaning *meaning, const char *word, bool negated)
{
    if (text_is_one_of(word, never_words))
        meaning->never = true;
    else if (text_is_one_of(word, card_nouns))
        meaning->card = true;
    else if (text_is_one_of(word, lost_words))
        *(negated ? &meaning->good : &meaning->lost) = true;
    else if (text_is_one_of(word, card_bad_words))
        *(negated ? &meaning->good : &meaning->card_bad) = true;
    else if (text_is_one_of(word, bad_words))
        *(negated ? &meaning->good : &meaning->bad) = true;
    else if (negated && (strcmp(word, "activee") == 0 || strcmp(word, "activated") == 0))
        meaning->unknown = true; /* by the school, or by its holder */
    else if (text_is_one_of(word, good_words))
        *(negated ? &meaning->bad : &meaning->good) = true;
    else if (is_number(word))
        meaning->number = true;
    else if (!text_is_one_of(word, fillers) && !text_is_one_of(word, not_words))
        meaning->unknown = true;
}

static struct meaning understand(const struct words *words)
{
    struct meaning meaning = {.unknown = words->more};
    bool negated = false;
    for (size_t i = 0; i < words->count; i++) {
        weigh(&meaning, words->word[i], negated);
        negated =
            text_is_one_of(words->word[i], not_words) || (negated && text_is_one_of(words->word[i], fillers));
    }
    return meaning;
}

static enum card_state_word read_answer(const char *word)
{
    if (text_is_one_of(word, yes_words))
        return CARD_STATE_SAYS_YES;
    if (text_is_one_of(word, no_words))
        return CARD_STATE_SAYS_NO;
    return CARD_STATE_SAYS_OTHER;
}

static bool is_tick(const char *text, size_t len)
{
    static const char *const ticks[] = {"\xE2\x9C\x93", "\xE2\x9C\x94", "\xE2\x98\x91", "\xE2\x9C\x97", NULL};
    for (size_t i = 0; ticks[i] != NULL; i++)
        if (len >= 3 && memcmp(text, ticks[i], 3) == 0)
            return true;
    return false;
}

static enum card_state_word conclude(const struct meaning *meaning)
{
    bool bad = meaning->lost || meaning->card_bad || meaning->bad;
    if (meaning->never)
        return bad ? CARD_STATE_SAYS_OTHER : CARD_STATE_SAYS_NEVER_USED;
    if (bad && meaning->good)
        return CARD_STATE_SAYS_OTHER;
    if (meaning->lost)
        return CARD_STATE_SAYS_LOST;
    if (meaning->unknown)
        return CARD_STATE_SAYS_OTHER;
    if (meaning->card_bad || (meaning->bad && meaning->card))
        return CARD_STATE_SAYS_CARD_BAD;
    if (meaning->bad)
        return CARD_STATE_SAYS_BAD;
    if (meaning->good)
        return CARD_STATE_SAYS_GOOD;
    return meaning->number ? CARD_STATE_SAYS_DATE : CARD_STATE_SAYS_OTHER;
}

enum card_state_word card_state_read(const char *text, size_t len)
{
    struct words words;
    if (csv_none_is(text, len) || (len > 1 && csv_none_is_zero(text, len)))
        return CARD_STATE_SAYS_NOTHING;
    if (is_tick(text, len))
        return CARD_STATE_SAYS_YES;
    split(&words, text, len);
    enum card_state_word answer = words.count == 1 ? read_answer(words.word[0]) : CARD_STATE_SAYS_OTHER;
    if (answer != CARD_STATE_SAYS_OTHER)
        return answer;
    struct meaning meaning = understand(&words);
    enum card_state_word says = conclude(&meaning);
    return says == CARD_STATE_SAYS_DATE && words.count < 3 ? CARD_STATE_SAYS_OTHER : says;
}

static bool has_one_of(const struct words *words, const char *const *table)
{
    for (size_t i = 0; i < words->count; i++)
        if (text_is_one_of(words->word[i], table))
            return true;
    return false;
}

bool card_state_warns(const char *text, size_t len)
{
    struct words words;
    split(&words, text, len);
    if (words.count == 1 && text_is_one_of(words.word[0], plain_words))
        return true;
    if (!has_one_of(&words, lost_words) && !has_one_of(&words, card_nouns)) /* the usual case */
        return false;
    struct meaning meaning = understand(&words);
    bool bad = meaning.card_bad || meaning.bad;
    if (meaning.good || meaning.never)
        return false;
    return meaning.card ? meaning.lost || bad : meaning.lost && !meaning.unknown;
}
