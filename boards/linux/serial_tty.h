/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A serial line (hal/serial.h) on a Linux tty: a real serial port, or a pty created here, with a
 * symbolic link to it.
 *
 * The caller owns struct serial_tty and does not move it while its serial is used. Nothing blocks: write
 * returns how much the line accepted.
 */
#ifndef BOARDS_LINUX_SERIAL_TTY_H
#define BOARDS_LINUX_SERIAL_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/serial.h"

#define SERIAL_TTY_PATH_LEN 256
#define SERIAL_TTY_NOTE_LEN 640

struct serial_tty {
    struct serial serial; /* hand this to the firmware */
    int fd;               /* for poll(2) */
    int lock_fd;          /* of a pty: what keeps other gates from its link */
    int far_fd;           /* of a pty: its other end, kept open so that the line never hangs up */
    bool blocked;         /* the last write was not accepted whole: wait for POLLOUT */
    bool lost;            /* the line is lost (USB adapter unplugged): reads and writes do nothing */
    unsigned baud;        /* of a serial port; 0: a pty */
    char device[SERIAL_TTY_PATH_LEN]; /* the path that a client opens: the tty, or /dev/pts/N */
    char link[SERIAL_TTY_PATH_LEN];   /* of a pty: the link to it; empty: none */
};

/* Opens a serial port in raw mode, 8N1, without flow control, for this program alone. On error, note is
 * one line without newline that names the device. Returns ERR_OK, ERR_NOT_FOUND (no such device),
 * ERR_ARGUMENT (baud rate), ERR_IO. */
int serial_tty_open(struct serial_tty *tty, const char *device, unsigned baud,
                    char note[SERIAL_TTY_NOTE_LEN]) MUST_USE;

/* Creates a pty and a symbolic link to it at link_path. An existing link is replaced, unless a running
 * gate has it; anything else is not. On error, note is filled as above. Blocks for up to 1 s while another
 * gate has the link. Returns ERR_OK, ERR_ARGUMENT (link_path is too long, or is not a link), ERR_BUSY
 * (another gate has it), ERR_IO. */
int serial_tty_open_pty(struct serial_tty *tty, const char *link_path,
                        char note[SERIAL_TTY_NOTE_LEN]) MUST_USE;

/* Marks the line as lost. Reads and writes do nothing until serial_tty_revive succeeds. */
void serial_tty_lose(struct serial_tty *tty);

/* Tries to open a lost port again. Returns the results of serial_tty_open. */
int serial_tty_revive(struct serial_tty *tty) MUST_USE;

/* Closes the line, and removes the link if it still points to this pty. */
void serial_tty_close(struct serial_tty *tty);

#endif
