/*
 * The gate itself: which state it is in, and what lights, buzzer and relay show for it.
 * Pure but for gate_enter's result: no I/O here; the caller drives the outputs and writes the journal.
 */
#ifndef FIRMWARE_GATE_H
#define FIRMWARE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/settings.h"
#include "firmware/verdict.h"

enum gate_state {
    GATE_IDLE = 0,         /* closed, waiting for a card */
    GATE_OPEN = 1,         /* relay energised for one passage */
    GATE_PASSED = 2,       /* someone went through; closing */
    GATE_ABANDONED = 3,    /* nobody came; closing */
    GATE_REFUSED = 4,      /* showing a refusal */
    GATE_RELEASED = 5,     /* fire input active: open for all */
    GATE_OUT_OF_ORDER = 6, /* no reader, or no storage */
};

enum gate_event {
    GATE_EVENT_NONE = 0, /* only time went on */
    GATE_EVENT_GRANTED,  /* a passage is durable in the journal */
    GATE_EVENT_REFUSED,
    GATE_EVENT_ROTATION, /* the arm began to turn */
    GATE_EVENT_FIRE_START,
    GATE_EVENT_FIRE_END,
    GATE_EVENT_FAULT,    /* reader or storage lost */
    GATE_EVENT_REPAIRED, /* both are back */
};

struct gate {
    enum gate_state state;
    uint64_t entered_us;   /* when the state was entered, monotonic */
    bool faulty;           /* a fault is standing */
    enum reason shown;     /* what GATE_REFUSED shows */
    uint32_t passage_seq;  /* journal number of the passage in hand, while GATE_OPEN */
};

/* The state that follows. Fire wins over everything. */
enum gate_state gate_next(const struct gate *gate, enum gate_event event, uint64_t now_us,
                          const struct settings *settings);
void gate_enter(struct gate *gate, enum gate_state state, uint64_t now_us);
/* Outputs (enum gate_output) that a state shows at this time. */
uint32_t gate_outputs(const struct gate *gate, uint64_t now_us, const struct settings *settings);
/* "idle", "open", … */
const char *gate_state_name(enum gate_state state);

#endif
