/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gate_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "boards/linux/absent_hardware.h"
#include "hal/linux/translate.h"

#define PN532_PREFIX "pn532:"

static bool is_libnfc(const struct gate_reader *gate_reader)
{
    return gate_reader->reader == &gate_reader->libnfc.reader;
}

static bool is_pn532(const struct gate_reader *gate_reader)
{
    return gate_reader->reader == &gate_reader->pn532.pn532.reader;
}

static int open_pn532(struct gate_reader *gate_reader, const char *device, const struct timer *timer,
                      char note[GATE_READER_NOTE_LEN])
{
    char why[SERIAL_TTY_NOTE_LEN];

    gate_reader->reader = &gate_reader->pn532.pn532.reader;
    pn532_tty_open(&gate_reader->pn532, device, timer, why);
    if (why[0] != '\0')
        snprintf(note, GATE_READER_NOTE_LEN, _("%s; looked for again each second"), why);
    return ERR_OK;
}

/* Finds portillon-reader, beside this program unless helper names it. */
static int find_helper(struct gate_reader *gate_reader, const char *helper)
{
    if (helper == NULL)
        return libnfc_reader_find_helper(gate_reader->helper_path, sizeof(gate_reader->helper_path));
    snprintf(gate_reader->helper_path, sizeof(gate_reader->helper_path), "%s", helper);
    return ERR_OK;
}

static int open_libnfc(struct gate_reader *gate_reader, const char *name, const char *helper,
                       char note[GATE_READER_NOTE_LEN])
{
    int error = find_helper(gate_reader, helper);

    if (error == ERR_OK)
        error = libnfc_reader_open(&gate_reader->libnfc, gate_reader->helper_path, name);
    if (error != ERR_OK)
        snprintf(note, GATE_READER_NOTE_LEN, _("%s: cannot start the reader's program: %s"),
                 gate_reader->helper_path, translate_errno(errno));
    gate_reader->reader = &gate_reader->libnfc.reader;
    return error;
}

int gate_reader_open(struct gate_reader *gate_reader, const char *name, const char *helper,
                     const struct timer *timer, char note[GATE_READER_NOTE_LEN])
{
    *gate_reader = (struct gate_reader){.reader = &absent_reader};
    note[0] = '\0';
    if (strncmp(name, PN532_PREFIX, strlen(PN532_PREFIX)) == 0)
        return open_pn532(gate_reader, name + strlen(PN532_PREFIX), timer, note);
    if (strcmp(name, "none") == 0)
        return ERR_OK;
    return open_libnfc(gate_reader, name, helper, note);
}

int gate_reader_fd(const struct gate_reader *gate_reader)
{
    if (is_libnfc(gate_reader))
        return libnfc_reader_fd(&gate_reader->libnfc);
    return is_pn532(gate_reader) ? pn532_tty_fd(&gate_reader->pn532) : -1;
}

int gate_reader_wait_ms(const struct gate_reader *gate_reader, int limit_ms)
{
    int wait_ms = limit_ms;

    if (is_libnfc(gate_reader))
        wait_ms = libnfc_reader_wait_ms(&gate_reader->libnfc);
    if (is_pn532(gate_reader))
        wait_ms = pn532_tty_wait_ms(&gate_reader->pn532);
    return wait_ms < limit_ms ? wait_ms : limit_ms;
}

const char *gate_reader_note_events(struct gate_reader *gate_reader, short events)
{
    if (!is_pn532(gate_reader) || (events & (POLLHUP | POLLERR)) == 0)
        return NULL;
    pn532_tty_lose(&gate_reader->pn532);
    return gate_reader->pn532.line.device;
}

const char *gate_reader_mend(struct gate_reader *gate_reader)
{
    return pn532_tty_mend(&gate_reader->pn532) ? gate_reader->pn532.line.device : NULL;
}

void gate_reader_close(struct gate_reader *gate_reader)
{
    libnfc_reader_close(&gate_reader->libnfc);
    pn532_tty_close(&gate_reader->pn532);
    gate_reader->reader = NULL;
}
