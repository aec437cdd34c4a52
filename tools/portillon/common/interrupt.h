/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns Ctrl-C and similar signals into a request to end. The command can then reach a safe point and report
 * its state. A second signal ends the program at once, as the system does by default.
 */
#ifndef TOOLS_PORTILLON_COMMON_INTERRUPT_H
#define TOOLS_PORTILLON_COMMON_INTERRUPT_H

#include <stdbool.h>

#define INTERRUPT_STATUS 130 /* exit status after Ctrl-C, as in shells */

/* Installs the handler for SIGINT, SIGTERM and SIGHUP. A signal sets the request, and system calls return
 * early. */
void interrupt_catch(void);
/* Returns true once a signal has arrived. */
bool interrupt_wanted(void);
/* Sets a function that the signal handler also calls, as wake(ctx). It may do only what a signal handler may
 * do. NULL removes it. */
void interrupt_on(void (*wake)(void *ctx), void *ctx);

#endif
