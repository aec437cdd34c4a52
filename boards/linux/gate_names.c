/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/gate_names.h"

const struct gate_name gate_output_names[GATE_OUTPUTS] = {
    {"relay", GATE_RELAY},       {"green", GATE_LIGHT_GREEN}, {"red", GATE_LIGHT_RED},
    {"amber", GATE_LIGHT_AMBER}, {"buzzer", GATE_BUZZER},
};
const struct gate_name gate_input_names[GATE_INPUTS] = {
    {"rotation", GATE_ROTATION},
    {"fire", GATE_FIRE},
    {"tamper", GATE_TAMPER},
    {"button", GATE_BUTTON},
};
