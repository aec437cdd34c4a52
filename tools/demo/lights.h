/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lights and the sound of a gate, as its control socket reports them ("outputs TIME relay=1 green=1 …"),
 * and the words for what a person saw and heard. The caller owns the memory. Nothing blocks.
 */
#ifndef TOOLS_DEMO_LIGHTS_H
#define TOOLS_DEMO_LIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#define LIGHTS_TEXT_SIZE 80

enum lights_name { LIGHTS_RELAY, LIGHTS_GREEN, LIGHTS_RED, LIGHTS_AMBER, LIGHTS_BUZZER, LIGHTS_COUNT };

struct lights {
    uint64_t at_us; /* time of the last line */
    struct lights_output {
        bool on, was_on;     /* now; when lights_begin was called */
        unsigned rises;      /* how often it went on since then */
        uint64_t since_us;   /* when it last went on */
        uint64_t longest_us; /* the longest time that it was on, of those that have ended */
    } outputs[LIGHTS_COUNT];
};

/* Starts to watch a new tap. What is on stays on, and counts as seen and heard. */
void lights_begin(struct lights *lights);

/* Takes a line of the control socket, also its answer to `watch`. Returns false if it names no outputs. */
bool lights_take_line(struct lights *lights, const char *line);

bool lights_is_on(const struct lights *lights, enum lights_name name);

/* Returns true if every output is again as it was when lights_begin was called. */
bool lights_are_back(const struct lights *lights);

/* Describes what was seen and heard since lights_begin: "green, short beep", "red blinking, 2 beeps", or
 * "nothing". */
void lights_describe(const struct lights *lights, char text[LIGHTS_TEXT_SIZE]);

#endif
