/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the gates of a site and where each is reached. A gate's line comes from an option --port GATE=DEV,
 * else from the file `ports` of the site folder, else it is the udev name /dev/portillon-GATE. The caller
 * owns the struct. Blocks on the file system.
 *
 * A line of the file is "GATE DEV". DEV is a device, udp:HOST:PORT (udp_line.h), or "-" for a gate that is
 * left out. Empty lines and lines that begin with # are skipped.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_PLAN_H
#define TOOLS_PORTILLON_SYNC_SYNC_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/site/site_directions.h"
#include "tools/portillon/site/site_gates.h"

#define SYNC_PORTS_FILE "ports"
#define SYNC_PORT_SIZE  256
#define SYNC_UDEV_NAME  "/dev/portillon-"

struct sync_place {
    char device[IDENTITY_DEVICE_ID_MAX + 1];
    char port[SYNC_PORT_SIZE];
    enum gate_direction direction;
    bool is_guess; /* nothing names the line: it is the udev name, if that is there */
    bool is_left_out;
};

struct sync_plan {
    int count;
    struct sync_place places[SITE_GATES_MAX];
};

/* Lists the registered gates of a site in sorted order, each with its udev name. Returns COMMAND_OK, or
 * COMMAND_FAILED after printing why (also if there is no gate). */
int sync_plan_start(struct sync_plan *plan, const char *command, const char *folder);

/* Takes the lines of the text of the file `ports`; path is its name in messages. Returns COMMAND_OK, or
 * COMMAND_FAILED after printing what is wrong in which line. */
int sync_plan_take_text(struct sync_plan *plan, const char *command, const char *path, const char *text,
                        size_t len);

/* Takes the file `ports` of the site folder, if it is there. The results are the same. */
int sync_plan_take_file(struct sync_plan *plan, const char *command, const char *folder);

/* Takes "GATE=DEV"; "DEV" alone if there is one gate. Returns COMMAND_OK, or COMMAND_USAGE after printing
 * what is wrong. */
int sync_plan_take_option(struct sync_plan *plan, const char *command, const char *value);

/* Returns COMMAND_OK, or COMMAND_USAGE after printing which gates have the same line. */
int sync_plan_check(const struct sync_plan *plan, const char *command);

#endif
