/* SPDX-License-Identifier: Apache-2.0 */
/* The line of progress on terminals of different widths: a pseudo-terminal in the place of stderr. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/portillon/common/progress.h"

#define START "\r\033[K"

static char shown[8192];

/* Reads what was written to the terminal. The kernel may hand it over in pieces. */
static void read_all(int terminal)
{
    size_t len = 0;
    struct pollfd readable = {.fd = terminal, .events = POLLIN};
    while (poll(&readable, 1, 20) > 0) {
        ssize_t count = read(terminal, shown + len, sizeof shown - 1 - len);
        assert_true(count > 0);
        len += (size_t)count;
    }
    shown[len] = '\0';
}

/* Draws a progress twice on a terminal with so many columns, and keeps what it shows. */
static void draw_on(unsigned short columns, const char *label, const char *unit, uint64_t done,
                    uint64_t total)
{
    struct progress progress;
    struct winsize size = {.ws_col = columns, .ws_row = 24};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY), kept = dup(STDERR_FILENO);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    int far = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    assert_int_equal(ioctl(far, TIOCSWINSZ, &size), 0);
    dup2(far, STDERR_FILENO);
    progress_start(&progress, label, unit, 0, total);
    progress.started_us -= 10000000;
    progress.shown_us -= 10000000; /* as if it had begun ten seconds ago */
    progress_update(&progress, done);
    progress.shown_us -= 10000000;
    progress_update(&progress, done);
    read_all(terminal);
    progress_clear_line(); /* nothing of it comes to the next terminal */
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(far);
    close(terminal);
}

/* Returns the second line that was drawn. */
static const char *line(void)
{
    const char *second = strstr(shown, START);
    assert_non_null(second);
    return second + strlen(START);
}

static void a_wide_terminal_shows_everything(void **state)
{
    (void)state;
    draw_on(120, "sending the list", "B", 512 * 1024, 1024 * 1024);
    assert_string_equal(
        line(),
        "sending the list [############............] 512.0 KiB of 1.0 MiB (50%), 51.2 KiB/s, 10 s left");
}

static void no_line_is_wider_than_its_terminal(void **state)
{
    (void)state;
    for (unsigned short columns = 8; columns <= 130; columns++) {
        draw_on(columns, "the gate makes room and copies what it has", "blocks", 1234, 98765);
        assert_true(strlen(line()) < columns);
        if (columns > 34)
            assert_non_null(strstr(line(), "1234 blocks of 98765 blocks (1%)"));
    }
}

static void fifty_columns_have_room_for_the_amount_and_the_time(void **state)
{
    (void)state;
    draw_on(50, "sending the list", "B", 512 * 1024, 1024 * 1024);
    assert_true(strlen(line()) < 50);
    assert_non_null(strstr(line(), "512.0 KiB of 1.0 MiB (50%), 10 s left"));
}

static void a_label_with_accents_is_cut_between_characters(void **state)
{
    (void)state;
    draw_on(30, "éééééééééé", "é", 12, 98765);
    assert_string_equal(line(), "éééééééé 12 é of 98765 é (0%)");
    draw_on(34, "éééééééééé", "é", 12, 98765);
    assert_string_equal(line(), "éééééééééé 12 é of 98765 é (0%)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_terminal_shows_everything),
        cmocka_unit_test(a_label_with_accents_is_cut_between_characters),
        cmocka_unit_test(no_line_is_wider_than_its_terminal),
        cmocka_unit_test(fifty_columns_have_room_for_the_amount_and_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
