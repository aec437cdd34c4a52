/* SPDX-License-Identifier: Apache-2.0 */
/* The resources /passages and /passages/ack: reads the journal and acknowledges its records. */
#ifndef FIRMWARE_RESOURCES_RESOURCES_PASSAGES_H
#define FIRMWARE_RESOURCES_RESOURCES_PASSAGES_H

#include "firmware/resources/resource_call.h"

void resource_get_passages(const struct resource_call *call);
void resource_post_ack(const struct resource_call *call);

#endif
