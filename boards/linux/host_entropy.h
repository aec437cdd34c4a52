/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers (hal/entropy.h) on Linux, by getrandom(2). Blocks only until the kernel's pool is ready
 * for the first time. */
#ifndef BOARDS_LINUX_HOST_ENTROPY_H
#define BOARDS_LINUX_HOST_ENTROPY_H

#include "hal/entropy.h"

extern const struct entropy host_entropy;

#endif
