/* SPDX-License-Identifier: Apache-2.0 */
/* Sets up pins of the chip: output, input or alternate function. Nothing blocks. */
#ifndef BOARDS_THINGPLUS_F405_PINS_H
#define BOARDS_THINGPLUS_F405_PINS_H

#include <stdbool.h>

#include "boards/thingplus_f405/stm32f405.h"

static inline void pin_set_field(volatile uint32_t *reg, unsigned shift, uint32_t mask, uint32_t value)
{
    *reg = (*reg & ~(mask << shift)) | value << shift;
}

static inline void pin_set(uint32_t port, unsigned pin, bool high)
{
    GPIO_BSRR(port) = BIT(high ? pin : pin + 16);
}

/* Makes a pin an output. The level is set before the pin drives it. */
static inline void pin_make_output(uint32_t port, unsigned pin, bool high)
{
    pin_set(port, pin, high);
    pin_set_field(&GPIO_MODER(port), 2 * pin, 3, GPIO_MODE_OUTPUT);
}

static inline void pin_make_input(uint32_t port, unsigned pin)
{
    pin_set_field(&GPIO_PUPDR(port), 2 * pin, 3, GPIO_PULL_UP);
    pin_set_field(&GPIO_MODER(port), 2 * pin, 3, GPIO_MODE_INPUT);
}

static inline void pin_make_alternate(uint32_t port, unsigned pin, uint32_t function, uint32_t pull,
                                      uint32_t speed)
{
    pin_set_field(&GPIO_AFR(port, pin), 4 * (pin % 8), 15, function);
    pin_set_field(&GPIO_PUPDR(port), 2 * pin, 3, pull);
    pin_set_field(&GPIO_OSPEEDR(port), 2 * pin, 3, speed);
    pin_set_field(&GPIO_MODER(port), 2 * pin, 3, GPIO_MODE_ALTERNATE);
}

#endif
