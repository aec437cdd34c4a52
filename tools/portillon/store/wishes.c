/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/wishes.h"

#include <stdio.h>
#include <string.h>

#include "tools/portillon/store/audit.h"

#define PREFIX "profile " /* of a setting: the profile's name follows */

static const char *setting_of(const struct wish *wish, char setting[WISH_SETTING_SIZE])
{
    snprintf(setting, WISH_SETTING_SIZE, PREFIX "%s", wish->profile);
    return setting;
}

static const char *value_of(const struct wish *wish)
{
    return wish->on ? "on" : "off";
}

/* Runs a statement once, and finalizes it. result is that of its preparation. */
static int run_once(struct db_statement *statement, int result)
{
    if (result == ERR_OK)
        result = db_do(statement);
    db_finalize(statement);
    return result < 0 ? result : ERR_OK;
}

static int put(struct store_db *store, const struct wish *wish, const char *who, int64_t now_utc_s)
{
    char setting[WISH_SETTING_SIZE];
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "INSERT INTO wishes (site, setting, value, wished_utc_s, who) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (site, setting) DO UPDATE SET value = excluded.value,"
        " wished_utc_s = excluded.wished_utc_s, who = excluded.who");
    if (result == ERR_OK) {
        db_bind_text(&statement, 2, setting_of(wish, setting));
        db_bind_text(&statement, 3, value_of(wish));
        db_bind_int(&statement, 4, now_utc_s);
        db_bind_text(&statement, 5, who);
    }
    return run_once(&statement, result);
}

static int forget_done(struct store_db *store, const struct wish *wish)
{
    char setting[WISH_SETTING_SIZE];
    struct db_statement statement;
    int result =
        store_db_prepare(store, &statement, "DELETE FROM wishes_done WHERE site = $1 AND setting = $2");
    if (result == ERR_OK)
        db_bind_text(&statement, 2, setting_of(wish, setting));
    return run_once(&statement, result);
}

static int note_in_trail(struct store_db *store, const struct wish *wish)
{
    char setting[WISH_SETTING_SIZE];
    return audit_note(store, &(struct audit_entry){.what = wish->on ? "turn_on" : "turn_off",
                                                   .subject = setting_of(wish, setting),
                                                   .detail = "at all gates"});
}

static int make_all(struct store_db *store, const struct wishes *wishes, const char *who, int64_t now_utc_s)
{
    int result = ERR_OK;
    for (int i = 0; i < wishes->count && result == ERR_OK; i++) {
        result = put(store, &wishes->items[i], who, now_utc_s);
        if (result == ERR_OK)
            result = forget_done(store, &wishes->items[i]);
        if (result == ERR_OK)
            result = note_in_trail(store, &wishes->items[i]);
    }
    return result;
}

int wishes_make(struct store_db *store, const struct wishes *wishes, const char *who, int64_t now_utc_s)
{
    char key[STORE_SITE_SIZE + 8];
    snprintf(key, sizeof key, "%s/wishes", store->site);
    int result = db_begin(&store->db, key);
    if (result != ERR_OK)
        return result;
    result = make_all(store, wishes, who, now_utc_s);
    if (result == ERR_OK)
        return db_commit(&store->db);
    db_rollback(&store->db);
    return result;
}

int wishes_read_open(struct store_db *store, const char *device, struct wishes *wishes)
{
    struct db_statement statement;
    wishes->count = 0;
    int result = store_db_prepare(
        store, &statement,
        "SELECT w.setting, w.value FROM wishes w WHERE w.site = $1 AND NOT EXISTS (SELECT 1 FROM wishes_done "
        "d"
        " WHERE d.site = w.site AND d.setting = w.setting AND d.device = $2) ORDER BY w.setting LIMIT $3");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, device);
    db_bind_int(&statement, 3, WISHES_MAX);
    while ((result = db_step(&statement)) == DB_ROW) {
        const char *setting = db_text(&statement, 0);
        struct wish *wish = &wishes->items[wishes->count];
        if (strncmp(setting, PREFIX, strlen(PREFIX)) != 0)
            continue; /* of a newer version */
        snprintf(wish->profile, sizeof wish->profile, "%s", setting + strlen(PREFIX));
        wish->on = strcmp(db_text(&statement, 1), "on") == 0;
        wishes->count++;
    }
    db_finalize(&statement);
    return result;
}

int wishes_note_done(struct store_db *store, const char *device, const struct wish *wish, int64_t now_utc_s)
{
    char setting[WISH_SETTING_SIZE];
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "INSERT INTO wishes_done (site, device, setting, done_utc_s)"
        " SELECT w.site, CAST($2 AS TEXT), w.setting, CAST($5 AS BIGINT) FROM wishes w"
        " WHERE w.site = $1 AND w.setting = $3 AND w.value = $4"
        " ON CONFLICT (site, device, setting) DO UPDATE SET done_utc_s = excluded.done_utc_s");
    if (result == ERR_OK) {
        db_bind_text(&statement, 2, device);
        db_bind_text(&statement, 3, setting_of(wish, setting));
        db_bind_text(&statement, 4, value_of(wish));
        db_bind_int(&statement, 5, now_utc_s);
    }
    return run_once(&statement, result);
}

int wishes_forget_done(struct store_db *store, const char *device)
{
    struct db_statement statement;
    int result =
        store_db_prepare(store, &statement, "DELETE FROM wishes_done WHERE site = $1 AND device = $2");
    if (result == ERR_OK)
        db_bind_text(&statement, 2, device);
    return run_once(&statement, result);
}
