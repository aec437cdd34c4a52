/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PIN of a card and the state of its account have no effect on the list, on the verdicts of a gate,
 * or on any byte of its journal. The test makes random lists, and gives random rows other PINs and
 * states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/gate_bench.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/list/list_builder.h"

#define MONDAY_0600 UINT32_C(1794805200) /* TZ=Europe/Paris date -d '2026-11-16 06:00' +%s */
#define MINUTE_S    60u

enum { ROWS_MAX = 40, TAPS = 60, TRIALS = 12, UID_SIZE = 15, CHIP_LEN = 1 << 20 };

static struct site_rules rules;
static struct gate_bench bench;
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 32) * below >> 32);
}

#define PICK(words) (words)[pick(sizeof(words) / sizeof *(words))]

/* ---- files ---- */

struct row {
    char uid[UID_SIZE];
    const char *profile, *lost, *days, *passages, *temporary, *until;
    const char *pin_set, *account, *pin, *active; /* these have no effect */
};

struct file {
    struct row rows[ROWS_MAX];
    uint32_t count;
};

static void draw_pin_and_account(struct row *row)
{
    static const char *const pins[] = {"",       "oui", "non",  "1234",    "0000",      "définie",
                                       "jamais", "x",   "FAUX", "bloquée", "31/02/2026"};
    static const char *const accounts[] = {"",  "activé", "jamais activé", "suspendu", "bloqué", "clos",
                                           "0", "1",      "perdue"};
    row->pin_set = PICK(pins);
    row->pin = PICK(pins);
    row->account = PICK(accounts);
    row->active = PICK(accounts);
}

static void draw_file(struct file *file)
{
    static const char *const profiles[] = {"DP", "DP", "externe", "interne", "agent", "visiteur"};
    static const char *const days[] = {"", "LMJV", "lun", "mer-ven"};
    static const char *const untils[] = {"", "", "30/11/2026", "16/11/2026", "15/11/2026"};
    file->count = 1 + pick(ROWS_MAX);
    for (uint32_t i = 0; i < file->count; i++) {
        struct row *row = &file->rows[i];
        snprintf(row->uid, sizeof row->uid, "04%08X%04X", (unsigned)pick(UINT32_MAX), (unsigned)i & 0xFFFF);
        row->profile = PICK(profiles);
        row->lost = pick(7) == 0 ? "oui" : "";
        row->days = PICK(days);
        row->passages = pick(4) == 0 ? "2" : "";
        row->temporary = pick(5) == 0 ? "x" : "";
        row->until = PICK(untils);
        draw_pin_and_account(row);
    }
}

static void write_file(const struct file *file, bool with_pins, char *text)
{
    text += sprintf(text, with_pins ? "Code secret défini;Carte;Etat du compte;Régime;Perdue;PIN;Compte "
                                      "activé;Jours;Passages;Provisoire;Fin\n"
                                    : "Carte;Régime;Perdue;Jours;Passages;Provisoire;Fin\n");
    for (uint32_t i = 0; i < file->count; i++) {
        const struct row *row = &file->rows[i];
        if (with_pins)
            text += sprintf(text, "%s;%s;%s;%s;%s;%s;%s;", row->pin_set, row->uid, row->account, row->profile,
                            row->lost, row->pin, row->active);
        else
            text += sprintf(text, "%s;%s;%s;", row->uid, row->profile, row->lost);
        text += sprintf(text, "%s;%s;%s;%s\n", row->days, row->passages, row->temporary, row->until);
    }
}

static void assert_said_to_be_dropped(const struct import_report *report)
{
    assert_int_equal(report->note_count, 1);
    assert_non_null(strstr(report->notes[0],
                           "columns Code secret défini, Etat du compte, PIN, Compte activé: dropped: access "
                           "control does not depend on"));
}

/* Does the same as portillon whitelist build. */
static struct sample_list make_list(const struct file *file, bool with_pins)
{
    static char text[ROWS_MAX * 300];
    static struct csv_import import;
    static struct fake_entropy entropy;
    const struct identity identity = sample_identity(ZONE_BUILDING);
    const struct csv_import_options options = {.rules = &rules};
    struct list_builder_input input = {.version = 1, .created_utc_s = MONDAY_0600};
    uint8_t *image;
    size_t len;
    const char *why;
    list_builder_take_tables(&input, &rules.tables);
    fake_entropy_init(&entropy);
    assert_int_equal(crypto_init(&entropy.entropy, NULL, 0), ERR_OK);
    write_file(file, with_pins, text);
    csv_import_init(&import, &options, identity.tag_key);
    assert_int_equal(csv_import_file(&import, "list.csv", text, strlen(text)), ERR_OK);
    csv_import_finish(&import);
    if (import.report.error_count != 0)
        fail_msg("%s\nin\n%s", import.report.errors[0], text);
    if (with_pins)
        assert_said_to_be_dropped(&import.report);
    input.cards = import.cards.cards;
    input.card_count = import.cards.count;
    assert_int_equal(input.card_count, file->count);
    memcpy(input.site_id, identity.site_id, sizeof input.site_id);
    assert_int_equal(whitelist_list_key(identity.tag_key, input.list_key), ERR_OK);
    assert_int_equal(list_builder_build(&input, &image, &len, &why), ERR_OK);
    csv_import_free(&import);
    return sample_list_sign(image, len);
}

static void assert_same_image(const struct sample_list *a, const struct sample_list *b)
{
    assert_int_equal(a->len, b->len);
    assert_memory_equal(a->image, b->image, a->len);
}

/* ---- one day of a gate ---- */

struct day {
    enum reason reasons[TAPS];
    uint8_t chip[CHIP_LEN]; /* at the end of the day: list, journal, store */
    uint32_t journal_base, journal_len, records;
    int granted;
};

/* Makes the same taps at the same times for every list of one seed. Some people pass, some do not, and
 * power fails. */
static void live_a_day(struct day *day, const struct file *file, const struct sample_list *list,
                       enum zone zone, uint64_t seed)
{
    random_state = seed;
    gate_bench_make(&bench, zone);
    bench.timer.has_rtc = pick(3) != 0;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, list);
    gate_bench_set_clock(&bench, MONDAY_0600);
    day->granted = 0;
    for (int i = 0; i < TAPS; i++) {
        bool stranger = pick(10) == 0;
        const char *uid = file->rows[pick(file->count)].uid;
        gate_bench_wait_until(&bench, clock_utc_s(&bench.portillon.clock) + pick(25) * MINUTE_S);
        day->reasons[i] = gate_bench_tap(&bench, stranger ? "04000000000001" : uid);
        day->granted += day->reasons[i] == REASON_NONE;
        if (pick(3) != 0)
            gate_bench_turn_arm(&bench);
        else
            gate_bench_run_ms(&bench, 6000);
        if (pick(12) == 0)
            gate_bench_start_with_reader(&bench);
    }
    memcpy(day->chip, nor_model_bytes(&bench.nor, 0), CHIP_LEN);
    day->journal_base = bench.portillon.layout.journal_base;
    day->journal_len = bench.portillon.layout.journal_len;
    day->records = bench.portillon.journal.head_seq;
    assert_int_equal(bench.unrecorded_openings, 0);
    gate_bench_free(&bench);
}

static void assert_same_day(const struct day *a, const struct day *b)
{
    for (int i = 0; i < TAPS; i++)
        assert_string_equal(reason_name(a->reasons[i]), reason_name(b->reasons[i]));
    assert_int_equal(a->records, b->records);
    assert_memory_equal(a->chip + a->journal_base, b->chip + b->journal_base, a->journal_len);
    assert_memory_equal(a->chip, b->chip, CHIP_LEN);
}

/* ---- the property ---- */

static int read_rules(void)
{
    static char text[32768];
    static struct import_report report;
    FILE *file = fopen("tests/data/lycee.conf", "r");
    if (file == NULL)
        return -1;
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    return site_rules_parse(&rules, "lycee.conf", text, len, &report) == ERR_OK ? 0 : -1;
}

/* Changes any subset of the rows: none, some, or all. */
static void flip(struct file *file, int trial)
{
    uint32_t in_16 = trial == 0 ? 16 : 1 + pick(16);
    for (uint32_t i = 0; i < file->count; i++)
        if (pick(16) < in_16)
            draw_pin_and_account(&file->rows[i]);
}

static struct trial {
    struct file file, flipped;
    struct sample_list list, list_of_flipped;
} trials[TRIALS];

/* Builds the lists before any gate starts, because building takes more memory than a gate gives its
 * cryptography. */
static int make_trials(void **state)
{
    (void)state;
    if (read_rules() != 0)
        return -1;
    for (int i = 0; i < TRIALS; i++) {
        struct trial *trial = &trials[i];
        random_state = 1000 + (uint64_t)i;
        draw_file(&trial->file);
        trial->flipped = trial->file;
        flip(&trial->flipped, i);
        trial->list = make_list(&trial->file, true);
        trial->list_of_flipped = make_list(&trial->flipped, true);
    }
    return 0;
}

static int free_trials(void **state)
{
    (void)state;
    for (int i = 0; i < TRIALS; i++) {
        sample_list_free(&trials[i].list);
        sample_list_free(&trials[i].list_of_flipped);
    }
    return 0;
}

static void codes_and_accounts_change_no_list(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct file file;
        random_state = (uint64_t)i;
        draw_file(&file);
        struct sample_list one = make_list(&file, true), bare = make_list(&file, false);
        assert_same_image(&one, &bare); /* the same as without these columns */
        for (int variant = 0; variant < 3; variant++) {
            flip(&file, i);
            struct sample_list other = make_list(&file, true);
            assert_same_image(&one, &other);
            sample_list_free(&other);
        }
        sample_list_free(&one);
        sample_list_free(&bare);
    }
}

static void codes_and_accounts_change_no_answer_and_no_journal(void **state)
{
    (void)state;
    static struct day before, after;
    int granted = 0, refused = 0;
    for (int i = 0; i < TRIALS; i++) {
        const struct trial *trial = &trials[i];
        enum zone zone = i % 2 == 0 ? ZONE_CANTEEN : ZONE_BUILDING;
        assert_same_image(&trial->list, &trial->list_of_flipped);
        live_a_day(&before, &trial->file, &trial->list, zone, 77 + (uint64_t)i);
        live_a_day(&after, &trial->flipped, &trial->list_of_flipped, zone, 77 + (uint64_t)i);
        assert_same_day(&before, &after);
        granted += before.granted;
        refused += TAPS - before.granted;
    }
    assert_true(granted > 5 * TRIALS && refused > 5 * TRIALS); /* the test had enough cases of both */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_and_accounts_change_no_list),
        cmocka_unit_test(codes_and_accounts_change_no_answer_and_no_journal),
    };
    return cmocka_run_group_tests(tests, make_trials, free_trials);
}
