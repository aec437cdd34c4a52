/*
 * The gate itself: which state it is in, and what relay, lights and buzzer show for it.
 *
 * Pure: no I/O. The caller decides taps, writes the journal, drives the outputs. Passages granted while the
 * gate is open for somebody wait in a short queue, each for an opening of its own: two cards never collapse
 * into one. A refusal shows over whatever the gate is doing and changes no state.
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
    GATE_PASSED = 2,       /* someone went through, or is taken to have (no sensor); closing */
    GATE_ABANDONED = 3,    /* nobody came in time; closing */
    GATE_RELEASED = 4,     /* fire input active: open for all */
    GATE_OUT_OF_ORDER = 5, /* no reader, or no storage */
};

enum gate_event {
    GATE_EVENT_NONE = 0, /* only time went on */
    GATE_EVENT_ROTATION, /* the arm began to turn */
    GATE_EVENT_FIRE_START,
    GATE_EVENT_FIRE_END,
};

struct gate {
    enum gate_state state;
    uint64_t entered_us;            /* when the state was entered, monotonic */
    bool faulty;                    /* reader or storage is missing */
    bool tampered;                  /* the housing is open */
    uint32_t queue[GATE_QUEUE_MAX]; /* journal numbers of passages granted and not closed, oldest first; an
                                     * opening by hand waits here like one */
    uint8_t queue_count;
    enum reason shown; /* the refusal last shown */
    uint64_t shown_us; /* since when; 0: none */
};

/* The state that follows, from this one, the event and the time. Fire wins over everything. */
enum gate_state gate_next(const struct gate *gate, enum gate_event event, uint64_t now_us,
                          const struct settings *settings);
/* Enters a state: leaving GATE_OPEN takes its passage off the queue; fire empties it.
 * The caller closes those passages in the journal first. */
void gate_enter(struct gate *gate, enum gate_state state, uint64_t now_us);
/* Puts a passage into the queue. @retval ERR_OK, ERR_NO_SPACE (GATE_QUEUE_MAX are waiting). */
int gate_admit(struct gate *gate, uint32_t seq) MUST_USE;
/* Shows a refusal from now on. */
void gate_refuse(struct gate *gate, enum reason reason, uint64_t now_us);
/* A refusal shows now. */
bool gate_is_refusing(const struct gate *gate, uint64_t now_us);
/* Outputs (enum gate_output) to drive at this time. */
uint32_t gate_outputs(const struct gate *gate, uint64_t now_us, const struct settings *settings);
/* "idle", "open", "passed", "abandoned", "released", "out_of_order". */
const char *gate_state_name(enum gate_state state);

#endif
