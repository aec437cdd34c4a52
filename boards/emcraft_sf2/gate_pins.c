/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/emcraft_sf2/gate_pins.h"

#include <stdbool.h>

#include "boards/emcraft_sf2/m2s010.h"

/* Time between two reads of the inputs. The bus is slow, and contacts bounce for longer than this. */
#define SAMPLE_US 2000

enum {
    PIN_OUTPUTS = 0, /* relay, green, red, amber, buzzer: GPIO 0 to 4, as in enum gate_output */
    OUTPUT_COUNT = 5,
    PIN_READER_RESET = 5,
    PIN_INPUTS = 8, /* rotation, fire, tamper, button: GPIO 8 to 11, as in enum gate_input */
    INPUT_COUNT = 4,
};

static uint32_t driven, seen;
static uint64_t sampled_us;

static void set_outputs(void *ctx, uint32_t outputs)
{
    (void)ctx;
    if (outputs != driven)
        GPIO_OUT = outputs << PIN_OUTPUTS;
    driven = outputs;
}

static uint32_t get_inputs(void *ctx)
{
    uint64_t now = cortex_m_now_us();
    (void)ctx;
    if (now - sampled_us >= SAMPLE_US) {
        sampled_us = now;
        seen = GPIO_IN >> PIN_INPUTS & ((1U << INPUT_COUNT) - 1);
    }
    return seen;
}

/* An output that is always low, or no output: the line has a resistor to 3.3 V. */
void gate_pins_hold_reader_reset(void *ctx, bool hold)
{
    (void)ctx;
    GPIO_CONFIG(PIN_READER_RESET) = hold ? GPIO_CONFIG_OUTPUT : 0;
}

void gate_pins_start(struct gate_io *gate_io)
{
    GPIO_OUT = 0;
    for (int i = 0; i < OUTPUT_COUNT; i++)
        GPIO_CONFIG(PIN_OUTPUTS + i) = GPIO_CONFIG_OUTPUT;
    for (int i = 0; i < INPUT_COUNT; i++)
        GPIO_CONFIG(PIN_INPUTS + i) = GPIO_CONFIG_INPUT;
    *gate_io = (struct gate_io){.set_outputs = set_outputs, .get_inputs = get_inputs};
}
