/* SPDX-License-Identifier: Apache-2.0 */
/* A line behind a serial server, which is a socket of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/portillon/gate/serial_port.h"
#include "tools/portillon/gate/udp_line.h"

static int server, port;

static int start(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    (void)state;
    server = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (const struct sockaddr *)&address, len) != 0 ||
        getsockname(server, (struct sockaddr *)&address, &len) != 0)
        return -1;
    port = ntohs(address.sin_port);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    close(server);
    return 0;
}

static int open_line(const char *format, char message[SERIAL_PORT_MESSAGE_LEN], int *fd)
{
    char path[64];
    snprintf(path, sizeof path, format, port);
    return serial_port_open(path, SERIAL_PORT_DEFAULT_BAUD, fd, message);
}

static void bytes_pass_both_ways(void **state)
{
    (void)state;
    char message[SERIAL_PORT_MESSAGE_LEN] = "", bytes[16];
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    int fd = -1;
    assert_int_equal(open_line("udp:127.0.0.1:%d", message, &fd), ERR_OK);
    assert_int_equal(read(fd, bytes, sizeof bytes), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(write(fd, "\0ask\0", 5), 5);
    assert_int_equal(recvfrom(server, bytes, sizeof bytes, 0, (struct sockaddr *)&peer, &len), 5);
    assert_memory_equal(bytes, "\0ask\0", 5);
    assert_int_equal(sendto(server, "\0yes\0", 5, 0, (const struct sockaddr *)&peer, len), 5);
    assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 1000), 1);
    assert_int_equal(read(fd, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "\0yes\0", 5);
    serial_port_close(fd);
}

static void others_are_not_heard(void **state)
{
    (void)state;
    char message[SERIAL_PORT_MESSAGE_LEN] = "", bytes[16];
    struct sockaddr_in self;
    socklen_t len = sizeof self;
    int fd = -1, stranger = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(open_line("udp:localhost:%d", message, &fd), ERR_OK);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&self, &len), 0);
    assert_int_equal(sendto(stranger, "boo", 3, 0, (const struct sockaddr *)&self, len), 3);
    assert_int_equal(poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 100), 0);
    assert_int_equal(read(fd, bytes, sizeof bytes), -1);
    close(stranger);
    serial_port_close(fd);
}

static void a_wrong_name_is_told(void **state)
{
    static const char *const wrong[] = {"udp:",      "udp:7000",      "udp:host",         "udp::7000",
                                        "udp:host:", "udp:host:70x0", "udp:host:7000000", "udp:[]:7000"};
    (void)state;
    char message[SERIAL_PORT_MESSAGE_LEN];
    int fd;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        message[0] = '\0';
        assert_int_equal(udp_line_open(wrong[i], &fd, message, sizeof message), ERR_ARGUMENT);
        assert_non_null(strstr(message, "not of the form udp:HOST:PORT"));
    }
    assert_int_equal(udp_line_open("udp:no.such.host.invalid:7000", &fd, message, sizeof message),
                     ERR_NOT_FOUND);
    assert_false(udp_line_is("/dev/ttyUSB0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass_both_ways),
        cmocka_unit_test(others_are_not_heard),
        cmocka_unit_test(a_wrong_name_is_told),
    };
    return cmocka_run_group_tests_name("udp_line", tests, start, stop);
}
