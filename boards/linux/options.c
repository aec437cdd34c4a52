/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boards/linux/config_file.h"
#include "firmware/base/version.h"
#include "hal/linux/translate.h"

#define ANCHOR_SECTOR 4096u
#define GPIO_PREFIX   "gpio."

/* The help, in messages. */
static const char *const help_texts[] = {
    N_("usage: portillond --identity FILE --flash FILE [OPTION]...\n"
       "       portillond --config FILE [OPTION]...\n"
       "The Portillon gate as a Linux program: the same firmware as on a microcontroller, with its flash in "
       "a file.\n"),
    N_("\n"
       "  --config FILE           options from a file, a line `option = value` each (see "
       "boards/linux/gate.conf);\n"
       "                          those of the command line go first\n"),
    N_("  --identity FILE         who this gate is (made by `portillon identity`); must be mode 0600\n"),
    N_("  --flash FILE            its flash chip\n"),
    N_("  --create-flash[=SIZE]   make FILE, erased, if it is not there; SIZE in bytes, or with K or M "
       "(16M)\n"),
    N_("  --sector BYTES          erased at once: 4096 (default) or 65536\n"),
    N_("  --flash-timing WHICH    none (default), or real: as slow as a W25Q128JV\n"),
    N_("  --fsync                 also survive a power cut of this computer; some milliseconds a write\n"),
    N_("  --anchor FILE           what a flash chip put back from a copy must not take back (default: the "
       "flash\n"
       "                          file's name with .anchor), made if it is not there; or none. Put it on "
       "another\n"
       "                          medium than the flash file\n"),
    N_("\n"
       "  --reader NAME           libnfc connection string, auto (default: the first reader found), none, "
       "or\n"
       "                          pn532:DEVICE, a PN532 on a serial port, without libnfc\n"),
    N_("  --reader-helper PROGRAM portillon-reader, which holds libnfc (default: beside this program)\n"),
    N_("\n"
       "  --serial DEVICE         maintenance port: a real serial port\n"),
    N_("  --baud RATE             its speed (115200)\n"),
    N_("  --pty LINK              maintenance port: a pty, with a symbolic link to it at LINK\n"),
    N_("  --control SOCKET        relay, lights and sensors, simulated on a Unix socket (see "
       "boards/linux/README.md)\n"),
    N_("  --rtc DEVICE            a hardware clock with a cell: read at the start, set when the gate's clock "
       "is set\n"),
    N_("  --no-rtc                a board without a battery-backed clock\n"),
    N_("\n"
       "  --verbose               say more on stderr: taps, sizes, flash counters\n"),
    N_("  --version, --help\n"),
    N_("\n"
       "For tests:\n"),
    N_("  --die-after N           tear the Nth flash operation half-way and die at once (SIGKILL), as a "
       "power cut does\n"),
    N_("\n"
       "Example: a gate with a USB reader, its maintenance port at /tmp/gate.tty:\n"
       "  portillond --identity gate.id --flash gate.flash --create-flash --reader "
       "pn532_uart:/dev/ttyUSB0:115200 \\\n"
       "      --pty /tmp/gate.tty --control /tmp/gate.sock\n"),
    N_("\n"
       "Stops on SIGTERM, SIGINT and SIGHUP. Exit status: 0 stopped, 1 could not run, 2 wrong options.\n"),
};

enum {
    OPT_CONFIG = 256,
    OPT_IDENTITY,
    OPT_FLASH,
    OPT_CREATE,
    OPT_SECTOR,
    OPT_TIMING,
    OPT_FSYNC,
    OPT_ANCHOR,
    OPT_READER,
    OPT_HELPER,
    OPT_SERIAL,
    OPT_BAUD,
    OPT_PTY,
    OPT_CONTROL,
    OPT_RTC,
    OPT_NO_RTC,
    OPT_VERBOSE,
    OPT_VERSION,
    OPT_HELP,
    OPT_DIE
};

static const struct option table[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"identity", required_argument, NULL, OPT_IDENTITY},
    {"flash", required_argument, NULL, OPT_FLASH},
    {"create-flash", optional_argument, NULL, OPT_CREATE},
    {"sector", required_argument, NULL, OPT_SECTOR},
    {"flash-timing", required_argument, NULL, OPT_TIMING},
    {"fsync", no_argument, NULL, OPT_FSYNC},
    {"anchor", required_argument, NULL, OPT_ANCHOR},
    {"reader", required_argument, NULL, OPT_READER},
    {"reader-helper", required_argument, NULL, OPT_HELPER},
    {"serial", required_argument, NULL, OPT_SERIAL},
    {"baud", required_argument, NULL, OPT_BAUD},
    {"pty", required_argument, NULL, OPT_PTY},
    {"control", required_argument, NULL, OPT_CONTROL},
    {"rtc", required_argument, NULL, OPT_RTC},
    {"no-rtc", no_argument, NULL, OPT_NO_RTC},
    {"verbose", no_argument, NULL, OPT_VERBOSE},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {"die-after", required_argument, NULL, OPT_DIE},
    {NULL, 0, NULL, 0},
};

/* Parses a whole number with an optional K or M. Returns true if the text is nothing else. */
static bool parse_number(const char *text, uint64_t *number)
{
    char *end;

    errno = 0;
    *number = strtoull(text, &end, 10);
    if (end == text || text[0] == '-' || errno != 0 || *number > UINT64_C(1) << 40)
        return false;
    if (*end == 'K' || *end == 'M')
        *number <<= *end++ == 'K' ? 10 : 20;
    return *end == '\0';
}

static void print_help(void)
{
    for (size_t i = 0; i < sizeof(help_texts) / sizeof(help_texts[0]); i++)
        fputs(translate(help_texts[i]), stdout);
}

static char place[CONFIG_FILE_NOTE_LEN]; /* "FILE:LINE: " while a line of the configuration is taken */

static enum options_outcome wrong(const char *what, const char *detail)
{
    fprintf(stderr, _("portillond: %s%s%s%s (see --help)\n"), place, what, detail != NULL ? " " : "",
            detail != NULL ? detail : "");
    return OPTIONS_WRONG;
}

/* Stores one option. */
static enum options_outcome take(struct options *options, int option, const char *value)
{
    uint64_t number = 0;

    switch (option) {
    case OPT_CONFIG:
        break; /* read before all others */
    case OPT_IDENTITY:
        options->identity_path = value;
        break;
    case OPT_FLASH:
        options->flash.path = value;
        break;
    case OPT_CREATE:
        options->flash.create = true;
        if (value != NULL && (!parse_number(value, &number) || number == 0 || number > FLASH_FILE_MAX_SIZE))
            return wrong(_("--create-flash takes a size of at most 128M, not"), value);
        if (value != NULL)
            options->flash.nominal_size = (uint32_t)number;
        break;
    case OPT_SECTOR:
        if (!parse_number(value, &number) || (number != 4096 && number != 65536))
            return wrong(_("--sector takes 4096 or 65536, not"), value);
        options->flash.sector_size = (uint32_t)number;
        break;
    case OPT_TIMING:
        if (strcmp(value, "real") != 0 && strcmp(value, "none") != 0)
            return wrong(_("--flash-timing takes none or real, not"), value);
        options->flash.real_timing = strcmp(value, "real") == 0;
        break;
    case OPT_FSYNC:
        options->flash.sync = true;
        break;
    case OPT_ANCHOR:
        options->anchor.path = value;
        break;
    case OPT_READER:
        options->reader = value;
        break;
    case OPT_HELPER:
        options->reader_helper = value;
        break;
    case OPT_SERIAL:
        options->serial_device = value;
        break;
    case OPT_BAUD:
        if (!parse_number(value, &number) || number == 0 || number > UINT32_MAX)
            return wrong(_("--baud takes a speed, not"), value);
        options->baud = (unsigned)number;
        break;
    case OPT_PTY:
        options->pty_link = value;
        break;
    case OPT_CONTROL:
        options->control_path = value;
        break;
    case OPT_RTC:
        options->rtc_device = value;
        break;
    case OPT_NO_RTC:
        options->battery = HOST_TIMER_NO_BATTERY;
        break;
    case OPT_VERBOSE:
        options->verbose = true;
        break;
    case OPT_VERSION:
        printf("portillond %s\n%s\n", portillon_version, portillon_sources);
        return OPTIONS_DONE;
    case OPT_HELP:
        print_help();
        return OPTIONS_DONE;
    case OPT_DIE:
        if (!parse_number(value, &options->flash.die_after) || options->flash.die_after == 0)
            return wrong(_("--die-after takes a number from 1, not"), value);
        break;
    case ':':
    default:
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}

/* Finds the file of the anchor: beside the flash file, unless --anchor was given. */
static enum options_outcome place_anchor(struct flash_file_options *anchor, const char *flash_path)
{
    static char beside[PATH_MAX];

    if (anchor->path == NULL) {
        if (snprintf(beside, sizeof(beside), "%s.anchor", flash_path) >= (int)sizeof(beside))
            return wrong(_("this name of the flash file is too long:"), flash_path);
        anchor->path = beside;
    } else if (strcmp(anchor->path, flash_path) == 0) {
        return wrong(_("--anchor and --flash are the same file:"), flash_path);
    } else if (strcmp(anchor->path, "none") == 0) {
        anchor->path = NULL;
    }
    return OPTIONS_RUN;
}

/* ---- the configuration file ---- */

#define TABLE_LEN (sizeof(table) / sizeof(table[0]) - 1)

/* Returns the place in the table; TABLE_LEN if there is no such option, or it cannot stand in a file. */
static size_t find_option(const char *name)
{
    size_t i = 0;

    while (i < TABLE_LEN && strcmp(table[i].name, name) != 0)
        i++;
    if (i < TABLE_LEN &&
        (table[i].val == OPT_CONFIG || table[i].val == OPT_HELP || table[i].val == OPT_VERSION))
        return TABLE_LEN;
    return i;
}

/* Stores an option of the file. One that needs no value takes yes or no. */
static enum options_outcome take_setting(struct options *options, const struct option *option,
                                         const char *value)
{
    if (option->has_arg == required_argument)
        return take(options, option->val, value);
    if (strcmp(value, "no") == 0)
        return OPTIONS_RUN;
    if (strcmp(value, "yes") == 0)
        return take(options, option->val, NULL);
    if (option->has_arg == optional_argument)
        return take(options, option->val, value);
    return wrong(_("an option without a value takes yes or no, not"), value);
}

static enum options_outcome take_wire(struct options *options, const struct config_setting *setting)
{
    char note[GPIO_LINE_NOTE_LEN];

    if (gate_wiring_set(&options->wiring, setting->name + strlen(GPIO_PREFIX), setting->value, note) !=
        ERR_OK)
        return wrong(note, NULL);
    return OPTIONS_RUN;
}

static enum options_outcome take_line(struct options *options, const struct config_setting *setting,
                                      bool taken[TABLE_LEN])
{
    if (strncmp(setting->name, GPIO_PREFIX, strlen(GPIO_PREFIX)) == 0)
        return take_wire(options, setting);
    size_t i = find_option(setting->name);
    const char *value = config_file_unquote(setting->value);

    if (i == TABLE_LEN)
        return wrong(_("no such option in a configuration:"), setting->name);
    if (value == NULL)
        return wrong(_("quotes stand around a whole value, which is not empty:"), setting->value);
    if (taken[i])
        return wrong(_("this option stands in the file twice:"), setting->name);
    taken[i] = true;
    return take_setting(options, &table[i], value);
}

static enum options_outcome read_config(struct options *options, const char *path)
{
    static char text[CONFIG_FILE_MAX + 1]; /* the options point into it */
    bool taken[TABLE_LEN] = {false};
    char note[CONFIG_FILE_NOTE_LEN];
    enum options_outcome outcome = OPTIONS_RUN;
    struct config_setting setting;
    struct config_file file;
    int got = config_file_read(&file, path, text, note);

    if (got != ERR_OK)
        return wrong(note, NULL);
    while (outcome == OPTIONS_RUN && (got = config_file_next(&file, &setting, note)) != 0) {
        snprintf(place, sizeof(place), "%.200s:%u: ", path, file.line);
        outcome = got < 0 ? wrong(note, NULL) : take_line(options, &setting, taken);
    }
    place[0] = '\0';
    return outcome;
}

/* ---- the command line ---- */

static int next_option(int argc, char **argv)
{
    return getopt_long(argc, argv, ":", table, NULL);
}

/* Returns the file that the command line names last; NULL if none. */
static const char *find_config(int argc, char **argv)
{
    const char *path = NULL;
    int option;

    optind = 0; /* start again from the beginning, getopt(3) */
    while ((option = next_option(argc, argv)) != -1)
        if (option == OPT_CONFIG)
            path = optarg;
    return path;
}

static enum options_outcome take_command_line(struct options *options, int argc, char **argv)
{
    enum options_outcome outcome = OPTIONS_RUN;
    int option;

    optind = 0;
    while (outcome == OPTIONS_RUN && (option = next_option(argc, argv)) != -1) {
        if (option == ':')
            return wrong(_("this option takes a value:"), argv[optind - 1]);
        if (option == '?')
            return wrong(_("no such option:"), argv[optind - 1]);
        outcome = take(options, option, optarg);
    }
    if (outcome == OPTIONS_RUN && optind < argc)
        return wrong(_("only options are taken, not"), argv[optind]);
    return outcome;
}

static enum options_outcome check_wiring(const struct gate_wiring *wiring)
{
    const char *missing = gate_wiring_missing(wiring);
    char text[128];

    if (missing == NULL)
        return OPTIONS_RUN;
    snprintf(text, sizeof(text), _("gpio.%s is missing; without one: gpio.%s = none"), missing, missing);
    return wrong(text, NULL);
}

/* Checks the options together. */
static enum options_outcome check(struct options *options)
{
    if (options->identity_path == NULL)
        return wrong(_("--identity FILE is missing"), NULL);
    if (options->flash.path == NULL)
        return wrong(_("--flash FILE is missing"), NULL);
    if (options->serial_device != NULL && options->pty_link != NULL)
        return wrong(_("--serial and --pty are two maintenance ports; choose one"), NULL);
    if (options->flash.nominal_size % options->flash.sector_size != 0)
        return wrong(_("--create-flash takes a multiple of the sector size"), NULL);
    if (options->rtc_device != NULL && options->battery == HOST_TIMER_NO_BATTERY)
        return wrong(_("--rtc and --no-rtc contradict each other; choose one"), NULL);
    if (options->rtc_device != NULL)
        options->battery = HOST_TIMER_RTC_DEVICE;
    if (check_wiring(&options->wiring) != OPTIONS_RUN)
        return OPTIONS_WRONG;
    return place_anchor(&options->anchor, options->flash.path);
}

enum options_outcome options_parse(struct options *options, int argc, char **argv)
{
    *options = (struct options){
        .flash = {.name = N_("flash file"), .sector_size = 4096, .nominal_size = FLASH_FILE_DEFAULT_SIZE},
        .anchor = {.name = N_("anchor"),
                   .sector_size = ANCHOR_SECTOR,
                   .nominal_size = 2 * ANCHOR_SECTOR,
                   .exact_size = true,
                   .create = true,
                   .sync = true},
        .reader = "auto",
        .baud = 115200,
        .battery = HOST_TIMER_SYSTEM_CLOCK,
    };
    opterr = 0;
    const char *config_path = find_config(argc, argv);
    enum options_outcome outcome = config_path != NULL ? read_config(options, config_path) : OPTIONS_RUN;
    if (outcome == OPTIONS_RUN)
        outcome = take_command_line(options, argc, argv);
    return outcome == OPTIONS_RUN ? check(options) : outcome;
}
