/*
 * Our own PN532 driver (hal/pn532/pn532.h) on a Linux serial port: a reader without libnfc and its process. A port that
 * is not there, or goes away (a USB adapter pulled), is looked for each second; the gate knows no reader meanwhile.
 *
 * The caller owns the struct and keeps it and the timer until close. poll takes microseconds, exchange up to 50 ms.
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
    uint64_t retry_us; /* when a lost port is looked for again */
};

/* Opens device at 115200 baud. note: one line that names the device if it cannot be opened now, else empty. */
void pn532_tty_open(struct pn532_tty *tty, const char *device, const struct timer *timer,
                    char note[SERIAL_TTY_NOTE_LEN]);

/* The descriptor to wait for; -1 while there is none. */
int pn532_tty_fd(const struct pn532_tty *tty);

/* Milliseconds after which reader.poll has something to do even if nothing became readable. */
int pn532_tty_wait_ms(const struct pn532_tty *tty);

/* Notes that the descriptor hung up. */
void pn532_tty_lose(struct pn532_tty *tty);

/* Looks for a lost port, once a second. @retval true it is back. */
bool pn532_tty_mend(struct pn532_tty *tty);

/* Harmless when zeroed or not open. */
void pn532_tty_close(struct pn532_tty *tty);

#endif
