/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gpio_wire.h"

#include <errno.h>
#include <gpiod.h>

#define CONSUMER "portillond" /* as gpioinfo shows it */

static int flags_of(const struct gpio_line *line)
{
    int flags = line->active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;

    switch (line->bias) {
    case GPIO_BIAS_AS_IS:
        break;
    case GPIO_BIAS_NONE:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case GPIO_BIAS_PULL_UP:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case GPIO_BIAS_PULL_DOWN:
        return flags | GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    }
    return flags;
}

int gpio_wire_open(struct gpio_wire *wire, const struct gpio_line *line, bool is_output)
{
    bool by_name = line->chip[0] == '\0';
    struct gpiod_line *handle =
        by_name ? gpiod_line_find(line->name) : gpiod_line_get(line->chip, line->number);
    const int flags = flags_of(line);

    wire->handle = NULL;
    if (handle == NULL)
        return ERR_IO;
    if ((is_output ? gpiod_line_request_output_flags(handle, CONSUMER, flags, 0)
                   : gpiod_line_request_input_flags(handle, CONSUMER, flags)) != 0) {
        int error = errno;
        gpiod_line_close_chip(handle);
        errno = error;
        return ERR_IO;
    }
    wire->handle = handle;
    return ERR_OK;
}

int gpio_wire_write(struct gpio_wire *wire, bool active)
{
    return gpiod_line_set_value(wire->handle, active) == 0 ? ERR_OK : ERR_IO;
}

int gpio_wire_read(struct gpio_wire *wire, bool *active)
{
    int value = gpiod_line_get_value(wire->handle);

    *active = value == 1;
    return value >= 0 ? ERR_OK : ERR_IO;
}

void gpio_wire_close(struct gpio_wire *wire)
{
    if (wire->handle == NULL)
        return;
    gpiod_line_release(wire->handle);
    gpiod_line_close_chip(wire->handle);
    wire->handle = NULL;
}
