/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/version.h"

#include <assert.h>

static_assert(sizeof PORTILLON_FULL_VERSION <= VERSION_MAX + 1, "the version fits where it is shown");
static_assert(sizeof PORTILLON_LIBRARIES <= LIBRARIES_MAX + 1, "the libraries fit where they are shown");

const char portillon_version[] = PORTILLON_FULL_VERSION;
const char portillon_libraries[] = PORTILLON_LIBRARIES;
const char portillon_sources[] = PORTILLON_SOURCES;
