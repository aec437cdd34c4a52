/* hal/entropy.h on a Linux host: getrandom(2). Blocks only before the kernel's pool is first ready. */
#ifndef BOARDS_LINUX_HOST_ENTROPY_H
#define BOARDS_LINUX_HOST_ENTROPY_H

#include "hal/entropy.h"

extern const struct entropy host_entropy;

#endif
