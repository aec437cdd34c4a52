/* SPDX-License-Identifier: Apache-2.0 */
/* What takes the place of hardware that the options leave out: a reader that is down, and a maintenance port
 * that nothing is connected to. Nothing blocks. */
#ifndef BOARDS_LINUX_ABSENT_HARDWARE_H
#define BOARDS_LINUX_ABSENT_HARDWARE_H

#include "hal/reader.h"
#include "hal/serial.h"

extern const struct reader absent_reader;
extern const struct serial absent_serial;

#endif
