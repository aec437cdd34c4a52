/*
 * A gate's whitelist on a NOR model, for tests: mounts, uploads as a client would, restarts, and compares
 * every answer with a list_made. The caller owns the struct.
 */
#ifndef TESTS_FAKES_LIST_GATE_H
#define TESTS_FAKES_LIST_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

struct list_gate {
    struct nor_model nor;
    const struct list_maker *maker;
    struct whitelist list;
    bool mounted;
    uint32_t slot_len;
    uint32_t version_floor; /* kept across restarts, as the store does */
    uint32_t blocks_sent;   /* since the caller last set it to 0 */
    uint32_t repaired;      /* times poll told of a repair */
};

/* An erased chip with two slots of slot_len bytes, mounted. */
void list_gate_init(struct list_gate *gate, const struct list_maker *maker, uint32_t slot_len,
                    uint32_t sector_size);
void list_gate_free(struct list_gate *gate);
/* Power off and on, at once or after a cut. @retval what whitelist_mount returned. */
int list_gate_restart(struct list_gate *gate);
/* Polls until there is nothing more to do, or the power is gone. @retval the last result but ERR_BUSY, or 1
 * or 2 if an upload ended on the way. */
int list_gate_poll(struct list_gate *gate);

/* Sends the head, in pieces of 1024 bytes. @retval of the last piece. */
int list_gate_send_head(struct list_gate *gate, const struct list_made *made);
/* Sends one block in pieces. @retval of the last piece. */
int list_gate_send_block(struct list_gate *gate, const struct list_made *made, uint32_t index);
/* Sends what is wanted, at most so many blocks. */
void list_gate_send_wanted(struct list_gate *gate, const struct list_made *made, uint32_t most);
/* All of it, as a patient client does; goes on with an upload of the same list that is under way.
 * @retval 1 committed, 2 refused (see list.upload.error), or the error of the head. */
int list_gate_upload(struct list_gate *gate, const struct list_made *made);

/* Looks up every so many cards of the list and some that are not in it.
 * @retval -1: all right; else the number of the first that is wrong. */
int64_t list_gate_wrong_card(struct list_gate *gate, const struct list_made *made, uint32_t step);
/* The version that rules; 0: no list. */
uint32_t list_gate_version(const struct list_gate *gate);
/* Whether both slots hold the list whole: heads, commits and blocks. */
bool list_gate_is_twinned(const struct list_gate *gate, const struct list_made *made);
/* Address of a block in the slot that rules, or in the other. */
uint32_t list_gate_block_address(const struct list_gate *gate, bool running, uint32_t index);

#endif
