/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints what the libnfc reader reports, one line an event, with milliseconds since the start:
 *
 *   12.345 up pn532_uart:/dev/pts/3
 *   80.101 card 04ED0B11 atqa 0004 sak 08 ats - seen_us 123456789
 *   99.001 answer 91AF            (with -x HEX: sent to each card as it is reported)
 *   140.400 empty
 *   900.000 down no answer for 1 s
 *
 * usage: reader_probe [-x HEX] PORTILLON-READER CONNSTRING; ends at SIGTERM, or when its standard output
 * closes.
 */
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "hal/libnfc/libnfc_reader.h"
#include "tests/e2e/reader_print.h"

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

int main(int argc, char **argv)
{
    static struct libnfc_reader libnfc;
    uint8_t tx[256];
    size_t tx_len = 0;
    int option;
    while ((option = getopt(argc, argv, "x:")) == 'x')
        tx_len = parse_hex(optarg, tx, sizeof tx);
    if (option != -1 || argc - optind != 2) {
        fprintf(stderr, "usage: reader_probe [-x HEX] PORTILLON-READER CONNSTRING\n");
        return 2;
    }
    signal(SIGTERM, stop);
    setvbuf(stdout, NULL, _IOLBF, 0);
    uint64_t start_us = probe_monotonic_us();
    int error = libnfc_reader_open(&libnfc, argv[optind], argv[optind + 1]);
    if (error != ERR_OK) {
        fprintf(stderr, "reader_probe: %s: %s\n", argv[optind], error_name(error));
        return 1;
    }
    while (!stopped) {
        if (print_next(&libnfc.reader, start_us, tx, tx_len))
            continue;
        struct pollfd readable = {.fd = libnfc_reader_fd(&libnfc), .events = POLLIN};
        poll(&readable, 1, libnfc_reader_wait_ms(&libnfc));
    }
    libnfc_reader_close(&libnfc);
    return 0;
}
