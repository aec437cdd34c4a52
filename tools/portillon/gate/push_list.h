/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Installs the list of a file on a gate: reads and checks the file, asks about a list that would take the
 * cards of many away or is older than the register, and uploads it (push_session.h). The caller owns the
 * struct, about 300 KiB with zeros in it, and sets accepts_removals, sends_whole
 * and base_path. The functions print their errors.
 */
#ifndef TOOLS_PORTILLON_GATE_PUSH_LIST_H
#define TOOLS_PORTILLON_GATE_PUSH_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"
#include "tools/portillon/gate/push_session.h"
#include "tools/portillon/list/list_file.h"

struct push_list {
    bool accepts_removals;
    bool sends_whole;      /* sends blocks, and no differences from the list that the gate runs */
    const char *base_path; /* a file that may be the list that the gate runs; NULL: none is named */
    uint8_t *data;         /* the bytes of the file */
    struct list_file list;
    struct push_session push; /* its results are those of the last upload */
};

/* Reads the file at path, which must outlive the list, and checks it; with the gate's identity also that
 * it is signed by the gate's site. The caller calls push_list_free whatever the result is. Returns
 * COMMAND_OK or COMMAND_FAILED. */
int push_list_read(struct push_list *list, const struct gate_options *gate, const char *path);

/* Uploads the list. Blocks until the end. Returns COMMAND_OK (*outcome: PUSH_INSTALLED or PUSH_RAN_ALREADY),
 * COMMAND_FAILED or INTERRUPT_STATUS. */
int push_list_send(struct push_list *list, const struct gate_options *gate, struct link *link,
                   enum push_outcome *outcome);

/* Frees the bytes of the file. */
void push_list_free(struct push_list *list);

#endif
