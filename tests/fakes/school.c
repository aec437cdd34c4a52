/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/school.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT_DAYS  30 /* how long a loan that is over stays in the list */
#define TEMP_CARDS 12

static const char *const profile_words[] = {"Externe libre", "DP",    "Interne dans l'établissement",
                                            "Commensaux",    "agent", "visiteur"};

uint32_t school_random(struct school *school, uint32_t limit)
{
    school->random = school->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((school->random >> 33) % limit);
}

static void give_card(struct school *school, int number)
{
    struct school_person *person = &school->people[number];
    snprintf(person->uid, sizeof person->uid, "04%08X%04X", (unsigned)(school->card_count * 2654435761u),
             (unsigned)school->card_count);
    memcpy(school->cards[school->card_count].uid, person->uid, SCHOOL_UID);
    school->cards[school->card_count++].person = number;
}

static void set_profile(struct school *school, struct school_person *person, enum school_profile profile)
{
    static const uint8_t days[] = {0, 0x1F, 0x1B, 0x0A, 0x15, 0x01};
    person->profile = profile;
    person->weekdays = profile == SCHOOL_DP ? days[school_random(school, 6)] : 0;
    person->passages = profile == SCHOOL_COMMENSAL ? (uint8_t)(1 + school_random(school, 3)) : 1;
}

static enum school_profile draw_profile(struct school *school, int number)
{
    if (number >= 1500)
        return number < 1550 ? SCHOOL_COMMENSAL : number < 1590 ? SCHOOL_AGENT : SCHOOL_VISITEUR;
    uint32_t drawn = school_random(school, 100);
    return drawn < 35 ? SCHOOL_EXTERNE : drawn < 85 ? SCHOOL_DP : SCHOOL_INTERNE;
}

void school_open(struct school *school)
{
    memset(school, 0, sizeof *school);
    school->random = 2026;
    for (int i = 0; i < SCHOOL_PEOPLE; i++) {
        struct school_person *person = &school->people[i];
        snprintf(person->name, sizeof person->name, "Personne %04d", i);
        snprintf(person->class_name, sizeof person->class_name, "%d-%02d", i % 3, i / 50);
        snprintf(person->id, sizeof person->id, "%06d", i);
        set_profile(school, person, draw_profile(school, i));
        person->here = school_random(school, 20) != 0;
        person->first_day = i < 1500 ? 9740 : 0; /* 2026-09-01 */
        person->last_day = i < 1500 ? 10044 : 0; /* 2027-07-02 */
        if (school_random(school, 50) != 0)
            give_card(school, i);
    }
}

/* --- changes --- */

static bool is_lent_now(const struct school *school, const char *uid)
{
    for (int i = 0; i < school->loan_count; i++)
        if (school->loans[i].until_utc_s == 0 && strcmp(school->loans[i].uid, uid) == 0)
            return true;
    return false;
}

static void lend(struct school *school, int number, uint16_t today, uint32_t utc_s)
{
    struct school_person *person = &school->people[number];
    char uid[SCHOOL_UID];
    snprintf(uid, sizeof uid, "04AA%010X", (unsigned)school_random(school, TEMP_CARDS));
    if (school->loan_count == SCHOOL_LOANS || !person->here || person->lent[0] != '\0' ||
        is_lent_now(school, uid))
        return;
    struct school_loan *loan = &school->loans[school->loan_count++];
    *loan = (struct school_loan){.person = number, .since_utc_s = utc_s, .first_day = today};
    memcpy(loan->uid, uid, SCHOOL_UID);
    memcpy(loan->lost, person->uid, SCHOOL_UID);
    loan->last_day = (uint16_t)(today + 2 + school_random(school, 12));
    memcpy(person->lent, uid, SCHOOL_UID);
}

static void give_back(struct school *school, struct school_loan *loan, uint32_t utc_s)
{
    loan->until_utc_s = utc_s;
    school->people[loan->person].lent[0] = '\0';
    give_card(school, loan->person); /* the region sent a new card */
}

void school_change(struct school *school, uint16_t today, uint32_t utc_s)
{
    for (int i = 0; i < school->loan_count; i++)
        if (school->loans[i].until_utc_s == 0 && today > school->loans[i].last_day &&
            school_random(school, 3) == 0)
            give_back(school, &school->loans[i], utc_s);
    for (int i = 0; i < 12; i++) {
        int number = (int)school_random(school, SCHOOL_PEOPLE);
        struct school_person *person = &school->people[number];
        switch (school_random(school, 6)) {
        case 0:
            person->here = person->lent[0] != '\0' || !person->here;
            break;
        case 1:
            set_profile(school, person, draw_profile(school, number));
            break;
        case 2:
            if (person->uid[0] == '\0')
                give_card(school, number);
            break;
        default:
            lend(school, number, today, utc_s);
        }
    }
}

/* --- the file --- */

static void write_days(uint8_t weekdays, char out[32])
{
    static const char names[5][4] = {"lun", "mar", "mer", "jeu", "ven"};
    out[0] = '\0';
    for (int day = 0; day < 5; day++)
        if (weekdays >> day & 1)
            snprintf(out + strlen(out), 32 - strlen(out), "%s%s", out[0] != '\0' ? " " : "", names[day]);
}

char *school_file(struct school *school)
{
    size_t size = 200 * (size_t)SCHOOL_PEOPLE + 200;
    char *text = malloc(size), *at = text;
    if (text == NULL)
        abort();
    at += sprintf(at,
                  "\xEF\xBB\xBFNom;Classe;INE;Régime;Jours;Passages;Carte;Valide du;Valide jusqu'au;PIN\r\n");
    for (int i = 0; i < SCHOOL_PEOPLE; i++) {
        const struct school_person *person = &school->people[i];
        char days[32];
        if (!person->here)
            continue;
        write_days(person->weekdays, days);
        at += sprintf(at, "%s;%s;%s;%s;%s;%d;%s;%s;%s;%s\r\n", person->name, person->class_name, person->id,
                      profile_words[person->profile], days, person->passages, person->uid,
                      person->first_day != 0 ? "01/09/2026" : "", person->last_day != 0 ? "02/07/2027" : "",
                      i % 2 != 0 ? "oui" : "jamais");
    }
    for (int i = 0; i < school->card_count; i++) {
        const struct school_person *person = &school->people[school->cards[i].person];
        if (person->here && strcmp(person->uid, school->cards[i].uid) == 0)
            school->cards[i].filed = true;
    }
    return text;
}

/* --- the expected rights --- */

static int by_uid(const void *a, const void *b)
{
    return strcmp(((const struct school_right *)a)->uid, ((const struct school_right *)b)->uid);
}

static struct whitelist_rule rule_of(const struct school_person *person)
{
    return (struct whitelist_rule){.profile = (uint8_t)person->profile,
                                   .weekdays = person->weekdays != 0 ? person->weekdays : 0x7F,
                                   .first_day = person->first_day,
                                   .last_day = person->last_day != 0 ? person->last_day : 0xFFFF,
                                   .passages = person->passages};
}

static bool was_lost(const struct school *school, const char *uid)
{
    for (int i = 0; i < school->loan_count; i++)
        if (strcmp(school->loans[i].lost, uid) == 0)
            return true;
    return false;
}

int school_rights(const struct school *school, uint16_t today, struct school_right **rights)
{
    int count = 0;
    struct school_right *made = calloc(SCHOOL_PEOPLE + 2 * SCHOOL_LOANS, sizeof *made);
    if (made == NULL)
        abort();
    for (int i = 0; i < SCHOOL_PEOPLE; i++) {
        const struct school_person *person = &school->people[i];
        if (!person->here || person->uid[0] == '\0' || was_lost(school, person->uid))
            continue;
        memcpy(made[count].uid, person->uid, SCHOOL_UID);
        made[count++].rule = rule_of(person);
    }
    for (int i = 0; i < school->loan_count; i++) {
        const struct school_loan *loan = &school->loans[i];
        const struct school_person *person = &school->people[loan->person];
        if (loan->lost[0] != '\0') { /* blocked for good */
            memcpy(made[count].uid, loan->lost, SCHOOL_UID);
            made[count++].rule.flags = WHITELIST_RULE_BLOCKED;
        }
        if (loan->until_utc_s != 0 || today > loan->last_day + KEPT_DAYS)
            continue;
        memcpy(made[count].uid, loan->uid, SCHOOL_UID);
        made[count].rule = rule_of(person);
        made[count].rule.first_day = loan->first_day;
        made[count].rule.last_day = loan->last_day;
        made[count++].rule.flags = WHITELIST_RULE_TEMPORARY;
    }
    qsort(made, (size_t)count, sizeof *made, by_uid);
    *rights = made;
    return count;
}

const struct school_right *school_find_right(const struct school_right *rights, int count, const char *uid)
{
    struct school_right key;
    snprintf(key.uid, sizeof key.uid, "%s", uid);
    return bsearch(&key, rights, (size_t)count, sizeof key, by_uid);
}

const char *school_holder(const struct school *school, const char *uid, uint32_t utc_s)
{
    for (int i = 0; i < school->loan_count; i++) {
        const struct school_loan *loan = &school->loans[i];
        if (strcmp(loan->uid, uid) == 0 && utc_s >= loan->since_utc_s &&
            (loan->until_utc_s == 0 || utc_s < loan->until_utc_s))
            return school->people[loan->person].name;
    }
    for (int i = 0; i < school->card_count; i++)
        if (school->cards[i].filed && strcmp(school->cards[i].uid, uid) == 0)
            return school->people[school->cards[i].person].name;
    return NULL;
}
