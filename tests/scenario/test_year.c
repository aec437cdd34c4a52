/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A school year at four gates of a lycée with 1,600 people, with meals, holidays and lost cards. Two are
 * building gates, one of them without a battery-backed clock. Two are canteen gates, one of them without
 * a rotation sensor. The lists are made by the code of the office from the files that it would export.
 * Some are installed during lunch, each with its services in other places. The gates are the firmware
 * unchanged.
 *
 * Every passage in the store is compared with a second implementation: rights computed from people and
 * not from lists (fakes/school), the policy in a slow, obvious form (fakes/slow_policy), local time by
 * the C library. Gates do not know each other, so the test runs the whole year of one gate after
 * another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "firmware/portillon_control.h"
#include "tests/fakes/gate_bench.h"
#include "tests/fakes/school.h"
#include "tests/fakes/slow_policy.h"
#include "tools/portillon/db/db_sqlite.h"
#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_gates.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/store/office_merge.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/people_store.h"

enum {
    FIRST_DAY = 9740, /* 2026-09-01 */
    LAST_DAY = 10044, /* 2027-07-02 */
    DAY_S = 86400,
    DAYS_TO_2000 = 10957,
    LISTS_MAX = 48,
    DAYS_A_LIST = 7,
    TAPS_MAX = 400, /* at one gate on one day */
    ROWS_MAX = 60000,
    GATES = 4,
};

static const struct gate_plan {
    const char *id;
    enum zone zone;
    bool battery, rotation;
} plans[GATES] = {{"nord", ZONE_BUILDING, true, true},
                  {"sud", ZONE_BUILDING, false, true},
                  {"self-1", ZONE_CANTEEN, true, true},
                  {"self-2", ZONE_CANTEEN, true, false}};

/* Holidays, in addition to those of tests/data/lycee.conf. */
static const char holidays[] = "closed = 17/10/2026 - 01/11/2026\n"
                               "closed = 13/02/2027 - 28/02/2027\n"
                               "closed = 10/04/2027 - 25/04/2027\n"
                               "closed = 06/05/2027 - 09/05/2027\n";

static struct year_list {
    uint32_t utc_s; /* when it was made */
    struct sample_list list;
    struct school_right *rights;
    int right_count;
} lists[LISTS_MAX];
static int list_count;

static struct site site;
static struct site_rules rules;
static struct identity identities[GATES];
static struct school school;
static char folder[64], store_path[96];

/* --- the office --- */

static uint32_t utc_of_day(uint16_t day)
{
    return ((uint32_t)day + DAYS_TO_2000) * DAY_S;
}

static void run_command(const char *format, const char *what)
{
    char command[256];
    snprintf(command, sizeof command, format, what);
    assert_int_equal(system(command), 0);
}

static void read_rules(void)
{
    static char text[32768];
    static struct import_report report;
    FILE *file = fopen("tests/data/lycee.conf", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - sizeof holidays, file);
    fclose(file);
    memcpy(text + len, holidays, sizeof holidays);
    if (site_rules_parse(&rules, "lycee.conf", text, len + sizeof holidays - 1, &report) != ERR_OK)
        fail_msg("%s", report.errors[0]);
}

static int note_person(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards)
{
    struct people_store *store = ctx;
    int64_t id, utc_s = (int64_t)lists[list_count].utc_s;
    int error = people_store_put(store, person, rules.tables.profiles[cards->rule.profile].name, &cards->rule,
                                 utc_s, &id);
    return error == ERR_OK && cards->count != 0 ? people_store_hold(store, &cards->at[0].card.tag, id, utc_s)
                                                : error;
}

static struct tag tag_of(const char *uid_hex)
{
    uint8_t uid[READER_UID_MAX];
    struct credential credential;
    struct tag tag;
    for (int i = 0; i < 7; i++)
        assert_int_equal(sscanf(uid_hex + 2 * i, "%2hhx", &uid[i]), 1);
    assert_int_equal(credential_from_uid(&credential, uid, 7), ERR_OK);
    assert_int_equal(tag_from_credential(&tag, site.tag_key, &credential), ERR_OK);
    return tag;
}

/* Stores loans, lost cards and returned cards, as portillon card does. */
static void note_loans(struct people_store *store, int first_new, uint32_t utc_s)
{
    for (int i = 0; i < school.loan_count; i++) {
        const struct school_loan *loan = &school.loans[i];
        struct people_card card = {.tag = tag_of(loan->uid),
                                   .lent = true,
                                   .first_day = loan->first_day,
                                   .last_day = loan->last_day,
                                   .noted_utc_s = utc_s,
                                   .has_person = true};
        struct people_card lost = {.noted_utc_s = utc_s};
        if (loan->until_utc_s == utc_s)
            assert_int_equal(people_store_drop_card(store, &card.tag, utc_s), 1);
        if (i < first_new)
            continue;
        assert_int_equal(people_store_find(store, school.people[loan->person].name, &card.person, 1), 1);
        assert_int_equal(people_store_note_card(store, &card), ERR_OK);
        if (loan->lost[0] == '\0')
            continue;
        lost.tag = tag_of(loan->lost);
        assert_int_equal(people_store_note_card(store, &lost), ERR_OK);
    }
}

/* Moves the services to other places, as if lines in site.conf were moved. The second implementation
 * does not know of this. */
static void turn_services(struct whitelist_tables *tables, int by)
{
    int count = tables->service_count;
    *tables = rules.tables;
    for (int i = 0; i < count; i++)
        tables->services[(i + by) % count] = rules.tables.services[i];
    for (int p = 0; p < tables->profile_count; p++) {
        tables->profiles[p].services = 0;
        for (int i = 0; i < count; i++)
            if (rules.tables.profiles[p].services >> i & 1)
                tables->profiles[p].services |= (uint16_t)(1 << (i + by) % count);
    }
}

static void build_list(const struct csv_import *import, struct year_list *made)
{
    struct whitelist_tables tables = rules.tables;
    struct list_builder_input input = {.cards = import->cards.cards,
                                       .card_count = import->cards.count,
                                       .time_zone = rules.time_rule,
                                       .version = made->utc_s,
                                       .created_utc_s = made->utc_s};
    uint8_t hash[CRYPTO_HASH_LEN], signature[CRYPTO_SIGNATURE_MAX];
    size_t signature_len;
    const char *why;
    turn_services(&tables, list_count % tables.service_count);
    list_builder_take_tables(&input, &tables);
    memcpy(input.site_id, site.site_id, sizeof input.site_id);
    assert_int_equal(whitelist_list_key(site.tag_key, input.list_key), ERR_OK);
    assert_int_equal(list_builder_build(&input, &made->list.image, &made->list.len, &why), ERR_OK);
    list_builder_hash(made->list.image, hash);
    assert_int_equal(site_unlock(&site, "test", NULL), ERR_OK);
    assert_int_equal(site_sign(&site, hash, signature, &signature_len), ERR_OK);
    list_builder_put_signature(made->list.image, signature, signature_len);
    assert_int_equal(whitelist_header_decode(&made->list.header, made->list.image), ERR_OK);
}

/* Makes the list of one week from the file, the store and the rules. */
static void make_list(uint16_t day)
{
    static struct csv_import import;
    struct people_store store;
    struct office_merge_counts counts;
    struct year_list *made = &lists[list_count];
    int loans_before = school.loan_count;
    struct csv_import_options options = {.rules = &rules, .on_person = note_person, .person_ctx = &store};

    made->utc_s = utc_of_day(day) + 5 * 3600;
    assert_int_equal(people_store_open(&store, store_path, identities[0].site_id), ERR_OK);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    if (list_count > 0)
        school_change(&school, day, made->utc_s);
    note_loans(&store, loans_before, made->utc_s);
    char *text = school_file(&school);
    csv_import_init(&import, &options, site.tag_key);
    assert_int_equal(csv_import_file(&import, "export.csv", text, strlen(text)), ERR_OK);
    csv_import_finish(&import);
    assert_int_equal(office_merge(&store, "store", &import, day, &counts), ERR_OK);
    if (import.report.error_count != 0)
        fail_msg("%s", import.report.errors[0]);
    build_list(&import, made);
    made->right_count = school_rights(&school, day, &made->rights);
    assert_int_equal(import.cards.count, made->right_count);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    people_store_close(&store);
    csv_import_free(&import);
    free(text);
    list_count++;
}

static void run_the_office(void)
{
    snprintf(folder, sizeof folder, "%s/test_year.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(folder));
    char path[96];
    snprintf(path, sizeof path, "%s/site", folder);
    snprintf(store_path, sizeof store_path, "%s/store.sqlite", folder);
    assert_int_equal(site_create(path, "Lycée des Essais", NULL), ERR_OK);
    assert_int_equal(site_open(&site, "test", path), ERR_OK);
    for (int i = 0; i < GATES; i++)
        assert_int_equal(
            site_derive_identity(&site, plans[i].id, 0, plans[i].id, plans[i].zone, &identities[i]), ERR_OK);
    read_rules();
    school_open(&school);
    for (uint16_t day = FIRST_DAY - 1; day <= LAST_DAY; day += DAYS_A_LIST)
        make_list(day);
}

/* --- the year of one gate --- */

struct expected_row {
    uint32_t utc_s;
    enum clock_quality clock;
    enum reason reason;
    const char *outcome; /* NULL: none */
    char uid[SCHOOL_UID];
};

struct counted {
    char uid[SCHOOL_UID];
    int service;
    uint16_t day;
};

static struct year {
    const struct gate_plan *plan;
    struct gate_bench bench;
    uint64_t base_us; /* time of the timer at 1970-01-01 UTC */
    int list;         /* the active list; -1: none */
    enum clock_quality clock;
    uint32_t profiles_off;
    uint32_t pulled_seq;
    struct passage_store store;
    struct counted used[TAPS_MAX * 2]; /* passages that count, of today and yesterday */
    int used_count;
    struct expected_row rows[ROWS_MAX];
    int row_count;
    int cuts, cut_openings;
} year;

static struct {
    int taps, granted, refused[32], abandoned, cuts, cut_openings, fire, lists;
} totals;

static void go_to(uint64_t utc_us)
{
    uint64_t target = utc_us + year.base_us;
    assert_true(target >= year.bench.timer.now_us);
    year.bench.timer.now_us = target;
}

static void poll_some(int turns, unsigned ms)
{
    for (int i = 0; i < turns; i++) {
        (void)portillon_poll(&year.bench.portillon);
        fake_timer_advance_ms(&year.bench.timer, ms);
    }
}

/* Runs until the background work is done: sectors prepared, blocks compared. */
static void finish_idle_work(void)
{
    for (int i = 0; i < 400 && portillon_poll(&year.bench.portillon) == ERR_BUSY; i++)
        fake_timer_advance_ms(&year.bench.timer, 1);
}

/* Waits for a whole second. A battery-backed clock counts whole seconds, so a power cut then loses no
 * part of one. */
static void await_whole_second(void)
{
    struct fake_timer *timer = &year.bench.timer;
    timer->now_us += 1000000 - (timer->now_us - timer->rtc_set_us) % 1000000 + 50000;
}

static void power_cut(void)
{
    await_whole_second();
    gate_bench_start_with_reader(&year.bench);
    if (!year.plan->battery && year.clock == CLOCK_SET)
        year.clock = CLOCK_STALE;
    year.cuts++;
    finish_idle_work();
}

static void set_clock(uint32_t utc_s)
{
    go_to(utc_s * UINT64_C(1000000));
    gate_bench_set_clock(&year.bench, utc_s);
    year.clock = CLOCK_SET;
    finish_idle_work();
}

static void pull(void)
{
    struct journal *journal = &year.bench.portillon.journal;
    struct journal_record record;
    uint8_t raw[JOURNAL_RECORD_LEN];
    finish_idle_work();
    assert_int_equal(passage_store_begin(&year.store), ERR_OK);
    for (uint32_t seq = year.pulled_seq + 1; seq < journal->head_seq; seq++) {
        assert_int_equal(journal_read(journal, seq, &record), ERR_OK);
        assert_int_equal(journal_read_raw(journal, seq, raw), ERR_OK);
        assert_false(record.kind == JOURNAL_EVENT && record.code == JOURNAL_EVENT_JOURNAL_CUT);
        int added = passage_store_add(&year.store, &record, raw);
        if (added != 1)
            fail_msg("%s, number %u: %s: %s", year.plan->id, seq, error_name(added),
                     passage_store_error(&year.store));
    }
    year.pulled_seq = journal->head_seq - 1;
    assert_int_equal(passage_store_commit(&year.store, year.pulled_seq), ERR_OK);
    assert_int_equal(gate_bench_acknowledge(&year.bench, year.pulled_seq), ERR_OK);
    finish_idle_work();
}

/* --- the second implementation --- */

/* Returns the local time, by the C library. */
static struct local_time wall_time(uint32_t utc_s)
{
    struct tm parts;
    time_t when = utc_s;
    assert_non_null(localtime_r(&when, &parts));
    struct tm noon = {
        .tm_year = parts.tm_year, .tm_mon = parts.tm_mon, .tm_mday = parts.tm_mday, .tm_hour = 12};
    return (struct local_time){.day = (uint16_t)(timegm(&noon) / DAY_S - DAYS_TO_2000),
                               .weekday = (uint8_t)((parts.tm_wday + 6) % 7),
                               .minute = (uint16_t)(parts.tm_hour * 60 + parts.tm_min),
                               .is_summer = parts.tm_isdst > 0};
}

struct opinion {
    enum reason reason;
    int service; /* -1: none */
    uint16_t day;
};

static struct opinion opinion_of(const char *uid, uint32_t utc_s)
{
    struct opinion opinion = {REASON_NO_LIST, -1, 0};
    if (year.list < 0)
        return opinion;
    const struct year_list *list = &lists[year.list];
    const struct school_right *right = school_find_right(list->rights, list->right_count, uid);
    opinion.reason = REASON_UNKNOWN_CARD;
    if (right == NULL)
        return opinion;
    struct policy_question question = {.rule = right->rule,
                                       .tables = &rules.tables,
                                       .zone = year.plan->zone,
                                       .now = wall_time(utc_s),
                                       .clock = year.clock,
                                       .method = CREDENTIAL_UID,
                                       .profiles_off = year.profiles_off};
    opinion.service = slow_policy_service(&question, &opinion.day);
    for (int i = 0; i < year.used_count; i++)
        question.used += strcmp(year.used[i].uid, uid) == 0 && year.used[i].service == opinion.service &&
                         year.used[i].day == opinion.day;
    opinion.reason = slow_policy_reason(&question);
    return opinion;
}

/* --- taps --- */

enum ending { WALKS_THROUGH, TURNS_BACK, POWER_GOES };

static void put_card(const char *uid)
{
    int told = year.bench.taps_told;
    fake_reader_card(&year.bench.reader, uid);
    fake_reader_empty(&year.bench.reader);
    for (int i = 0; year.bench.taps_told == told || year.bench.reader.count > 0; i++) {
        assert_true(i < 2000);
        poll_some(1, 1);
    }
}

/* Simulates the person at the open gate. Returns how the passage ended according to the journal; NULL:
 * the journal does not tell. */
static const char *end_passage(enum ending ending)
{
    if (year.bench.portillon.gate.state == GATE_RELEASED)
        return "assumed";
    if (ending == POWER_GOES) {
        year.cut_openings++;
        power_cut();
        return year.plan->rotation ? NULL : "assumed";
    }
    poll_some(2, 100);
    if (ending == WALKS_THROUGH && year.plan->rotation) {
        year.bench.wires.inputs |= GATE_ROTATION;
        poll_some(2, 60);
        year.bench.wires.inputs &= ~(uint32_t)GATE_ROTATION;
    } else {
        fake_timer_advance_ms(&year.bench.timer, 5000); /* nobody passes, or there is no sensor */
    }
    poll_some(4, 200);
    assert_int_equal(year.bench.portillon.gate.state, GATE_IDLE);
    return !year.plan->rotation ? "assumed" : ending == WALKS_THROUGH ? "passed" : "abandoned";
}

static void tap(const char *uid, uint32_t utc_s, enum ending ending)
{
    struct opinion opinion = opinion_of(uid, utc_s);
    struct expected_row *row = &year.rows[year.row_count++];
    enum clock_quality clock = year.clock;
    const char *outcome = NULL;
    assert_true(year.row_count < ROWS_MAX);
    go_to(utc_s * UINT64_C(1000000) + 500000);
    put_card(uid);
    bool released = year.bench.portillon.gate.state == GATE_RELEASED;
    if (year.bench.last_tap.verdict.reason != opinion.reason)
        fail_msg("%s at %s, %u (clock %s, list %d): %s, and should be %s", uid, year.plan->id, utc_s,
                 clock_quality_name(clock), year.list, reason_name(year.bench.last_tap.verdict.reason),
                 reason_name(opinion.reason));
    if (opinion.reason == REASON_NONE)
        outcome = end_passage(ending);
    else
        poll_some(2, 10);
    /* A meal counts when a passage was observed or, without a sensor, when the gate opened. */
    bool eaten = opinion.reason == REASON_NONE && !released &&
                 (!year.plan->rotation || (outcome != NULL && strcmp(outcome, "passed") == 0));
    if (eaten && opinion.service >= 0 && year.used_count < (int)(sizeof year.used / sizeof year.used[0])) {
        struct counted *used = &year.used[year.used_count++];
        *used = (struct counted){.service = opinion.service, .day = opinion.day};
        memcpy(used->uid, uid, SCHOOL_UID);
    }
    *row = (struct expected_row){utc_s, clock, opinion.reason, outcome, ""};
    memcpy(row->uid, uid, SCHOOL_UID);
    totals.taps++;
    totals.granted += opinion.reason == REASON_NONE;
    totals.refused[opinion.reason] += opinion.reason != REASON_NONE;
    totals.abandoned += outcome != NULL && strcmp(outcome, "abandoned") == 0;
    totals.fire += released;
}

/* Draws a person of the school, or an unknown card. At the canteen, sometimes a person who has eaten
 * already. */
static void draw_card(char uid[SCHOOL_UID])
{
    uint32_t drawn = school_random(&school, 100);
    if (drawn < 3)
        snprintf(uid, SCHOOL_UID, "04FF%010X", (unsigned)school_random(&school, 1000));
    else if (drawn < 15 && school.loan_count > 0) {
        const struct school_loan *loan = &school.loans[school_random(&school, (uint32_t)school.loan_count)];
        memcpy(uid, drawn < 9 || loan->lost[0] == '\0' ? loan->uid : loan->lost, SCHOOL_UID);
    } else if (drawn < 30 && year.used_count > 0)
        memcpy(uid, year.used[school_random(&school, (uint32_t)year.used_count)].uid, SCHOOL_UID);
    else
        memcpy(uid, school.cards[school_random(&school, (uint32_t)school.card_count)].uid, SCHOOL_UID);
}

static enum ending draw_ending(void)
{
    uint32_t drawn = school_random(&school, 400);
    return drawn == 0 ? POWER_GOES : drawn < 25 ? TURNS_BACK : WALKS_THROUGH;
}

/* --- days --- */

static int by_number(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* Draws the UTC seconds of the taps of a day: many near the hours that matter, some at any hour, and
 * many in the nights of a clock change. */
static int draw_times(uint16_t day, uint32_t times[TAPS_MAX])
{
    static const uint16_t edges[2][8] = {{420, 450, 480, 750, 780, 1080, 1140, 1200},
                                         {405, 465, 690, 720, 780, 825, 1110, 1185}}; /* local minutes */
    const uint16_t *around = edges[year.plan->zone == ZONE_CANTEEN];
    bool clocks_change = day == 9794 || day == 9948; /* 2026-10-25, 2027-03-28 */
    int weekday = (day + 5) % 7, count = weekday < 5 ? 140 : 16;
    /* mktime converts the day number to a date. */
    struct tm midnight = {.tm_year = 100, .tm_mday = 1 + day, .tm_isdst = -1};
    uint32_t begin = (uint32_t)mktime(&midnight);
    for (int i = 0; i < count; i++) {
        uint32_t minute = around[school_random(&school, 8)];
        uint32_t second = school_random(&school, 10) == 0 ? school_random(&school, DAY_S - 3600)
                          : school_random(&school, 5) == 0
                              ? minute * 60 - (school_random(&school, 2))
                              : minute * 60 + school_random(&school, 3600) - 1800;
        times[i] = begin + second;
    }
    for (int i = 0; clocks_change && i < 200; i++)
        times[count++] = begin + school_random(&school, 5 * 3600);
    qsort(times, (size_t)count, sizeof times[0], by_number);
    return count;
}

/* Installs the next list when it is due. Sometimes power fails during the installation. */
static void update_list(uint32_t utc_s)
{
    int next = year.list;
    while (next + 1 < list_count && lists[next + 1].utc_s <= utc_s)
        next++;
    if (next == year.list)
        return;
    if (next % 10 == 5) {
        gate_bench_upload_head(&year.bench, &lists[next].list);
        power_cut();
    }
    gate_bench_install(&year.bench, &lists[next].list);
    finish_idle_work();
    year.list = next;
    totals.lists++;
}

/* Turns the profile externe off for three days in January, and on again. */
static void turn_profiles(uint16_t day)
{
    uint32_t off = day >= 9875 && day < 9878 ? 1U << SCHOOL_EXTERNE : 0;
    if (off == year.profiles_off || year.list < 0)
        return;
    assert_int_equal(portillon_turn_profiles(&year.bench.portillon, ~off, ROLE_TECHNICIAN), ERR_OK);
    year.profiles_off = off;
}

static void fire_drill(bool on)
{
    if (on)
        year.bench.wires.inputs |= GATE_FIRE;
    else
        year.bench.wires.inputs &= ~(uint32_t)GATE_FIRE;
    poll_some(4, 100);
    assert_int_equal(year.bench.portillon.gate.state, on ? GATE_RELEASED : GATE_IDLE);
    assert_int_equal((year.bench.wires.outputs & GATE_RELAY) != 0, on);
    finish_idle_work();
}

static void forget_old_meals(uint16_t day)
{
    int kept = 0;
    for (int i = 0; i < year.used_count; i++)
        if (year.used[i].day + 1 >= day)
            year.used[kept++] = year.used[i];
    year.used_count = kept;
}

static bool turned_back(void)
{
    const char *outcome = year.rows[year.row_count - 1].outcome;
    return outcome != NULL && strcmp(outcome, "abandoned") == 0;
}

static void live_a_day(uint16_t day)
{
    uint32_t times[TAPS_MAX], last = 0;
    bool drill = day == 9763 || day == 9903 || day == 10023; /* three days with a drill at noon */
    bool released = false, visited = false;
    int count = draw_times(day, times);
    uint32_t office_s = utc_of_day(day) + (day % 3 == 0 ? 11 : 5) * 3600 + 600; /* or during lunch */
    forget_old_meals(day);
    for (int i = 0; i < count; i++) {
        char uid[SCHOOL_UID];
        if (times[i] < last + 12)
            continue;
        if (!visited && times[i] > office_s + 60 && office_s > last + 12) {
            /* The office sets the clock, installs the list and fetches the passages: every day, or once
             * a week for the gate without a battery. */
            if (year.plan->battery || day % 7 == 0 || year.clock == CLOCK_UNSET)
                set_clock(office_s);
            else
                go_to(office_s * UINT64_C(1000000));
            pull();
            update_list(office_s);
            turn_profiles(day);
            visited = true;
        }
        if (year.bench.timer.now_us - year.base_us >= times[i] * UINT64_C(1000000) + 400000)
            continue;
        bool in_drill = drill && times[i] % DAY_S >= 10 * 3600 && times[i] % DAY_S < 10 * 3600 + 2400;
        if (in_drill != released)
            fire_drill(released = in_drill);
        if (year.bench.timer.now_us - year.base_us >= times[i] * UINT64_C(1000000) + 400000)
            continue;
        draw_card(uid);
        tap(uid, times[i], released ? WALKS_THROUGH : draw_ending());
        last = times[i];
        if (turned_back() && school_random(&school, 4) == 0) { /* and taps again after the signal has ended */
            power_cut();
            last += 30;
            tap(uid, last, WALKS_THROUGH);
        }
        if (!released && school_random(&school, 600) == 0)
            power_cut();
    }
    if (released)
        fire_drill(false);
}

/* --- the store --- */

static void compare_text(int row, const char *what, const unsigned char *got, const char *wanted)
{
    if ((got == NULL) != (wanted == NULL) || (got != NULL && strcmp((const char *)got, wanted) != 0))
        fail_msg("%s, row %d (%u, %s): %s is %s, and should be %s", year.plan->id, row, year.rows[row].utc_s,
                 year.rows[row].uid, what, got != NULL ? (const char *)got : "nothing",
                 wanted != NULL ? wanted : "nothing");
}

static void compare_store(void)
{
    sqlite3_stmt *statement;
    int row = 0;
    assert_int_equal(
        sqlite3_prepare_v2(db_sqlite_handle(&year.store.db.db),
                           "SELECT unixepoch(time), clock, verdict, reason, outcome, person FROM passages"
                           " WHERE device = ?1 ORDER BY seq",
                           -1, &statement, NULL),
        SQLITE_OK);
    sqlite3_bind_text(statement, 1, year.plan->id, -1, SQLITE_STATIC);
    for (; sqlite3_step(statement) == SQLITE_ROW; row++) {
        const struct expected_row *wanted = &year.rows[row];
        bool granted = wanted->reason == REASON_NONE;
        assert_true(row < year.row_count);
        compare_text(row, "clock", sqlite3_column_text(statement, 1), clock_quality_name(wanted->clock));
        compare_text(row, "verdict", sqlite3_column_text(statement, 2), granted ? "granted" : "refused");
        compare_text(row, "reason", sqlite3_column_text(statement, 3),
                     granted ? NULL : reason_name(wanted->reason));
        compare_text(row, "outcome", sqlite3_column_text(statement, 4), wanted->outcome);
        if (wanted->clock != CLOCK_SET)
            continue;
        assert_int_equal(sqlite3_column_int64(statement, 0), wanted->utc_s);
        compare_text(row, "person", sqlite3_column_text(statement, 5),
                     school_holder(&school, wanted->uid, wanted->utc_s));
    }
    sqlite3_finalize(statement);
    assert_int_equal(row, year.row_count);
}

static void live_a_year(int number)
{
    memset(&year, 0, sizeof year);
    year.plan = &plans[number];
    year.list = -1;
    gate_bench_make(&year.bench, year.plan->zone);
    year.bench.identity = identities[number];
    year.bench.timer.has_rtc = year.plan->battery;
    year.base_us =
        year.bench.timer.now_us + 3600 * UINT64_C(1000000) - (utc_of_day(FIRST_DAY - 1)) * UINT64_C(1000000);
    assert_int_equal(passage_store_open(&year.store, store_path, &identities[number]), ERR_OK);
    gate_bench_start_with_reader(&year.bench);
    struct settings settings = settings_default();
    settings.rotation_fitted = year.plan->rotation;
    assert_int_equal(portillon_set_settings(&year.bench.portillon, &settings, ROLE_TECHNICIAN), ERR_OK);
    set_clock(utc_of_day(FIRST_DAY - 1) + 5 * 3600);
    update_list(utc_of_day(FIRST_DAY - 1) + 5 * 3600);
    for (uint16_t day = FIRST_DAY; day <= LAST_DAY + 1; day++)
        live_a_day(day);
    pull();
    assert_int_equal(year.bench.unrecorded_openings, 0);
    assert_int_equal(year.bench.portillon.lost_record_count, 0);
    compare_store();
    print_message("# %-7s %d taps, %d power cuts, %d of them at an open gate\n", year.plan->id,
                  year.row_count, year.cuts, year.cut_openings);
    totals.cuts += year.cuts;
    totals.cut_openings += year.cut_openings;
    passage_store_close(&year.store);
    gate_bench_free(&year.bench);
}

static void every_passage_of_a_year_is_what_the_second_opinion_says(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); /* computed by the C library, with or without tzdata */
    tzset();
    run_the_office();
    for (int i = 0; i < GATES; i++)
        live_a_year(i);
    print_message("# a year: %d taps, %d granted (%d abandoned), %d under fire; %d lists taken, %d power "
                  "cuts\n#   refused:",
                  totals.taps, totals.granted, totals.abandoned, totals.fire, totals.lists, totals.cuts);
    for (int reason = 1; reason < 32; reason++)
        if (totals.refused[reason] != 0)
            print_message(" %s %d", reason_name((enum reason)reason), totals.refused[reason]);
    print_message("\n");
    /* Checks that the year contained every kind of event. */
    static const enum reason all[] = {REASON_UNKNOWN_CARD,   REASON_BLOCKED,          REASON_EXPIRED,
                                      REASON_NO_RIGHT_HERE,  REASON_OUTSIDE_HOURS,    REASON_CLOSED_TODAY,
                                      REASON_NO_SERVICE_NOW, REASON_NOT_THIS_SERVICE, REASON_NO_MEAL_TODAY,
                                      REASON_ALREADY_PASSED, REASON_PROFILE_OFF};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (totals.refused[all[i]] == 0)
            fail_msg("nobody was refused as %s", reason_name(all[i]));
    assert_true(totals.fire > 0 && totals.abandoned > 0 && totals.cut_openings > 0);
}

/* Removes the folder, also after a failure. A folder left behind might be removed later together with
 * that of a running test; SQLite would then find its file readonly. */
static int tidy(void **state)
{
    (void)state;
    for (int i = 0; i < list_count; i++) {
        free(lists[i].rights);
        sample_list_free(&lists[i].list);
    }
    site_close(&site);
    if (folder[0] != '\0')
        run_command("rm -rf '%s'", folder);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_passage_of_a_year_is_what_the_second_opinion_says, tidy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
