/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_gate_io.h"

#include <stddef.h>

static void set_outputs(void *ctx, uint32_t outputs)
{
    struct fake_gate_io *fake = ctx;
    uint32_t risen = outputs & ~fake->outputs, fallen = fake->outputs & ~outputs;
    fake->outputs = outputs;
    fake->relay_falls += (fallen & GATE_RELAY) != 0;
    if (risen & GATE_RELAY) {
        fake->relay_rises++;
        if (fake->on_relay != NULL)
            fake->on_relay(fake->on_relay_ctx);
    }
}

static uint32_t get_inputs(void *ctx)
{
    const struct fake_gate_io *fake = ctx;
    return fake->inputs;
}

void fake_gate_io_init(struct fake_gate_io *fake)
{
    *fake =
        (struct fake_gate_io){.gate_io = {.set_outputs = set_outputs, .get_inputs = get_inputs, .ctx = fake}};
}
