/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PN532 driver of hal/pn532 on a Linux serial port: a reader without libnfc and its process. If the
 * port does not exist, or is lost (a USB adapter was unplugged), it is tried again each second; until
 * then the reader is down.
 *
 * The caller owns the struct, and keeps it and the timer until close. poll takes microseconds, exchange
 * 50 ms at most.
 */
#ifndef BOARDS_LINUX_PN532_TTY_H
#define BOARDS_LINUX_PN532_TTY_H

#include <stdbool.h>

#include "boards/linux/serial_tty.h"
#include "hal/pn532/pn532.h"

struct pn532_tty {
    struct pn532 pn532; /* hand &pn532.reader to the firmware */
    struct serial_tty line;
    struct pn532_config config;
    uint64_t retry_us; /* when to try again to open a lost port */
};

/* Opens device at 115200 baud. note is empty, or one line that names the device if it cannot be opened
 * now. */
void pn532_tty_open(struct pn532_tty *tty, const char *device, const struct timer *timer,
                    char note[SERIAL_TTY_NOTE_LEN]);

/* Returns the descriptor to wait for; -1 while the port is lost. */
int pn532_tty_fd(const struct pn532_tty *tty);

/* Returns the milliseconds after which reader.poll must be called even if no byte arrives. */
int pn532_tty_wait_ms(const struct pn532_tty *tty);

/* Marks the port as lost. Call when poll(2) reports that the descriptor hung up. */
void pn532_tty_lose(struct pn532_tty *tty);

/* Tries once a second to open a lost port. Returns true if it was opened now. */
bool pn532_tty_mend(struct pn532_tty *tty);

/* Closes the port. Does nothing if the struct is zero or the port is not open. */
void pn532_tty_close(struct pn532_tty *tty);

#endif
