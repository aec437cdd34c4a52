/* SPDX-License-Identifier: Apache-2.0 */
/* portillon gates: what the office last saw of each gate, from the store. Asks no gate. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/gate_word.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/gate_clock.h"
#include "tools/portillon/gate/gate_time.h"
#include "tools/portillon/store/gate_rows.h"
#include "tools/portillon/store/site_option.h"
#include "tools/portillon/store/store_schema.h"
#include "tools/portillon/store/wishes.h"
#include "tools/portillon/sync/sync_plan.h"

enum { OPTION_SITE, OPTION_STORE, OPTION_JSON };

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site folder: its gates are listed, also those that were never seen")},
    {"store", 'o', N_("FILE"), N_("the store, or the URL of a PostgreSQL server")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--site DIR --store FILE [--json]"),
    .details = N_(
        "Lists the gates as portillon sync last saw them: when, the version of their list, how far the\n"
        "clock was off, and what is wished of all gates (profiles --all-gates) and not there yet. Asks no\n"
        "gate: portillon status does."),
    .options = options,
};

struct listing {
    struct sync_plan plan; /* the gates of the site */
    struct gate_row rows[SITE_GATES_MAX];
    int row_count;
    uint32_t newest_list; /* of all gates */
    int64_t now;
};

static const struct gate_row *find_row(const struct listing *listing, const char *device)
{
    for (int i = 0; i < listing->row_count; i++)
        if (strcmp(listing->rows[i].device, device) == 0)
            return &listing->rows[i];
    return NULL;
}

static void print_wishes(const struct wishes *wishes)
{
    for (int i = 0; i < wishes->count; i++) {
        printf("%s", i == 0 ? _("; not there yet: ") : ", ");
        printf(wishes->items[i].on ? _("%s on") : _("%s off"), wishes->items[i].profile);
    }
    printf("\n");
}

static void print_row(const struct listing *listing, const struct gate_row *row)
{
    char text[GATE_TIME_LEN];
    int64_t age_s = listing->now - row->seen_utc_s;
    printf(_("seen %s ago, %s, "), gate_time_span(age_s > 0 ? (uint64_t)age_s : 0, text),
           gate_word(row->state));
    if (row->list_version == 0)
        printf("%s", _("NO LIST"));
    else if (row->list_version < listing->newest_list)
        printf(_("list %" PRIu32 " (OLD: others have a newer one)"), row->list_version);
    else
        printf(_("list %" PRIu32), row->list_version);
    if (!row->has_clock)
        printf("%s", _(", clock unset"));
    else if (llabs(row->clock_off_s) > GATE_CLOCK_CLOSE_S)
        printf(_(", clock was %s"), gate_time_drift(row->clock_off_s, text));
    if (row->damaged_blocks > 0)
        printf(translate_count(row->damaged_blocks, ", %" PRIu32 " DAMAGED BLOCK",
                               ", %" PRIu32 " DAMAGED BLOCKS"),
               row->damaged_blocks);
}

static void put_wishes(struct json_out *json, const struct wishes *wishes)
{
    json_out_object(json, "not_there_yet");
    for (int i = 0; i < wishes->count; i++)
        json_out_bool(json, wishes->items[i].profile, wishes->items[i].on);
    json_out_end(json);
}

static void put_row(struct json_out *json, const struct gate_row *row)
{
    json_out_text(json, "name", row->name);
    json_out_text(json, "zone", row->zone);
    json_out_text(json, "direction", row->direction);
    json_out_text(json, "port", row->port);
    json_out_time(json, "seen", (uint64_t)row->seen_utc_s);
    json_out_int_or_null(json, "list_version", row->list_version > 0, row->list_version);
    json_out_int_or_null(json, "clock_off_s", row->has_clock, row->clock_off_s);
    json_out_int(json, "damaged_blocks", row->damaged_blocks);
    json_out_text(json, "state", row->state);
}

static void list_gate(const struct listing *listing, const struct sync_place *place,
                      const struct wishes *wishes, struct json_out *json)
{
    const struct gate_row *row = find_row(listing, place->device);
    if (json != NULL) {
        json_out_object(json, NULL);
        json_out_text(json, "device", place->device);
        if (row != NULL)
            put_row(json, row);
        else
            json_out_null(json, "seen");
        put_wishes(json, wishes);
        json_out_end(json);
        return;
    }
    printf("%-*s  ", IDENTITY_DEVICE_ID_MAX, place->device);
    if (row != NULL)
        print_row(listing, row);
    else
        printf("%s", _("NEVER SEEN (portillon sync)"));
    print_wishes(wishes);
}

/* Lists the gates. json is NULL for text. Returns ERR_OK or an error of the store. */
static int list_gates(struct listing *listing, struct store_db *store, struct json_out *json)
{
    int result = ERR_OK;
    for (int i = 0; i < listing->plan.count && result == ERR_OK; i++) {
        struct wishes wishes;
        result = wishes_read_open(store, listing->plan.places[i].device, &wishes);
        if (result == ERR_OK)
            list_gate(listing, &listing->plan.places[i], &wishes, json);
    }
    return result;
}

static int read_rows(struct listing *listing, struct store_db *store)
{
    listing->row_count = gate_rows_list(store, listing->rows, SITE_GATES_MAX);
    for (int i = 0; i < listing->row_count; i++)
        if (listing->rows[i].list_version > listing->newest_list)
            listing->newest_list = listing->rows[i].list_version;
    return listing->row_count < 0 ? listing->row_count : ERR_OK;
}

static int list_store(struct listing *listing, struct store_db *store, bool as_json)
{
    struct json_out json;
    int result = read_rows(listing, store);
    if (result != ERR_OK || !as_json)
        return result == ERR_OK ? list_gates(listing, store, NULL) : result;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_array(&json, "gates");
    result = list_gates(listing, store, &json);
    json_out_end(&json);
    json_out_end(&json);
    return result;
}

int cmd_gates(int argc, char **argv)
{
    static struct listing listing;
    struct store_db store;
    const char *value, *site = defaults_get("PORTILLON_SITE"), *path = defaults_get("PORTILLON_STORE");
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    bool as_json = false;
    int index;
    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0) {
        site = index == OPTION_SITE ? value : site;
        path = index == OPTION_STORE ? value : path;
        as_json = as_json || index == OPTION_JSON;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    if (site == NULL || path == NULL)
        return command_misuse(argv[0],
                              site == NULL ? N_("--site DIR is missing") : N_("--store FILE is missing"));
    if (sync_plan_start(&listing.plan, argv[0], site) != COMMAND_OK ||
        site_option_read(argv[0], site, site_id, &given) != ERR_OK)
        return COMMAND_FAILED;
    listing.now = (int64_t)time(NULL);
    int result = store_schema_open_to_read(&store, path, given);
    if (result == ERR_OK)
        result = list_store(&listing, &store, as_json);
    if (result != ERR_OK)
        command_fail("%s: %s: %s", argv[0], path, store.db.error);
    db_close(&store.db);
    return result == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}
