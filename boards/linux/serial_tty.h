/*
 * hal/serial.h on a Linux tty: a real serial port, or a pty made here and linked to a path of the caller's.
 *
 * The caller owns struct serial_tty and keeps it where it is while its serial is used. Nothing blocks: what
 * the line does not take now, write leaves to the caller.
 */
#ifndef BOARDS_LINUX_SERIAL_TTY_H
#define BOARDS_LINUX_SERIAL_TTY_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/serial.h"

#define SERIAL_TTY_PATH_LEN 256
#define SERIAL_TTY_NOTE_LEN 640

struct serial_tty {
    struct serial serial;             /* hand this to the firmware */
    int fd;                           /* for poll(2) */
    int far_fd;                       /* of a pty: its far end, held open so that the line never hangs up */
    bool blocked;                     /* the last write was not taken whole: wait for POLLOUT */
    bool lost;                        /* the line is gone (USB adapter pulled): nothing to read or write */
    unsigned baud;                    /* of a serial port; 0: a pty */
    char device[SERIAL_TTY_PATH_LEN]; /* what a client opens: the tty, or /dev/pts/N */
    char link[SERIAL_TTY_PATH_LEN];   /* of a pty: the link to it; empty: none */
};

/* Opens a serial port raw, 8N1, without flow control, and for this program alone.
 * note: with an error, one line without newline that names the device.
 * @retval ERR_OK, ERR_NOT_FOUND (no such device), ERR_ARGUMENT (baud rate), ERR_IO. */
int serial_tty_open(struct serial_tty *tty, const char *device, unsigned baud,
                    char note[SERIAL_TTY_NOTE_LEN]) MUST_USE;

/* Makes a pty and a symbolic link to it at link_path; a link already there is replaced, anything else is not.
 * @retval ERR_OK, ERR_ARGUMENT (link_path too long, or something else is there), ERR_IO; with a note as
 * above. */
int serial_tty_open_pty(struct serial_tty *tty, const char *link_path,
                        char note[SERIAL_TTY_NOTE_LEN]) MUST_USE;

/* Notes that the line hung up. Reads and writes do nothing from here until serial_tty_revive succeeds. */
void serial_tty_lose(struct serial_tty *tty);

/* Tries to open a lost port again. @retval ERR_OK, or what serial_tty_open says. */
int serial_tty_revive(struct serial_tty *tty) MUST_USE;

/* Closes, and removes the link if it is still ours. */
void serial_tty_close(struct serial_tty *tty);

#endif
