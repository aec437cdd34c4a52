/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/selftest_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "firmware/maintenance/maintenance.h"
#include "hal/chip.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/person.h"
#include "tools/portillon/common/yes_no.h"

#define POLL_MS         100
#define FLASH_LONGEST_S 30
#define BUSY_LONGEST_S  20   /* somebody passes, or sees a refusal */
#define KEEP_AWAKE_S    120  /* the gate ends a session that is silent for ten minutes */
#define CLOCK_MS        2500 /* two clocks are compared over at least this time */
#define CLOCK_PERCENT   2.0  /* an oscillator that fell back to a worse one is off by more, or may be */

/* --- steps --- */

/* Notes a result. name and format are messages, marked and not translated; the arguments are the same in
 * each language. */
__attribute__((format(printf, 4, 5))) static void conclude(struct walk *walk, const char *name,
                                                           enum walk_result result, const char *format, ...)
{
    struct walk_step *step = &walk->steps[walk->step_count++];
    va_list list, again;
    step->name = name;
    step->result = result;
    va_start(list, format);
    va_copy(again, list);
    vsnprintf(step->detail, sizeof step->detail, translate(format), list);
    vsnprintf(step->english, sizeof step->english, format, again);
    va_end(again);
    va_end(list);
}

const char *walk_result_name(enum walk_result result)
{
    switch (result) {
    case WALK_PASSED:
        return "passed";
    case WALK_FAILED:
        return "failed";
    case WALK_SKIPPED:
        return "skipped";
    }
    return "unknown";
}

const char *walk_result_text(enum walk_result result)
{
    switch (result) {
    case WALK_PASSED:
        return in_context_("self-test", "passed");
    case WALK_FAILED:
        return in_context_("self-test", "failed");
    case WALK_SKIPPED:
        return in_context_("self-test", "skipped");
    }
    return "?";
}

int walk_count(const struct walk *walk, enum walk_result result)
{
    int count = 0;
    for (int i = 0; i < walk->step_count; i++)
        count += walk->steps[i].result == result;
    return count;
}

/* --- the gate --- */

static bool fetch(struct walk *walk, const char *path, struct link_answer *answer)
{
    int result = link_request(walk->link, &(struct link_request){.method = LINK_GET, .path = path}, answer);
    if (result != ERR_OK)
        walk->status = gate_fail(walk->gate, walk->link, result);
    else if (answer->code == COAP_NOT_FOUND || answer->code == COAP_METHOD_NOT_ALLOWED)
        walk->status = command_fail("selftest: this gate's firmware is too old for it");
    else if (answer->code != COAP_CONTENT)
        walk->status = gate_refused(walk->gate, N_("the self-test"), answer);
    return walk->status == COMMAND_OK;
}

/* Reads the state of the self-test. Returns false when the walk is over. */
static bool look(struct walk *walk)
{
    struct link_answer answer;
    walk->now_asked_us = link_now_us();
    if (!fetch(walk, "selftest", &answer))
        return false;
    walk->now_answered_us = link_now_us();
    if (answer_selftest_decode(&walk->now, answer.data, answer.len) != ERR_OK)
        walk->status = command_fail("selftest: the gate's answer makes no sense: a newer firmware?");
    return walk->status == COMMAND_OK;
}

/* Requests one action. Returns false when the walk is over. */
static bool ask_for(struct walk *walk, const char *what, struct link_answer *answer)
{
    uint8_t payload[32];
    int len = answer_selftest_encode(what, payload, sizeof payload);
    int result = link_request(walk->link,
                              &(struct link_request){.method = LINK_POST,
                                                     .path = "selftest",
                                                     .payload = payload,
                                                     .payload_len = len > 0 ? (size_t)len : 0},
                              answer);
    if (result != ERR_OK)
        walk->status = gate_fail(walk->gate, walk->link, result);
    return walk->status == COMMAND_OK;
}

/* Waits. Returns false after Ctrl-C. */
static bool wait_ms(struct walk *walk, unsigned ms)
{
    usleep(ms * 1000);
    if (interrupt_wanted())
        walk->status = gate_fail(walk->gate, walk->link, ERR_BUSY);
    return walk->status == COMMAND_OK;
}

/* Does the same, but waits while the gate is busy with somebody. */
static bool ask_patiently(struct walk *walk, const char *what, struct link_answer *answer)
{
    for (int tries = 0;; tries++) {
        if (!ask_for(walk, what, answer))
            return false;
        if (!gate_is_busy(answer) || tries == BUSY_LONGEST_S)
            return true;
        if (tries == 0)
            command_note("the gate is busy (somebody passes?), waiting");
        if (!wait_ms(walk, 1000))
            return false;
    }
}

/* --- the user --- */

/* Waits for a line and keeps the session open. Returns false when the walk is over. */
static bool await_line(struct walk *walk, char *line, size_t size)
{
    uint64_t awake_us = link_now_us();
    for (;;) {
        enum person_wait came = person_wait_line(line, size, 500);
        if (interrupt_wanted() && !wait_ms(walk, 0))
            return false;
        if (came == PERSON_LINE)
            return true;
        if (came == PERSON_GONE) {
            walk->person_gone = true;
            line[0] = '\0';
            return true;
        }
        if (link_now_us() - awake_us > KEEP_AWAKE_S * UINT64_C(1000000)) {
            awake_us = link_now_us();
            if (!look(walk))
                return false;
        }
    }
}

/* Asks a question. Returns 'y', 'n', 'a' (again) or 's' (skip), or 0 when the walk is over. */
static char ask(struct walk *walk, const char *question)
{
    char line[64];
    for (;;) {
        fprintf(stderr, _("  %s [y]es, [n]o, [a]gain, [s]kip: "), translate(question));
        if (!await_line(walk, line, sizeof line))
            return 0;
        if (walk->person_gone) {
            fprintf(stderr, "\n");
            return 's';
        }
        if (answer_words_yes_no(line) != YES_NO_NEITHER)
            return answer_words_yes_no(line) == YES_NO_YES ? 'y' : 'n';
        if (answer_words_match(line, "again") || answer_words_match(line, "encore"))
            return 'a';
        if (answer_words_match(line, "skip") || answer_words_match(line, "passer"))
            return 's';
    }
}

static bool nobody_there(struct walk *walk, const char *name)
{
    if (walk->ask && !walk->person_gone)
        return false;
    conclude(walk, name, WALK_SKIPPED, N_("nobody to ask"));
    return true;
}

/* --- what the gate tests by itself --- */

static void try_reader(struct walk *walk)
{
    enum walk_result result = walk->now.reader_up ? WALK_PASSED : WALK_FAILED;
    if (walk->now.reader[0] != '\0')
        conclude(walk, N_("reader"), result, "%s", walk->now.reader);
    else
        conclude(walk, N_("reader"), result, N_("nothing heard of it yet"));
}

/* Polls until the test of the chip has ended. */
static bool await_flash(struct walk *walk)
{
    for (int tries = 0; tries < FLASH_LONGEST_S * 1000 / POLL_MS; tries++) {
        if (!look(walk))
            return false;
        if (strcmp(walk->now.flash.step, "passed") == 0 || strcmp(walk->now.flash.step, "failed") == 0)
            return true;
        if (!wait_ms(walk, POLL_MS))
            return false;
    }
    return true;
}

static void conclude_flash(struct walk *walk)
{
    const char *name = walk->about.flash.name[0] != '\0' ? walk->about.flash.name : "chip";
    const char *problem = walk->about.flash.problem;
    if (strcmp(walk->now.flash.step, "passed") == 0)
        conclude(walk, N_("flash"), WALK_PASSED,
                 N_("%s, %u KiB; a sector of %u KiB erased in %u ms, written in %u ms, read back in %u ms"),
                 name, walk->about.flash.size / 1024, walk->about.flash.sector / 1024,
                 walk->now.flash.erase_us / 1000, walk->now.flash.write_us / 1000,
                 walk->now.flash.read_us / 1000);
    else if (strcmp(walk->now.flash.step, "failed") == 0)
        conclude(walk, N_("flash"), WALK_FAILED, N_("%s: %s while %s%s%s"), name, walk->now.flash.error,
                 walk->now.flash.failed, problem[0] != '\0' ? "; " : "", problem);
    else
        conclude(walk, N_("flash"), WALK_FAILED, N_("%s: still %s after %d s"), name, walk->now.flash.step,
                 FLASH_LONGEST_S);
}

static void try_flash(struct walk *walk)
{
    struct link_answer answer;
    if (!ask_for(walk, "flash", &answer))
        return;
    if (answer.code == COAP_UNAVAILABLE && strcmp(answer.diagnostic, MAINTENANCE_NO_STORAGE) == 0)
        conclude(walk, N_("flash"), WALK_FAILED, N_("no chip that can be used%s%s"),
                 walk->about.flash.problem[0] != '\0' ? ": " : "", walk->about.flash.problem);
    else if (link_answer_is(&answer, COAP_BAD_REQUEST, ERR_UNSUPPORTED))
        conclude(walk, N_("flash"), WALK_SKIPPED, N_("the chip is too small to keep a sector free for it"));
    /* busy: another test is running, and its result serves as well */
    else if (answer.code != COAP_CHANGED && answer.code != COAP_UNAVAILABLE)
        conclude(walk, N_("flash"), WALK_FAILED, N_("the gate answers %u.%02u %s"), COAP_CLASS(answer.code),
                 COAP_DETAIL(answer.code), answer.diagnostic);
    else if (await_flash(walk))
        conclude_flash(walk);
}

/* Checks that the gate's timer counted the time between two readings, which took time themselves. */
static void conclude_clock(struct walk *walk)
{
    double theirs_ms = walk->now.timer_ms - walk->first.timer_ms; /* modulo 2^32 */
    double least_ms = (double)(walk->now_asked_us - walk->first_answered_us) / 1000;
    double most_ms = (double)(walk->now_answered_us - walk->first_asked_us) / 1000;
    double percent = (theirs_ms / ((least_ms + most_ms) / 2) - 1) * 100;
    if (theirs_ms >= least_ms * (1 - CLOCK_PERCENT / 100) && theirs_ms <= most_ms * (1 + CLOCK_PERCENT / 100))
        conclude(walk, N_("clock"), WALK_PASSED, N_("keeps pace with this computer's"));
    else if (percent < 0)
        conclude(walk, N_("clock"), WALK_FAILED, N_("runs %.1f %% slower than this computer's"), -percent);
    else
        conclude(walk, N_("clock"), WALK_FAILED, N_("runs %.1f %% faster than this computer's"), percent);
}

static void conclude_battery_clock(struct walk *walk)
{
    double ours_s = (double)(walk->now_answered_us - walk->first_answered_us) / 1000000;
    double theirs_s = (double)walk->now.rtc - (double)walk->first.rtc;
    if (!walk->now.has_rtc || !walk->first.has_rtc)
        conclude(walk, N_("battery clock"), WALK_SKIPPED,
                 N_("none, or not set since it lost power (set the clock, then try again)"));
    else if (theirs_s < ours_s - 1.5 || theirs_s > ours_s + 1.5) /* whole seconds */
        conclude(walk, N_("battery clock"), WALK_FAILED, N_("went on %.0f s in %.0f s"), theirs_s, ours_s);
    else if (walk->now.has_chip && !walk->now.chip.rtc_outlives_power)
        conclude(walk, N_("battery clock"), WALK_FAILED, N_("its crystal does not run; it uses the %s"),
                 walk->now.chip.rtc_source);
    else
        conclude(walk, N_("battery clock"), WALK_PASSED, N_("runs, and keeps time without power"));
}

static void try_chip(struct walk *walk)
{
    const char *readout = walk->now.chip.readout_protection;
    uint32_t brown_out_mv = walk->now.chip.brown_out_mv, needed_mv = walk->now.chip.brown_out_needed_mv;
    if (!walk->now.has_chip)
        return;
    if (strcmp(readout, chip_readout_name(CHIP_READOUT_ON)) == 0)
        conclude(walk, N_("readout lock"), WALK_PASSED,
                 N_("the gate's keys cannot be read through a programming port"));
    else if (strcmp(readout, chip_readout_name(CHIP_READOUT_OFF)) == 0)
        conclude(walk, N_("readout lock"), WALK_FAILED,
                 N_("OFF: whoever opens the housing can read the gate's keys (make flash ... LOCK=1)"));
    else
        conclude(walk, N_("readout lock"), WALK_SKIPPED, N_("this board cannot tell: check it by hand"));
    if (needed_mv != 0)
        conclude(walk, N_("brown-out"), brown_out_mv >= needed_mv ? WALK_PASSED : WALK_FAILED,
                 N_("stops below %u.%02u V; runs safely down to %u.%02u V"), brown_out_mv / 1000,
                 brown_out_mv / 10 % 100, needed_mv / 1000, needed_mv / 10 % 100);
}

static void try_clocks(struct walk *walk)
{
    while (walk->now_asked_us < walk->first_answered_us + CLOCK_MS * UINT64_C(1000)) {
        if (!wait_ms(walk, POLL_MS) || !look(walk))
            return;
    }
    conclude_clock(walk);
    conclude_battery_clock(walk);
}

/* --- what the user sees and does --- */

static void try_output(struct walk *walk, const char *what, const char *name, const char *announcement,
                       const char *question)
{
    struct link_answer answer;
    char reply;
    if (nobody_there(walk, name))
        return;
    do {
        fprintf(stderr, "%s\n", translate(announcement));
        if (!wait_ms(walk, 700)) /* time to look up */
            return;
        if (!ask_patiently(walk, what, &answer))
            return;
        if (answer.code != COAP_CHANGED) {
            conclude(walk, name, WALK_FAILED, N_("not tried: the gate answers %u.%02u %s"),
                     COAP_CLASS(answer.code), COAP_DETAIL(answer.code), answer.diagnostic);
            return;
        }
        reply = ask(walk, question);
    } while (reply == 'a');
    if (reply == 0)
        return;
    if (reply == 'y')
        conclude(walk, name, WALK_PASSED, N_("seen"));
    else if (reply == 'n')
        conclude(walk, name, WALK_FAILED, N_("driven, and nothing came of it"));
    else
        conclude(walk, name, WALK_SKIPPED, N_("not said"));
}

/* Shows the seconds that are left: on a terminal in one line that changes, elsewhere once. */
static void show_countdown(uint64_t end_us, unsigned *shown_s)
{
    uint64_t now_us = link_now_us();
    bool is_terminal = isatty(STDERR_FILENO);
    unsigned left_s = now_us < end_us ? (unsigned)((end_us - now_us + 999999) / 1000000) : 0;
    if (left_s == *shown_s || (*shown_s != 0 && !is_terminal))
        return;
    fputs(is_terminal ? "\r\033[K" : "", stderr);
    fprintf(stderr, _("  %u s left: "), left_s);
    *shown_s = left_s;
}

static void try_input(struct walk *walk, enum answer_input input, const char *name, const char *instruction)
{
    char line[64];
    unsigned shown_s = 0;
    if (nobody_there(walk, name) || !look(walk))
        return;
    uint32_t rises = walk->now.inputs[input].rises;
    uint64_t end_us = link_now_us() + walk->input_s * UINT64_C(1000000);
    fprintf(stderr,
            walk->now.inputs[input].active
                ? _("%s now (it is active: let go first), or press Enter to skip.\n")
                : _("%s now, or press Enter to skip.\n"),
            translate(instruction));
    while (walk->now.inputs[input].rises == rises) {
        enum person_wait came = PERSON_NOTHING;
        show_countdown(end_us, &shown_s);
        if (link_now_us() > end_us) {
            fprintf(stderr, "%s\n", _("not seen"));
            conclude(walk, name, WALK_FAILED,
                     walk->now.inputs[input].active ? N_("not seen in %u s: active all the time")
                                                    : N_("not seen in %u s"),
                     walk->input_s);
            return;
        }
        if (walk->person_gone)
            usleep(POLL_MS * 1000); /* the user's hands may still be there */
        else
            came = person_wait_line(line, sizeof line, POLL_MS);
        walk->person_gone |= came == PERSON_GONE;
        if (came == PERSON_LINE) {
            conclude(walk, name, WALK_SKIPPED, N_("not tried"));
            return;
        }
        if (!wait_ms(walk, 0) || !look(walk))
            return;
    }
    fprintf(stderr, "%s\n", _("seen"));
    conclude(walk, name, WALK_PASSED, N_("seen"));
}

static void try_all_outputs(struct walk *walk)
{
    static const struct {
        const char *what, *name, *announcement, *question;
    } outputs[] = {
        {"green", N_("green light"), N_("The green light comes on for a second."), N_("Did it?")},
        {"red", N_("red light"), N_("The red light comes on for a second."), N_("Did it?")},
        {"amber", N_("amber light"), N_("The amber light comes on for a second."), N_("Did it?")},
        {"buzzer", N_("buzzer"), N_("The buzzer sounds for a second."), N_("Did it?")},
        {"relay", N_("relay"),
         N_("The relay clicks: THE GATE IS OPEN for a second, and its journal tells so."),
         N_("Did it click, and the gate open?")},
    };
    for (size_t i = 0; i < sizeof outputs / sizeof outputs[0] && walk->status == COMMAND_OK; i++)
        try_output(walk, outputs[i].what, outputs[i].name, outputs[i].announcement, outputs[i].question);
}

static void try_all_inputs(struct walk *walk)
{
    static const struct {
        enum answer_input input;
        const char *name, *instruction;
    } inputs[] = {
        {ANSWER_ROTATION, N_("rotation"), N_("Turn the arm (rotation sensor)")},
        {ANSWER_TAMPER, N_("tamper"), N_("Open the housing for two seconds (tamper contact)")},
        {ANSWER_BUTTON, N_("button"), N_("Press the lodge's button (THE GATE OPENS for one person)")},
        {ANSWER_FIRE, N_("fire"), N_("Trigger the fire input (the gate stays open as long)")},
    };
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0] && walk->status == COMMAND_OK; i++)
        try_input(walk, inputs[i].input, inputs[i].name, inputs[i].instruction);
}

int walk_run(struct walk *walk)
{
    if (!look(walk))
        return walk->status;
    walk->status = gate_get_status(walk->gate, walk->link, &walk->about);
    if (walk->status != COMMAND_OK)
        return walk->status;
    walk->first = walk->now;
    walk->first_asked_us = walk->now_asked_us;
    walk->first_answered_us = walk->now_answered_us;
    try_reader(walk);
    try_flash(walk);
    if (walk->status == COMMAND_OK)
        try_clocks(walk);
    if (walk->status == COMMAND_OK)
        try_chip(walk);
    if (walk->status == COMMAND_OK)
        try_all_outputs(walk);
    if (walk->status == COMMAND_OK)
        try_all_inputs(walk);
    return walk->status;
}
