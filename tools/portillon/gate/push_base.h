/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the list that a gate runs among those that the office has: a file that the user names, the lists in
 * the site folder, and the lists in the register of the site. Blocks on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_GATE_PUSH_BASE_H
#define TOOLS_PORTILLON_GATE_PUSH_BASE_H

#include <stdbool.h>

#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/list/list_open.h"

/* Finds it and reads it into *open, which the caller frees with list_open_free, also if it is not found. A
 * gate that tells the digest of its list gets that one, and otherwise the one of the same version. given is
 * the file that the user names; NULL: none. Tells if it is another list. Returns true if the list was
 * found. */
bool push_base_find(struct list_open *open, const struct gate_options *gate, const char *given,
                    const struct answer_whitelist *state);

#endif
