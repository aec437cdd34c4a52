/* SPDX-License-Identifier: Apache-2.0 */
/* The resource /selftest: starts a self-test and reports its state. */
#ifndef FIRMWARE_RESOURCES_RESOURCES_SELFTEST_H
#define FIRMWARE_RESOURCES_RESOURCES_SELFTEST_H

#include "firmware/resources/resource_call.h"

void resource_get_selftest(const struct resource_call *call);
void resource_post_selftest(const struct resource_call *call);

#endif
