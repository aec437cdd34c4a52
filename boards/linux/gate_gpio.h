/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hal/gate_io.h on GPIO lines. Which line is which, and what a closed contact means, is in gate_wiring.h.
 *
 * Outputs are off from the moment their lines are taken until set_outputs says otherwise, and are driven off
 * before the lines are given back. An input that cannot be read counts as an open contact: fire releases the
 * gate, tamper is reported, rotation and button are inactive. A write that failed is tried again at each
 * reading of the inputs.
 *
 * The caller owns the struct and does not move it while its io is used.
 */
#ifndef BOARDS_LINUX_GATE_GPIO_H
#define BOARDS_LINUX_GATE_GPIO_H

#include <stdbool.h>
#include <stdint.h>

#include "boards/linux/gate_wiring.h"
#include "boards/linux/gpio_wire.h"
#include "hal/gate_io.h"
#include "hal/timer.h"

#define GATE_GPIO_NOTE_LEN 320

struct gate_gpio_wire {
    const struct gate_name *name;
    const struct gpio_line *line; /* NULL: it has none */
    struct gpio_wire wire;
    bool on;           /* output: to be driven; input: contact closed, debounced */
    bool level;        /* input: as last read */
    bool is_known;     /* input: it was read before; output: it was driven to `on` */
    uint64_t since_us; /* input: when level changed */
    int error;         /* errno of the last call; 0: it succeeded */
    bool error_told;
};

struct gate_gpio {
    struct gate_io io; /* hand this to the firmware */
    const struct timer *timer;
    struct gate_gpio_wire outputs[GATE_OUTPUTS];
    struct gate_gpio_wire inputs[GATE_INPUTS];
};

/* Initialises the struct without lines, so that it can be closed. */
void gate_gpio_init(struct gate_gpio *gpio);

/* Takes the lines: outputs first, all off. wiring and timer must stay valid. On error, note is one line
 * without newline that names output or input and line, and no line is kept. Returns ERR_OK or ERR_IO. */
int gate_gpio_open(struct gate_gpio *gpio, const struct gate_wiring *wiring, const struct timer *timer,
                   char note[GATE_GPIO_NOTE_LEN]) MUST_USE;

/* Fills in a line of text about an output or input that began to fail, or works again, since the last call.
 * Returns false if there is none. */
bool gate_gpio_tell(struct gate_gpio *gpio, char note[GATE_GPIO_NOTE_LEN]);

/* Drives the outputs off and gives all lines back. */
void gate_gpio_close(struct gate_gpio *gpio);

#endif
