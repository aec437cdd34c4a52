/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which GPIO line each output and input of the gate has: the settings gpio.* of the configuration.
 *
 * The active level of an input line is a closed contact. Rotation and button are active while their contact
 * is closed; fire and tamper are loops that are closed at rest, and active while they are open. For these two
 * the resistor must be named, and one that would make a cut wire look like a closed loop is refused.
 */
#ifndef BOARDS_LINUX_GATE_WIRING_H
#define BOARDS_LINUX_GATE_WIRING_H

#include <stdbool.h>

#include "boards/linux/gate_names.h"
#include "boards/linux/gpio_line.h"

#define GATE_WIRING_CLOSED_AT_REST ((uint32_t)(GATE_FIRE | GATE_TAMPER)) /* inputs */

struct gate_wiring_wire {
    bool is_set;  /* the configuration has it */
    bool is_used; /* it has a line; false for "none" */
    struct gpio_line line;
};

struct gate_wiring {
    struct gate_wiring_wire outputs[GATE_OUTPUTS]; /* in the order of gate_output_names */
    struct gate_wiring_wire inputs[GATE_INPUTS];
};

/* Stores the setting gpio.NAME: the description of a line (gpio_line.h), or none. On error, note says what is
 * wrong. Returns ERR_OK or ERR_FORMAT. */
int gate_wiring_set(struct gate_wiring *wiring, const char *name, const char *value,
                    char note[GPIO_LINE_NOTE_LEN]) MUST_USE;

/* Returns true if at least one output or input is set. */
bool gate_wiring_any(const struct gate_wiring *wiring);

/* Returns the name of an output or input that must be set when any is, and is not; NULL if none is. */
const char *gate_wiring_missing(const struct gate_wiring *wiring);

#endif
