/*
 * One upload of a list to a gate, from the first question to the list running, or as far as it gets.
 *
 * Where things stand is always asked of the gate, never remembered here: after every interruption (Ctrl-C, a
 * cable pulled, the gate's power) the same steps lead on from what it has. The gate serves its old list until
 * the new one is whole. What goes wrong is said on stderr; a gate that falls silent is waited for.
 *
 * The caller owns the struct and all it points to. push_session_run blocks until the end; Ctrl-C
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
#include "tools/portillon/gate/push_window.h"
#include "tools/portillon/list/list_file.h"

struct push_session {
    /* set by the caller, all else zero */
    const struct gate_options *gate;
    struct link *link;               /* open */
    const struct list_file *list;    /* checked */
    const char *list_path;           /* for messages */
    uint8_t digest[CRYPTO_HASH_LEN]; /* SHA-256 of head and signature */

    /* how it went */
    struct answer_whitelist state; /* as the gate last told it */
    uint32_t stored_blocks;        /* taken by the gate in this run */
    uint32_t repeated_pieces;
    bool resumed; /* an earlier run had begun it */
    uint64_t sending_us, total_us;

    /* inside */
    unsigned heads_sent;
    struct progress progress;
    bool sending_shown, waiting_shown; /* which bar stands */
    struct push_window window;
    struct push_block blocks[WHITELIST_BLOCKS_MAX];
    int piece_error;
    char piece_diagnostic[64];
    bool ask_again;     /* the gate does not take pieces now: see what it says */
    uint64_t stored_us; /* when it last stored a block, or began to wait for one; 0: it does not */
    uint64_t started_us;
};

enum push_outcome {
    PUSH_INSTALLED,
    PUSH_RAN_ALREADY,
    PUSH_FAILED, /* it was said why */
    PUSH_INTERRUPTED,
};

enum push_outcome push_session_run(struct push_session *push);

#endif
