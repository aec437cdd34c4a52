/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portillond: the gate as a Linux program. Fills the tables of hal/ with files and devices, then runs
 * the loop of the firmware. It sleeps between turns until an input changes.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "boards/linux/absent_hardware.h"
#include "boards/linux/flash_file.h"
#include "boards/linux/gate_gpio.h"
#include "boards/linux/gate_reader.h"
#include "boards/linux/gate_socket.h"
#include "boards/linux/host_entropy.h"
#include "boards/linux/host_identity.h"
#include "boards/linux/host_log.h"
#include "boards/linux/host_timer.h"
#include "boards/linux/options.h"
#include "boards/linux/reader_words.h"
#include "boards/linux/serial_tty.h"
#include "boards/linux/service_notify.h"
#include "firmware/base/version.h"
#include "firmware/portillon.h"
#include "hal/linux/process_memory.h"
#include "hal/linux/translate.h"

#define SLEEP_MS        10 /* longest time between two turns, as portillon_poll requires */
#define SERIAL_RETRY_US 1000000
#define PHRASE_LEN      96

static struct portillon portillon;
static struct identity identity;
static struct options options;
static struct flash_file flash_file, anchor_file;
static struct gate_gpio gate_gpio;
static struct gate_socket gate_socket;
static struct serial_tty serial_tty;
static struct host_timer host_timer;
static struct service_notify service;
static struct gate_reader gate_reader;
static struct portillon_hardware hardware;
static volatile sig_atomic_t stop_signal;

static void on_signal(int number)
{
    stop_signal = number;
}

/* ---- start ---- */

static int open_reader(void)
{
    char note[GATE_READER_NOTE_LEN];
    int error =
        gate_reader_open(&gate_reader, options.reader, options.reader_helper, &host_timer.timer, note);

    if (note[0] != '\0')
        host_log(error == ERR_OK ? LOG_WARNING : LOG_ERR, "reader", "%s", note);
    hardware.reader = gate_reader.reader;
    return error;
}

static int open_serial(void)
{
    char note[SERIAL_TTY_NOTE_LEN];
    int error = ERR_OK;

    hardware.maintenance = &serial_tty.serial;
    if (options.serial_device != NULL)
        error = serial_tty_open(&serial_tty, options.serial_device, options.baud, note);
    else if (options.pty_link != NULL)
        error = serial_tty_open_pty(&serial_tty, options.pty_link, note);
    else
        hardware.maintenance = &absent_serial;
    if (error != ERR_OK)
        host_log(LOG_ERR, "maintenance", "%s", note);
    return error;
}

static int open_file(struct flash_file *file, const struct flash_file_options *file_options)
{
    char note[FLASH_FILE_NOTE_LEN];
    int error = flash_file_open(file, file_options, note);

    if (note[0] != '\0')
        host_log(LOG_ERR, "storage", "%s", note);
    return error;
}

static int open_flash(void)
{
    hardware.flash = &flash_file.flash;
    return open_file(&flash_file, &options.flash);
}

static int open_anchor(void)
{
    if (options.anchor.path == NULL)
        return ERR_OK;
    hardware.anchor = &anchor_file.flash;
    return open_file(&anchor_file, &options.anchor);
}

static int open_identity(void)
{
    char note[HOST_IDENTITY_NOTE_LEN];
    int error = host_identity_load(&identity, options.identity_path, note);

    if (error != ERR_OK)
        host_log(LOG_ERR, "identity", "%s", note);
    else
        host_log_set_gate(identity.device_id);
    return error;
}

static int open_gpio(void)
{
    char note[GATE_GPIO_NOTE_LEN];

    if (!gate_wiring_any(&options.wiring))
        return ERR_OK;
    int error = gate_gpio_open(&gate_gpio, &options.wiring, &host_timer.timer, note);
    if (error == ERR_OK)
        gate_socket.wires = &gate_gpio.io;
    else
        host_log(LOG_ERR, "gpio", "%s", note);
    return error;
}

static int open_control(void)
{
    char note[GATE_SOCKET_NOTE_LEN];
    int error = ERR_OK;

    if (options.control_path != NULL)
        error = gate_socket_listen(&gate_socket, options.control_path, note);
    if (error != ERR_OK)
        host_log(LOG_ERR, "control", "%s", note);
    hardware.gate_io = &gate_socket.io;
    return error;
}

static void say_granted(const struct tap_result *result)
{
    unsigned passage = result->seq;

    if (result->relay_us == 0)
        host_log(LOG_INFO, "tap",
                 "tap granted, passage %u, the relay did not move: the gate is open or has not closed yet",
                 passage);
    else if (result->seen_us == 0 || result->seen_us > result->relay_us)
        host_log(LOG_INFO, "tap", "tap granted, passage %u, relay moved",
                 passage); /* the reader does not tell when it saw the card */
    else
        host_log(LOG_INFO, "tap", "tap granted, passage %u, relay after %.1f ms", passage,
                 (double)(result->relay_us - result->seen_us) / 1000);
}

static void on_tap(void *ctx, const struct tap_result *result)
{
    (void)ctx;
    gate_socket_tell_tap(&gate_socket, result, zone_name(identity.zone));
    if (!options.verbose)
        return;
    if (verdict_is_grant(result->verdict))
        say_granted(result);
    else if (result->repeated_seq != 0)
        host_log(LOG_INFO, "tap", "tap repeated: passage %u of this card is still to come",
                 (unsigned)result->repeated_seq);
    else
        host_log(LOG_INFO, "tap", "tap refused: %s", reason_name(result->verdict.reason));
}

static int start(void)
{
    /* A core file would contain the keys of the gate. */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    /* What the service may do beyond its user, setting the hardware clock, is not for the reader's
     * process. */
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

    host_timer_init(&host_timer, options.battery, options.rtc_device);
    hardware.timer = &host_timer.timer;
    if (open_gpio() != ERR_OK || open_identity() != ERR_OK || open_flash() != ERR_OK ||
        open_anchor() != ERR_OK || open_control() != ERR_OK || open_serial() != ERR_OK ||
        open_reader() != ERR_OK)
        return ERR_IO;
    hardware.entropy = &host_entropy;
    hardware.on_tap = on_tap;
    int error = portillon_init(&portillon, &hardware, &identity);
    if (error != ERR_OK)
        host_log(LOG_ERR, "start", "the firmware does not start: %s", error_name(error));
    return error;
}

/* ---- messages ---- */

/* The words of zone_name. */
__attribute__((unused)) static const char *const zone_words[] = {N_("building"), N_("canteen")};

static void say_file(const char *what, const char *path, const struct flash_file *file)
{
    const uint32_t sectors = file->geometry.size / file->geometry.sector_size;

    host_log(LOG_INFO, "storage",
             translate_count(sectors, "%s %s: %u sector of %u bytes", "%s %s: %u sectors of %u bytes"), what,
             path, sectors, file->geometry.sector_size);
}

static void say_ready(void)
{
    const struct portillon_summary gate = portillon_summary(&portillon);
    const struct whitelist_header *list = gate.list;

    if (options.verbose) {
        host_log(LOG_INFO, "start", "struct portillon has %zu bytes", sizeof(portillon));
        say_file(_("flash"), options.flash.path, &flash_file);
        if (hardware.anchor != NULL)
            say_file(in_context_("size", "anchor"), options.anchor.path, &anchor_file);
    }
    if (hardware.anchor == NULL)
        host_log(LOG_NOTICE, "storage", "no anchor (--anchor none)");
    if (gate.chip_owner != NULL)
        host_log(
            LOG_ERR, "storage",
            "%s holds the records of gate %s: the gate stays out of order, and changes nothing there, until "
            "a technician confirms it (portillon settings --confirm)",
            options.flash.path, gate.chip_owner);
    else if (!gate.storage_ok)
        host_log(LOG_ERR, "storage",
                 "storage is missing or unusable: the gate stays out of order until it is replaced");
    else if (gate.list_rolled_back)
        host_log(LOG_ERR, "list",
                 "the list in %s is older than the newest this gate had: until that is pushed, every card is "
                 "refused as %s",
                 options.flash.path, reason_name(REASON_LIST_ROLLED_BACK));
    else if (list == NULL)
        host_log(LOG_WARNING, "list", "no list is installed: every card is refused as %s",
                 reason_name(REASON_NO_LIST));
    if (hardware.maintenance == &absent_serial)
        host_log(LOG_NOTICE, "maintenance", "no maintenance port (--serial or --pty)");
    else
        host_log(LOG_INFO, "maintenance", "maintenance port: %s",
                 serial_tty.link[0] != '\0' ? serial_tty.link : serial_tty.device);
    host_log(LOG_NOTICE, "ready", "%s (%s, %s) is up, version %s", identity.device_id, identity.name,
             translate(zone_name(identity.zone)), portillon_version);
}

/* Reports what changed since the last call, on stderr and to the watching clients. */
static void tell_changes(const struct portillon_summary *gate)
{
    static bool reader_known, reader_was_up;
    static uint32_t version_was = UINT32_MAX;
    const struct whitelist_header *list = gate->list;
    uint32_t version = list != NULL ? list->version : 0;
    char words[GATE_SOCKET_LINE_LEN], text[READER_WORDS_LEN];

    if (gate->reader_text[0] != '\0' && (!reader_known || reader_was_up != gate->reader_up)) {
        host_log(gate->reader_up ? LOG_NOTICE : LOG_WARNING, "reader",
                 gate->reader_up ? _("reader up: %s") : _("reader down: %s"),
                 reader_words(gate->reader_text, text));
        reader_known = true;
        reader_was_up = gate->reader_up;
    }
    if (version != version_was) {
        if (list != NULL)
            host_log(LOG_INFO, "list",
                     translate_count(list->card_count, "list %u runs, %u card", "list %u runs, %u cards"),
                     (unsigned)version, (unsigned)list->card_count);
        version_was = version;
    }
    snprintf(words, sizeof(words), "gate=%s reader=%s list=%u cards=%u boots=%u storage=%s", gate->state,
             gate->reader_up ? "up" : "down", (unsigned)version,
             list != NULL ? (unsigned)list->card_count : 0, (unsigned)gate->boot_count,
             gate->storage_ok ? "ok" : "missing");
    gate_socket_tell_state(&gate_socket, words);
}

/* ---- the loop ---- */

/* Tries each second to open a lost serial port (a USB adapter was unplugged). Cards are served
 * meanwhile. */
static void mend_serial(void)
{
    static uint64_t next_try_us;
    uint64_t now_us = host_monotonic_us();

    const char *mended = gate_reader_mend(&gate_reader);
    if (mended != NULL)
        host_log(LOG_NOTICE, "reader", "%s: the reader's port is back", mended);
    if (!serial_tty.lost || now_us < next_try_us)
        return;
    next_try_us = now_us + SERIAL_RETRY_US;
    if (serial_tty_revive(&serial_tty) == ERR_OK)
        host_log(LOG_NOTICE, "maintenance", "%s: the maintenance port is back", serial_tty.device);
}

/* Returns the descriptor of the reader to wait for; -1 if there is none, or while the firmware takes no
 * reports. */
static int awaited_reader_fd(void)
{
    return portillon_takes_cards(&portillon) ? gate_reader_fd(&gate_reader) : -1;
}

/* Returns how long the loop may sleep after a turn with this result. */
static int sleep_ms(int result)
{
    int limit_ms = portillon_takes_cards(&portillon) ? gate_reader_wait_ms(&gate_reader, SLEEP_MS) : SLEEP_MS;

    if (result != ERR_BUSY)
        return limit_ms;
    /* The work waits for time to pass or for the other end of the line, so spinning is useless. */
    int erase_ms = flash_file_wait_ms(&flash_file);
    if (erase_ms > 0)
        return 1 < limit_ms ? 1 : limit_ms;
    return serial_tty.blocked ? limit_ms : 0;
}

static void tell_wires(void)
{
    char note[GATE_GPIO_NOTE_LEN];

    while (gate_gpio_tell(&gate_gpio, note))
        host_log(LOG_WARNING, "gpio", "%s", note);
}

static void tell_clock(void)
{
    char note[HOST_RTC_NOTE_LEN];

    if (host_timer_tell(&host_timer, note))
        host_log(LOG_WARNING, "clock", "%s", note);
}

static void tell(void)
{
    const struct portillon_summary gate = portillon_summary(&portillon);

    tell_changes(&gate);
    tell_wires();
    tell_clock();
    service_notify_turn(&service, &gate, host_monotonic_us());
}

static void wait_for_something(int result, const sigset_t *unblocked)
{
    struct pollfd fds[GATE_SOCKET_CLIENTS + 3];
    nfds_t count = (nfds_t)gate_socket_poll_fds(&gate_socket, fds);
    nfds_t control_count = count;
    const struct pollfd *serial_fd = NULL;
    int timeout_ms = sleep_ms(result);
    struct timespec timeout = {.tv_nsec = timeout_ms * 1000000L};

    const struct pollfd *reader = &fds[count];
    fds[count++] = (struct pollfd){.fd = awaited_reader_fd(), .events = POLLIN};
    if (hardware.maintenance == &serial_tty.serial && !serial_tty.lost) {
        serial_fd = &fds[count];
        fds[count++] = (struct pollfd){.fd = serial_tty.fd,
                                       .events = (short)(POLLIN | (serial_tty.blocked ? POLLOUT : 0))};
    }
    if (ppoll(fds, count, &timeout, unblocked) <= 0)
        return;
    for (nfds_t i = 0; i < control_count; i++) {
        if (fds[i].revents != 0) {
            gate_socket_serve(&gate_socket);
            break;
        }
    }
    const char *hung_up = gate_reader_note_events(&gate_reader, reader->revents);
    if (hung_up != NULL)
        host_log(LOG_WARNING, "reader", "%s: the reader's port hung up", hung_up);
    if (serial_fd != NULL && (serial_fd->revents & (POLLHUP | POLLERR)) != 0) {
        host_log(LOG_WARNING, "maintenance", "%s: the maintenance port hung up", serial_tty.device);
        serial_tty_lose(&serial_tty);
    }
}

/* Blocks the signals that stop the program. They are unblocked only while the loop sleeps. */
static void block_signals(sigset_t *unblocked)
{
    static const int stopping[] = {SIGTERM, SIGINT, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++) {
        sigaction(stopping[i], &action, NULL);
        sigaddset(&blocked, stopping[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, unblocked);
    for (size_t i = 0; i < sizeof(stopping) / sizeof(stopping[0]); i++)
        sigdelset(unblocked, stopping[i]);
    signal(SIGPIPE, SIG_IGN);
}

/* Puts a count into a phrase of which format is the form for it (translate_count). */
__attribute__((format(printf, 2, 0))) static const char *phrase(char text[PHRASE_LEN], const char *format,
                                                                uint64_t count)
{
    snprintf(text, PHRASE_LEN, format, (unsigned long long)count);
    return text;
}

static void say_flash_use(void)
{
    const uint64_t operations = flash_file.operations, bytes = flash_file.programmed_bytes;
    const uint64_t sectors = flash_file.erased_sectors, wasted = flash_file.wasted_programs;
    char texts[4][PHRASE_LEN];

    host_log(LOG_INFO, "stop", "flash: %s, %s, %s, %s",
             phrase(texts[0], translate_count(operations, "%llu operation", "%llu operations"), operations),
             phrase(texts[1], translate_count(bytes, "%llu byte programmed", "%llu bytes programmed"), bytes),
             phrase(texts[2], translate_count(sectors, "%llu sector erased", "%llu sectors erased"), sectors),
             phrase(texts[3],
                    translate_count(wasted, "%llu program asked for a 1 over a 0",
                                    "%llu programs asked for a 1 over a 0"),
                    wasted));
}

static void stop(void)
{
    service_notify_stop();
    gate_socket_close(&gate_socket);
    gate_gpio_close(&gate_gpio);
    gate_reader_close(&gate_reader);
    serial_tty_close(&serial_tty);
    flash_file_close(&flash_file);
    flash_file_close(&anchor_file);
    if (options.verbose)
        say_flash_use();
    crypto_wipe(&identity, sizeof(identity));
}

int main(int argc, char **argv)
{
    sigset_t unblocked;

    translate_start("portillond");
    process_memory_protect("portillond");
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_DONE:
        return 0;
    case OPTIONS_WRONG:
        return 2;
    case OPTIONS_RUN:
        break;
    }
    setvbuf(stderr, NULL, _IOLBF, 0);
    host_log_start();
    service_notify_start(&service);
    gate_gpio_init(&gate_gpio);
    gate_socket_init(&gate_socket);
    flash_file.fd = anchor_file.fd = serial_tty.fd = serial_tty.far_fd = -1;
    block_signals(&unblocked);
    int status = 1;
    if (start() == ERR_OK) {
        say_ready();
        while (stop_signal == 0) {
            int result = portillon_poll(&portillon);
            tell();
            mend_serial();
            wait_for_something(result, &unblocked);
        }
        status = 0;
    }
    stop();
    return status;
}
