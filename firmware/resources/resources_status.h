/* SPDX-License-Identifier: Apache-2.0 */
/* The resources /status, /time and /settings. */
#ifndef FIRMWARE_RESOURCES_RESOURCES_STATUS_H
#define FIRMWARE_RESOURCES_RESOURCES_STATUS_H

#include "firmware/resources/resource_call.h"

void resource_get_status(const struct resource_call *call);
void resource_get_time(const struct resource_call *call);
void resource_put_time(const struct resource_call *call);
void resource_get_settings(const struct resource_call *call);
void resource_put_settings(const struct resource_call *call);

#endif
