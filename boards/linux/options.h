/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses the command line of portillond, and before it the configuration file that it names. Strings point
 * into argv or into a copy of the file that stays. Reading the file and printing block.
 */
#ifndef BOARDS_LINUX_OPTIONS_H
#define BOARDS_LINUX_OPTIONS_H

#include <stdbool.h>

#include "boards/linux/flash_file.h"
#include "boards/linux/gate_wiring.h"
#include "boards/linux/host_timer.h"

struct options {
    const char *identity_path;
    struct flash_file_options flash;
    struct flash_file_options anchor; /* path NULL: none */
    const char *reader;               /* libnfc connection string, "auto", "none" or "pn532:DEVICE" */
    const char *reader_helper;        /* NULL: portillon-reader beside this program */
    const char *serial_device;        /* NULL: none */
    const char *pty_link;             /* NULL: none */
    const char *control_path;         /* NULL: none */
    struct gate_wiring wiring;        /* GPIO lines of the gate; none set: it is simulated */
    unsigned baud;
    enum host_timer_battery battery;
    const char *rtc_device; /* NULL: none */
    bool verbose;
};

enum options_outcome {
    OPTIONS_RUN,   /* run the gate */
    OPTIONS_DONE,  /* help or version was printed: exit 0 */
    OPTIONS_WRONG, /* wrong, as one line on stderr says: exit 2 */
};

enum options_outcome options_parse(struct options *options, int argc, char **argv);

#endif
