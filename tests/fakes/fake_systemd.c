/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_systemd.h"

#include <string.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

struct fake_systemd fake_systemd;

static void add_line(char text[FAKE_SYSTEMD_TEXT], const char *line, size_t line_len)
{
    size_t len = strlen(text), room = FAKE_SYSTEMD_TEXT - len - 2;

    if (line_len > room)
        line_len = room;
    memcpy(text + len, line, line_len);
    memcpy(text + len + line_len, "\n", 2);
}

int sd_notify(int unset_environment, const char *state)
{
    (void)unset_environment;
    add_line(fake_systemd.told, state, strlen(state));
    return 1;
}

int sd_watchdog_enabled(int unset_environment, uint64_t *usec)
{
    (void)unset_environment;
    *usec = fake_systemd.watchdog_us;
    return fake_systemd.watchdog_us != 0;
}

int sd_journal_sendv(const struct iovec *iov, int n)
{
    if (fake_systemd.journal_error != 0)
        return fake_systemd.journal_error;
    for (int i = 0; i < n; i++)
        add_line(fake_systemd.journal, iov[i].iov_base, iov[i].iov_len);
    add_line(fake_systemd.journal, "", 0);
    return 0;
}
