/* SPDX-License-Identifier: Apache-2.0 */
/* portillon store forget: deletes what the law no longer allows to keep. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/report/meal_tally.h"
#include "tools/portillon/report/report_rules.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/list_store.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/site_option.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { STORE, SITE, DAYS, JSON };

static const struct command_option options[] = {
    {"store", 0, N_("FILE"), N_("the office's store")},
    {"site", 's', N_("DIR"),
     N_("the site: its site.conf has the hours of the services, for the counts of meals")},
    {"days", 'd', N_("N"), N_("what is older than N days goes (default 90; the CNIL allows three months)")},
    {"json", 'j', NULL, N_("say what was deleted as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("--store FILE [--site DIR] [--days N] [--json]"),
    N_("Deletes passages and events older than N days, who had which card before that, people who left the "
       "school\n"
       "before that, lists that no passage left was decided by, and entries of the audit trail older than a "
       "year.\n"
       "Meals stay as counts without people (report meals). Nothing that was deleted is fetched from a gate "
       "again.\n"
       "Run it every day, for example by cron."),
    options,
};

struct forgotten {
    int64_t before_utc_s;
    int64_t passages, people, lists, meals;
};

/* Adds the meals among the passages that are about to be deleted to the counts that stay. */
static int keep_meals(struct people_store *store, const struct site_rules *rules, struct forgotten *forgotten)
{
    struct report_data data;
    struct meal_tally tally = {0};
    const struct report_scope scope = {&rules->tables, 0, forgotten->before_utc_s, NULL};
    int result = report_data_load(&data, &store->db, &scope);
    if (result == ERR_OK)
        result = meal_tally_add(&tally, &data);
    if (result == ERR_OK) {
        meal_tally_merge(&tally);
        result = meal_tally_write(&tally, &store->db);
    }
    for (size_t i = 0; i < tally.count; i++)
        forgotten->meals += tally.counts[i].meals;
    meal_tally_free(&tally);
    report_data_free(&data);
    return result;
}

/* The audit trail is English in each language. */
static int note(struct people_store *store, const struct forgotten *forgotten)
{
    char detail[120];
    snprintf(detail, sizeof detail, "%" PRId64 " %s and %" PRId64 " %s", forgotten->passages,
             forgotten->passages == 1 ? "record" : "records", forgotten->people,
             forgotten->people == 1 ? "person" : "people");
    return audit_note(&store->db, &(struct audit_entry){"forget", "site", detail});
}

/* Does it all in one transaction. */
static int forget_before(struct people_store *store, const struct site_rules *rules,
                         struct forgotten *forgotten)
{
    int64_t old_audit = (int64_t)time(NULL) - AUDIT_KEEP_DAYS * INT64_C(86400);
    int result = people_store_begin(store);
    if (result == ERR_OK)
        result = keep_meals(store, rules, forgotten);
    if (result == ERR_OK)
        result =
            people_store_forget(store, forgotten->before_utc_s, &forgotten->passages, &forgotten->people);
    if (result == ERR_OK)
        result = list_store_forget(&store->db, forgotten->before_utc_s, &forgotten->lists);
    if (result == ERR_OK)
        result = audit_forget(&store->db, old_audit);
    if (result >= 0)
        result = note(store, forgotten);
    if (result == ERR_OK)
        result = people_store_commit(store);
    return result;
}

static void say_json(const struct forgotten *forgotten)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_int(&json, "records", forgotten->passages);
    json_out_int(&json, "people", forgotten->people);
    json_out_int(&json, "lists", forgotten->lists);
    json_out_int(&json, "meals_counted", forgotten->meals);
    json_out_end(&json);
}

static void say(const char *path, const struct forgotten *forgotten)
{
    printf(
        translate_count((uint64_t)forgotten->passages, "%s: %" PRId64 " record", "%s: %" PRId64 " records"),
        path, forgotten->passages);
    printf(translate_count((uint64_t)forgotten->people, ", %" PRId64 " person", ", %" PRId64 " people"),
           forgotten->people);
    printf(translate_count((uint64_t)forgotten->lists, " and %" PRId64 " list forgotten",
                           " and %" PRId64 " lists forgotten"),
           forgotten->lists);
    printf(translate_count((uint64_t)forgotten->meals, "; %" PRId64 " meal kept as counts\n",
                           "; %" PRId64 " meals kept as counts\n"),
           forgotten->meals);
}

static int forget(const char *command, const char *path, const char *site, uint64_t days, bool as_json)
{
    static struct site_rules rules;
    struct people_store store;
    struct forgotten forgotten = {.before_utc_s = (int64_t)time(NULL) - (int64_t)days * 86400};
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int status = COMMAND_FAILED;
    if (site_option_read(command, site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    if (people_store_open_existing(&store, path, given) != ERR_OK)
        command_fail("%s: %s: %s", command, path, people_store_error(&store));
    else if (report_rules_find(&rules, &store.db, command, site) == ERR_OK)
        status = COMMAND_OK;
    if (status == COMMAND_OK && forget_before(&store, &rules, &forgotten) != ERR_OK) {
        people_store_rollback(&store);
        status = command_fail("%s: %s: %s", command, path, people_store_error(&store));
    }
    if (status == COMMAND_OK && as_json)
        say_json(&forgotten);
    else if (status == COMMAND_OK)
        say(path, &forgotten);
    people_store_close(&store);
    return status;
}

int cmd_store_forget(int argc, char **argv)
{
    const char *value, *path = NULL, *site = NULL;
    uint64_t days = 90;
    bool as_json = false;
    int option;
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (option == STORE)
            path = value;
        else if (option == SITE)
            site = value;
        else if (option == JSON)
            as_json = true;
        else if (!command_number(argv[0], "days", value, 1, 36500, &days))
            return COMMAND_USAGE;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (path == NULL)
        path = defaults_get("PORTILLON_STORE");
    if (site == NULL)
        site = defaults_get("PORTILLON_SITE");
    if (path == NULL)
        return command_misuse(argv[0], "--store FILE is missing");
    if (argc != optind)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    return forget(argv[0], path, site, days, as_json);
}
