/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge between a socket pair or pty, as the line, and real UDP clients on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "firmware/maintenance/frame.h"
#include "tools/portillon/gate/bridge.h"
#include "tools/portillon/gate/port_holder.h"

struct setting {
    struct bridge bridge;
    pthread_t thread;
    int gate; /* the gate's end of the line */
    int client;
    int outcome;
};

static struct setting setting;

static void *run(void *ctx)
{
    struct setting *s = ctx;
    s->outcome = bridge_run(&s->bridge);
    return NULL;
}

static int new_client(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(setting.bridge.udp_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int start(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    setting.gate = ends[0];
    assert_int_equal(bridge_open(&setting.bridge, ends[1], NULL, 115200, 0), ERR_OK);
    setting.client = new_client();
    return pthread_create(&setting.thread, NULL, run, &setting);
}

static int stop(void **state)
{
    (void)state;
    bridge_stop(&setting.bridge);
    pthread_join(setting.thread, NULL);
    bridge_close(&setting.bridge);
    close(setting.gate);
    close(setting.client);
    return 0;
}

static bool readable(int fd, int ms)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, ms) == 1;
}

/* Waits for the next whole frame on the gate's side. */
static size_t receive_frame(uint8_t *payload, uint8_t *channel)
{
    static struct frame_decoder decoder;
    uint8_t byte;
    frame_decoder_init(&decoder);
    while (readable(setting.gate, 2000) && read(setting.gate, &byte, 1) == 1) {
        struct frame frame;
        frame_decode(&decoder, &byte, 1, &frame);
        if (frame.payload != NULL) {
            memcpy(payload, frame.payload, frame.len);
            *channel = frame.channel;
            return frame.len;
        }
    }
    return 0;
}

static void send_frame(uint8_t channel, const void *payload, size_t len)
{
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)];
    size_t written = frame_encode(channel, payload, len, out, sizeof out);
    assert_true(written > 0);
    assert_int_equal(write(setting.gate, out, written), written);
}

static void expect_datagram(int client, const void *wanted, size_t len)
{
    uint8_t datagram[FRAME_PAYLOAD_MAX];
    assert_true(readable(client, 2000));
    assert_int_equal(recv(client, datagram, sizeof datagram, 0), len);
    assert_memory_equal(datagram, wanted, len);
}

static void introduce(int client)
{
    uint8_t payload[FRAME_PAYLOAD_MAX], channel;
    assert_int_equal(send(client, "hi", 2, 0), 2);
    assert_int_equal(receive_frame(payload, &channel), 2);
}

static void a_datagram_becomes_a_frame_of_the_dtls_channel(void **state)
{
    uint8_t sent[FRAME_PAYLOAD_MAX], got[FRAME_PAYLOAD_MAX], channel = 0;
    (void)state;
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 7);
    assert_int_equal(send(setting.client, sent, sizeof sent, 0), sizeof sent);
    assert_int_equal(receive_frame(got, &channel), sizeof sent);
    assert_int_equal(channel, FRAME_CHANNEL_DTLS);
    assert_memory_equal(got, sent, sizeof sent);
}

static void a_datagram_too_long_for_a_frame_is_dropped(void **state)
{
    uint8_t sent[FRAME_PAYLOAD_MAX + 1] = {0}, got[FRAME_PAYLOAD_MAX], channel;
    (void)state;
    assert_int_equal(send(setting.client, sent, sizeof sent, 0), sizeof sent);
    assert_int_equal(send(setting.client, "next", 4, 0), 4);
    assert_int_equal(receive_frame(got, &channel), 4);
    assert_memory_equal(got, "next", 4);
}

static void a_frame_becomes_a_datagram_to_the_last_client(void **state)
{
    int other = new_client();
    (void)state;
    introduce(setting.client);
    send_frame(FRAME_CHANNEL_DTLS, "one", 3);
    expect_datagram(setting.client, "one", 3);
    introduce(other);
    send_frame(FRAME_CHANNEL_DTLS, "two", 3);
    expect_datagram(other, "two", 3);
    assert_false(readable(setting.client, 50));
    close(other);
}

/* RFC 6347, 4.2.1: record, handshake message, version, random, session id, cookie, suites, compression. */
enum { HELLO_LEN = 25 + 2 + 32 + 1 + 1 + 6 };
static const uint8_t hello[HELLO_LEN] = {22,
                                         0xFE,
                                         0xFD,
                                         [12] = HELLO_LEN - 13,
                                         [13] = 1,
                                         [16] = HELLO_LEN - 25,
                                         [24] = HELLO_LEN - 25,
                                         [25] = 0xFE,
                                         0xFD,
                                         [62] = 2,
                                         0,
                                         0xA8,
                                         1};
static const uint8_t hello_verify[28] = {22, 0xFE, 0xFF, [12] = 15, 3, [16] = 3, [24] = 3, 0xFE, 0xFF};
static const uint8_t server_hello[25 + 38] = {
    22, 0xFE, 0xFD, [12] = 50, 2, [16] = 38, [18] = 1, [24] = 38, 0xFE, 0xFD};

static void a_client_that_begins_hears_nothing_meant_for_another(void **state)
{
    uint8_t got[FRAME_PAYLOAD_MAX], channel;
    int other = new_client();
    (void)state;
    introduce(setting.client); /* and is killed in the middle of its handshake */
    assert_int_equal(send(other, hello, sizeof hello, 0), sizeof hello);
    assert_int_equal(receive_frame(got, &channel), sizeof hello);
    send_frame(FRAME_CHANNEL_DTLS, server_hello, sizeof server_hello);
    send_frame(FRAME_CHANNEL_DTLS, hello_verify, sizeof hello_verify);
    expect_datagram(other, hello_verify, sizeof hello_verify);
    send_frame(FRAME_CHANNEL_DTLS, server_hello, sizeof server_hello);
    expect_datagram(other, server_hello, sizeof server_hello);
    assert_int_equal(bridge_get_counts(&setting.bridge).from_gate, 3);
    close(other);
}

static void noise_damage_and_other_channels_reach_no_client(void **state)
{
    static const uint8_t noise[] = "Portillon 0.1.0, Portail nord: idle\r\n";
    uint8_t out[64];
    (void)state;
    introduce(setting.client);
    assert_int_equal(write(setting.gate, noise, sizeof noise), sizeof noise);
    size_t len = frame_encode(FRAME_CHANNEL_DTLS, (const uint8_t *)"broken", 6, out, sizeof out);
    out[5] ^= 0x10;
    assert_int_equal(write(setting.gate, out, len), len);
    send_frame(FRAME_CHANNEL_DTLS + 1, "other", 5);
    send_frame(FRAME_CHANNEL_DTLS, "good", 4);
    expect_datagram(setting.client, "good", 4);
    assert_false(readable(setting.client, 50));
    assert_true(bridge_get_counts(&setting.bridge).bad_frames >= 2);
}

static void a_frame_before_any_client_is_dropped(void **state)
{
    (void)state;
    send_frame(FRAME_CHANNEL_DTLS, "early", 5);
    introduce(setting.client);
    send_frame(FRAME_CHANNEL_DTLS, "then", 4);
    expect_datagram(setting.client, "then", 4);
}

static void a_client_that_left_does_not_end_the_bridge(void **state)
{
    int gone = new_client();
    (void)state;
    introduce(gone);
    close(gone);
    for (int i = 0; i < 3; i++) {
        send_frame(FRAME_CHANNEL_DTLS, "anyone", 6);
        usleep(10000);
    }
    introduce(setting.client);
}

static void what_was_sent_before_the_end_still_reaches_the_line(void **state)
{
    uint8_t got[FRAME_PAYLOAD_MAX], channel;
    (void)state;
    assert_int_equal(send(setting.client, "farewell", 8, 0), 8);
    bridge_stop(&setting.bridge);
    assert_int_equal(receive_frame(got, &channel), 8);
}

static void a_line_that_goes_away_for_good_ends_the_bridge(void **state)
{
    (void)state;
    close(setting.gate);
    setting.gate = -1;
    pthread_join(setting.thread, NULL);
    assert_int_equal(setting.outcome, ERR_IO);
    assert_int_equal(pthread_create(&setting.thread, NULL, run, &setting), 0); /* for stop() */
}

static void it_listens_on_loopback_only(void **state)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    (void)state;
    assert_int_equal(getsockname(setting.bridge.udp_fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(ntohl(address.sin_addr.s_addr), INADDR_LOOPBACK);
}

static void a_udp_port_in_use_is_told(void **state)
{
    struct bridge second;
    (void)state;
    assert_int_equal(bridge_open(&second, -1, NULL, 115200, setting.bridge.udp_port), ERR_BUSY);
}

static bool wait_for_line(bool up)
{
    for (int i = 0; i < 300; i++) {
        if (bridge_get_counts(&setting.bridge).line_up == up)
            return true;
        usleep(10000);
    }
    return false;
}

/* Whether the line itself is shut to all but root, which outlives a program that is killed while the gate
 * at a pty's other end keeps it open. */
static bool is_exclusive(int fd)
{
    int exclusive = -1;
    assert_int_equal(ioctl(fd, TIOCGEXCL, &exclusive), 0);
    return exclusive != 0;
}

static void a_line_that_comes_back_is_opened_again(void **state)
{
    char name[128], link_path[] = "/tmp/test_bridge.XXXXXX", tty[140], message[SERIAL_PORT_MESSAGE_LEN];
    int slave, fd;
    uint8_t got[FRAME_PAYLOAD_MAX], channel;
    (void)state;
    assert_non_null(mkdtemp(link_path));
    snprintf(tty, sizeof tty, "%s/tty", link_path);
    assert_int_equal(openpty(&setting.gate, &slave, name, NULL, NULL), 0);
    close(slave);
    assert_int_equal(symlink(name, tty), 0);
    assert_int_equal(serial_port_open(tty, 115200, &fd, message), ERR_OK);
    assert_int_equal(serial_port_open(tty, 115200, &slave, message), ERR_BUSY);
    assert_non_null(strstr(message, "another program"));
    assert_false(is_exclusive(fd));
    assert_int_equal(bridge_open(&setting.bridge, fd, tty, 115200, 0), ERR_OK);
    setting.client = new_client();
    assert_int_equal(pthread_create(&setting.thread, NULL, run, &setting), 0);
    introduce(setting.client);

    close(setting.gate);
    assert_true(wait_for_line(false));
    unlink(tty);
    assert_int_equal(openpty(&setting.gate, &slave, name, NULL, NULL), 0);
    close(slave);
    assert_int_equal(symlink(name, tty), 0);
    assert_true(wait_for_line(true));
    assert_int_equal(send(setting.client, "back", 4, 0), 4);
    assert_int_equal(receive_frame(got, &channel), 4);
    unlink(tty);
    rmdir(link_path);
}

/* Opens the line in a process of this name, which then waits. Returns its number. */
static pid_t hold_line(const char *tty, const char *name, bool with_lock)
{
    int ready[2], fd = -1;
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_NAME, name);
        if (with_lock ? serial_port_open(tty, 115200, &fd, NULL) != ERR_OK
                      : (fd = open(tty, O_RDWR | O_NOCTTY)) < 0)
            _exit(1);
        (void)!write(ready[1], "", 1);
        for (;;)
            pause();
    }
    assert_true(child > 0);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void who_holds_a_line_is_told_with_what_to_do(void **state)
{
    char tty[128], message[SERIAL_PORT_MESSAGE_LEN], expected[64];
    int gate, slave, fd;
    (void)state;
    assert_int_equal(openpty(&gate, &slave, tty, NULL, NULL), 0);
    close(slave);
    pid_t holder = hold_line(tty, "terminal", true);
    assert_int_equal(serial_port_open(tty, 115200, &fd, message), ERR_BUSY);
    snprintf(expected, sizeof expected, "(terminal, process %d: end it first)", (int)holder);
    assert_non_null(strstr(message, expected));
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);

    holder = hold_line(tty, "ModemManager", true);
    assert_int_equal(serial_port_open(tty, 115200, &fd, message), ERR_BUSY);
    assert_non_null(strstr(message, "(ModemManager, process "));
    assert_non_null(strstr(message, "udev rule"));
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);

    holder = hold_line(tty, "minicom", false); /* it has no lock: only its descriptor shows */
    port_holder_explain(tty, message, sizeof message);
    snprintf(expected, sizeof expected, "minicom, process %d: end it first", (int)holder);
    assert_string_equal(message, expected);
    kill(holder, SIGKILL);
    waitpid(holder, NULL, 0);
    port_holder_explain(tty, message, sizeof message);
    assert_non_null(strstr(message, "sudo fuser -v /dev/pts/"));
    close(gate);
}

static void what_is_no_serial_line_is_refused_in_words(void **state)
{
    char message[SERIAL_PORT_MESSAGE_LEN];
    int fd;
    (void)state;
    assert_int_equal(serial_port_open("/dev/none-such", 115200, &fd, message), ERR_NOT_FOUND);
    assert_non_null(strstr(message, "no such device"));
    assert_int_equal(serial_port_open("/dev/null", 115200, &fd, message), ERR_ARGUMENT);
    assert_non_null(strstr(message, "not a serial line"));
    assert_int_equal(serial_port_open("/dev/null", 115201, &fd, message), ERR_ARGUMENT);
    assert_non_null(strstr(message, "115201"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_datagram_becomes_a_frame_of_the_dtls_channel, start, stop),
        cmocka_unit_test_setup_teardown(a_datagram_too_long_for_a_frame_is_dropped, start, stop),
        cmocka_unit_test_setup_teardown(a_frame_becomes_a_datagram_to_the_last_client, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_begins_hears_nothing_meant_for_another, start, stop),
        cmocka_unit_test_setup_teardown(noise_damage_and_other_channels_reach_no_client, start, stop),
        cmocka_unit_test_setup_teardown(a_frame_before_any_client_is_dropped, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_left_does_not_end_the_bridge, start, stop),
        cmocka_unit_test_setup_teardown(what_was_sent_before_the_end_still_reaches_the_line, start, stop),
        cmocka_unit_test_setup_teardown(a_line_that_goes_away_for_good_ends_the_bridge, start, stop),
        cmocka_unit_test_setup_teardown(it_listens_on_loopback_only, start, stop),
        cmocka_unit_test_setup_teardown(a_udp_port_in_use_is_told, start, stop),
        cmocka_unit_test_teardown(a_line_that_comes_back_is_opened_again, stop),
        cmocka_unit_test(who_holds_a_line_is_told_with_what_to_do),
        cmocka_unit_test(what_is_no_serial_line_is_refused_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
