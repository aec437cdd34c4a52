/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desk_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"

#define WAIT_MS 200 /* a signal that comes just before poll is noticed after this time */

static bool is_of_libnfc(const char *name)
{
    return strcmp(name, "none") != 0 && strncmp(name, "pn532:", strlen("pn532:")) != 0;
}

static int find_helper(struct desk_reader *desk, const char *helper)
{
    if (helper == NULL)
        return libnfc_reader_find_helper(desk->helper, sizeof desk->helper);
    snprintf(desk->helper, sizeof desk->helper, "%s", helper);
    return ERR_OK;
}

int desk_reader_open(struct desk_reader *desk, const char *command, const char *name, const char *helper)
{
    *desk = (struct desk_reader){.command = command, .name = name, .libnfc.fd = -1};
    if (!is_of_libnfc(name)) {
        command_misuse(command,
                       "--reader %s: here it is auto, or a connection string of libnfc such as "
                       "pn532_uart:/dev/ttyUSB0:115200",
                       name);
        return ERR_ARGUMENT;
    }
    int error = find_helper(desk, helper);
    if (error == ERR_OK)
        error = libnfc_reader_open(&desk->libnfc, desk->helper, name);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot start the program that reads cards: %s", command, desk->helper,
                     translate_errno(errno));
    return error;
}

static bool is_same_card(const struct reader_target *a, const struct reader_target *b)
{
    return a->uid_len == b->uid_len && memcmp(a->uid, b->uid, a->uid_len) == 0;
}

/* Returns true if the report is of a card that was not there before. */
static bool take_card(struct desk_reader *desk, const struct reader_target *card)
{
    if (desk->holds && is_same_card(card, &desk->held))
        return false;
    desk->held = *card;
    desk->holds = true;
    return true;
}

static void note_gone(struct desk_reader *desk, const struct reader_report *report)
{
    if (report->event == READER_EMPTY || is_same_card(&report->target, &desk->held))
        desk->holds = false;
}

static void note_up(struct desk_reader *desk, const char *name)
{
    command_note(desk->was_up ? N_("%s: %s: the reader is back")
                              : N_("%s: %s: put a card on the reader; Ctrl-C ends"),
                 desk->command, name);
    desk->was_up = true;
}

/* What the reader says of itself (hal/libnfc), but for texts with a place or a number. */
__attribute__((unused)) static const char *const reader_texts[] = {
    N_("no reader found"),
    N_("no answer for 1 s"),
    N_("reader did not open within 4 s"),
    N_("reader error: no answer"),
    N_("reader error: bad answer"),
    N_("reader refused its configuration"),
    N_("reader process could not be started"),
    N_("reader process ended"),
    N_("reader process sent nonsense"),
};

static int note_down(const struct desk_reader *desk, const char *why)
{
    if (interrupt_wanted())
        return ERR_BUSY; /* Ctrl-C at a terminal ends the helper as well */
    if (desk->was_up) {
        command_note("%s: %s; it is tried again", desk->command, translate(why));
        return ERR_BUSY;
    }
    command_fail("%s: --reader %s: %s: plug a reader in, or name it (nfc-list shows those that libnfc finds)",
                 desk->command, desk->name, translate(why));
    return ERR_NOT_FOUND;
}

/* Returns ERR_OK (a card), ERR_BUSY (go on waiting) or ERR_NOT_FOUND. */
static int take_report(struct desk_reader *desk, const struct reader_report *report)
{
    switch (report->event) {
    case READER_CARD:
        return take_card(desk, &report->target) ? ERR_OK : ERR_BUSY;
    case READER_GONE:
    case READER_EMPTY:
        note_gone(desk, report);
        return ERR_BUSY;
    case READER_UP:
        note_up(desk, report->text);
        return ERR_BUSY;
    case READER_DOWN:
        return note_down(desk, report->text);
    }
    return ERR_BUSY;
}

static void wait_for_report(const struct desk_reader *desk)
{
    struct pollfd readable = {.fd = libnfc_reader_fd(&desk->libnfc), .events = POLLIN};
    int wait_ms = libnfc_reader_wait_ms(&desk->libnfc);
    poll(&readable, 1, wait_ms < WAIT_MS ? wait_ms : WAIT_MS);
}

int desk_reader_poll(struct desk_reader *desk, struct reader_target *target)
{
    struct reader_report report;
    const struct reader *reader = &desk->libnfc.reader;
    if (interrupt_wanted())
        return ERR_BUSY;
    if (reader->poll(reader->ctx, &report) == 0) {
        wait_for_report(desk);
        return ERR_TIMEOUT;
    }
    int result = take_report(desk, &report);
    if (result == ERR_OK)
        *target = report.target;
    return result == ERR_BUSY ? ERR_TIMEOUT : result;
}

int desk_reader_next(struct desk_reader *desk, struct reader_target *target)
{
    int result;
    do
        result = desk_reader_poll(desk, target);
    while (result == ERR_TIMEOUT);
    return result;
}

void desk_reader_close(struct desk_reader *desk)
{
    libnfc_reader_close(&desk->libnfc);
}
