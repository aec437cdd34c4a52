/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/gate/inputs.h"

#include <stdbool.h>

#include "hal/gate_io.h"

static uint64_t debounce_us(uint32_t input, bool rises)
{
    if (input == GATE_TAMPER)
        return UINT64_C(1000) * INPUTS_TAMPER_MS;
    return rises ? 0 : UINT64_C(1000) * INPUTS_REST_MS;
}

uint32_t inputs_settle(struct inputs *inputs, uint32_t raw, uint64_t now_us)
{
    for (int i = 0; i < INPUTS_COUNT; i++) {
        uint32_t input = UINT32_C(1) << i;
        if ((raw ^ inputs->raw) & input)
            inputs->since_us[i] = now_us;
        if ((raw ^ inputs->active) & input && now_us - inputs->since_us[i] >= debounce_us(input, raw & input))
            inputs->active ^= input;
    }
    inputs->raw = raw;
    return inputs->active;
}
