/* What cannot go on says so and exits; and the time. */
#ifndef TOOLS_QEMU_GATE_REPORT_H
#define TOOLS_QEMU_GATE_REPORT_H

#include <stdint.h>

/* Prints "qemu_gate: what: why" and exits with 1. */
void fail(const char *what, const char *why) __attribute__((noreturn));
/* Microseconds of CLOCK_MONOTONIC. */
uint64_t now_us(void);

#endif
