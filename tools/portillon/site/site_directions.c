/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_directions.h"

#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/site/gate_lines.h"

const char *gate_direction_name(enum gate_direction direction)
{
    switch (direction) {
    case GATE_BOTH_WAYS:
        return "both";
    case GATE_WAY_IN:
        return "in";
    case GATE_WAY_OUT:
        return "out";
    }
    return "?";
}

int gate_direction_find(const char *name, enum gate_direction *direction)
{
    for (int d = GATE_BOTH_WAYS; d <= GATE_WAY_OUT; d++)
        if (strcmp(name, gate_direction_name((enum gate_direction)d)) == 0) {
            *direction = (enum gate_direction)d;
            return ERR_OK;
        }
    return ERR_NOT_FOUND;
}

static bool is_direction(const char *value)
{
    enum gate_direction direction;
    return gate_direction_find(value, &direction) == ERR_OK;
}

static const struct gate_lines directions = {
    .file = SITE_DIRECTIONS_FILE,
    .heading =
        "# Which way people go through a gate (portillon identity --direction). A gate that is not here\n"
        "# is for both ways.\n",
    .wrong = N_("is not 'ID = in', 'ID = out' or 'ID = both'"),
    .is_good = is_direction,
};

int site_directions_get(const char *folder, const char *command, const char *device_id,
                        enum gate_direction *direction)
{
    char value[GATE_LINES_VALUE_LEN];
    int error = gate_lines_get(&directions, folder, command, device_id, value);
    if (error != ERR_OK || value[0] == '\0' || gate_direction_find(value, direction) != ERR_OK)
        *direction = GATE_BOTH_WAYS;
    return error;
}

int site_directions_set(const char *folder, const char *command, const char *device_id,
                        enum gate_direction direction)
{
    return gate_lines_set(&directions, folder, command, device_id, gate_direction_name(direction));
}
