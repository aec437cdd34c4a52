/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the outputs and inputs of hal/gate_io.h, for the control socket and the configuration. */
#ifndef BOARDS_LINUX_GATE_NAMES_H
#define BOARDS_LINUX_GATE_NAMES_H

#include <stdint.h>

#include "hal/gate_io.h"

#define GATE_OUTPUTS 5
#define GATE_INPUTS  4

struct gate_name {
    const char *name;
    uint32_t bit; /* of enum gate_output or gate_input */
};

extern const struct gate_name gate_output_names[GATE_OUTPUTS];
extern const struct gate_name gate_input_names[GATE_INPUTS];

#endif
