/* SPDX-License-Identifier: Apache-2.0 */
/* Where the messages of a gate go, with tests/fakes/fake_systemd in place of the journal. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards/linux/host_log.h"
#include "tests/fakes/fake_systemd.h"

static FILE *file;
static int stderr_was;

/* Leads stderr to a file, which systemd says is its journal. */
static int start(void **state)
{
    char stream[64];
    struct stat status;

    (void)state;
    fake_systemd = (struct fake_systemd){.journal_error = 0};
    file = tmpfile();
    stderr_was = dup(STDERR_FILENO);
    assert_int_equal(fstat(fileno(file), &status), 0);
    snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    host_log_start();
    host_log_set_gate(NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    dup2(stderr_was, STDERR_FILENO);
    close(stderr_was);
    fclose(file);
    return 0;
}

/* Returns what was written to stderr. */
static const char *written(void)
{
    static char text[2 * HOST_LOG_LINE_LEN];

    fflush(stderr);
    ssize_t len = pread(fileno(file), text, sizeof(text) - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    return text;
}

static void the_journal_gets_fields(void **state)
{
    (void)state;
    host_log(LOG_WARNING, "reader", "reader %s", "down");
    assert_string_equal(
        fake_systemd.journal,
        "MESSAGE=reader down\nPRIORITY=4\nSYSLOG_IDENTIFIER=portillond\nPORTILLON_EVENT=reader\n\n");
    assert_string_equal(written(), "");
}

static void an_entry_names_the_gate_once_it_is_known(void **state)
{
    (void)state;
    host_log_set_gate("nord");
    host_log(LOG_INFO, "tap", "tap refused");
    assert_non_null(strstr(fake_systemd.journal, "PORTILLON_EVENT=tap\nPORTILLON_GATE=nord\n\n"));
}

static void a_line_that_the_journal_does_not_take_goes_to_stderr(void **state)
{
    (void)state;
    fake_systemd.journal_error = -EIO;
    host_log(LOG_ERR, "storage", "storage is missing");
    assert_string_equal(written(), "portillond: storage is missing\n");
}

static void a_long_message_is_cut(void **state)
{
    char text[2 * HOST_LOG_LINE_LEN];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    host_log(LOG_INFO, "list", "%s", text);
    assert_int_equal(strchr(fake_systemd.journal, '\n') - fake_systemd.journal,
                     (int)strlen("MESSAGE=") + HOST_LOG_LINE_LEN - 1);
    assert_non_null(strstr(fake_systemd.journal, "x\nPRIORITY=6\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_journal_gets_fields, start, end),
        cmocka_unit_test_setup_teardown(an_entry_names_the_gate_once_it_is_known, start, end),
        cmocka_unit_test_setup_teardown(a_line_that_the_journal_does_not_take_goes_to_stderr, start, end),
        cmocka_unit_test_setup_teardown(a_long_message_is_cut, start, end),
    };
    return cmocka_run_group_tests_name("host log", tests, NULL, NULL);
}
