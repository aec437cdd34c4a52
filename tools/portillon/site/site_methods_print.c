/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_methods_print.h"

#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/site/week_windows.h"

#define BOUNDS_SIZE (WEEK_WINDOWS_TEXT_MAX + 2 * CIVIL_DATE_TEXT_SIZE + 64)

static const char *level_word(uint8_t least)
{
    static const char *const words[] = {[CREDENTIAL_ASSURED_NOT] = "none",
                                        [CREDENTIAL_ASSURED_UID] = "uid",
                                        [CREDENTIAL_ASSURED_CHIP] = "uid+",
                                        [CREDENTIAL_ASSURED_DESFIRE] = "desfire"};
    return least < sizeof words / sizeof words[0] ? words[least] : "?";
}

static const char *zone_word(uint8_t zones)
{
    return zones == WHITELIST_ZONE_BUILDING  ? _("building")
           : zones == WHITELIST_ZONE_CANTEEN ? _("canteen")
                                             : NULL;
}

/* Writes the days and hours of a demand; "" for every day and hour. */
static void write_hours(const struct whitelist_assurance *entry, char out[WEEK_WINDOWS_TEXT_MAX])
{
    struct week_window window = {entry->weekdays, entry->span.from_min, entry->span.to_min};
    out[0] = '\0';
    if (entry->span.from_min != entry->span.to_min)
        week_windows_format(&window, 1, out);
}

static void print_demand(const struct whitelist_tables *tables, const struct whitelist_assurance *entry,
                         FILE *out)
{
    char hours[WEEK_WINDOWS_TEXT_MAX], day[CIVIL_DATE_TEXT_SIZE];
    const char *zone = zone_word(entry->zones);
    const char *who = entry->profile == WHITELIST_EVERY_PROFILE ? _("every profile")
                      : entry->profile < tables->profile_count  ? tables->profiles[entry->profile].name
                                                                : "?";
    write_hours(entry, hours);
    fprintf(out, _("  %s: %s"), who, level_word(entry->least));
    if (zone != NULL)
        fprintf(out, ", %s", zone);
    if (hours[0] != '\0')
        fprintf(out, ", %s", hours);
    if (entry->first_day != WHITELIST_NO_FIRST_DAY) {
        civil_date_text(entry->first_day, day);
        fprintf(out, _(", from %s"), day);
    }
    if (entry->last_day != WHITELIST_NO_LAST_DAY) {
        civil_date_text(entry->last_day, day);
        fprintf(out, _(", until %s"), day);
    }
    fputc('\n', out);
}

static void write_bytes(const uint8_t *bytes, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02X", bytes[i]);
}

static void print_type(const struct site_rules *rules, int number, const struct whitelist_fingerprint *type,
                       FILE *out)
{
    char atqa[5];
    write_bytes(type->atqa, sizeof type->atqa, atqa);
    if (rules != NULL)
        fprintf(out, "  %s", rules->card_types[number]);
    else
        fprintf(out, "  %d", number + 1);
    if (type->ats_len != 0)
        fprintf(out, _(": ATQA %s, SAK %02X, ATS of %d bytes\n"), atqa, type->sak, type->ats_len);
    else
        fprintf(out, _(": ATQA %s, SAK %02X, no ATS\n"), atqa, type->sak);
}

static void print_application(const struct site_rules *rules, int number,
                              const struct whitelist_application *application, FILE *out)
{
    char aid[7];
    write_bytes(application->aid, sizeof application->aid, aid);
    if (rules != NULL)
        fprintf(out, "  %s", rules->applications[number]);
    else
        fprintf(out, "  %d", number + 1);
    fprintf(out, _(": AID %s, key %d of set %d"), aid, application->key_number, application->key_set);
    fprintf(out, _(", file %d, %d bytes from %d\n"), application->file, application->id_len,
            application->offset);
}

void site_methods_print(const struct whitelist_tables *tables, const struct site_rules *rules, FILE *out)
{
    if (tables->assurance_count != 0)
        fprintf(out, "%s\n",
                _("assurance: how a card must be known, at least; the first line that fits decides"));
    for (int i = 0; i < tables->assurance_count; i++)
        print_demand(tables, &tables->assurance[i], out);
    if (tables->fingerprint_count != 0)
        fprintf(out, "%s\n", _("card types"));
    for (int i = 0; i < tables->fingerprint_count; i++)
        print_type(rules, i, &tables->fingerprints[i], out);
    if (tables->application_count != 0)
        fprintf(out, "%s\n", _("DESFire applications"));
    for (int i = 0; i < tables->application_count; i++)
        print_application(rules, i, &tables->applications[i], out);
}

/* ---- JSON ---- */

static void write_day(struct json_out *json, const char *key, uint16_t day, uint16_t none)
{
    char text[CIVIL_DATE_TEXT_SIZE];
    civil_date_format(day, text);
    json_out_text_or_null(json, key, day != none ? text : NULL);
}

static void write_demand(const struct site_rules *rules, const struct whitelist_assurance *entry,
                         struct json_out *json)
{
    char hours[WEEK_WINDOWS_TEXT_MAX];
    bool every = entry->profile == WHITELIST_EVERY_PROFILE;
    write_hours(entry, hours);
    json_out_object(json, NULL);
    json_out_text_or_null(json, "profile", every ? NULL : rules->tables.profiles[entry->profile].name);
    json_out_text(json, "least", level_word(entry->least));
    json_out_text_or_null(json, "zone", zone_word(entry->zones));
    json_out_text_or_null(json, "hours", hours[0] != '\0' ? hours : NULL);
    write_day(json, "from", entry->first_day, WHITELIST_NO_FIRST_DAY);
    write_day(json, "until", entry->last_day, WHITELIST_NO_LAST_DAY);
    json_out_end(json);
}

static void write_type(const struct site_rules *rules, int number, struct json_out *json)
{
    const struct whitelist_fingerprint *type = &rules->tables.fingerprints[number];
    json_out_object(json, NULL);
    json_out_text(json, "name", rules->card_types[number]);
    json_out_hex(json, "atqa", type->atqa, sizeof type->atqa);
    json_out_hex(json, "sak", &type->sak, 1);
    json_out_int(json, "ats_len", type->ats_len);
    json_out_end(json);
}

static void write_application(const struct site_rules *rules, int number, struct json_out *json)
{
    static const char *const modes[] = {"plain", "maced", "?", "enciphered"};
    const struct whitelist_application *application = &rules->tables.applications[number];
    json_out_object(json, NULL);
    json_out_text(json, "name", rules->applications[number]);
    json_out_hex(json, "aid", application->aid, sizeof application->aid);
    json_out_text(json, "authentication",
                  application->authentication == WHITELIST_AUTHENTICATE_EV1 ? "ev1" : "ev2");
    json_out_int(json, "key_number", application->key_number);
    json_out_int(json, "key_set", application->key_set);
    json_out_bool(json, "diversified", application->flags & WHITELIST_APPLICATION_DIVERSIFIED);
    json_out_bool(json, "aid_reversed", application->flags & WHITELIST_APPLICATION_AID_REVERSED);
    json_out_int_or_null(json, "uid_key_set", application->uid_key_set != 0, application->uid_key_set);
    json_out_int(json, "file", application->file);
    json_out_text(json, "mode", modes[application->mode & 3]);
    json_out_int(json, "offset", application->offset);
    json_out_int(json, "length", application->id_len);
    json_out_end(json);
}

void site_methods_write_json(const struct site_rules *rules, struct json_out *json)
{
    const struct whitelist_tables *tables = &rules->tables;
    json_out_array(json, "assurance");
    for (int i = 0; i < tables->assurance_count; i++)
        write_demand(rules, &tables->assurance[i], json);
    json_out_end(json);
    json_out_array(json, "card_types");
    for (int i = 0; i < tables->fingerprint_count; i++)
        write_type(rules, i, json);
    json_out_end(json);
    json_out_array(json, "applications");
    for (int i = 0; i < tables->application_count; i++)
        write_application(rules, i, json);
    json_out_end(json);
}
