/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/site/site_rules_file.h"

/* Parses the rules of the newest list. Returns ERR_OK, ERR_NOT_FOUND, ERR_FORMAT, ERR_IO or ERR_BUSY. */
static int read_stored(struct site_rules *rules, struct store_db *store)
{
    struct db_statement statement;
    struct import_report *report = calloc(1, sizeof *report);
    int result = store_db_prepare(store, &statement,
                                  "SELECT rules FROM lists WHERE site = $1 ORDER BY version DESC LIMIT 1");
    if (result == ERR_OK)
        result = report != NULL ? db_step(&statement) : ERR_NO_SPACE;
    if (result == DB_ROW) {
        const char *text = db_text(&statement, 0);
        result = site_rules_parse(rules, _("the rules in the store"), text, strlen(text), report) == ERR_OK
                     ? ERR_OK
                     : ERR_FORMAT;
    } else if (result == ERR_OK) {
        result = ERR_NOT_FOUND;
    }
    db_finalize(&statement);
    free(report);
    return result;
}

static void take_none(struct site_rules *rules, const char *command)
{
    memset(rules, 0, sizeof *rules);
    rules->tables.zone = time_zone_default();
    snprintf(rules->time_zone, sizeof rules->time_zone, "Europe/Paris");
    command_note("%s: without --site DIR the hours of the services are not known, and times are those of "
                 "Europe/Paris",
                 command);
}

int report_rules_find(struct site_rules *rules, struct store_db *store, const char *command,
                      const char *folder)
{
    if (folder != NULL)
        return site_rules_read(rules, command, folder);
    int result = read_stored(rules, store);
    if (result == ERR_IO || result == ERR_BUSY) {
        command_fail("%s: %s: %s", command, store->db.where, store->db.error);
        return result;
    }
    if (result != ERR_OK)
        take_none(rules, command);
    return ERR_OK;
}
