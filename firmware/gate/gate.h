/*
 * The state machine of the gate, and the outputs (relay, lights, buzzer) of each state.
 *
 * Pure functions, no I/O, nothing blocks. The caller owns the struct, decides on taps, writes the journal and
 * drives the outputs.
 *
 * A passage granted while the gate is open waits in a short queue and gets an opening of its own, so two
 * cards never share one opening. A refusal is shown in place of the signal of the state and does not change
 * the state.
 */
#ifndef FIRMWARE_GATE_GATE_H
#define FIRMWARE_GATE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/verdict.h"
#include "firmware/storage/settings.h"

#define GATE_QUEUE_MAX 4

enum gate_state {
    GATE_IDLE = 0,         /* closed, waiting for a card */
    GATE_OPEN = 1,         /* relay energised for the first passage of the queue */
    GATE_PASSED = 2,       /* a person passed, or is assumed to have passed (no sensor); closing */
    GATE_ABANDONED = 3,    /* unused grant: nobody passed in time; closing */
    GATE_RELEASED = 4,     /* emergency release: the fire input is active, the gate is open for all */
    GATE_OUT_OF_ORDER = 5, /* no reader, or no storage */
};

enum gate_event {
    GATE_EVENT_NONE = 0, /* no event; only time has elapsed */
    GATE_EVENT_ROTATION, /* the arm began to turn */
    GATE_EVENT_FIRE_START,
    GATE_EVENT_FIRE_END,
};

struct gate {
    enum gate_state state;
    uint64_t entered_us; /* monotonic time at which the state was entered */
    bool faulty;         /* reader or storage is missing */
    bool tampered;       /* the housing is open */
    /* Journal numbers of the passages granted and not closed, oldest first. An opening by hand waits here
     * like a passage; one without a record of its own has the number 0. */
    uint32_t queue[GATE_QUEUE_MAX];
    uint8_t queue_count;
    enum reason shown; /* the last refusal */
    uint64_t shown_us; /* monotonic time of the last refusal; 0: show none */
};

/* Returns the state that follows the current one after this event and at this time. The start of the
 * emergency release takes precedence over everything else. */
enum gate_state gate_next(const struct gate *gate, enum gate_event event, uint64_t now_us,
                          const struct settings *settings);
/* Enters a state. When the gate leaves GATE_OPEN, the first passage leaves the queue; GATE_RELEASED empties
 * the queue. The caller keeps the numbers of these passages and closes them in the journal. */
void gate_enter(struct gate *gate, enum gate_state state, uint64_t now_us);
/* Adds a passage to the queue; seq is its journal number. Returns ERR_OK, ERR_NO_SPACE (GATE_QUEUE_MAX
 * passages wait already). */
int gate_admit(struct gate *gate, uint32_t seq) MUST_USE;
/* Starts to show a refusal. */
void gate_refuse(struct gate *gate, enum reason reason, uint64_t now_us);
/* Returns true if a refusal is shown now. */
bool gate_is_refusing(const struct gate *gate, uint64_t now_us);
/* Returns the outputs to drive now, as bits of enum gate_output. */
uint32_t gate_outputs(const struct gate *gate, uint64_t now_us, const struct settings *settings);
/* Returns "idle", "open", "passed", "abandoned", "released" or "out_of_order". */
const char *gate_state_name(enum gate_state state);

#endif
