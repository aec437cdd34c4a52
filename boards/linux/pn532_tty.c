/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/pn532_tty.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>

#include "boards/linux/host_timer.h"

#define RETRY_US 1000000

/* Waits during an exchange. */
static void wait_for_byte(void *ctx)
{
    const struct pn532_tty *tty = ctx;
    struct pollfd ready = {.fd = tty->line.fd, .events = POLLIN};
    (void)poll(&ready, 1, 1);
}

void pn532_tty_open(struct pn532_tty *tty, const char *device, const struct timer *timer,
                    char note[SERIAL_TTY_NOTE_LEN])
{
    note[0] = '\0';
    if (serial_tty_open(&tty->line, device, PN532_BAUD_DEFAULT, note) != ERR_OK) {
        snprintf(tty->line.device, sizeof tty->line.device, "%s", device);
        tty->line.baud = PN532_BAUD_DEFAULT;
        serial_tty_lose(&tty->line);
    }
    tty->config =
        (struct pn532_config){.serial = &tty->line.serial, .timer = timer, .idle = wait_for_byte, .ctx = tty};
    pn532_init(&tty->pn532, &tty->config);
}

int pn532_tty_fd(const struct pn532_tty *tty)
{
    return tty->line.fd;
}

int pn532_tty_wait_ms(const struct pn532_tty *tty)
{
    uint64_t now_us = host_monotonic_us(), due_us = pn532_due_us(&tty->pn532);
    if (due_us <= now_us)
        return 0;
    uint64_t wait_ms = (due_us - now_us + 999) / 1000;
    return wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
}

void pn532_tty_lose(struct pn532_tty *tty)
{
    serial_tty_lose(&tty->line);
}

bool pn532_tty_mend(struct pn532_tty *tty)
{
    uint64_t now_us = host_monotonic_us();
    if (!tty->line.lost || now_us < tty->retry_us)
        return false;
    tty->retry_us = now_us + RETRY_US;
    return serial_tty_revive(&tty->line) == ERR_OK;
}

void pn532_tty_close(struct pn532_tty *tty)
{
    if (tty->config.serial != NULL)
        serial_tty_close(&tty->line);
}
