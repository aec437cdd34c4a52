/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One GPIO line of the kernel. This is the only module that uses libgpiod, with the functions of its version
 * 1 (1.6). Version 2 has others: it needs another gpio_wire.c and no other change.
 *
 * The caller owns the struct. errno tells why a function failed. A call waits for the bus of a chip that is
 * behind one, such as I2C.
 */
#ifndef BOARDS_LINUX_GPIO_WIRE_H
#define BOARDS_LINUX_GPIO_WIRE_H

#include <stdbool.h>

#include "boards/linux/gpio_line.h"
#include "hal/error.h"

struct gpio_wire {
    void *handle; /* of the library; NULL: not open */
};

/* Takes the line as an output, off from the first moment, or as an input. No other program can use it then.
 * Returns ERR_OK or ERR_IO. */
int gpio_wire_open(struct gpio_wire *wire, const struct gpio_line *line, bool is_output) MUST_USE;

/* Drives an output to its active level or away from it. Returns ERR_OK or ERR_IO. */
int gpio_wire_write(struct gpio_wire *wire, bool active) MUST_USE;

/* Reads the level. Returns ERR_OK or ERR_IO. */
int gpio_wire_read(struct gpio_wire *wire, bool *active) MUST_USE;

/* Gives the line back to the kernel. Does nothing if it is not open. */
void gpio_wire_close(struct gpio_wire *wire);

#endif
