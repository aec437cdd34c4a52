/* SPDX-License-Identifier: Apache-2.0 */
/* portillon status: shows the state of a gate, as text or JSON. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "firmware/base/clock.h"
#include "firmware/gate/gate.h"
#include "firmware/storage/anchor.h"
#include "hal/chip.h"
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/gate_time.h"
#include "tools/portillon/site/site_directions.h"
#include "tools/portillon/store/gate_runs.h"
#include "tools/portillon/store/office_register.h"

enum { OPTION_STORE = GATE_OPTION_COUNT, OPTION_CHECK };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"store", 'o', N_("FILE"),
     N_("also say what this store has of the gate (default: the register of the site)")},
    {"check", 0, NULL, N_("for monitoring: one line, and the exit status of a Nagios plugin")},
    {"json", 'j', NULL, N_("print JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("--port DEV --site DIR [--gate ID] [--json]"),
    .details =
        N_("Asks the gate on a serial line how it is. Changes nothing.\n"
           "\n"
           "Exit status with --check: 0 all is well, 1 something needs a look, 2 the gate lets nobody in or\n"
           "cannot log, 3 unknown: it does not answer."),
    .options = options,
};

struct report {
    struct answer_status status;
    struct answer_whitelist whitelist;
    int64_t now; /* time of this computer when the gate answered */
    const char *store;
    const struct gate_options *gate;
    bool checks; /* --check */
    struct gate_runs runs;
    bool has_direction; /* a site was given */
    enum gate_direction direction;
};

/* The words of a gate that people see: its zone, its state, and the state of an upload. JSON has them as they
 * are. */
__attribute__((unused)) static const char *const words_of_gates[] = {
    N_("building"),  N_("canteen"),   N_("idle"),         N_("open"), N_("passed"),
    N_("abandoned"), N_("released"),  N_("out_of_order"), N_("head"), N_("verifying"),
    N_("preparing"), N_("receiving"), N_("refused"),
};

static bool clock_is_known(const struct report *report)
{
    return strcmp(report->status.clock, clock_quality_name(CLOCK_UNSET)) != 0;
}

static void print_repairs(const struct answer_status *status)
{
    if (status->list.repaired + status->list.damaged > 0) {
        printf(translate_count(status->list.repaired, "          since start-up, %u block repaired",
                               "          since start-up, %u blocks repaired"),
               status->list.repaired);
        printf(translate_count(status->list.damaged, " and %u lookup answered from the second copy\n",
                               " and %u lookups answered from the second copy\n"),
               status->list.damaged);
    }
    if (status->list.failed > 0)
        printf(translate_count(status->list.failed,
                               "          its second copy could not be mended %u time since start-up: tried "
                               "again, hourly at most\n",
                               "          its second copy could not be mended %u times since start-up: tried "
                               "again, hourly at most\n"),
               status->list.failed);
}

static void print_upload(const struct answer_whitelist *whitelist)
{
    printf(_("upload    version %u: %s"), whitelist->upload.version, translate(whitelist->upload.state));
    if (whitelist->upload.error[0] != '\0')
        printf(", %s", whitelist->upload.error);
    printf(translate_count(whitelist->upload.blocks, ", %u of %u block\n", ", %u of %u blocks\n"),
           whitelist->upload.have, whitelist->upload.blocks);
}

static void print_list(const struct report *report)
{
    char when[GATE_TIME_LEN], age[GATE_TIME_LEN];
    const struct answer_status *status = &report->status;
    if (status->list_rolled_back) {
        printf(
            _("list      PUT BACK: the list in the memory chip is older than the newest that the gate had, "
              "and every card is\n"
              "          refused. The chip was exchanged or restored from a copy. Send the newest list "
              "(portillon whitelist push)\n"));
    } else if (!status->has_list) {
        printf(_("list      none: every card is refused until one is installed\n"));
    } else {
        int64_t age_s = report->now - (int64_t)report->whitelist.running.created;
        printf(translate_count(status->list.cards, "list      version %u, %u card, made %s (%s ago)\n",
                               "list      version %u, %u cards, made %s (%s ago)\n"),
               status->list.version, status->list.cards,
               gate_time_local(report->whitelist.running.created, when),
               gate_time_span(age_s > 0 ? (uint64_t)age_s : 0, age));
        if (!status->list.twin_whole)
            printf(_("          its second copy is not whole yet\n"));
        print_repairs(status);
    }
    const char *state = report->whitelist.upload.state;
    if (state[0] != '\0' && strcmp(state, "idle") != 0 && strcmp(state, "done") != 0)
        print_upload(&report->whitelist);
}

/* Prints the groups that the gate turns away. They come first, because they explain a queue at the gate. */
static void print_profiles_off(const struct answer_status *status)
{
    if (status->profiles_off.count == 0)
        return;
    printf(_("groups    OFF: "));
    for (uint32_t i = 0; i < status->profiles_off.count; i++)
        printf("%s%s", i > 0 ? ", " : "", status->profiles_off.names[i]);
    printf(_(" (portillon profiles on lets them pass again)\n"));
}

/* Prints why the gate started. The program counter is for those who have the firmware's ELF file. */
static void print_start(const struct answer_status *status)
{
    static const struct {
        const char *cause, *line;
    } causes[] = {
        {"power", N_("started   after power came")},
        {"watchdog", N_("started   BY THE WATCHDOG: the firmware hung")},
        {"fault", N_("started   AFTER A PROCESSOR FAULT")},
        {"panic", N_("started   AFTER THE FIRMWARE STOPPED ITSELF")},
        {"request", N_("started   after a reset on request")},
    };
    const char *line = NULL;
    if (status->reset.cause[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        if (strcmp(causes[i].cause, status->reset.cause) == 0)
            line = causes[i].line;
    if (line != NULL)
        fputs(translate(line), stdout);
    else
        printf(_("started   %s"), status->reset.cause);
    if (status->reset.pc != 0)
        printf(_(" at 0x%08x"), status->reset.pc);
    if (status->reset.fault != 0)
        printf(_(", fault status 0x%08x"), status->reset.fault);
    printf("\n");
}

static void print_flash(const struct answer_status *status)
{
    if (status->flash.size == 0 && status->flash.problem[0] == '\0')
        return;
    fputs(_("flash     "), stdout);
    printf("%s%s", status->flash.name, status->flash.name[0] != '\0' ? ", " : "");
    printf(_("%u KiB in sectors of %u KiB\n"), status->flash.size / 1024, status->flash.sector / 1024);
    if (status->flash.problem[0] != '\0')
        printf(_("          TROUBLE: %s\n"), status->flash.problem);
    if (status->flash.is_worn)
        printf(_("          WORN at 0x%08x, which no longer erases or programs: the list in force goes on, a "
                 "new one may be refused. Have the chip replaced\n"),
               status->flash.worn);
}

/* Prints what the gate remembers against an exchanged chip. */
static void print_anchor(const struct report *report)
{
    const struct answer_status *status = &report->status;
    if (status->store_rolled_back) {
        printf(_("settings  PUT BACK: the memory chip is older than what the gate knows, so its settings and "
                 "the groups turned off\n"
                 "          may be those of before. Look at them, then:\n"));
        gate_print_call(report->gate, "          ", "settings", "--confirm");
    }
    if (strcmp(status->anchor, anchor_state_name(ANCHOR_NONE)) == 0)
        printf(_("anchor    none: this board cannot notice that its memory chip was put back as a whole\n"));
    else if (strcmp(status->anchor, anchor_state_name(ANCHOR_FAILED)) == 0)
        printf(
            _("anchor    FAILED: its memory cannot be read, so an older memory chip would not be noticed\n"));
    else if (status->anchor[0] != '\0')
        printf(_("anchor    in use: a memory chip that was exchanged or put back is noticed\n"));
}

static void print_taps(const struct answer_status *status)
{
    printf(_("taps      %u since start-up, %u granted"), status->taps, status->granted);
    if (status->tap_us.worst != 0)
        printf(_("; from card to relay %.1f ms, at worst %.1f ms"), status->tap_us.last / 1000.0,
               status->tap_us.worst / 1000.0);
    printf("\n");
}

static void print_clock(const struct report *report)
{
    char when[GATE_TIME_LEN], drift[GATE_TIME_LEN];
    const struct answer_status *status = &report->status;
    if (!clock_is_known(report)) {
        printf(_("clock     UNSET: hours, dates and meals do not count (portillon clock set)\n"));
        return;
    }
    printf(_("clock     %s, %s\n"), gate_time_local(status->time, when),
           gate_time_drift((int64_t)status->time - report->now, drift));
    if (strcmp(status->clock, clock_quality_name(CLOCK_STALE)) == 0)
        printf(
            _("          NOT SURE, since power went or nobody set it for long: hours, dates and meals do not "
              "count\n"
              "          (portillon clock set)\n"));
}

static void print_readout(const struct answer_status *status)
{
    if (strcmp(status->readout_protection, chip_readout_name(CHIP_READOUT_OFF)) == 0)
        printf(_("readout   UNPROTECTED: whoever opens the housing can read the gate's keys (make flash ... "
                 "LOCK=1)\n"));
    else if (strcmp(status->readout_protection, chip_readout_name(CHIP_READOUT_ON)) == 0)
        printf(_("readout   protected: the gate's keys cannot be read through a programming port\n"));
    else if (status->readout_protection[0] != '\0')
        printf(_("readout   unknown: this board cannot tell whether its keys can be read\n"));
}

/* The firmware has the word "own" for a library whose source was named by hand. */
static const char *library_version(const char *text)
{
    return strcmp(text, "own") == 0 ? _("own tree") : text;
}

static void print_libraries(const struct answer_status *status)
{
    if (status->mbedtls[0] != '\0')
        printf(_("libraries mbedtls %s, tinycbor %s\n"), library_version(status->mbedtls),
               library_version(status->tinycbor));
}

/* Says that the chip is another gate's, and both ways out. */
static void print_owner(const struct report *report)
{
    const struct answer_status *status = &report->status;
    printf(
        status->chip_owner_same_site
            ? _("journal   NOT ITS OWN: the memory chip holds the records of gate %s, and nothing of them "
                "was "
                "changed. To fetch\n"
                "          them, flash the identity of %s again and pull. To give them up, and let this gate "
                "use the chip:\n")
            : _("journal   NOT ITS OWN: the memory chip holds the records of gate %s of another site, and "
                "nothing of them was changed. To fetch\n"
                "          them, flash the identity of %s again and pull. To give them up, and let this gate "
                "use the chip:\n"),
        status->chip_owner, status->chip_owner);
    gate_print_call(report->gate, "          ", "settings", "--confirm");
}

/* Says what the store has: the journal of now, and those of before. */
static void print_runs(const struct report *report)
{
    const struct gate_runs *runs = &report->runs;
    for (int i = runs->count - 1; i >= 0; i--) {
        const struct gate_run *run = &runs->runs[i];
        fputs(i == runs->count - 1 ? _("store     ") : "          ", stdout);
        printf(run->is_current ? _("run %u (this journal)") : _("run %u (a journal of before, closed)"),
               run->run);
        printf(
            translate_count(run->records, ": %u record, numbers %u to %u", ": %u records, numbers %u to %u"),
            run->records, run->first_seq, run->last_seq);
        if (run->last_time[0] != '\0')
            printf(_(", until %s"), run->last_time);
        printf("\n");
    }
}

static void print_gate(const struct report *report)
{
    const struct answer_status *status = &report->status;
    printf(_("gate      %s (%s), %s"), status->name, status->device, translate(status->zone));
    if (report->direction != GATE_BOTH_WAYS)
        fputs(report->direction == GATE_WAY_IN ? _(", way in") : _(", way out"), stdout);
    printf(_(", firmware %s\n"), status->version);
    print_libraries(status);
}

static void print_journal(const struct report *report)
{
    const struct answer_status *status = &report->status;
    if (!status->storage_ok && status->chip_owner[0] != '\0') {
        print_owner(report);
        return;
    }
    if (!status->storage_ok) {
        printf(_("journal   NO STORAGE: the memory chip does not answer, no passage can be logged\n"));
        return;
    }
    printf(translate_count(status->journal.pending, "journal   %u record to fetch",
                           "journal   %u records to fetch"),
           status->journal.pending);
    printf(_(", %u kept (numbers %u to %u)"), status->journal.head - status->journal.tail,
           status->journal.tail, status->journal.head > 0 ? status->journal.head - 1 : 0);
    if (status->journal.unreadable > 0)
        printf(translate_count(status->journal.unreadable, ", %u place unreadable", ", %u places unreadable"),
               status->journal.unreadable);
    if (status->journal.lost > 0)
        printf(_(", %u lost"), status->journal.lost);
    printf("\n");
}

static void print_reader(const struct answer_status *status)
{
    char text[GATE_TIME_LEN];
    fputs(status->reader_up ? _("reader    up") : _("reader    DOWN"), stdout);
    if (status->reader[0] != '\0')
        printf(_(": %s"), status->reader);
    printf("\n");
    if (status->resident_s > 0)
        printf(_("          A CARD HAS LAIN ON IT for %s: take it away. Others are read beside it\n"),
               gate_time_span(status->resident_s, text));
}

static void print_line(const struct answer_status *status)
{
    uint32_t frames = status->link.bad_frames + status->link.good_frames;
    uint32_t sessions = status->link.refused + status->link.sessions;
    if (!status->has_link || status->link.bad_frames + status->link.refused == 0)
        return;
    printf(translate_count(frames, "line      %u of %u frame damaged", "line      %u of %u frames damaged"),
           status->link.bad_frames, frames);
    printf(translate_count(sessions, ", %u of %u session refused\n", ", %u of %u sessions refused\n"),
           status->link.refused, sessions);
}

static void print_memory(const struct answer_status *status)
{
    printf(_("memory    %u of %u bytes in use, %u at most\n"), status->pool.now, status->pool.size,
           status->pool.most);
    if (status->stack.size != 0)
        printf(_("stack     %u of %u bytes at most\n"), status->stack.used, status->stack.size);
}

static void print_report(const struct report *report)
{
    char text[GATE_TIME_LEN];
    const struct answer_status *status = &report->status;
    print_gate(report);
    printf(_("state     %s, up %s, start %u\n"), translate(status->state),
           gate_time_span(status->uptime_s, text), status->boots);
    print_profiles_off(status);
    print_start(status);
    print_clock(report);
    print_list(report);
    print_journal(report);
    print_runs(report);
    print_flash(status);
    print_reader(status);
    if (status->rotation_silent)
        printf(_("rotation  SILENT: the sensor saw nobody pass, several times in a row. Is its wire broken? "
                 "Passages count as\n"
                 "          assumed until it turns\n"));
    print_taps(status);
    print_line(status);
    print_memory(status);
    print_readout(status);
    print_anchor(report);
}

static void put_list(struct json_out *json, const struct report *report)
{
    const struct answer_status *status = &report->status;
    if (status->has_list) {
        json_out_object(json, "list");
        json_out_int(json, "version", status->list.version);
        json_out_int(json, "cards", status->list.cards);
        json_out_time(json, "created", report->whitelist.running.created);
        json_out_bool(json, "twin_whole", status->list.twin_whole);
        json_out_int(json, "repaired", status->list.repaired);
        json_out_int(json, "damaged", status->list.damaged);
        json_out_int(json, "failed", status->list.failed);
        json_out_end(json);
    } else {
        json_out_null(json, "list");
    }
    json_out_object(json, "upload");
    json_out_text(json, "state", report->whitelist.upload.state);
    json_out_text_or_null(json, "error", report->whitelist.upload.error);
    json_out_int(json, "version", report->whitelist.upload.version);
    json_out_int(json, "blocks", report->whitelist.upload.blocks);
    json_out_int(json, "have", report->whitelist.upload.have);
    json_out_end(json);
}

static void put_profiles_off(struct json_out *json, const struct answer_status *status)
{
    if (!status->profiles_off.told) {
        json_out_null(json, "profiles_off");
        return;
    }
    json_out_array(json, "profiles_off");
    for (uint32_t i = 0; i < status->profiles_off.count; i++)
        json_out_text(json, NULL, status->profiles_off.names[i]);
    json_out_end(json);
}

static void put_journal(struct json_out *json, const struct answer_status *status)
{
    json_out_object(json, "journal");
    json_out_int(json, "tail", status->journal.tail);
    json_out_int(json, "head", status->journal.head);
    json_out_int(json, "acked", status->journal.acked);
    json_out_int(json, "pending", status->journal.pending);
    json_out_int(json, "unreadable", status->journal.unreadable);
    json_out_int(json, "lost", status->journal.lost);
    json_out_end(json);
}

static void put_runs(struct json_out *json, const struct gate_runs *runs)
{
    json_out_array(json, "runs");
    for (int i = 0; i < runs->count; i++) {
        const struct gate_run *run = &runs->runs[i];
        json_out_object(json, NULL);
        json_out_int(json, "run", run->run);
        json_out_text(json, "state", run->is_current ? "current" : "closed");
        json_out_int(json, "records", run->records);
        json_out_int(json, "first_seq", run->first_seq);
        json_out_int(json, "last_seq", run->last_seq);
        json_out_text_or_null(json, "last_time", run->last_time);
        json_out_end(json);
    }
    json_out_end(json);
}

static void put_line(struct json_out *json, const struct answer_status *status)
{
    if (!status->has_link)
        return;
    json_out_object(json, "link");
    json_out_int(json, "good_frames", status->link.good_frames);
    json_out_int(json, "bad_frames", status->link.bad_frames);
    json_out_int(json, "sessions", status->link.sessions);
    json_out_int(json, "refused", status->link.refused);
    json_out_end(json);
}

static void put_board(struct json_out *json, const struct answer_status *status)
{
    if (status->reset.cause[0] != '\0') {
        json_out_object(json, "reset");
        json_out_text(json, "cause", status->reset.cause);
        json_out_int(json, "pc", status->reset.pc);
        json_out_int(json, "fault", status->reset.fault);
        json_out_end(json);
    } else {
        json_out_null(json, "reset");
    }
    if (status->stack.size != 0) {
        json_out_object(json, "stack");
        json_out_int(json, "used", status->stack.used);
        json_out_int(json, "size", status->stack.size);
        json_out_end(json);
    } else {
        json_out_null(json, "stack");
    }
    json_out_object(json, "flash");
    json_out_text_or_null(json, "name", status->flash.name);
    json_out_int(json, "size", status->flash.size);
    json_out_int(json, "sector", status->flash.sector);
    json_out_text_or_null(json, "problem", status->flash.problem);
    json_out_int_or_null(json, "worn", status->flash.is_worn, status->flash.worn);
    json_out_end(json);
    json_out_object(json, "tap_us");
    json_out_int(json, "last", status->tap_us.last);
    json_out_int(json, "worst", status->tap_us.worst);
    json_out_end(json);
    json_out_text_or_null(json, "readout_protection", status->readout_protection);
    json_out_text_or_null(json, "anchor", status->anchor);
}

static void print_json(const struct report *report)
{
    struct json_out json;
    const struct answer_status *status = &report->status;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "device", status->device);
    json_out_text(&json, "name", status->name);
    json_out_text(&json, "zone", status->zone);
    json_out_text_or_null(&json, "direction",
                          report->has_direction ? gate_direction_name(report->direction) : "");
    json_out_text(&json, "version", status->version);
    json_out_text(&json, "mbedtls", status->mbedtls);
    json_out_text(&json, "tinycbor", status->tinycbor);
    json_out_text(&json, "state", status->state);
    json_out_int(&json, "uptime_s", status->uptime_s);
    json_out_int(&json, "boots", status->boots);
    json_out_text(&json, "clock", status->clock);
    if (clock_is_known(report)) {
        json_out_time(&json, "time", status->time);
        json_out_int(&json, "drift_s", (int64_t)status->time - report->now);
    } else {
        json_out_null(&json, "time");
        json_out_null(&json, "drift_s");
    }
    put_list(&json, report);
    put_profiles_off(&json, status);
    json_out_bool(&json, "storage_ok", status->storage_ok);
    json_out_text_or_null(&json, "chip_owner", status->chip_owner);
    json_out_bool(&json, "list_rolled_back", status->list_rolled_back);
    json_out_bool(&json, "store_rolled_back", status->store_rolled_back);
    put_journal(&json, status);
    put_runs(&json, &report->runs);
    json_out_bool(&json, "reader_up", status->reader_up);
    json_out_text(&json, "reader", status->reader);
    json_out_bool(&json, "rotation_silent", status->rotation_silent);
    json_out_int(&json, "taps", status->taps);
    json_out_int(&json, "granted", status->granted);
    json_out_int(&json, "resident_s", status->resident_s);
    put_line(&json, status);
    json_out_object(&json, "memory");
    json_out_int(&json, "now", status->pool.now);
    json_out_int(&json, "most", status->pool.most);
    json_out_int(&json, "size", status->pool.size);
    json_out_end(&json);
    put_board(&json, status);
    json_out_end(&json);
}

static int ask(const struct gate_options *gate, struct link *link, struct report *report)
{
    struct link_answer answer;
    int status = gate_get_status(gate, link, &report->status);
    if (status != COMMAND_OK)
        return status;
    report->now = (int64_t)time(NULL);
    int result = link_request(link, &(struct link_request){.method = LINK_GET, .path = "whitelist"}, &answer);
    if (result != ERR_OK)
        return gate_fail(gate, link, result);
    if (answer.code == COAP_UNAVAILABLE && !report->status.storage_ok)
        return COMMAND_OK; /* without a memory chip there is no list */
    if (answer.code != COAP_CONTENT ||
        answer_whitelist_decode(&report->whitelist, answer.data, answer.len) != ERR_OK)
        return gate_refused(gate, _("reading about its list"), &answer);
    return COMMAND_OK;
}

enum { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN };

/* Prints one line for a monitoring program. Returns the exit status. */
static int print_check(const struct report *report)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL"};
    const struct answer_status *status = &report->status;
    const struct {
        int level;
        bool is_so;
        const char *text;
    } checks[] = {
        {CHECK_CRITICAL, status->chip_owner[0] != '\0', N_("the memory chip is another gate's")},
        {CHECK_CRITICAL, !status->storage_ok, N_("no storage")},
        {CHECK_CRITICAL, !status->reader_up, N_("the reader is down")},
        {CHECK_CRITICAL, status->storage_ok && !status->has_list, N_("no list")},
        {CHECK_CRITICAL, status->list_rolled_back, N_("the list was put back")},
        {CHECK_CRITICAL, strcmp(status->state, gate_state_name(GATE_OUT_OF_ORDER)) == 0, N_("out of order")},
        {CHECK_WARNING, status->journal.lost > 0, N_("records were lost")},
        {CHECK_WARNING, strcmp(status->clock, clock_quality_name(CLOCK_SET)) != 0,
         N_("the clock is not sure")},
        {CHECK_WARNING, status->store_rolled_back, N_("the settings were put back")},
        {CHECK_WARNING, status->flash.is_worn, N_("the memory chip is worn")},
        {CHECK_WARNING, status->rotation_silent, N_("the rotation sensor is silent")},
        {CHECK_WARNING, status->resident_s > 0, N_("a card lies on the reader")},
        {CHECK_WARNING, strcmp(status->state, gate_state_name(GATE_RELEASED)) == 0, N_("released by fire")},
    };
    int level = CHECK_OK;
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i].is_so && checks[i].level > level)
            level = checks[i].level;
    printf("PORTILLON %s - %s (%s): %s", words[level], status->name, status->device,
           translate(status->state));
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i].is_so)
            printf(", %s", translate(checks[i].text));
    printf(" | pending=%u\n", status->journal.pending);
    return level;
}

static int show_status(void *ctx, const struct gate_options *gate, struct link *link)
{
    struct report *report = ctx;
    report->gate = gate;
    int status = ask(gate, link, report);
    report->has_direction =
        status == COMMAND_OK && gate->site != NULL &&
        site_directions_get(gate->site, gate->command, report->status.device, &report->direction) == ERR_OK;
    if (status == COMMAND_OK && report->store != NULL &&
        gate_runs_read(&report->runs, report->store, gate->identity.site_id, report->status.device) != ERR_OK)
        command_note("status: %s: %s", report->store, report->runs.error);
    if (status == COMMAND_OK && report->checks)
        return print_check(report);
    if (status == COMMAND_OK && gate->as_json)
        print_json(report);
    else if (status == COMMAND_OK)
        print_report(report);
    return status;
}

int cmd_status(int argc, char **argv)
{
    struct gate_options gate;
    static struct report report;
    const char *value, *store = NULL;
    char path[PATH_MAX];

    gate_options_init(&gate, argv[0], ROLE_MAINTENANCE);
    int parsed;
    while ((parsed = gate_options_parse(&gate, &syntax, argc, argv, &value)) >= GATE_OPTION_COUNT)
        if (parsed == OPTION_STORE)
            store = value;
        else
            report.checks = true;
    if (parsed != COMMAND_PARSE_DONE)
        return command_parse_status(parsed);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    if (store == NULL)
        store = defaults_get("PORTILLON_STORE");
    if (store == NULL && gate.site != NULL && office_register_read(gate.site, argv[0], path) == ERR_OK)
        store = path;
    report.store = store;
    int status = gate_run(&gate, show_status, &report);
    bool has_answered = report.status.name[0] != '\0';
    return report.checks && !has_answered ? CHECK_UNKNOWN : status;
}
