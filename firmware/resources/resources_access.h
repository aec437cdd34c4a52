/* SPDX-License-Identifier: Apache-2.0 */
/* The resources /profiles (profiles that are turned off) and /open (manual opening). */
#ifndef FIRMWARE_RESOURCES_RESOURCES_ACCESS_H
#define FIRMWARE_RESOURCES_RESOURCES_ACCESS_H

#include "firmware/resources/resource_call.h"

void resource_get_profiles(const struct resource_call *call);
void resource_put_profiles(const struct resource_call *call);
void resource_post_open(const struct resource_call *call);

#endif
