/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uploads a list to a gate, from the first request until the list runs, or as far as possible.
 *
 * The gate is always asked for the state of the upload; nothing is remembered here. After every interruption
 * (Ctrl-C, a pulled cable, a power cut of the gate) the same steps continue from what the gate has. The gate
 * serves its old list until the new one is complete. Errors are printed on stderr. When the gate stops
 * answering, the session waits for it.
 *
 * The caller owns the struct and everything it points to. push_session_run blocks until the end. Ctrl-C
 * (interrupt.h) ends it within 50 ms.
 */
#ifndef TOOLS_PORTILLON_GATE_PUSH_SESSION_H
#define TOOLS_PORTILLON_GATE_PUSH_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist.h"
#include "tools/portillon/common/progress.h"
#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/gate/link.h"
#include "tools/portillon/gate/push_patch.h"
#include "tools/portillon/gate/push_window.h"
#include "tools/portillon/list/list_file.h"

struct push_session {
    /* set by the caller, the rest zero */
    const struct gate_options *gate;
    struct link *link;               /* open */
    const struct list_file *list;    /* checked */
    const char *list_path;           /* for messages */
    uint8_t digest[CRYPTO_HASH_LEN]; /* SHA-256 of manifest and signature */
    struct push_patch patch;         /* started */
    bool has_state;                  /* state is set: the first question is spared */

    /* the results */
    struct answer_whitelist state; /* the last state that the gate reported */
    uint32_t stored_blocks;        /* stored by the gate in this run, those made from changes included */
    uint32_t patched_blocks;       /* of these: sent as changes of the list that the gate runs */
    uint32_t have;                 /* blocks of the list that the gate has, as far as it has told */
    uint32_t repeated_pieces;
    bool resumed; /* an earlier run had started the upload */
    uint64_t sending_us, total_us;

    /* internal */
    unsigned heads_sent;
    struct progress progress;
    bool sending_shown, waiting_shown; /* which progress line is on the terminal */
    struct push_window window;
    struct push_block blocks[WHITELIST_BLOCKS_MAX];
    int piece_error;
    char piece_diagnostic[64];
    bool ask_again;     /* the gate does not accept pieces now: ask for its state */
    unsigned waits;     /* times in a row that the gate was busy by itself */
    uint64_t asked_us;  /* when its state was asked for */
    uint64_t stored_us; /* when it last stored a block, or when waiting for one began; 0: not waiting */
    uint64_t started_us;
};

enum push_outcome {
    PUSH_INSTALLED,
    PUSH_RAN_ALREADY,
    PUSH_FAILED, /* the reason was printed */
    PUSH_INTERRUPTED,
};

/* Uploads the list. Returns the outcome. */
enum push_outcome push_session_run(struct push_session *push);

#endif
