/* SPDX-License-Identifier: Apache-2.0 */
/* The resource /board: what the gate is made of, and how its parts are. */
#ifndef FIRMWARE_RESOURCES_RESOURCES_BOARD_H
#define FIRMWARE_RESOURCES_RESOURCES_BOARD_H

#include "firmware/resources/resource_call.h"

void resource_get_board(const struct resource_call *call);

#endif
