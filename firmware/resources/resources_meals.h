/* SPDX-License-Identifier: Apache-2.0 */
/* The resource /meals: takes what passed at the other gates of the canteen (firmware/portillon_meals.h). */
#ifndef FIRMWARE_RESOURCES_RESOURCES_MEALS_H
#define FIRMWARE_RESOURCES_RESOURCES_MEALS_H

#include "firmware/resources/resource_call.h"

/* At most so many meals in one request. They are all taken before the answer, so their number bounds how long
 * a tap waits. By the figures of service_count.h that is 10 ms on a Cortex-M3 at 142 MHz, 15 ms with 1,500
 * meals in the table, and 45 ms while it is full. */
#define RESOURCE_MEALS_MAX 16
/* A meal in the payload: the tag, and when it passed there, utc_s, u32 little-endian. */
#define RESOURCE_MEAL_LEN 12

void resource_post_meals(const struct resource_call *call);

#endif
