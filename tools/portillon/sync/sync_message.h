/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the process that looks after one gate tells `portillon sync`: each message is one packet on a socket
 * of type SOCK_SEQPACKET. Sending never fails for the sender: a process whose parent has gone is ended by the
 * system (sync_child.h).
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_MESSAGE_H
#define TOOLS_PORTILLON_SYNC_SYNC_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"

#define SYNC_TEXT_SIZE 1024

/* How a visit of a gate went. The counts are of this visit. */
struct sync_result {
    int status; /* COMMAND_OK: all is well; COMMAND_FAILED; INTERRUPT_STATUS */
    bool was_reached;
    bool has_clock;                    /* the gate told its time, and its clock shows one */
    bool clock_was_set;                /* it was set or confirmed */
    int64_t clock_off_s;               /* how far it was ahead before */
    uint32_t list_version, list_cards; /* of the list that it runs; 0: none */
    bool list_was_sent;
    bool list_as_changes; /* only what changed in the list that the gate had */
    uint32_t stored;      /* new records */
    uint32_t granted, refused;
    uint32_t acknowledged; /* up to this number, by any store */
    bool is_odd;           /* some records did not fit */
    uint32_t wishes_brought, wishes_open;
    uint32_t meals_told; /* meals at other gates that it took */
    double seconds;
};

struct sync_message {
    enum {
        SYNC_STEP,     /* text: what is being done */
        SYNC_PROGRESS, /* done of total */
        SYNC_NOTE,     /* text: a note for the user */
        SYNC_FAILURE,  /* text: what failed, and what to do */
        SYNC_RESULT,   /* result: the visit has ended, or one round of it with --watch */
    } kind;
    uint64_t done, total;
    struct sync_result result;
    char text[SYNC_TEXT_SIZE];
};

/* Makes the two ends. Returns true if it could. */
bool sync_message_connect(int *parent, int *child);
/* Sends a text. */
void sync_message_tell(int fd, int kind, const char *text);
void sync_message_tell_progress(int fd, uint64_t done, uint64_t total);
void sync_message_tell_result(int fd, const struct sync_result *result);
/* Receives a message without waiting. Returns 1 (a message), 0 (none is there) or -1 (the other end
 * closed). */
int sync_message_take(int fd, struct sync_message *message);

#endif
