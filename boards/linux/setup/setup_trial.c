/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boards/linux/gate_gpio.h"
#include "boards/linux/gate_reader.h"
#include "boards/linux/host_timer.h"
#include "boards/linux/reader_words.h"
#include "boards/linux/serial_tty.h"
#include "hal/common/civil_time.h"
#include "hal/linux/translate.h"

#define TURN_MS       10
#define FIND_READER_S 3
#define SECOND_US     UINT64_C(1000000)
#define COUNT(of)     (sizeof(of) / sizeof((of)[0]))

static struct host_timer host_timer;

static const struct timer *start_timer(void)
{
    host_timer_init(&host_timer, HOST_TIMER_NO_BATTERY, NULL);
    return &host_timer.timer;
}

/* Sleeps for a turn. Returns false once the time is over or the questions were stopped. */
static bool wait_until(uint64_t end_us)
{
    usleep(TURN_MS * 1000);
    return !setup_ask_is_stopped() && host_monotonic_us() < end_us;
}

static enum setup_trial failed_or_stopped(void)
{
    return setup_ask_is_stopped() ? SETUP_TRIAL_STOPPED : SETUP_FAILS;
}

/* ---- the reader ---- */

static struct gate_reader gate_reader;

/* Waits for a report of this kind. READER_DOWN ends it, unless that is passed over. Returns true if so. */
static bool wait_for_report(struct reader_report *report, enum reader_event event, bool passes_down,
                            unsigned limit_s)
{
    const uint64_t end_us = host_monotonic_us() + limit_s * SECOND_US;

    do {
        (void)gate_reader_mend(&gate_reader);
        while (gate_reader.reader->poll(gate_reader.reader->ctx, report) == 1) {
            if (report->event == event)
                return true;
            if (report->event == READER_DOWN && !passes_down)
                return false;
        }
    } while (wait_until(end_us));
    return false;
}

static int open_reader(const struct options *options, const char *name)
{
    char note[GATE_READER_NOTE_LEN];
    int error = gate_reader_open(&gate_reader, name, options->reader_helper, start_timer(), note);

    if (note[0] != '\0')
        printf("%s\n", note);
    return error;
}

static enum setup_trial try_card(unsigned limit_s)
{
    struct reader_report report = {.event = READER_CARD};

    printf(_("Hold a card on the reader now (%u seconds).\n"), limit_s);
    fflush(stdout);
    if (!wait_for_report(&report, READER_CARD, true, limit_s)) {
        printf(_("No card was read.\n"));
        return failed_or_stopped();
    }
    if (report.target.uid_len == 0)
        printf(_("A card was read. It is of a kind that this gate refuses.\n"));
    else
        printf(_("A card was read: its number has %u bytes and ends with %02X.\n"), report.target.uid_len,
               report.target.uid[report.target.uid_len - 1]);
    return SETUP_WORKS;
}

enum setup_trial setup_trial_reader(const struct options *options, unsigned limit_s)
{
    struct reader_report report = {.text = ""};
    char words[READER_WORDS_LEN];
    enum setup_trial result = SETUP_FAILS;

    if (open_reader(options, options->reader) == ERR_OK) {
        if (wait_for_report(&report, READER_UP, false, limit_s)) {
            printf(_("The reader answers: %s\n"), reader_words(report.text, words));
            result = try_card(limit_s);
        } else {
            printf(_("The reader does not answer: %s\n"), reader_words(report.text, words));
            result = failed_or_stopped();
        }
    }
    gate_reader_close(&gate_reader);
    return result;
}

bool setup_trial_find_reader(const struct options *options)
{
    struct reader_report report = {.text = ""};
    char words[READER_WORDS_LEN];
    bool is_found =
        open_reader(options, "auto") == ERR_OK && wait_for_report(&report, READER_UP, false, FIND_READER_S);

    if (is_found)
        printf(_("libnfc finds this reader: %s\n"), reader_words(report.text, words));
    else
        printf(_("libnfc finds no USB reader.\n"));
    gate_reader_close(&gate_reader);
    return is_found;
}

/* ---- clock and port ---- */

enum setup_trial setup_trial_clock(const char *device)
{
    char note[HOST_RTC_NOTE_LEN];
    uint32_t utc_s = 0;
    int error = host_rtc_read(device, &utc_s, note);

    if (note[0] != '\0')
        printf("%s\n", note);
    if (error == ERR_OK) {
        const struct civil_time now = civil_time_from_utc(utc_s);
        printf(_("The hardware clock shows %04u-%02u-%02u %02u:%02u UTC.\n"), now.year, now.month, now.day,
               now.hour, now.minute);
    }
    return error == ERR_IO ? SETUP_FAILS : SETUP_WORKS;
}

enum setup_trial setup_trial_port(const char *device, unsigned baud)
{
    char note[SERIAL_TTY_NOTE_LEN];
    struct serial_tty tty = {.fd = -1, .lock_fd = -1, .far_fd = -1};

    if (serial_tty_open(&tty, device, baud, note) != ERR_OK) {
        printf("%s\n", note);
        return SETUP_FAILS;
    }
    serial_tty_close(&tty);
    printf(_("The maintenance port %s can be opened.\n"), device);
    return SETUP_WORKS;
}

/* ---- outputs and inputs ---- */

static struct gate_gpio gate_gpio;

static int open_wires(const struct gate_wiring *wiring)
{
    char note[GATE_GPIO_NOTE_LEN];

    if (gate_gpio_open(&gate_gpio, wiring, start_timer(), note) == ERR_OK)
        return ERR_OK;
    printf("%s\n", note);
    return ERR_IO;
}

/* Prints what went wrong with lines since they were opened. Returns true if something did. */
static bool tell_wires(void)
{
    char note[GATE_GPIO_NOTE_LEN];
    bool told = false;

    while (gate_gpio_tell(&gate_gpio, note)) {
        printf("%s\n", note);
        told = true;
    }
    return told;
}

static const struct output_question {
    uint32_t bit;
    const char *question, *failure;
} output_questions[] = {
    {GATE_LIGHT_GREEN, N_("The green light should be on now. Is it?"),
     N_("The green light does not work: look at the wires "
        "and the line of gpio.green.")},
    {GATE_LIGHT_RED, N_("The red light should be on now. Is it?"),
     N_("The red light does not work: look at the wires and "
        "the line of gpio.red.")},
    {GATE_LIGHT_AMBER, N_("The amber light should be on now. Is it?"),
     N_("The amber light does not work: look at the wires "
        "and the line of gpio.amber.")},
    {GATE_BUZZER, N_("The buzzer should sound now. Does it?"),
     N_("The buzzer does not work: look at the wires and the line "
        "of gpio.buzzer.")},
    {GATE_RELAY, N_("The relay should be on now, and the gate free. Is it?"),
     N_("The relay does not work: look at the wires "
        "and the line of gpio.relay.")},
};

/* Finds the place of an output or input in the wiring. */
static size_t place_of(const struct gate_name *names, uint32_t bit)
{
    size_t i = 0;

    while (names[i].bit != bit)
        i++;
    return i;
}

/* What is found of all outputs or inputs: a failure of one does not keep the others from being tried. */
static enum setup_trial worse(enum setup_trial one, enum setup_trial other)
{
    return other == SETUP_WORKS ? one : other;
}

static enum setup_trial try_output(struct setup_ask *ask, const struct output_question *output,
                                   const char *name)
{
    gate_gpio.io.set_outputs(gate_gpio.io.ctx, output->bit);
    enum setup_yes answer = setup_ask_yes_no(ask, name, translate(output->question), true);
    gate_gpio.io.set_outputs(gate_gpio.io.ctx, 0);
    if (answer == SETUP_STOPPED)
        return SETUP_TRIAL_STOPPED;
    if (!tell_wires() && answer == SETUP_YES)
        return SETUP_WORKS;
    printf("%s\n", translate(output->failure));
    return SETUP_FAILS;
}

enum setup_trial setup_trial_outputs(struct setup_ask *ask, const struct gate_wiring *wiring)
{
    enum setup_trial result = SETUP_WORKS;

    if (open_wires(wiring) != ERR_OK)
        return SETUP_FAILS;
    for (size_t i = 0; i < COUNT(output_questions) && result != SETUP_TRIAL_STOPPED; i++) {
        size_t place = place_of(gate_output_names, output_questions[i].bit);
        if (wiring->outputs[place].is_used)
            result = worse(result, try_output(ask, &output_questions[i], gate_output_names[place].name));
    }
    gate_gpio_close(&gate_gpio);
    return result;
}

static const struct input_task {
    uint32_t bit;
    const char *at_rest_failure, *task, *seen, *back, *failure;
} input_tasks[] = {
    {GATE_ROTATION, N_("The rotation contact is closed at rest, and should be open: look at gpio.rotation."),
     N_("Turn the arm now, and let it come to rest."), N_("The arm turned."), N_("The arm is at rest again."),
     N_("No turn of the arm was seen: look at the sensor and the line of gpio.rotation.")},
    {GATE_FIRE, N_("The fire loop is open at rest, and should be closed: look at gpio.fire."),
     N_("Open the fire loop now (call point or fire panel), and close it again."),
     N_("The fire loop is open."), N_("The fire loop is closed again."),
     N_("The fire loop did not change: look at the wires and the line of gpio.fire.")},
    {GATE_TAMPER, N_("The tamper loop is open while the housing is shut: look at gpio.tamper."),
     N_("Press and release the tamper switch now."), N_("The tamper loop is open."),
     N_("The tamper loop is closed again."),
     N_("The tamper loop did not change: look at the switch and the line of gpio.tamper.")},
    {GATE_BUTTON, N_("The button is pressed at rest: look at gpio.button."),
     N_("Press the release button now."), N_("The button is pressed."), N_("The button is released."),
     N_("No press of the button was seen: look at the wires and the line of gpio.button.")},
};

static bool is_active(uint32_t bit)
{
    return (gate_gpio.io.get_inputs(gate_gpio.io.ctx) & bit) != 0;
}

static bool wait_for_level(uint32_t bit, bool active, unsigned limit_s)
{
    const uint64_t end_us = host_monotonic_us() + limit_s * SECOND_US;

    do {
        if (is_active(bit) == active)
            return true;
    } while (wait_until(end_us));
    return false;
}

static enum setup_trial fail_input(const char *failure)
{
    (void)tell_wires();
    if (!setup_ask_is_stopped())
        printf("%s\n", translate(failure));
    return failed_or_stopped();
}

static enum setup_trial try_rest(const struct input_task *input, unsigned limit_s)
{
    (void)limit_s;
    return is_active(input->bit) ? fail_input(input->at_rest_failure) : SETUP_WORKS;
}

static enum setup_trial try_change(const struct input_task *input, unsigned limit_s)
{
    printf("%s\n", translate(input->task));
    fflush(stdout);
    if (!wait_for_level(input->bit, true, limit_s))
        return fail_input(input->failure);
    printf("%s\n", translate(input->seen));
    fflush(stdout);
    if (!wait_for_level(input->bit, false, limit_s))
        return fail_input(input->failure);
    printf("%s\n", translate(input->back));
    return SETUP_WORKS;
}

static enum setup_trial try_each(const struct gate_wiring *wiring, unsigned limit_s,
                                 enum setup_trial (*attempt)(const struct input_task *, unsigned))
{
    enum setup_trial result = SETUP_WORKS;

    for (size_t i = 0; i < COUNT(input_tasks) && result != SETUP_TRIAL_STOPPED; i++)
        if (wiring->inputs[place_of(gate_input_names, input_tasks[i].bit)].is_used)
            result = worse(result, attempt(&input_tasks[i], limit_s));
    return result;
}

enum setup_trial setup_trial_inputs(const struct gate_wiring *wiring, unsigned limit_s)
{
    if (open_wires(wiring) != ERR_OK)
        return SETUP_FAILS;
    enum setup_trial result = try_each(wiring, limit_s, try_rest);
    if (result == SETUP_WORKS)
        result = try_each(wiring, limit_s, try_change);
    gate_gpio_close(&gate_gpio);
    return result;
}
