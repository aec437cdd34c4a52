/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libsystemd when the tests are linked: keeps what a program told systemd and the journal. */
#ifndef TESTS_FAKES_FAKE_SYSTEMD_H
#define TESTS_FAKES_FAKE_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

#define FAKE_SYSTEMD_TEXT 4096

struct fake_systemd {
    char told[FAKE_SYSTEMD_TEXT];    /* messages of sd_notify, a line each */
    uint64_t watchdog_us;            /* WatchdogSec=; 0: systemd does not watch */
    char journal[FAKE_SYSTEMD_TEXT]; /* fields of the entries, a line each; an empty line ends an entry */
    int journal_error;               /* not 0: what sd_journal_sendv returns */
};

extern struct fake_systemd fake_systemd;

#endif
