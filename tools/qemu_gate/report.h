/* SPDX-License-Identifier: Apache-2.0 */
/* Ends the program on an error, and reads the clock. */
#ifndef TOOLS_QEMU_GATE_REPORT_H
#define TOOLS_QEMU_GATE_REPORT_H

#include <stdint.h>

/* Prints "qemu_gate: what: why" on stderr and exits with status 1. */
void fail(const char *what, const char *why) __attribute__((noreturn));
/* Returns the microseconds of CLOCK_MONOTONIC. */
uint64_t now_us(void);

#endif
