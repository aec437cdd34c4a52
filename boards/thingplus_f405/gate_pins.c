/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/gate_pins.h"

#include "boards/thingplus_f405/pins.h"

struct wire {
    uint32_t bit; /* of enum gate_output or gate_input */
    uint32_t port;
    uint8_t pin;
};

static const struct wire outputs[] = {
    {GATE_RELAY, GPIOB_BASE, 8},       {GATE_LIGHT_GREEN, GPIOB_BASE, 9}, {GATE_LIGHT_RED, GPIOC_BASE, 3},
    {GATE_LIGHT_AMBER, GPIOC_BASE, 2}, {GATE_LIGHT_AMBER, GPIOC_BASE, 1}, /* the blue light on the board */
    {GATE_BUZZER, GPIOA_BASE, 4},
};
static const struct wire inputs[] = {
    {GATE_ROTATION, GPIOA_BASE, 6},
    {GATE_FIRE, GPIOA_BASE, 7},
    {GATE_TAMPER, GPIOC_BASE, 4},
    {GATE_BUTTON, GPIOC_BASE, 5},
};
#define COUNT_OF(array)      (sizeof(array) / sizeof(array)[0])
#define ACTIVE_WHEN_GROUNDED (GATE_ROTATION | GATE_BUTTON)

static void set_outputs(void *ctx, uint32_t wanted)
{
    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        pin_set(outputs[i].port, outputs[i].pin, (wanted & outputs[i].bit) != 0);
}

static uint32_t get_inputs(void *ctx)
{
    uint32_t high = 0;
    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(inputs); i++)
        if (GPIO_IDR(inputs[i].port) & BIT(inputs[i].pin))
            high |= inputs[i].bit;
    return high ^ ACTIVE_WHEN_GROUNDED;
}

/* The output is always low, or the pin is an input: the line has a resistor to 3.3 V. */
void gate_pins_hold_reader_reset(void *ctx, bool hold)
{
    enum { PIN = 5 };
    (void)ctx;
    if (hold)
        pin_make_output(GPIOA_BASE, PIN, false);
    else
        pin_make_input(GPIOA_BASE, PIN);
}

void gate_pins_start(struct gate_io *gate_io)
{
    RCC_AHB1ENR |= RCC_AHB1_GPIOA | RCC_AHB1_GPIOB | RCC_AHB1_GPIOC;
    for (size_t i = 0; i < COUNT_OF(outputs); i++)
        pin_make_output(outputs[i].port, outputs[i].pin, false);
    for (size_t i = 0; i < COUNT_OF(inputs); i++)
        pin_make_input(inputs[i].port, inputs[i].pin);
    *gate_io = (struct gate_io){.set_outputs = set_outputs, .get_inputs = get_inputs};
}
