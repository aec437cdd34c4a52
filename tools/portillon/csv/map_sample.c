/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/map_sample.h"

#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/common/weekdays.h"

int map_sample_keep(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards)
{
    struct map_sample *sample = ctx;
    bool in_register = sample->import->source.file.kind == WORKBOOK_SIECLE; /* nobody there has a card */
    if (sample->count == MAP_SAMPLE_ROWS || in_register)
        return ERR_OK;
    sample->people[sample->count] = *person;
    sample->cards[sample->count] = *cards;
    sample->count++;
    return ERR_OK;
}

/* Prints text padded to a width in characters, and a space. Longer text is cut. */
static void print_cut(FILE *out, const char *text, int width)
{
    int shown = 0;
    for (; *text != '\0' && shown < width; text++) {
        fputc(*text, out);
        shown += ((unsigned char)text[1] & 0xC0) != 0x80;
    }
    fprintf(out, "%*s", width - shown + 1, "");
}

static void print_padded(FILE *out, const char *text, int width)
{
    fprintf(out, "%-*s ", utf8_width(text, width), text);
}

enum { NAME_WIDTH = 28, CLASS_WIDTH = 8, CARD_WIDTH = 21, PROFILE_WIDTH = 12, MEALS_WIDTH = 15 };

static void show_headings(FILE *out)
{
    fputc('\n', out);
    print_cut(out, _("name"), NAME_WIDTH);
    print_cut(out, _("class"), CLASS_WIDTH);
    print_padded(out, _("card"), CARD_WIDTH);
    print_padded(out, _("profile"), PROFILE_WIDTH);
    print_padded(out, _("meals"), MEALS_WIDTH);
    print_padded(out, _("valid"), 23);
    fputc('\n', out);
}

void map_sample_show(const struct map_sample *sample, const struct whitelist_tables *tables, FILE *out)
{
    show_headings(out);
    for (int i = 0; i < sample->count; i++) {
        const struct csv_person *person = &sample->people[i];
        const struct csv_row_cards *cards = &sample->cards[i];
        const struct whitelist_rule *rule = &cards->rule;
        const struct card_origin *origin = &cards->at[0].origin;
        char number[2 * CREDENTIAL_ID_MAX + 1] = "", days[WEEKDAYS_TEXT_SIZE], from[CIVIL_DATE_TEXT_SIZE],
                                            until[CIVIL_DATE_TEXT_SIZE], name[260];
        for (uint8_t b = 0; cards->count != 0 && b < origin->id_len; b++)
            snprintf(number + 2 * b, 3, "%02X", origin->id[b]);
        weekdays_text(rule->weekdays, days);
        civil_date_text(rule->first_day, from);
        civil_date_text(rule->last_day, until);
        snprintf(name, sizeof name, "%s %s", person->text[0], person->text[1]);
        print_cut(out, name, NAME_WIDTH);
        print_cut(out, person->text[2], CLASS_WIDTH);
        print_padded(out, cards->count != 0 ? number : _("none yet"), CARD_WIDTH);
        print_padded(out, tables->profiles[rule->profile].name, PROFILE_WIDTH);
        print_padded(out, tables->profiles[rule->profile].zones & WHITELIST_ZONE_CANTEEN ? days : "-",
                     MEALS_WIDTH);
        fprintf(out, "%-10s - %-10s %s%s%s\n", rule->first_day != WHITELIST_NO_FIRST_DAY ? from : "",
                rule->last_day != WHITELIST_NO_LAST_DAY ? until : "",
                rule->flags & WHITELIST_RULE_BLOCKED ? _("blocked") : "",
                rule->flags & WHITELIST_RULE_BLOCKED ? " " : "",
                rule->flags & WHITELIST_RULE_TEMPORARY ? _("temporary") : "");
    }
}
