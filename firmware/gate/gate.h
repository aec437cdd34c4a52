/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state machine of the gate, and the outputs (relay, lights, buzzer) of each state.
 *
 * No I/O, nothing blocks. gate_next, gate_is_refusing and gate_outputs change nothing; gate_enter,
 * gate_admit, gate_expire and gate_refuse change the struct. The caller owns the struct, decides on taps,
 * writes the journal and drives the outputs. It initialises the struct by zeroing it and then calling
 * gate_enter. It also sets faulty and tampered.
 *
 * A turn of the loop: the caller calls gate_expire until it returns false, then gate_next with the event.
 * Only if the state differs from the current one, it calls gate_enter. Then it drives gate_outputs.
 *
 * A passage granted while the gate is open waits in a short queue and gets an opening of its own, so two
 * cards never share one opening. A refusal is shown for 1.5 s in place of the signal of the state and does
 * not change the state.
 */
#ifndef FIRMWARE_GATE_GATE_H
#define FIRMWARE_GATE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/verdict.h"
#include "firmware/storage/settings.h"

#define GATE_QUEUE_MAX 4 /* the passage for which the gate is open counts too */
/* A passage that has waited longer in the queue gets no opening: its holder may have left, and the gate would
 * open for whoever stands there. */
#define GATE_QUEUE_AGE_MAX_MS 20000

enum gate_state {
    GATE_IDLE = 0,         /* closed, waiting for a card */
    GATE_OPEN = 1,         /* relay energised for the first passage of the queue */
    GATE_PASSED = 2,       /* a person passed, or is assumed to have passed (no sensor); closes for 300 ms */
    GATE_ABANDONED = 3,    /* unused grant: nobody passed in time; closes for 300 ms */
    GATE_RELEASED = 4,     /* emergency release: the fire input is active, the gate is open for all */
    GATE_OUT_OF_ORDER = 5, /* at rest and faulty; a passage in the queue still opens the gate */
};

enum gate_event {
    GATE_EVENT_NONE = 0, /* no event; only time has elapsed */
    GATE_EVENT_ROTATION, /* the arm began to turn; ignored unless settings have rotation_fitted */
    GATE_EVENT_FIRE_START,
    GATE_EVENT_FIRE_END,
};

struct gate {
    enum gate_state state;
    uint64_t entered_us; /* monotonic time at which the state was entered */
    bool faulty;         /* reader or storage is missing, or the journal fails; set by the caller */
    bool tampered;       /* the housing is open; set by the caller */
    /* Journal numbers of the passages granted and not closed, oldest first; while the gate is open, the first
     * is the one that it is open for. An opening by hand waits here like a passage; one without a record of
     * its own has the number 0. */
    uint32_t queue[GATE_QUEUE_MAX];
    struct verdict verdicts[GATE_QUEUE_MAX]; /* the grant of each of them */
    uint64_t queued_us[GATE_QUEUE_MAX];      /* monotonic time at which each of them was granted */
    uint8_t queue_count;
    enum reason shown; /* the last refusal */
    uint64_t shown_us; /* monotonic time of the last refusal; 0: show none */
};

/* Returns the state that follows the current one after this event and at this time. It changes nothing: see
 * gate_enter. The start of the emergency release takes precedence over everything else. */
enum gate_state gate_next(const struct gate *gate, enum gate_event event, uint64_t now_us,
                          const struct settings *settings);
/* Enters a state and sets entered_us. Call it only if the state changes: to enter the same state again would
 * start its time again. When the gate leaves GATE_OPEN, the first passage leaves the queue; GATE_RELEASED
 * empties the queue. The caller keeps the numbers of these passages and closes them in the journal. */
void gate_enter(struct gate *gate, enum gate_state state, uint64_t now_us);
/* Adds a passage to the queue and ends a refusal that is shown; verdict is its grant, which stays with it up
 * to the relay; seq is its journal number. The gate opens
 * with the next gate_next and gate_enter, at once if it is at rest. Returns ERR_OK, ERR_NO_SPACE
 * (GATE_QUEUE_MAX passages are in the queue already), ERR_FORBIDDEN (the verdict is not a grant); after an
 * error nothing has changed. */
int gate_admit(struct gate *gate, struct verdict verdict, uint32_t seq, uint64_t now_us) MUST_USE;
/* Removes the oldest passage that waits in the queue, if it has waited for GATE_QUEUE_AGE_MAX_MS; never the
 * one for which the gate is open. Returns true and sets *seq to its journal number if there was one. The
 * caller closes it in the journal. */
bool gate_expire(struct gate *gate, uint64_t now_us, uint32_t *seq);
/* Starts to show a refusal, for 1.5 s. now_us must not be 0. */
void gate_refuse(struct gate *gate, enum reason reason, uint64_t now_us);
/* Returns true if a refusal is shown now; false during an emergency release. */
bool gate_is_refusing(const struct gate *gate, uint64_t now_us);
/* Returns the outputs to drive now, as bits of enum gate_output (hal/gate_io.h). The relay is energised for a
 * passage only while its verdict is a grant, which is asked twice, so that one wrong branch or one flipped
 * bit of the state opens nothing. An emergency release needs no verdict. */
uint32_t gate_outputs(const struct gate *gate, uint64_t now_us, const struct settings *settings);
/* Returns "idle", "open", "passed", "abandoned", "released" or "out_of_order"; "unknown" for any other
 * number. */
const char *gate_state_name(enum gate_state state);

#endif
