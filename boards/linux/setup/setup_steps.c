/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_steps.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boards/linux/host_identity.h"
#include "boards/linux/setup/setup_files.h"
#include "boards/linux/setup/setup_trial.h"
#include "hal/linux/translate.h"

#define PLACES_MAX 16
#define COUNT(of)  (sizeof(of) / sizeof((of)[0]))

/* ---- the draft ---- */

bool setup_steps_read_draft(struct setup *setup)
{
    char path[] = "/tmp/portillon-gate-setup.XXXXXX";
    char *argv[] = {"portillon-gate-setup", "--config", path, NULL};
    size_t len = strlen(setup->config.text);
    int fd = mkstemp(path);
    bool is_written = fd >= 0 && write(fd, setup->config.text, len) == (ssize_t)len;

    if (!is_written)
        fprintf(stderr, "portillon-gate-setup: /tmp: %s\n", translate_errno(errno));
    bool is_right = is_written && options_parse(&setup->options, 3, argv) == OPTIONS_RUN;
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    return is_right;
}

static bool store(int error, const char *name)
{
    if (error != ERR_OK)
        printf(_("This cannot be a value of %s in a configuration.\n"), name);
    return error == ERR_OK;
}

static bool set(struct setup *setup, const char *name, const char *value)
{
    return store(setup_config_set_text(&setup->config, name, value), name);
}

static bool drop(struct setup *setup, const char *name)
{
    return store(setup_config_drop(&setup->config, name), name);
}

/* ---- trials and their failures ---- */

enum next { NEXT_DONE, NEXT_AGAIN, NEXT_END };

static enum next after_failure(struct setup *setup)
{
    if (setup->is_check)
        return NEXT_END;
    switch (setup_ask_after_failure(&setup->ask)) {
    case SETUP_AGAIN:
        return NEXT_AGAIN;
    case SETUP_KEEP:
        return NEXT_DONE;
    case SETUP_STOP:
        break;
    }
    return NEXT_END;
}

static enum next after_trial(struct setup *setup, enum setup_trial trial)
{
    switch (trial) {
    case SETUP_WORKS:
        return NEXT_DONE;
    case SETUP_FAILS:
        return after_failure(setup);
    case SETUP_TRIAL_STOPPED:
        break;
    }
    return NEXT_END;
}

/* ---- serial ports ---- */

static const char *const port_patterns[] = {"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*",
                                            "/dev/ttyAMA*", "/dev/serial0"};

/* Finds the serial ports of this computer. The caller frees them with globfree. */
static void find_ports(glob_t *ports)
{
    memset(ports, 0, sizeof(*ports));
    for (size_t i = 0; i < COUNT(port_patterns); i++) {
        /* Names that stay go first; with one of them, the names of the kernel say nothing new. */
        if (ports->gl_pathc > 0 && strncmp(port_patterns[i], "/dev/tty", 8) == 0)
            continue;
        (void)glob(port_patterns[i], i > 0 ? GLOB_APPEND : 0, NULL, ports);
    }
}

static void print_ports(const glob_t *ports, const char *prefix)
{
    for (size_t i = 0; i < ports->gl_pathc && i < PLACES_MAX; i++)
        printf("  %s%s\n", prefix, ports->gl_pathv[i]);
}

/* ---- identity ---- */

/* Finds a file that could be an identity: the one in use, else the first on a stick or in this folder. */
static const char *find_identity(const struct setup *setup, char path[SETUP_FILES_PATH_LEN])
{
    static const char *const patterns[] = {"*.identity", "/media/*/*.identity", "/media/*/*/*.identity",
                                           "/boot/firmware/*.identity"};
    glob_t found;

    snprintf(path, SETUP_FILES_PATH_LEN, "%s%s", setup->root, setup->identity_path);
    for (size_t i = 0; i < COUNT(patterns) && access(path, F_OK) != 0; i++) {
        if (glob(patterns[i], 0, NULL, &found) == 0)
            snprintf(path, SETUP_FILES_PATH_LEN, "%s", found.gl_pathv[0]);
        globfree(&found);
    }
    return path;
}

static bool read_identity(struct setup *setup, const char *path)
{
    uint8_t bytes[IDENTITY_LEN_MAX + 1]; /* one more, to detect a file that is too long */
    char note[SETUP_FILES_NOTE_LEN];
    int len = setup_files_read(path, bytes, sizeof(bytes), note);

    if (len < 0 || host_identity_read(&setup->identity, bytes, (size_t)len, path, note) != ERR_OK) {
        printf("%s\n", note);
        return false;
    }
    memcpy(setup->block, bytes, (size_t)len);
    setup->block_len = (size_t)len;
    crypto_wipe(bytes, sizeof(bytes));
    return true;
}

static void describe_identity(const struct identity *identity)
{
    char site[2 * IDENTITY_SITE_ID_LEN + 1];

    for (size_t i = 0; i < IDENTITY_SITE_ID_LEN; i++)
        snprintf(site + 2 * i, 3, "%02x", identity->site_id[i]);
    printf(_("This is the gate %s (%s, %s) of the school with the site id %s.\n"), identity->device_id,
           identity->name, translate(zone_name(identity->zone)), site);
}

/* Asks before the identity of another gate is replaced. */
static bool may_replace(struct setup *setup, const char *installed)
{
    struct identity other;
    char note[SETUP_FILES_NOTE_LEN];
    uint8_t bytes[IDENTITY_LEN_MAX];
    int len = setup_files_read(installed, bytes, sizeof(bytes), note);
    bool is_other = len > 0 && host_identity_read(&other, bytes, (size_t)len, installed, note) == ERR_OK &&
                    (strcmp(other.device_id, setup->identity.device_id) != 0 ||
                     memcmp(other.site_id, setup->identity.site_id, IDENTITY_SITE_ID_LEN) != 0);

    crypto_wipe(bytes, sizeof(bytes));
    if (!is_other)
        return true;
    printf(_("This computer is the gate %s (%s) until now.\n"), other.device_id, other.name);
    return setup_ask_yes_no(&setup->ask, "replace-identity", _("Make it the other gate?"), false) ==
           SETUP_YES;
}

static bool check_identity(struct setup *setup)
{
    char path[SETUP_FILES_PATH_LEN], note[HOST_IDENTITY_NOTE_LEN];

    snprintf(path, sizeof(path), "%s%s", setup->root, setup->options.identity_path);
    if (host_identity_load(&setup->identity, path, note) != ERR_OK) {
        printf("%s\n", note);
        return false;
    }
    describe_identity(&setup->identity);
    return true;
}

bool setup_steps_identity(struct setup *setup)
{
    char fallback[SETUP_FILES_PATH_LEN], installed[SETUP_FILES_PATH_LEN];
    const char *path;

    if (setup->is_check)
        return check_identity(setup);
    snprintf(installed, sizeof(installed), "%s%s", setup->root, setup->identity_path);
    do {
        path =
            setup_ask_text(&setup->ask, "identity", _("The identity file of this gate, made by the office"),
                           find_identity(setup, fallback));
        if (path == NULL)
            return false;
        if (read_identity(setup, path)) {
            describe_identity(&setup->identity);
            setup->is_new_identity = strcmp(path, installed) != 0;
            return (!setup->is_new_identity || may_replace(setup, installed)) &&
                   set(setup, "identity", setup->identity_path);
        }
    } while (!setup->ask.is_scripted);
    return false;
}

/* ---- reader ---- */

/* Returns the reader of the draft, as it is shown. */
static const char *reader_now(const struct setup *setup)
{
    const char *reader = setup->options.reader;

    return strcmp(reader, "none") == 0 ? in_context_("reader", "none") : translate(reader);
}

/* Shows what readers there can be. Returns the default. */
static const char *show_readers(struct setup *setup, char fallback[SETUP_ASK_LINE_LEN])
{
    glob_t ports;
    bool is_found = setup_trial_find_reader(&setup->options);

    find_ports(&ports);
    printf(_("A reader can be:\n"));
    printf("  %s\n", _("auto"));
    print_ports(&ports, "pn532:");
    printf("  %s\n", in_context_("reader", "none"));
    printf(_("or a connection string of libnfc, such as pn532_uart:/dev/ttyUSB0:115200.\n"));
    snprintf(fallback, SETUP_ASK_LINE_LEN, "%s", reader_now(setup));
    if (strcmp(setup->options.reader, "auto") == 0 && !is_found && ports.gl_pathc > 0)
        snprintf(fallback, SETUP_ASK_LINE_LEN, "pn532:%s", ports.gl_pathv[0]);
    globfree(&ports);
    return fallback;
}

static bool ask_reader(struct setup *setup)
{
    char fallback[SETUP_ASK_LINE_LEN];
    const char *reader =
        setup_ask_word(&setup->ask, "reader", _("The card reader"),
                       setup->ask.is_scripted ? reader_now(setup) : show_readers(setup, fallback));

    return reader != NULL && set(setup, "reader", reader) && setup_steps_read_draft(setup);
}

static enum next try_reader(struct setup *setup)
{
    if (strcmp(setup->options.reader, "none") == 0)
        return NEXT_DONE;
    enum setup_yes answer =
        setup_ask_yes_no(&setup->ask, "try-reader", _("Try the reader with a card?"), true);
    if (answer != SETUP_YES)
        return answer == SETUP_NO ? NEXT_DONE : NEXT_END;
    return after_trial(setup, setup_trial_reader(&setup->options, setup->limit_s));
}

bool setup_steps_reader(struct setup *setup)
{
    enum next next = NEXT_AGAIN;

    while (next == NEXT_AGAIN)
        next = setup->is_check || ask_reader(setup) ? try_reader(setup) : NEXT_END;
    return next == NEXT_DONE;
}

/* ---- maintenance ---- */

static bool store_port(struct setup *setup, const char *device)
{
    if (!drop(setup, "pty"))
        return false;
    return (strcmp(device, "none") == 0 ? drop(setup, "serial") : set(setup, "serial", device)) &&
           setup_steps_read_draft(setup);
}

static bool ask_port(struct setup *setup)
{
    const char *fallback = setup->options.serial_device != NULL ? setup->options.serial_device : _("none");
    glob_t ports;

    if (!setup->ask.is_scripted) {
        find_ports(&ports);
        printf(_("The maintenance line to the office can be:\n"));
        print_ports(&ports, "");
        printf("  %s\n", _("none"));
        globfree(&ports);
    }
    const char *device = setup_ask_word(&setup->ask, "serial", _("The maintenance line"), fallback);
    return device != NULL && store_port(setup, device);
}

static enum next try_port(struct setup *setup)
{
    if (setup->options.serial_device == NULL)
        return NEXT_DONE;
    return after_trial(setup, setup_trial_port(setup->options.serial_device, setup->options.baud));
}

bool setup_steps_maintenance(struct setup *setup)
{
    enum next next = NEXT_AGAIN;

    if (!setup->is_check && setup->options.pty_link != NULL && setup->ask.is_scripted)
        return true; /* a pty is for tests, and stays */
    while (next == NEXT_AGAIN)
        next = setup->is_check || ask_port(setup) ? try_port(setup) : NEXT_END;
    return next == NEXT_DONE;
}

/* ---- clock ---- */

static const char *clock_fallback(const struct setup *setup)
{
    switch (setup->options.battery) {
    case HOST_TIMER_NO_BATTERY:
        return _("none");
    case HOST_TIMER_RTC_DEVICE:
        return setup->options.rtc_device;
    case HOST_TIMER_SYSTEM_CLOCK:
        break;
    }
    return access("/dev/rtc0", F_OK) == 0 ? "/dev/rtc0" : _("system");
}

static bool store_clock(struct setup *setup, const char *clock)
{
    bool is_none = strcmp(clock, "none") == 0, is_device = !is_none && strcmp(clock, "system") != 0;

    return (is_device ? set(setup, "rtc", clock) : drop(setup, "rtc")) &&
           (is_none ? set(setup, "no-rtc", "yes") : drop(setup, "no-rtc")) && setup_steps_read_draft(setup);
}

static bool ask_clock(struct setup *setup)
{
    const char *clock =
        setup_ask_word(&setup->ask, "rtc",
                       _("The clock with a cell: a device such as /dev/rtc0, system (the clock "
                         "of the system is always right), or none"),
                       clock_fallback(setup));

    return clock != NULL && store_clock(setup, clock);
}

static enum next try_clock(struct setup *setup)
{
    if (setup->options.rtc_device == NULL)
        return NEXT_DONE;
    return after_trial(setup, setup_trial_clock(setup->options.rtc_device));
}

bool setup_steps_clock(struct setup *setup)
{
    enum next next = NEXT_AGAIN;

    while (next == NEXT_AGAIN)
        next = setup->is_check || ask_clock(setup) ? try_clock(setup) : NEXT_END;
    return next == NEXT_DONE;
}

/* ---- outputs and inputs ---- */

/* The pin map of RASPBERRY.md. */
static const struct wire {
    const char *setting, *standard, *question;
} wires[] = {
    {"gpio.relay", "GPIO17", N_("The line of the relay")},
    {"gpio.green", "GPIO27", N_("The line of the green light, or none")},
    {"gpio.red", "GPIO22", N_("The line of the red light, or none")},
    {"gpio.amber", "GPIO23", N_("The line of the amber light, or none")},
    {"gpio.buzzer", "GPIO24", N_("The line of the buzzer, or none")},
    {"gpio.rotation", "GPIO5, pull-up, active-low", N_("The line of the rotation contact, or none")},
    {"gpio.fire", "GPIO6, pull-up, active-low", N_("The line of the fire loop, or none")},
    {"gpio.tamper", "GPIO13, pull-up, active-low", N_("The line of the tamper loop, or none")},
    {"gpio.button", "GPIO19, pull-up, active-low, debounce=20",
     N_("The line of the release button, or none")},
};

static bool take_standard(struct setup *setup)
{
    for (size_t i = 0; i < COUNT(wires); i++)
        if (!store(setup_config_set(&setup->config, wires[i].setting, wires[i].standard), wires[i].setting))
            return false;
    return true;
}

static bool take_none(struct setup *setup)
{
    for (size_t i = 0; i < COUNT(wires); i++)
        if (!drop(setup, wires[i].setting))
            return false;
    return true;
}

/* Adds a line to those that were given before, if it fits them. */
static bool add_wire(struct gate_wiring *wiring, const struct wire *wire, const char *value)
{
    struct gate_wiring with = *wiring;
    char note[GPIO_LINE_NOTE_LEN];

    if (gate_wiring_set(&with, wire->setting + strlen("gpio."), value, note) != ERR_OK) {
        printf("%s\n", note);
        return false;
    }
    *wiring = with;
    return true;
}

static bool ask_wire(struct setup *setup, struct gate_wiring *wiring, const struct wire *wire)
{
    const char *present = setup_config_get(&setup->config, wire->setting), *value;
    char fallback[SETUP_ASK_LINE_LEN];

    snprintf(fallback, sizeof(fallback), "%s", present != NULL ? translate(present) : wire->standard);
    do {
        value = setup_ask_word(&setup->ask, wire->setting, translate(wire->question), fallback);
        if (value == NULL)
            return false;
        if (add_wire(wiring, wire, value))
            return store(setup_config_set(&setup->config, wire->setting, value), wire->setting);
    } while (!setup->ask.is_scripted);
    return false;
}

static bool ask_wires(struct setup *setup)
{
    struct gate_wiring wiring = {0};

    printf(
        _("A line is a name, such as GPIO17, or CHIP:NUMBER, such as gpiochip0:17; gpioinfo shows both.\n"));
    for (size_t i = 0; i < COUNT(wires); i++)
        if (!ask_wire(setup, &wiring, &wires[i]))
            return false;
    return true;
}

static const char *pins_fallback(const struct setup *setup)
{
    if (gate_wiring_any(&setup->options.wiring))
        return _("keep");
    return access("/dev/gpiochip0", F_OK) == 0 ? _("standard") : _("none");
}

static bool take_pins(struct setup *setup, const char *pins)
{
    if (strcmp(pins, "keep") == 0)
        return true;
    if (strcmp(pins, "standard") == 0)
        return take_standard(setup);
    if (strcmp(pins, "own") == 0)
        return ask_wires(setup);
    return take_none(setup);
}

static bool ask_pins(struct setup *setup)
{
    static const char *const choices[] = {"keep", "standard", "own", "none"};

    for (;;) {
        const char *pins =
            setup_ask_word(&setup->ask, "pins",
                           _("The GPIO lines: standard (the pin map of RASPBERRY.md), own, keep "
                             "(as they are), or none (simulated)"),
                           pins_fallback(setup));
        if (pins == NULL)
            return false;
        for (size_t i = 0; i < COUNT(choices); i++)
            if (strcmp(pins, choices[i]) == 0)
                return take_pins(setup, pins) && setup_steps_read_draft(setup);
        printf(_("Answer standard, own, keep or none.\n"));
        if (setup->ask.is_scripted)
            return false;
    }
}

static enum next try_outputs(struct setup *setup)
{
    enum setup_yes answer = setup_ask_yes_no(
        &setup->ask, "try-outputs", _("Try lights, buzzer and relay? The gate opens for a moment."), true);

    if (answer != SETUP_YES)
        return answer == SETUP_NO ? NEXT_DONE : NEXT_END;
    return after_trial(setup, setup_trial_outputs(&setup->ask, &setup->options.wiring));
}

static enum next try_inputs(struct setup *setup)
{
    enum setup_yes answer =
        setup_ask_yes_no(&setup->ask, "try-inputs", _("Try rotation, fire, tamper and button?"), true);

    if (answer != SETUP_YES)
        return answer == SETUP_NO ? NEXT_DONE : NEXT_END;
    return after_trial(setup, setup_trial_inputs(&setup->options.wiring, setup->limit_s));
}

static enum next try_wires(struct setup *setup)
{
    if (!gate_wiring_any(&setup->options.wiring))
        return NEXT_DONE;
    enum next next = try_outputs(setup);
    return next == NEXT_DONE ? try_inputs(setup) : next;
}

bool setup_steps_wires(struct setup *setup)
{
    enum next next = NEXT_AGAIN;

    while (next == NEXT_AGAIN)
        next = setup->is_check || ask_pins(setup) ? try_wires(setup) : NEXT_END;
    return next == NEXT_DONE;
}
