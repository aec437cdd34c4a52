/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/version.h"

#include <assert.h>

static_assert(sizeof PORTILLON_FULL_VERSION <= VERSION_MAX + 1, "the version fits where it is shown");

const char portillon_version[] = PORTILLON_FULL_VERSION;
