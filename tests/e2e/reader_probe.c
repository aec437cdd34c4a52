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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hal/libnfc_reader.h"

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void print_hex(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        printf("%02X", bytes[i]);
    if (len == 0)
        printf("-");
}

static size_t parse_hex(const char *text, uint8_t *bytes, size_t size)
{
    size_t len = 0;
    for (unsigned byte; len < size && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
        bytes[len] = (uint8_t)byte;
    return len;
}

static void print_report(const struct reader_report *report)
{
    const struct reader_target *target = &report->target;
    switch (report->event) {
    case READER_CARD:
        printf("card ");
        print_hex(target->uid, target->uid_len);
        printf(" atqa %02X%02X sak %02X ats ", target->atqa[0], target->atqa[1], target->sak);
        print_hex(target->ats, target->ats_len);
        printf(" seen_us %llu\n", (unsigned long long)report->seen_us);
        return;
    case READER_EMPTY:
        printf("empty\n");
        return;
    case READER_UP:
        printf("up %s\n", report->text);
        return;
    case READER_DOWN:
        printf("down %s\n", report->text);
        return;
    }
}

static void print_exchange(struct reader *reader, const uint8_t *tx, size_t tx_len)
{
    uint8_t rx[256];
    int result = reader->exchange(reader->ctx, tx, tx_len, rx, sizeof rx);
    printf("answer ");
    if (result < 0)
        printf("%s", error_name(result));
    else
        print_hex(rx, (size_t)result);
    printf("\n");
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
    uint64_t start_us = monotonic_us();
    int error = libnfc_reader_open(&libnfc, argv[optind], argv[optind + 1]);
    if (error != ERR_OK) {
        fprintf(stderr, "reader_probe: %s: %s\n", argv[optind], error_name(error));
        return 1;
    }
    while (!stopped) {
        struct reader_report report;
        if (libnfc.reader.poll(libnfc.reader.ctx, &report)) {
            printf("%.3f ", (double)(monotonic_us() - start_us) / 1000);
            print_report(&report);
            if (report.event == READER_CARD && tx_len > 0) {
                printf("%.3f ", (double)(monotonic_us() - start_us) / 1000);
                print_exchange(&libnfc.reader, tx, tx_len);
            }
            continue;
        }
        struct pollfd readable = {.fd = libnfc_reader_fd(&libnfc), .events = POLLIN};
        poll(&readable, 1, libnfc_reader_wait_ms(&libnfc));
    }
    libnfc_reader_close(&libnfc);
    return 0;
}
