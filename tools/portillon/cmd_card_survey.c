/* SPDX-License-Identifier: Apache-2.0 */
/* portillon card survey: all that a card at the desk tells without a key, and what that is good for. */
#include "firmware/crypto/credential.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/csv_out.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/desk/card_technology.h"
#include "tools/portillon/desk/desk_card.h"
#include "tools/portillon/desk/desk_methods.h"
#include "tools/portillon/desk/desk_pile.h"
#include "tools/portillon/site/site_rules_file.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { READER, HELPER, PILE, COUNT, SITE, CSV, JSON };

static const struct command_option options[] = {
    {"reader", 'r', N_("NAME"), N_("connection string of libnfc, or auto (default): the first reader found")},
    {"reader-helper", 0, N_("PROGRAM"),
     N_("portillon-reader, which holds libnfc (default: beside this\nprogram)")},
    {"pile", 0, NULL, N_("one card after another, until Ctrl-C; a card that comes again is\nleft out")},
    {"count", 'n', N_("N"), N_("with --pile: end after this many cards")},
    {"site", 's', N_("DIR"), N_("the site folder: its site.conf has card types and applications")},
    {"csv", 0, NULL, N_("as CSV: a line of headers, and a row for each card")},
    {"json", 'j', NULL, N_("as JSON: an object for each card")},
    {0},
};

static const struct command_syntax syntax = {
    N_("[--reader NAME] [--pile [--count N]] [--site DIR] [--csv | --json]"),
    N_("Says of a card at the desk what it is, how its number may be printed in other lists, and by which\n"
       "methods gates could know it: uid, uid+ (with the lines for site.conf) or desfire. Nothing is "
       "written\n"
       "to the card, and no key is used."),
    options,
};

struct call {
    struct desk_pile pile;
    const char *site_folder;
    bool as_csv, as_json;
    bool has_headers;
    const struct site_rules *rules; /* NULL: no site */
};

/* --- options --- */

static bool take_option(struct call *call, int option, const char *value)
{
    switch (option) {
    case READER:
        call->pile.reader = value;
        return true;
    case HELPER:
        call->pile.helper = value;
        return true;
    case PILE:
        call->pile.is_pile = true;
        return true;
    case COUNT:
        return command_number(call->pile.command, "count", value, 1, DESK_PILE_MAX, &call->pile.count);
    case SITE:
        call->site_folder = value;
        return true;
    case CSV:
        call->as_csv = true;
        return true;
    default:
        call->as_json = true;
        return true;
    }
}

/* Reads the command line. Returns COMMAND_PARSE_DONE or the exit status. */
static int read_call(struct call *call, int argc, char **argv)
{
    const char *value;
    int option;
    *call = (struct call){.pile = {.command = argv[0], .reader = "auto"}};
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(call, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc != optind)
        return command_misuse(argv[0], "%s: no operand is needed: the card is on the reader", argv[optind]);
    if (!desk_pile_check(&call->pile))
        return COMMAND_USAGE;
    if (call->as_csv && call->as_json)
        return command_misuse(argv[0], "--csv or --json, not both");
    if (call->site_folder == NULL)
        call->site_folder = defaults_get("PORTILLON_SITE");
    return COMMAND_PARSE_DONE;
}

/* --- what a card shows, as texts --- */

enum { NUMBERS = 8, APPLICATIONS_SIZE = DESK_SURVEY_APPLICATIONS_MAX * 7 + 1 };

static const char *const number_names[NUMBERS] = {
    "hex",       "hex-reversed",       "decimal", "decimal-reversed",
    "decimal10", "decimal10-reversed", "3+5",     "3+5-reversed",
};

/* A card, with all that is said of it. */
struct finding {
    struct desk_survey survey;
    struct desk_method methods[DESK_METHODS];
    char numbers[NUMBERS][CARD_NUMBER_TEXT_SIZE]; /* "": there is none in this notation */
    char atqa[5], sak[3], ats[2 * READER_ATS_MAX + 1];
    char storage[DESFIRE_VERSION_STORAGE_MAX];
    char applications[APPLICATIONS_SIZE];
    bool is_random;
};

static void write_numbers(struct finding *finding)
{
    const struct reader_target *card = &finding->survey.card;
    struct card_notation notation;
    for (int i = 0; i < NUMBERS && card->uid_len != 0; i++)
        if (card_notation_parse(number_names[i], &notation) == ERR_OK)
            card_number_write(&notation, card->uid, card->uid_len, finding->numbers[i]);
        else
            card_number_write_wiegand(i % 2 != 0, card->uid, card->uid_len, finding->numbers[i]);
}

static void write_hex(const uint8_t *bytes, size_t len, char *out)
{
    out[0] = '\0';
    for (size_t i = 0; i < len; i++)
        snprintf(out + 2 * i, 3, "%02X", bytes[i]);
}

static void write_texts(struct finding *finding)
{
    const struct desk_survey *survey = &finding->survey;
    const struct reader_target *card = &survey->card;
    write_numbers(finding);
    if (card->uid_len != 0) {
        write_hex(card->atqa, sizeof card->atqa, finding->atqa);
        write_hex(&card->sak, 1, finding->sak);
        write_hex(card->ats, card->ats_len, finding->ats);
    }
    if (survey->has_version)
        desfire_version_storage(&survey->version, finding->storage);
    for (size_t i = 0; i < survey->application_count; i++)
        snprintf(finding->applications + 7 * i, 8, "%02X%02X%02X%s", survey->applications[i][0],
                 survey->applications[i][1], survey->applications[i][2],
                 i + 1 < survey->application_count ? " " : "");
}

static const char *name_of(const struct desk_survey *survey)
{
    return survey->has_version ? survey->version.product : card_technology(&survey->card);
}

/* --- as text --- */

static void say_version(const struct finding *finding)
{
    const struct desfire_version *version = &finding->survey.version;
    const char *vendor = desfire_version_vendor(version->vendor);
    if (!finding->survey.has_version)
        return;
    printf(_("  made by         %s, hardware %X.%X, software %X.%X, storage %s"),
           vendor != NULL ? vendor : _("unknown"), version->hardware[0], version->hardware[1],
           version->software[0], version->software[1], finding->storage);
    if (version->week != 0)
        printf(_(", week %u of 20%02u"), version->week, version->year);
    putchar('\n');
}

static void say_applications(const struct finding *finding)
{
    const struct desk_survey *survey = &finding->survey;
    if (!survey->has_version)
        return;
    printf(_("  applications    %s\n"), survey->listing == DESK_SURVEY_LOCKED
                                            ? _("told only under the card's key")
                                        : survey->listing == DESK_SURVEY_NOT_LISTED ? _("not told")
                                        : survey->application_count == 0            ? _("none")
                                                                                    : finding->applications);
}

static void say_numbers(const struct finding *finding)
{
    for (int i = 0; i < NUMBERS; i++)
        if (finding->numbers[i][0] != '\0')
            printf("    %-18s  %s\n", number_names[i], finding->numbers[i]);
}

static void say_lines(const struct call *call, const struct finding *finding)
{
    char lines[DESK_METHODS_LINES][DESK_METHODS_LINE];
    if (!finding->methods[DESK_METHOD_CHIP].is_usable ||
        desk_methods_card_type(&finding->survey.card, call->rules) >= 0)
        return;
    desk_methods_lines(&finding->survey, lines);
    for (int i = 0; i < DESK_METHODS_LINES; i++)
        printf("             %s\n", lines[i]);
}

static void say_methods(const struct call *call, const struct finding *finding)
{
    for (int i = 0; i < DESK_METHODS; i++) {
        const struct desk_method *method = &finding->methods[i];
        printf("    %-7s  %s: %s\n", method->name, method->is_usable ? _("yes") : _("NO"), method->why);
        if (i == DESK_METHOD_CHIP)
            say_lines(call, finding);
    }
}

static void say_text(const struct call *call, const struct finding *finding)
{
    printf("%s  %s\n", finding->numbers[0][0] != '\0' ? finding->numbers[0] : _("(no number)"),
           translate(name_of(&finding->survey)));
    if (finding->ats[0] != '\0')
        printf(_("  selected        ATQA %s, SAK %s, ATS %s\n"), finding->atqa, finding->sak, finding->ats);
    else if (finding->atqa[0] != '\0')
        printf(_("  selected        ATQA %s, SAK %s, no ATS\n"), finding->atqa, finding->sak);
    say_version(finding);
    say_applications(finding);
    if (finding->atqa[0] != '\0')
        printf(_("  random UID      %s\n"),
               finding->is_random ? _("yes: another one at every tap") : _("no"));
    if (finding->numbers[0][0] != '\0')
        printf("%s\n", _("  the number, in notations of lists and readers (3+5 lacks bytes)"));
    say_numbers(finding);
    printf("%s\n", _("  methods by which gates could know it"));
    say_methods(call, finding);
}

/* --- as CSV and JSON --- */

static const char *const headers[] = {
    "Carte",    "Hexa-inversé", "Décimal",      "Décimal-inversé", "Décimal10",    "Décimal10-inversé",
    "3+5",      "3+5-inversé",  "Technologie",  "Mémoire",         "ATQA",         "SAK",
    "ATS",      "Aléatoire",    "Applications", "Méthode-uid",     "Méthode-uid+", "Méthode-desfire",
    "Remarque", NULL,
};

static const char *yes(bool is_yes)
{
    return is_yes ? "oui" : "non";
}

static const char *applications_word(const struct finding *finding)
{
    return finding->survey.listing == DESK_SURVEY_LOCKED ? "?" : finding->applications;
}

static void say_csv(struct call *call, const struct finding *finding)
{
    const struct desk_method *methods = finding->methods;
    const char *row[] = {
        finding->numbers[0],
        finding->numbers[1],
        finding->numbers[2],
        finding->numbers[3],
        finding->numbers[4],
        finding->numbers[5],
        finding->numbers[6],
        finding->numbers[7],
        name_of(&finding->survey),
        finding->storage,
        finding->atqa,
        finding->sak,
        finding->ats,
        yes(finding->is_random),
        applications_word(finding),
        yes(methods[DESK_METHOD_UID].is_usable),
        yes(methods[DESK_METHOD_CHIP].is_usable),
        yes(methods[DESK_METHOD_DESFIRE].is_usable),
        methods[DESK_METHOD_UID].is_usable ? methods[DESK_METHOD_DESFIRE].why : methods[DESK_METHOD_UID].why,
        NULL,
    };
    if (!call->has_headers) {
        csv_out_start(stdout);
        csv_out_print(headers);
    }
    call->has_headers = true;
    csv_out_print(row);
}

static void write_version(const struct finding *finding, struct json_out *json)
{
    const struct desfire_version *version = &finding->survey.version;
    char text[16];
    if (!finding->survey.has_version) {
        json_out_null(json, "version");
        return;
    }
    json_out_object(json, "version");
    json_out_text(json, "product", version->product);
    json_out_text_or_null(json, "vendor", desfire_version_vendor(version->vendor));
    snprintf(text, sizeof text, "%X.%X", version->hardware[0], version->hardware[1]);
    json_out_text(json, "hardware", text);
    snprintf(text, sizeof text, "%X.%X", version->software[0], version->software[1]);
    json_out_text(json, "software", text);
    json_out_int(json, "storage_min", version->storage_min);
    json_out_int(json, "storage_max", version->storage_max);
    json_out_int_or_null(json, "week", version->week != 0, version->week);
    json_out_int_or_null(json, "year", version->week != 0, 2000 + version->year);
    json_out_end(json);
}

static void write_applications(const struct desk_survey *survey, struct json_out *json)
{
    if (survey->listing != DESK_SURVEY_LISTED) {
        json_out_null(json, "applications");
        return;
    }
    json_out_array(json, "applications");
    for (size_t i = 0; i < survey->application_count; i++) {
        char aid[7];
        write_hex(survey->applications[i], DESK_SURVEY_AID_LEN, aid);
        json_out_text(json, NULL, aid);
    }
    json_out_end(json);
}

static void write_methods(const struct finding *finding, struct json_out *json)
{
    json_out_array(json, "methods");
    for (int i = 0; i < DESK_METHODS; i++) {
        json_out_object(json, NULL);
        json_out_text(json, "method", finding->methods[i].name);
        json_out_bool(json, "usable", finding->methods[i].is_usable);
        json_out_text(json, "because", finding->methods[i].why);
        json_out_end(json);
    }
    json_out_end(json);
}

static void say_json(const struct finding *finding)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text_or_null(&json, "card", finding->numbers[0]);
    json_out_object(&json, "numbers");
    for (int i = 0; i < NUMBERS; i++)
        json_out_text_or_null(&json, number_names[i], finding->numbers[i]);
    json_out_end(&json);
    json_out_text(&json, "technology", name_of(&finding->survey));
    json_out_text_or_null(&json, "atqa", finding->atqa);
    json_out_text_or_null(&json, "sak", finding->sak);
    json_out_text_or_null(&json, "ats", finding->ats);
    write_version(finding, &json);
    write_applications(&finding->survey, &json);
    json_out_bool(&json, "random_uid", finding->is_random);
    write_methods(finding, &json);
    json_out_end(&json);
}

static void say_finding(struct call *call, const struct finding *finding)
{
    if (call->as_json)
        say_json(finding);
    else if (call->as_csv)
        say_csv(call, finding);
    else
        say_text(call, finding);
    fflush(stdout); /* who reads a pipe sees each card at once */
}

/* --- the call --- */

static void judge(const struct call *call, struct finding *finding)
{
    bool is_data = call->as_json || call->as_csv; /* then the reasons are English */
    if (is_data)
        translate_pause();
    desk_methods_judge(&finding->survey, call->rules, finding->methods);
    if (is_data)
        translate_resume();
}

static int take_card(void *ctx, const struct reader *reader, const struct reader_target *card)
{
    struct call *call = ctx;
    struct finding finding = {0};
    int error = desk_survey_read(reader, card, call->rules, &finding.survey);
    if (error != ERR_OK)
        return ERR_BUSY;
    finding.is_random = credential_is_random_uid(card->uid, card->uid_len);
    write_texts(&finding);
    judge(call, &finding);
    say_finding(call, &finding);
    return ERR_OK;
}

int cmd_card_survey(int argc, char **argv)
{
    static struct call call;
    static struct site_rules rules;
    int status = read_call(&call, argc, argv);
    if (status != COMMAND_PARSE_DONE)
        return status;
    if (call.site_folder != NULL && site_rules_read(&rules, call.pile.command, call.site_folder) != ERR_OK)
        return COMMAND_FAILED;
    call.rules = call.site_folder != NULL ? &rules : NULL;
    return desk_pile_run(&call.pile, take_card, &call);
}
