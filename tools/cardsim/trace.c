/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/trace.h"

#include <stdio.h>
#include <time.h>

static struct timespec start;

static const char *command_name(uint8_t code)
{
    static const char *const names[] = {
        [0x00] = "Diagnose",
        [0x02] = "GetFirmwareVersion",
        [0x04] = "GetGeneralStatus",
        [0x06] = "ReadRegister",
        [0x08] = "WriteRegister",
        [0x0C] = "ReadGPIO",
        [0x0E] = "WriteGPIO",
        [0x10] = "SetSerialBaudRate",
        [0x12] = "SetParameters",
        [0x14] = "SAMConfiguration",
        [0x16] = "PowerDown",
        [0x32] = "RFConfiguration",
        [0x40] = "InDataExchange",
        [0x42] = "InCommunicateThru",
        [0x44] = "InDeselect",
        [0x4A] = "InListPassiveTarget",
        [0x50] = "InATR",
        [0x52] = "InRelease",
        [0x54] = "InSelect",
        [0x56] = "InJumpForDEP",
        [0x60] = "InAutoPoll",
        [0x8C] = "TgInitAsTarget",
    };
    return code < sizeof names / sizeof names[0] && names[code] ? names[code] : "?";
}

static void print_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long us = (now.tv_nsec - start.tv_nsec) / 1000;
    long s = (long)(now.tv_sec - start.tv_sec);
    if (us < 0) {
        us += 1000000;
        s--;
    }
    fprintf(stderr, "%5ld.%06ld ", s, us);
}

static void print_frame(void *ctx, bool from_host, const uint8_t *data, size_t len)
{
    (void)ctx;
    print_time();
    fprintf(stderr, "%s", from_host ? ">" : "<");
    for (size_t i = 0; i < len; i++)
        fprintf(stderr, " %02X", data[i]);
    if (len > 1)
        fprintf(stderr, "  %s", command_name(from_host ? data[1] : (uint8_t)(data[1] - 1)));
    fprintf(stderr, "\n");
}

static void print_note(void *ctx, const char *text)
{
    (void)ctx;
    print_time();
    fprintf(stderr, "# %s\n", text);
}

struct cardsim_chip_trace cardsim_trace_start(void)
{
    clock_gettime(CLOCK_MONOTONIC, &start);
    return (struct cardsim_chip_trace){.frame = print_frame, .note = print_note};
}
