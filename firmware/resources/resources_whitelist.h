/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of the whitelist: its state, and the upload of a new list. */
#ifndef FIRMWARE_RESOURCES_RESOURCES_WHITELIST_H
#define FIRMWARE_RESOURCES_RESOURCES_WHITELIST_H

#include "firmware/resources/resource_call.h"

void resource_get_whitelist(const struct resource_call *call);
void resource_put_head(const struct resource_call *call);
void resource_get_wanted(const struct resource_call *call);
void resource_put_block(const struct resource_call *call);
void resource_put_head_patch(const struct resource_call *call);
void resource_put_block_patches(const struct resource_call *call);

#endif
