/* SPDX-License-Identifier: Apache-2.0 */
/* portillon whitelist diff: the cards that were added, removed and changed between two lists. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/list/list_diff.h"
#include "tools/portillon/site/rule_text.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/store/people_store.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SITE, STORE, JSON };

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site they should be of: checks both signatures")},
    {"people", 'p', N_("FILE"), N_("the office's store: cards are shown with names as far as it knows them")},
    {"json", 'j', NULL, N_("as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("OLD NEW [--site DIR] [--people FILE]"),
    N_("Compares two lists: cards that came, left and changed, and whether the school's rules did. Without "
       "--people\n"
       "cards are shown by their tags, for a list knows no names."),
    options,
};

struct diff {
    const char *command;
    bool as_json;
    bool has_people;
    struct people_store people;
    struct json_out json;
};

/* Writes the name of the person behind a pseudonym, or the pseudonym itself. */
static void name_card(struct diff *diff, const struct tag *tag, char *out, size_t size)
{
    struct people_person person;
    char text[2 * TAG_LEN + 1];
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(text + 2 * i, 3, "%02x", tag->bytes[i]);
    if (diff->has_people && people_store_holder(&diff->people, tag, &person) == ERR_OK)
        snprintf(out, size, "%s%s%s (%s)", person.name, person.class_name[0] != '\0' ? ", " : "",
                 person.class_name, text);
    else
        snprintf(out, size, "%s", text);
}

static void tell_text(struct diff *diff, const struct list_difference *difference)
{
    static const char marks[] = {[LIST_CAME] = '+', [LIST_LEFT] = '-', [LIST_CHANGED] = '~'};
    char who[PEOPLE_STORE_NAME_SIZE + 160], before[RULE_TEXT_SIZE] = "", after[RULE_TEXT_SIZE] = "";
    name_card(diff, difference->tag, who, sizeof who);
    if (difference->old_rule != NULL)
        rule_text(difference->old_rule, difference->old_profile, before);
    if (difference->new_rule != NULL)
        rule_text(difference->new_rule, difference->new_profile, after);
    printf("%c %s: %s%s%s\n", marks[difference->change], who, before,
           before[0] != '\0' && after[0] != '\0' ? " -> " : "", after);
}

static void tell_json(struct diff *diff, const struct list_difference *difference)
{
    static const char *const words[] = {
        [LIST_CAME] = "came", [LIST_LEFT] = "left", [LIST_CHANGED] = "changed"};
    char text[RULE_TEXT_SIZE];
    struct people_person person;
    translate_pause();
    json_out_object(&diff->json, NULL);
    json_out_text(&diff->json, "change", words[difference->change]);
    json_out_hex(&diff->json, "tag", difference->tag->bytes, TAG_LEN);
    if (diff->has_people && people_store_holder(&diff->people, difference->tag, &person) == ERR_OK) {
        json_out_text(&diff->json, "person", person.name);
        json_out_text(&diff->json, "class", person.class_name);
    }
    if (difference->old_rule != NULL) {
        rule_text(difference->old_rule, difference->old_profile, text);
        json_out_text(&diff->json, "old", text);
    }
    if (difference->new_rule != NULL) {
        rule_text(difference->new_rule, difference->new_profile, text);
        json_out_text(&diff->json, "new", text);
    }
    json_out_end(&diff->json);
    translate_resume();
}

static void tell(void *ctx, const struct list_difference *difference)
{
    struct diff *diff = ctx;
    if (diff->as_json)
        tell_json(diff, difference);
    else
        tell_text(diff, difference);
}

/* Returns true when two lists have the same rules besides the cards: it compares the signed tables. */
static bool same_rules(const struct list_open *a, const struct list_open *b)
{
    const struct whitelist_header *x = &a->list.header, *y = &b->list.header;
    uint32_t from_x = whitelist_services_offset(x), from_y = whitelist_services_offset(y);
    uint32_t len_x = whitelist_hashes_offset(x) - from_x, len_y = whitelist_hashes_offset(y) - from_y;
    uint32_t profiles = whitelist_rules_offset(x) - whitelist_profiles_offset();
    return strcmp(x->time_zone, y->time_zone) == 0 && x->profile_count == y->profile_count &&
           len_x == len_y &&
           memcmp(a->list.head + whitelist_profiles_offset(), b->list.head + whitelist_profiles_offset(),
                  profiles) == 0 &&
           memcmp(a->list.head + from_x, b->list.head + from_y, len_x) == 0;
}

static int compare(struct diff *diff, const struct list_open *old_list, const struct list_open *new_list)
{
    struct list_diff_counts counts = {0};
    bool same = same_rules(old_list, new_list);
    if (diff->as_json) {
        json_out_start(&diff->json, stdout);
        json_out_object(&diff->json, NULL);
        json_out_int(&diff->json, "old_version", old_list->list.header.version);
        json_out_int(&diff->json, "new_version", new_list->list.header.version);
        json_out_bool(&diff->json, "rules_changed", !same);
        json_out_array(&diff->json, "cards");
    }
    if (list_diff(old_list, new_list, tell, diff, &counts) != ERR_OK)
        return command_fail("%s: out of memory", diff->command);
    if (diff->as_json) {
        json_out_end(&diff->json);
        json_out_int(&diff->json, "came", counts.came);
        json_out_int(&diff->json, "left", counts.left);
        json_out_int(&diff->json, "changed", counts.changed);
        json_out_int(&diff->json, "same", counts.same);
        json_out_end(&diff->json);
        return COMMAND_OK;
    }
    printf(_("version %" PRIu32 " -> %" PRIu32 ": %" PRIu32 " came, %" PRIu32 " left, %" PRIu32
             " changed, %" PRIu32 " as before"),
           old_list->list.header.version, new_list->list.header.version, counts.came, counts.left,
           counts.changed, counts.same);
    printf(same ? "\n" : _("; the school's rules changed (portillon whitelist show prints them)\n"));
    return COMMAND_OK;
}

static int open_and_compare(struct diff *diff, const char *old_path, const char *new_path, const uint8_t *key)
{
    static struct list_open old_list, new_list;
    int status = COMMAND_FAILED;
    if (list_open(&old_list, diff->command, old_path, key) != ERR_OK)
        return status;
    if (list_open(&new_list, diff->command, new_path, key) == ERR_OK) {
        status = compare(diff, &old_list, &new_list);
        list_open_free(&new_list);
    }
    list_open_free(&old_list);
    return status;
}

int cmd_whitelist_diff(int argc, char **argv)
{
    struct diff diff = {.command = argv[0]};
    struct site site;
    const char *value, *folder = NULL, *people = NULL;
    int option;
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (option == SITE)
            folder = value;
        else if (option == STORE)
            people = value;
        else
            diff.as_json = true;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc - optind != 2)
        return command_misuse(argv[0], "two lists are needed, the old one first");
    if (site_crypto_init() != ERR_OK || (folder != NULL && site_open(&site, argv[0], folder) != ERR_OK))
        return COMMAND_FAILED;
    int error = people != NULL
                    ? people_store_open_to_read(&diff.people, people, folder != NULL ? site.site_id : NULL)
                    : ERR_OK;
    diff.has_people = people != NULL;
    int status =
        error == ERR_OK
            ? open_and_compare(&diff, argv[optind], argv[optind + 1], folder != NULL ? site.public_key : NULL)
            : command_fail("%s: %s: %s", argv[0], people, people_store_error(&diff.people));
    if (people != NULL)
        people_store_close(&diff.people);
    if (folder != NULL)
        site_close(&site);
    return status;
}
