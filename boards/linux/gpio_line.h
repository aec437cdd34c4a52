/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of a GPIO line, as it stands in the configuration:
 *
 *     CHIP:NUMBER[, FLAG]...      gpiochip0:17, active-low
 *     NAME[, FLAG]...             "GPIO17", pull-up, active-low, debounce=20
 *
 * CHIP is a name, a label or a path (gpiodetect shows the first two). A name of a line in quotes may hold any
 * byte but a quote. The flags are active-low, pull-up, pull-down, no-pull and debounce=MS.
 */
#ifndef BOARDS_LINUX_GPIO_LINE_H
#define BOARDS_LINUX_GPIO_LINE_H

#include <stdbool.h>

#include "hal/error.h"

#define GPIO_LINE_NAME_LEN        64
#define GPIO_LINE_NOTE_LEN        320
#define GPIO_LINE_NUMBER_MAX      65535
#define GPIO_LINE_DEBOUNCE_MAX_MS 1000

enum gpio_bias {
    GPIO_BIAS_AS_IS, /* the resistor stays as it is */
    GPIO_BIAS_NONE,
    GPIO_BIAS_PULL_UP,
    GPIO_BIAS_PULL_DOWN,
};

struct gpio_line {
    char chip[GPIO_LINE_NAME_LEN]; /* empty: the line is looked for by its name */
    char name[GPIO_LINE_NAME_LEN]; /* used without a chip */
    unsigned number;               /* used with a chip */
    bool active_low;
    enum gpio_bias bias;
    unsigned debounce_ms;
};

/* Reads a description. On error, note says what is wrong with it. Returns ERR_OK or ERR_FORMAT. */
int gpio_line_parse(struct gpio_line *line, const char *text, char note[GPIO_LINE_NOTE_LEN]) MUST_USE;

/* Returns true if both descriptions name the same line in the same way. */
bool gpio_line_is_same(const struct gpio_line *one, const struct gpio_line *other);

/* Writes CHIP:NUMBER or the name, for messages. */
void gpio_line_print(const struct gpio_line *line, char text[GPIO_LINE_NAME_LEN + 8]);

#endif
