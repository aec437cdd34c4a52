/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portillon-gate-setup: sets a gate on Linux up with a person who need not know Linux. It asks, tries what is
 * connected, and writes the configuration and the identity at the end, when all is known.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boards/linux/setup/gate_conf.h"
#include "boards/linux/setup/setup_files.h"
#include "boards/linux/setup/setup_service.h"
#include "boards/linux/setup/setup_steps.h"
#include "firmware/base/version.h"
#include "hal/linux/process_memory.h"
#include "hal/linux/translate.h"

#define PROGRAM        "portillon-gate-setup"
#define STANDARD_PLACE "/etc/portillon/gate.conf"
#define GATE_USER      "portillond"
#define LIMIT_S        30

/* The help, in messages. */
static const char *const help_texts[] = {
    N_("usage: portillon-gate-setup [--answers FILE] [--config FILE] [--root DIR] [--seconds N]\n"
       "       portillon-gate-setup --check [--config FILE] [--seconds N]\n"
       "Sets a gate on this computer up: asks for the identity file, the reader, the maintenance line, the "
       "clock and the\n"
       "GPIO lines, tries each of them, writes the configuration, and enables and starts the service.\n"),
    N_("\n"
       "Nothing is written before the last question. Ctrl-C at any question changes nothing. An empty answer "
       "takes the\n"
       "one in brackets. Comments and other options of the configuration stay; the old file is kept as "
       "FILE.bak.\n"),
    N_("\n"
       "  --check         only try what the configuration names\n"),
    N_("  --config FILE   the configuration (/etc/portillon/gate.conf); the identity lies beside it, as FILE "
       "with .id\n"),
    N_("  --root DIR      the folder of an image of the computer to set up; nothing is started there\n"),
    N_("  --answers FILE  answers in place of a person: a line `key = answer` each; a key that is not there "
       "takes its\n"
       "                  default\n"),
    N_("  --seconds N     how long to wait for a card, or for an input to change (30)\n"),
    N_("  --version, --help\n"),
    N_("\n"
       "Keys of answers: identity (a file), replace-identity (yes, no: another gate's), reader (auto, "
       "pn532:DEVICE, a\n"
       "connection string of libnfc, none), try-reader (yes, no), serial (a device, none), rtc (a device, "
       "system, none),\n"
       "pins (standard, own, keep, none), gpio.relay, gpio.green, gpio.red, gpio.amber, gpio.buzzer, "
       "gpio.rotation,\n"
       "gpio.fire, gpio.tamper, gpio.button (for own), try-outputs (yes, no), green, red, amber, buzzer, "
       "relay (yes, no:\n"
       "does it work), try-inputs (yes, no), failed (keep, stop: what does not work), stop-service, write, "
       "service (yes,\n"
       "no).\n"),
    N_("\n"
       "Exit status: 0 done, 1 not done, and nothing was changed unless a message says so, 2 wrong options, "
       "130\n"
       "interrupted.\n"),
};

static struct setup setup;
static const char *answers_path;
static char unit[SETUP_SERVICE_UNIT_LEN]; /* empty: no service starts from this configuration */
static bool was_running;

enum { OPT_CHECK = 256, OPT_CONFIG, OPT_ROOT, OPT_ANSWERS, OPT_SECONDS, OPT_VERSION, OPT_HELP };

static const struct option table[] = {
    {"check", no_argument, NULL, OPT_CHECK},
    {"config", required_argument, NULL, OPT_CONFIG},
    {"root", required_argument, NULL, OPT_ROOT},
    {"answers", required_argument, NULL, OPT_ANSWERS},
    {"seconds", required_argument, NULL, OPT_SECONDS},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* ---- options ---- */

static int wrong(const char *what, const char *detail)
{
    fprintf(stderr, _("%s: %s%s (see --help)\n"), PROGRAM, what, detail);
    return 2;
}

static void print_help(void)
{
    for (size_t i = 0; i < sizeof(help_texts) / sizeof(help_texts[0]); i++)
        fputs(translate(help_texts[i]), stdout);
}

static int take_seconds(const char *text)
{
    char *end;
    unsigned long seconds = strtoul(text, &end, 10);

    if (text[0] == '-' || end == text || *end != '\0' || seconds == 0 || seconds > 3600)
        return wrong(_("--seconds takes 1 to 3600, not "), text);
    setup.limit_s = (unsigned)seconds;
    return -1;
}

/* Returns -1 to go on, else the exit status. */
static int take_option(int option, const char *word)
{
    switch (option) {
    case OPT_CHECK:
        setup.is_check = true;
        return -1;
    case OPT_CONFIG:
        setup.config_path = optarg;
        return -1;
    case OPT_ROOT:
        setup.root = optarg;
        return -1;
    case OPT_ANSWERS:
        answers_path = optarg;
        return -1;
    case OPT_SECONDS:
        return take_seconds(optarg);
    case OPT_VERSION:
        printf(PROGRAM " %s\n%s\n", portillon_version, portillon_sources);
        return 0;
    case OPT_HELP:
        print_help();
        return 0;
    case ':':
        return wrong(_("this option takes a value: "), word);
    default:
        return wrong(_("no such option: "), word);
    }
}

static int take_command_line(int argc, char **argv)
{
    int option, status = -1;

    opterr = 0;
    while (status < 0 && (option = getopt_long(argc, argv, ":", table, NULL)) != -1)
        status = take_option(option, argv[optind - 1]);
    if (status < 0 && optind < argc)
        return wrong(_("only options are taken, not "), argv[optind]);
    return status;
}

static int load_answers(void)
{
    char note[CONFIG_FILE_NOTE_LEN];

    if (answers_path == NULL)
        return -1;
    return setup_ask_load(&setup.ask, answers_path, note) == ERR_OK ? -1 : wrong(note, "");
}

/* ---- start ---- */

static const char *in_root(const char *path)
{
    static char joined[SETUP_FILES_PATH_LEN];

    snprintf(joined, sizeof(joined), "%s%s", setup.root, path);
    return joined;
}

/* The identity lies beside the configuration: gate.conf, gate.id. */
static void place_identity(void)
{
    static char path[SETUP_FILES_PATH_LEN];
    size_t len = strlen(setup.config_path);

    if (len > 5 && strcmp(setup.config_path + len - 5, ".conf") == 0)
        len -= 5;
    snprintf(path, sizeof(path), "%.*s.id", (int)len, setup.config_path);
    setup.identity_path = path;
}

/* Takes the configuration that is there, or the one that the program brings. */
static bool load_config(void)
{
    char note[SETUP_FILES_NOTE_LEN];
    const char *path = in_root(setup.config_path);
    bool is_there = access(path, F_OK) == 0;

    snprintf(setup.config.text, sizeof(setup.config.text), "%s", gate_conf_text);
    if (!is_there && !setup.is_check)
        return setup_steps_read_draft(&setup);
    int len = setup_files_read(path, setup.config.text, sizeof(setup.config.text), note);
    if (len < 0 || len > CONFIG_FILE_MAX) {
        printf("%s\n", len < 0 ? note : _("The configuration is too long."));
        return false;
    }
    setup.config.text[len] = '\0';
    if (setup_steps_read_draft(&setup))
        return true;
    printf(_("The configuration %s has a wrong line: correct it, or move it away to begin with a new one.\n"),
           path);
    return false;
}

static bool may_write(void)
{
    if (setup.is_check || setup.root[0] != '\0' || unit[0] == '\0' || geteuid() == 0)
        return true;
    printf(_("Only root can set the gate of this computer up: sudo %s\n"), PROGRAM);
    return false;
}

/* ---- service ---- */

static bool is_here(void)
{
    return setup.root[0] == '\0' && unit[0] != '\0' && setup_service_has_systemd();
}

/* The running gate has the reader and the lines. */
static bool stop_running_gate(void)
{
    if (!is_here() || !setup_service_run((const char *const[]){"is-active", "--quiet", unit, NULL}))
        return true;
    if (setup_ask_yes_no(&setup.ask, "stop-service", _("The gate is running. Stop it for the trials?"),
                         true) != SETUP_YES)
        return false;
    was_running = setup_service_run((const char *const[]){"stop", unit, NULL});
    return was_running;
}

static void start_gate_again(void)
{
    if (was_running && setup_service_run((const char *const[]){"start", unit, NULL}))
        printf(_("The gate is running again.\n"));
}

static bool enable_here(void)
{
    if (!setup_service_run((const char *const[]){"enable", "--now", unit, NULL})) {
        printf(_("The configuration is written. systemctl could not start the gate: journalctl -u %s says "
                 "why.\n"),
               unit);
        return false;
    }
    was_running = false;
    printf(_("The gate is running, and starts with the computer. journalctl -u %s shows what it says.\n"),
           unit);
    return true;
}

static bool enable_in_root(void)
{
    char root[SETUP_FILES_PATH_LEN];

    snprintf(root, sizeof(root), "--root=%s", setup.root);
    if (!setup_service_run((const char *const[]){root, "enable", unit, NULL})) {
        printf(_("The configuration is written. The service is not enabled: systemctl --root=%s enable %s\n"),
               setup.root, unit);
        return false;
    }
    printf(_("The gate starts with the computer.\n"));
    return true;
}

static bool enable_service(void)
{
    if (unit[0] == '\0') {
        printf(_("This starts the gate: portillond --config %s\n"), setup.config_path);
        return true;
    }
    if (setup.root[0] == '\0' && !setup_service_has_systemd()) {
        printf(_("systemd does not run here. This enables the gate: systemctl enable --now %s\n"), unit);
        return true;
    }
    enum setup_yes answer = setup_ask_yes_no(
        &setup.ask, "service", _("Start the gate now, and whenever the computer starts?"), true);
    if (answer != SETUP_YES) {
        printf(_("The configuration is written. This enables the gate: systemctl enable --now %s\n"), unit);
        return true;
    }
    return setup.root[0] != '\0' ? enable_in_root() : enable_here();
}

/* ---- the end ---- */

/* The gate's user must read the identity. In another place, or for another user than root, files are of who
 * runs this. */
static bool find_owner(uid_t *uid, gid_t *gid)
{
    *uid = (uid_t)-1;
    *gid = (gid_t)-1;
    if (unit[0] == '\0' || geteuid() != 0 || setup_files_find_user(setup.root, GATE_USER, uid, gid) == ERR_OK)
        return true;
    printf(_("There is no user %s: the package portillond makes it, or systemd-sysusers from "
             "boards/linux/system/portillond.sysusers.\n"),
           GATE_USER);
    return false;
}

static bool write_file(struct setup_file file)
{
    char note[SETUP_FILES_NOTE_LEN];

    if (setup_files_make_folder(file.path, note) == ERR_OK && setup_files_replace(&file, note) == ERR_OK) {
        printf(_("Written: %s\n"), file.path);
        return true;
    }
    printf("%s\n", note);
    return false;
}

static bool write_identity(uid_t uid, gid_t gid)
{
    return write_file((struct setup_file){.path = in_root(setup.identity_path),
                                          .bytes = setup.block,
                                          .len = setup.block_len,
                                          .mode = 0600,
                                          .uid = uid,
                                          .gid = gid});
}

static bool write_config(void)
{
    return write_file((struct setup_file){.path = in_root(setup.config_path),
                                          .bytes = setup.config.text,
                                          .len = strlen(setup.config.text),
                                          .mode = 0644,
                                          .uid = (uid_t)-1,
                                          .gid = (gid_t)-1,
                                          .keeps_old = true});
}

static bool run_steps(void)
{
    return stop_running_gate() && setup_steps_identity(&setup) && setup_steps_reader(&setup) &&
           setup_steps_maintenance(&setup) && setup_steps_clock(&setup) && setup_steps_wires(&setup);
}

static bool confirm(void)
{
    return setup_ask_yes_no(&setup.ask, "write", _("All is known. Write the configuration?"), true) ==
           SETUP_YES;
}

static int end_without_change(void)
{
    printf("\n%s\n", setup.is_check ? _("Not everything works.") : _("Nothing was changed."));
    start_gate_again();
    return setup_ask_is_stopped() ? setup_ask_stop_status() : 1;
}

static int set_up(void)
{
    uid_t uid;
    gid_t gid;

    if (!may_write() || !load_config() || !find_owner(&uid, &gid) || !run_steps() || !confirm())
        return end_without_change();
    bool is_done = (!setup.is_new_identity || write_identity(uid, gid)) && write_config() && enable_service();
    start_gate_again();
    return is_done ? 0 : 1;
}

static int check(void)
{
    if (!load_config() || !run_steps())
        return end_without_change();
    printf(_("Everything works.\n"));
    start_gate_again();
    return 0;
}

int main(int argc, char **argv)
{
    setup = (struct setup){.root = "", .config_path = STANDARD_PLACE, .limit_s = LIMIT_S};
    translate_start("portillond");
    process_memory_protect(PROGRAM);
    int status = take_command_line(argc, argv);
    if (status < 0)
        status = load_answers();
    if (status >= 0)
        return status;
    place_identity();
    (void)setup_service_find_unit(setup.config_path, unit);
    setup_ask_catch_signals();
    umask(022);
    status = setup.is_check ? check() : set_up();
    crypto_wipe(&setup, sizeof(setup));
    return status;
}
