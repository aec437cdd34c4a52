/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the PN532 driver reports of a chip on a serial port, as reader_probe does with libnfc:
 *
 *   12.345 up PN532 firmware 1.6
 *   80.101 card 04ED0B11 atqa 0004 sak 08 ats - seen_us 123456789
 *   99.001 answer 91AF            (with -x HEX: sent to each card as it is reported)
 *   140.400 empty
 *   900.000 down no answer
 *
 * usage: pn532_probe [-b BAUD] [-x HEX] TTY; ends at SIGTERM, then printing what the line cost.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "hal/pn532/pn532.h"
#include "tests/e2e/reader_print.h"

static volatile sig_atomic_t stopped;
static int fd = -1;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int read_line(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    ssize_t count = read(fd, buf, size);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : ERR_IO;
    return (int)count;
}

static int write_line(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx;
    ssize_t count = write(fd, buf, len);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : ERR_IO;
    return (int)count;
}

static int set_baud(void *ctx, uint32_t baud)
{
    struct termios mode;
    (void)ctx;
    speed_t speed = baud == 230400 ? B230400 : baud == 460800 ? B460800 : baud == 921600 ? B921600 : B115200;
    if (tcgetattr(fd, &mode) != 0)
        return ERR_IO;
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&mode, speed);
    return tcsetattr(fd, TCSADRAIN, &mode) == 0 ? ERR_OK : ERR_IO;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return probe_monotonic_us();
}

static void wait_until(uint64_t due_us)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    uint64_t now_us = probe_monotonic_us(), wait_us = due_us > now_us ? due_us - now_us : 0;
    if (wait_us > 1000000)
        wait_us = 1000000;
    ppoll(&readable, 1,
          &(struct timespec){.tv_nsec = (long)(wait_us % 1000000) * 1000,
                             .tv_sec = (time_t)(wait_us / 1000000)},
          NULL);
}

static void idle(void *ctx)
{
    (void)ctx;
    wait_until(probe_monotonic_us() + 1000);
}

int main(int argc, char **argv)
{
    static struct pn532 pn532;
    static const struct serial serial = {.read = read_line, .write = write_line};
    static const struct timer timer = {.monotonic_us = monotonic_us};
    static struct pn532_config config = {.serial = &serial, .timer = &timer, .idle = idle};
    uint8_t tx[256];
    size_t tx_len = 0;
    int option;
    while ((option = getopt(argc, argv, "b:x:")) == 'x' || option == 'b') {
        if (option == 'x') {
            tx_len = parse_hex(optarg, tx, sizeof tx);
        } else {
            config.baud = (uint32_t)strtoul(optarg, NULL, 10);
            config.set_baud = set_baud;
        }
    }
    if (option != -1 || argc - optind != 1) {
        fprintf(stderr, "usage: pn532_probe [-b BAUD] [-x HEX] TTY\n");
        return 2;
    }
    fd = open(argv[optind], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || set_baud(NULL, PN532_BAUD_DEFAULT) != ERR_OK) {
        fprintf(stderr, "pn532_probe: %s: %s\n", argv[optind], strerror(errno));
        return 1;
    }
    signal(SIGTERM, stop);
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint64_t start_us = probe_monotonic_us();
    pn532_init(&pn532, &config);
    while (!stopped)
        if (!print_next(&pn532.reader, start_us, tx, tx_len))
            wait_until(pn532_due_us(&pn532));
    printf("%.3f end woken %u times, %u troubles\n", (double)(probe_monotonic_us() - start_us) / 1000,
           (unsigned)pn532.wake_count, (unsigned)pn532.link.error_count);
    return 0;
}
