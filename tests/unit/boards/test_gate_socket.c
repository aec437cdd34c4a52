/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated gate as a client sees it, over a real Unix socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "boards/linux/gate_socket.h"
#include "tests/fakes/fake_gate_io.h"

static char folder[] = "/tmp/test_gate_socket.XXXXXX";
static char path[64];
static char note[GATE_SOCKET_NOTE_LEN];
static struct gate_socket gate;

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/gate.sock", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int open_gate(void **state)
{
    (void)state;
    gate_socket_init(&gate);
    return gate_socket_listen(&gate, path, note);
}

static int close_gate(void **state)
{
    (void)state;
    gate_socket_close(&gate);
    return access(path, F_OK) == 0; /* the socket must be gone */
}

static int client_open(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    gate_socket_serve(&gate); /* accepts the client */
    return fd;
}

static void client_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    gate_socket_serve(&gate);
}

/* Returns what the client can read now, as one string. */
static const char *client_read(int fd)
{
    static char text[4096];
    ssize_t count = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
    text[count > 0 ? count : 0] = '\0';
    return text;
}

static uint32_t inputs(void)
{
    return gate.io.get_inputs(gate.io.ctx);
}

static void outputs(uint32_t bits)
{
    gate.io.set_outputs(gate.io.ctx, bits);
}

static void get_shows_outputs_inputs_and_state(void **state)
{
    (void)state;
    int fd = client_open();
    outputs(GATE_RELAY | GATE_LIGHT_GREEN);
    gate_socket_tell_state(&gate, "gate=open list=3");
    client_send(fd, "get\n");
    assert_string_equal(client_read(fd),
                        "ok relay=1 green=1 red=0 amber=0 buzzer=0 rotation=0 fire=0 tamper=0 "
                        "button=0 gate=open list=3\n");
    close(fd);
}

static void inputs_stay_as_set(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "inputs fire=1 tamper=1\n");
    assert_string_equal(client_read(fd), "ok rotation=0 fire=1 tamper=1 button=0\n");
    assert_int_equal(inputs(), GATE_FIRE | GATE_TAMPER);
    client_send(fd, "inputs tamper=0\r\n");
    assert_int_equal(inputs(), GATE_FIRE);
    close(fd);
    gate_socket_serve(&gate);
    assert_int_equal(inputs(), GATE_FIRE); /* a fire does not end because a client leaves */
}

static void a_wrong_input_changes_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"inputs fire=1 door=1\n", "inputs fire=1 tamper\n",
                                        "inputs fire=1 tamper=2\n", "inputs fire=1 =1\n"};
    int fd = client_open();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        client_send(fd, wrong[i]);
        assert_memory_equal(client_read(fd), "error ", 6);
        assert_int_equal(inputs(), 0);
    }
    close(fd);
}

static void a_press_is_seen_by_at_least_one_reading_and_then_ends(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "press rotation 20\n");
    assert_string_equal(client_read(fd), "ok\n");
    usleep(40000); /* however late the first reading is */
    assert_int_equal(inputs(), GATE_ROTATION);
    usleep(25000);
    assert_int_equal(inputs(), 0);
    assert_int_equal(inputs(), 0);
    close(fd);
}

static void two_presses_are_two_rises(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "press rotation 0\npress rotation 0\n");
    unsigned rises = 0;
    uint32_t before = 0;
    for (int i = 0; i < 20; i++) {
        uint32_t now = inputs();
        rises += now != 0 && before == 0;
        before = now;
    }
    assert_int_equal(rises, 2);
    assert_int_equal(before, 0);
    close(fd);
}

static void a_press_of_a_held_input_is_refused(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "inputs button=1\n");
    (void)client_read(fd);
    client_send(fd, "press button\n");
    assert_memory_equal(client_read(fd), "error ", 6);
    client_send(fd, "press\n");
    assert_memory_equal(client_read(fd), "error ", 6);
    client_send(fd, "press fire soon\n");
    assert_memory_equal(client_read(fd), "error ", 6);
    close(fd);
}

static void a_watcher_is_told_of_each_change_before_set_outputs_returns(void **state)
{
    (void)state;
    unsigned long long first_us, second_us;
    int fd = client_open(), other = client_open();
    client_send(fd, "watch\n");
    (void)client_read(fd);
    outputs(GATE_RELAY); /* no gate_socket_serve from here: the firmware may be killed right after */
    outputs(GATE_RELAY);
    outputs(0);
    int end = 0;
    assert_int_equal(sscanf(client_read(fd),
                            "outputs %llu relay=1 green=0 red=0 amber=0 buzzer=0\n"
                            "outputs %llu relay=0 green=0 red=0 amber=0 buzzer=0\n%n",
                            &first_us, &second_us, &end),
                     2);
    assert_true(end > 0);
    assert_true(first_us <= second_us);
    assert_string_equal(client_read(fd), "");
    assert_string_equal(client_read(other), "");
    close(fd);
    close(other);
}

static void a_watcher_is_told_of_taps_and_state(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "watch\n");
    (void)client_read(fd);
    struct tap_result granted = {.verdict = verdict_grant(),
                                 .tag = {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0xFF}},
                                 .seq = 12,
                                 .seen_us = 1000,
                                 .decided_us = 1250,
                                 .relay_us = 1900};
    gate_socket_tell_tap(&gate, &granted, "building");
    assert_string_equal(client_read(fd),
                        "tap granted reason=- seq=12 zone=building tag=00112233445566ff twin=0 "
                        "seen_us=1000 decide_us=250 relay_us=900\n");
    struct tap_result refused = {.verdict = verdict_deny(REASON_EXPIRED), .seq = 13, .decided_us = 5};
    gate_socket_tell_tap(&gate, &refused, "canteen");
    assert_string_equal(client_read(fd),
                        "tap refused reason=expired seq=13 zone=canteen tag=0000000000000000 twin=0 "
                        "seen_us=0 decide_us=- relay_us=-\n");
    struct tap_result repeated = {.verdict = verdict_deny(REASON_ALREADY_PASSED), .repeated_seq = 12};
    gate_socket_tell_tap(&gate, &repeated, "canteen");
    assert_string_equal(client_read(fd),
                        "tap repeated reason=already_passed seq=12 zone=canteen tag=0000000000000000 twin=0 "
                        "seen_us=0 decide_us=- relay_us=-\n");
    gate_socket_tell_state(&gate, "gate=idle");
    gate_socket_tell_state(&gate, "gate=idle");
    const char *text = client_read(fd);
    assert_memory_equal(text, "state ", 6);
    assert_string_equal(strrchr(text, ' '), " gate=idle\n");
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    close(fd);
}

static void a_line_in_pieces_and_a_last_line_without_end_count(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "inputs fi");
    client_send(fd, "re=1");
    assert_int_equal(inputs(), 0);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    gate_socket_serve(&gate);
    assert_int_equal(inputs(), GATE_FIRE);
    assert_string_equal(client_read(fd), "ok rotation=0 fire=1 tamper=0 button=0\n");
    char byte;
    assert_int_equal(recv(fd, &byte, 1, 0), 0); /* and then the gate disconnects */
    close(fd);
}

static void a_watcher_that_will_send_no_more_still_hears(void **state)
{
    (void)state;
    int fd = client_open();
    assert_int_equal(send(fd, "watch\n", 6, 0), 6);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    gate_socket_serve(&gate);
    (void)client_read(fd);
    outputs(GATE_LIGHT_RED);
    assert_memory_equal(client_read(fd), "outputs ", 8);
    close(fd);
    gate_socket_serve(&gate);
    struct pollfd fds[GATE_SOCKET_CLIENTS + 1];
    assert_int_equal(gate_socket_poll_fds(&gate, fds), 1); /* its place is free again */
}

static void nonsense_gets_an_error_and_an_endless_line_the_door(void **state)
{
    (void)state;
    char endless[2 * GATE_SOCKET_LINE_LEN];
    int fd = client_open();
    client_send(fd, "open sesame\n");
    assert_memory_equal(client_read(fd), "error ", 6);
    memset(endless, 'x', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    client_send(fd, endless);
    assert_string_equal(client_read(fd), "error line too long\n");
    struct pollfd fds[GATE_SOCKET_CLIENTS + 1];
    assert_int_equal(gate_socket_poll_fds(&gate, fds), 1);
    close(fd);
}

static void a_watcher_that_does_not_read_is_cut_off_and_the_others_hear(void **state)
{
    (void)state;
    int deaf = client_open(), good = client_open();
    client_send(deaf, "watch\n");
    client_send(good, "watch\n");
    size_t heard = 0;
    for (int i = 0; i < 20000; i++) {
        outputs((uint32_t)i % 2 + 1);
        heard += strlen(client_read(good));
    }
    assert_true(heard > 20000 * 40);
    struct pollfd fds[GATE_SOCKET_CLIENTS + 1];
    assert_int_equal(gate_socket_poll_fds(&gate, fds), 2);
    close(deaf);
    close(good);
}

static void one_client_too_many_is_told_so(void **state)
{
    (void)state;
    int fds[GATE_SOCKET_CLIENTS + 1];
    for (int i = 0; i <= GATE_SOCKET_CLIENTS; i++)
        fds[i] = client_open();
    assert_string_equal(client_read(fds[GATE_SOCKET_CLIENTS]), "error too many clients\n");
    client_send(fds[0], "get\n");
    assert_memory_equal(client_read(fds[0]), "ok ", 3);
    for (int i = 0; i <= GATE_SOCKET_CLIENTS; i++)
        close(fds[i]);
}

static void closing_turns_the_relay_off(void **state)
{
    (void)state;
    int fd = client_open();
    client_send(fd, "watch\n");
    outputs(GATE_RELAY);
    (void)client_read(fd);
    gate_socket_close(&gate);
    assert_non_null(strstr(client_read(fd), "relay=0"));
    close(fd);
}

static void only_the_owner_may_connect(void **state)
{
    (void)state;
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 077, 0);
}

static void a_dead_gates_socket_is_replaced_a_living_ones_is_not(void **state)
{
    (void)state;
    static struct gate_socket second;
    gate_socket_init(&second);
    assert_int_equal(gate_socket_listen(&second, path, note), ERR_BUSY);
    assert_non_null(strstr(note, path));
    close(gate.listener); /* as if killed: the file stays */
    gate.listener = -1;
    assert_int_equal(gate_socket_listen(&second, path, note), ERR_OK);
    gate_socket_close(&second);
}

static void a_file_in_the_way_is_left_alone(void **state)
{
    (void)state;
    char other[80];
    static struct gate_socket second;
    snprintf(other, sizeof(other), "%s/notes", folder);
    fclose(fopen(other, "w"));
    gate_socket_init(&second);
    assert_int_equal(gate_socket_listen(&second, other, note), ERR_ARGUMENT);
    assert_int_equal(access(other, F_OK), 0);
    unlink(other);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
    (void)state;
    char other[200];
    static struct gate_socket second;
    memset(other, 'a', sizeof(other) - 1);
    other[sizeof(other) - 1] = '\0';
    gate_socket_init(&second);
    assert_int_equal(gate_socket_listen(&second, other, note), ERR_ARGUMENT);
}

/* A tap waits while a client is served, so each turn reads only a little. */
static void a_client_that_never_stops_writing_is_served_bit_by_bit(void **state)
{
    (void)state;
    enum { WRITTEN = 65536, TURNS_MIN = 8 };
    static char newlines[WRITTEN];
    int fd = client_open(), turns = 0;
    memset(newlines, '\n', sizeof(newlines));
    assert_int_equal(send(fd, newlines, sizeof(newlines), MSG_NOSIGNAL | MSG_DONTWAIT), sizeof(newlines));
    assert_int_equal(send(fd, "inputs fire=1\n", 14, MSG_NOSIGNAL | MSG_DONTWAIT), 14);
    for (; (gate.levels & GATE_FIRE) == 0; turns++)
        gate_socket_serve(&gate);
    assert_true(turns >= TURNS_MIN);
    close(fd);
}

static void with_wires_clients_watch_and_change_nothing(void **state)
{
    struct fake_gate_io wires;
    (void)state;
    fake_gate_io_init(&wires);
    gate.wires = &wires.gate_io;
    gate.io.set_outputs(gate.io.ctx, GATE_RELAY | GATE_LIGHT_GREEN);
    assert_int_equal(wires.outputs, GATE_RELAY | GATE_LIGHT_GREEN);
    wires.inputs = GATE_TAMPER;
    assert_int_equal(gate.io.get_inputs(gate.io.ctx), GATE_TAMPER);

    int fd = client_open();
    client_send(fd, "get\n");
    assert_string_equal(client_read(fd),
                        "ok relay=1 green=1 red=0 amber=0 buzzer=0 rotation=0 fire=0 tamper=1 button=0 \n");
    client_send(fd, "inputs fire=1\n");
    assert_string_equal(client_read(fd), "error the inputs of this gate are wires (gpio.*)\n");
    client_send(fd, "press button\n");
    assert_string_equal(client_read(fd), "error the inputs of this gate are wires (gpio.*)\n");
    assert_int_equal(gate.io.get_inputs(gate.io.ctx), GATE_TAMPER);
    gate_socket_close(&gate);
    assert_int_equal(wires.outputs, 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(get_shows_outputs_inputs_and_state, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(inputs_stay_as_set, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(with_wires_clients_watch_and_change_nothing, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_wrong_input_changes_none, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_press_is_seen_by_at_least_one_reading_and_then_ends, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(two_presses_are_two_rises, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_press_of_a_held_input_is_refused, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_watcher_is_told_of_each_change_before_set_outputs_returns,
                                        open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_watcher_is_told_of_taps_and_state, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_line_in_pieces_and_a_last_line_without_end_count, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(a_watcher_that_will_send_no_more_still_hears, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(nonsense_gets_an_error_and_an_endless_line_the_door, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(a_watcher_that_does_not_read_is_cut_off_and_the_others_hear,
                                        open_gate, close_gate),
        cmocka_unit_test_setup_teardown(one_client_too_many_is_told_so, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(closing_turns_the_relay_off, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(only_the_owner_may_connect, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_dead_gates_socket_is_replaced_a_living_ones_is_not, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(a_client_that_never_stops_writing_is_served_bit_by_bit, open_gate,
                                        close_gate),
        cmocka_unit_test_setup_teardown(a_file_in_the_way_is_left_alone, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(a_path_too_long_for_a_socket_is_refused, open_gate, close_gate),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
