/* SPDX-License-Identifier: Apache-2.0 */
/* Explains one stored passage or refusal from the list and the rules that were in force at that gate. Prints
 * the explanation on stdout and errors on stderr. Blocks on the store and the file system. */
#ifndef TOOLS_PORTILLON_REPLAY_PASSAGE_EXPLAIN_H
#define TOOLS_PORTILLON_REPLAY_PASSAGE_EXPLAIN_H

#include <stdbool.h>

#include "hal/error.h"

struct passage_explain {
    const char *command; /* the name used in messages */
    const char *passage; /* DEVICE:SEQ, or DEVICE:SEQ:RUN */
    const char *store_path;
    const char *site_folder; /* NULL: the only site of the store */
    bool as_json;
};

/* Explains it. Returns ERR_OK, ERR_ARGUMENT (it is no such name, or the store has several sites),
 * ERR_NOT_FOUND (the store does not have it, or it is no tap), ERR_NO_SPACE (no memory) or an error of the
 * store or of the site folder. */
int passage_explain(const struct passage_explain *call) MUST_USE;

#endif
