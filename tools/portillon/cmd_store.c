/* SPDX-License-Identifier: Apache-2.0 */
/* portillon store forget: deletes what the law no longer allows to keep. */
#include "hal/common/plural.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/site_option.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { STORE, SITE, DAYS };

static const struct command_option options[] = {
    {"store", 0, "FILE", "the office's store"},
    {"site", 's', "DIR", "the site, if the store has several"},
    {"days", 'd', "N", "what is older than N days goes (default 92; the CNIL allows three months)"},
    {0},
};

static const struct command_syntax syntax = {
    "--store FILE [--site DIR] [--days N]",
    "Deletes passages and events older than N days, who had which card before that, and people who have no "
    "card\n"
    "and were in no file of the school since. Nothing that was deleted is fetched from a gate again.",
    options,
};

static int forget(const char *command, const char *path, const char *site, uint64_t days)
{
    struct people_store store;
    int64_t passages = 0, people = 0;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    if (site_option_read(command, site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    int result = people_store_open_existing(&store, path, given);
    if (result == ERR_OK)
        result = people_store_begin(&store);
    if (result == ERR_OK)
        result = people_store_forget(&store, (int64_t)time(NULL) - (int64_t)days * 86400, &passages, &people);
    if (result == ERR_OK)
        result = people_store_commit(&store);
    if (result != ERR_OK)
        command_fail("%s: %s: %s", command, path, people_store_error(&store));
    else
        printf("%s: %" PRId64 " record%s and %" PRId64 " %s forgotten\n", path, passages,
               plural((uint64_t)passages, "", "s"), people, plural((uint64_t)people, "person", "people"));
    people_store_close(&store);
    return result == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_store_forget(int argc, char **argv)
{
    const char *value, *path = NULL, *site = NULL;
    uint64_t days = 92;
    int option;
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (option == STORE)
            path = value;
        else if (option == SITE)
            site = value;
        else if (!command_number(argv[0], "days", value, 1, 36500, &days))
            return COMMAND_USAGE;
    }
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (path == NULL)
        path = defaults_get("PORTILLON_STORE");
    if (path == NULL)
        return command_misuse(argv[0], "--store FILE is missing");
    if (argc != optind)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    return forget(argv[0], path, site, days);
}
