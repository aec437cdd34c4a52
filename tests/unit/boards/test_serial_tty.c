/* SPDX-License-Identifier: Apache-2.0 */
/* The gate's serial line, seen from the other end of a pty. */
#include <fcntl.h>
#include <poll.h>
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

#include "boards/linux/serial_tty.h"

static char folder[] = "/tmp/test_serial_tty.XXXXXX";
static char path[64];
static char note[SERIAL_TTY_NOTE_LEN];
static struct serial_tty tty;

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/gate.tty", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int open_pty(void **state)
{
    (void)state;
    return serial_tty_open_pty(&tty, path, note);
}

static int close_pty(void **state)
{
    (void)state;
    serial_tty_close(&tty);
    return access(path, F_OK) == 0; /* the link must be gone */
}

static int client_open(void)
{
    int fd = open(path, O_RDWR | O_NOCTTY);
    assert_true(fd >= 0);
    return fd;
}

static void every_byte_value_passes_both_ways_unchanged(void **state)
{
    (void)state;
    uint8_t all[256], back[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    int fd = client_open();
    assert_int_equal(tty.serial.write(tty.serial.ctx, all, sizeof(all)), sizeof(all));
    for (size_t len = 0; len < sizeof(back);) {
        ssize_t count = read(fd, back + len, sizeof(back) - len);
        assert_true(count > 0);
        len += (size_t)count;
    }
    assert_memory_equal(back, all, sizeof(all));

    memset(back, 0, sizeof(back));
    assert_int_equal(write(fd, all, sizeof(all)), sizeof(all));
    struct pollfd ready = {.fd = tty.fd, .events = POLLIN};
    for (size_t len = 0; len < sizeof(back);) {
        assert_int_equal(poll(&ready, 1, 1000), 1);
        int count = tty.serial.read(tty.serial.ctx, back + len, sizeof(back) - len);
        assert_true(count > 0);
        len += (size_t)count;
    }
    assert_memory_equal(back, all, sizeof(all));
    close(fd);
}

static void a_quiet_line_reads_as_nothing_before_and_after_a_client(void **state)
{
    (void)state;
    uint8_t byte;
    assert_int_equal(tty.serial.read(tty.serial.ctx, &byte, 1), 0);
    close(client_open());
    assert_int_equal(tty.serial.read(tty.serial.ctx, &byte, 1), 0);
    struct pollfd quiet = {.fd = tty.fd, .events = POLLIN};
    assert_int_equal(poll(&quiet, 1, 0), 0); /* no hang-up that would make the loop spin */
}

static void what_nobody_reads_is_handed_back_without_blocking(void **state)
{
    (void)state;
    static const uint8_t zeros[4096];
    int accepted = 0;
    for (int i = 0; i < 1000 && !tty.blocked; i++) {
        accepted = tty.serial.write(tty.serial.ctx, zeros, sizeof(zeros));
        assert_in_range(accepted, 0, sizeof(zeros));
    }
    assert_true(tty.blocked);
}

static void a_stale_link_is_replaced(void **state)
{
    (void)state;
    char other[80], target[64];
    struct serial_tty second;
    snprintf(other, sizeof(other), "%s/stale", folder);
    assert_int_equal(symlink("/dev/pts/none", other), 0);
    assert_int_equal(serial_tty_open_pty(&second, other, note), ERR_OK);
    ssize_t len = readlink(other, target, sizeof(target) - 1);
    assert_true(len > 0);
    target[len] = '\0';
    assert_string_equal(target, second.device);
    serial_tty_close(&second);
    assert_int_not_equal(access(other, F_OK), 0);
}

static void a_link_that_someone_took_over_stays(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0);
    serial_tty_close(&tty);
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    unlink(path);
}

static void a_file_in_the_way_is_left_alone(void **state)
{
    (void)state;
    char other[80];
    struct serial_tty second;
    snprintf(other, sizeof(other), "%s/notes", folder);
    fclose(fopen(other, "w"));
    assert_int_equal(serial_tty_open_pty(&second, other, note), ERR_ARGUMENT);
    assert_non_null(strstr(note, other));
    struct stat status;
    assert_int_equal(lstat(other, &status), 0);
    assert_true(S_ISREG(status.st_mode));
    unlink(other);
}

static void a_port_opens_raw_with_its_speed(void **state)
{
    (void)state;
    struct serial_tty port; /* the far end of the pty stands in for a serial port */
    uint8_t sent[] = {0x00, 0x0D, 0x0A, 0x11, 0x13, 0x7F, 0xFF}, back[sizeof(sent)];
    assert_int_equal(serial_tty_open(&port, path, 12345, note), ERR_ARGUMENT);
    assert_non_null(strstr(note, "12345"));
    assert_int_equal(serial_tty_open(&port, path, 115200, note), ERR_OK);
    assert_int_equal(port.serial.write(port.serial.ctx, sent, sizeof(sent)), sizeof(sent));
    struct pollfd ready = {.fd = tty.fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 1000), 1);
    assert_int_equal(tty.serial.read(tty.serial.ctx, back, sizeof(back)), sizeof(sent));
    assert_memory_equal(back, sent, sizeof(sent));
    serial_tty_close(&port);
}

static void a_lost_port_swallows_bytes_until_it_is_back(void **state)
{
    (void)state;
    struct serial_tty port;
    uint8_t byte = 'x';
    assert_int_equal(serial_tty_open(&port, path, 9600, note), ERR_OK);
    serial_tty_lose(&port);
    assert_int_equal(port.serial.read(port.serial.ctx, &byte, 1), 0);
    assert_int_equal(port.serial.write(port.serial.ctx, &byte, 1), 1);
    unlink(path);
    assert_int_equal(serial_tty_revive(&port), ERR_NOT_FOUND);
    assert_true(port.lost);
    assert_int_equal(symlink(tty.device, path), 0);
    assert_int_equal(serial_tty_revive(&port), ERR_OK);
    assert_int_equal(port.serial.write(port.serial.ctx, &byte, 1), 1);
    struct pollfd ready = {.fd = tty.fd, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, 1000), 1);
    serial_tty_close(&port);
}

static void what_is_not_a_serial_port_is_named(void **state)
{
    (void)state;
    struct serial_tty port;
    assert_int_equal(serial_tty_open(&port, "/dev/none", 115200, note), ERR_NOT_FOUND);
    assert_non_null(strstr(note, "/dev/none"));
    assert_int_equal(serial_tty_open(&port, "/dev/null", 115200, note), ERR_IO);
    assert_non_null(strstr(note, "/dev/null"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_value_passes_both_ways_unchanged, open_pty, close_pty),
        cmocka_unit_test_setup_teardown(a_quiet_line_reads_as_nothing_before_and_after_a_client, open_pty,
                                        close_pty),
        cmocka_unit_test_setup_teardown(what_nobody_reads_is_handed_back_without_blocking, open_pty,
                                        close_pty),
        cmocka_unit_test(a_stale_link_is_replaced),
        cmocka_unit_test_setup_teardown(a_link_that_someone_took_over_stays, open_pty, close_pty),
        cmocka_unit_test(a_file_in_the_way_is_left_alone),
        cmocka_unit_test_setup_teardown(a_port_opens_raw_with_its_speed, open_pty, close_pty),
        cmocka_unit_test_setup_teardown(a_lost_port_swallows_bytes_until_it_is_back, open_pty, close_pty),
        cmocka_unit_test(what_is_not_a_serial_port_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
