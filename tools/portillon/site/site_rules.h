/*
 * The rules of a school as site.conf says them: time zone, services, profiles, calendar. Syntax in README.md.
 * Pure but for the time zone files of the system; the caller owns the struct and the report.
 *
 * Whatever is not said is not restricted, so a school that only names its profiles has gates that look at
 * zone, dates and blocks alone. A file without any profile leaves profile_count 0: see site_rules_default.h.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"
#include "tools/portillon/common/import_report.h"

#define SITE_RULES_CALLED_MAX 192
#define SITE_RULES_WORD_SIZE  48
#define SITE_RULES_ZONE_SIZE  (TIME_ZONE_TEXT_LEN + 1)
#define SITE_RULES_SITE_NAME  64

/* What the school's files call a profile, and the days of meals it stands for ("DP4: mon tue thu fri"). */
struct site_word {
    char word[SITE_RULES_WORD_SIZE]; /* folded (text_fold.h) */
    uint8_t profile;
    uint8_t weekdays; /* 0: it says nothing of days */
};

struct site_rules {
    char name[SITE_RULES_SITE_NAME];
    char time_zone[SITE_RULES_ZONE_SIZE]; /* as written: "Europe/Paris" */
    char time_rule[SITE_RULES_ZONE_SIZE]; /* as a gate reads it: "CET-1CEST,M3.5.0,M10.5.0/3" */
    bool default_profiles;                /* the file names none */
    struct whitelist_tables tables;       /* as the list will carry them */
    struct site_word words[SITE_RULES_CALLED_MAX];
    uint16_t word_count;
};

/* Reads the text of a site.conf; path is for messages. What is wrong goes into the report, with its line; the
 * rules are good when report->error_count is 0 after it. @retval ERR_OK, ERR_UNSUPPORTED (not of "format =
 * 1"; that is in the report too), ERR_FORMAT. */
int site_rules_parse(struct site_rules *rules, const char *path, const char *text, size_t len,
                     struct import_report *report) MUST_USE;

/* What a cell of a school's file means: a profile, the days of meals that go with the word, or how many days
 * it tells of ("DP 4 jours": 4) without saying which. Both are 0 when it says nothing of days.
 * @retval index of the profile, ERR_NOT_FOUND. */
int site_rules_find(const struct site_rules *rules, const char *folded, uint8_t *weekdays,
                    int *day_count) MUST_USE;

/* The profile of a name, as in site.conf. @retval index, ERR_NOT_FOUND. */
int site_rules_profile(const struct site_rules *rules, const char *name) MUST_USE;

/* "externe, demi-pension, …" */
void site_rules_list_profiles(const struct site_rules *rules, char *out, size_t size);

#endif
