/*
 * Ctrl-C and its like, taken as a wish to end: the command comes to a safe place and says how things stand. A
 * second one ends the program at once, the system's way.
 */
#ifndef TOOLS_PORTILLON_COMMON_INTERRUPT_H
#define TOOLS_PORTILLON_COMMON_INTERRUPT_H

#include <stdbool.h>

#define INTERRUPT_STATUS 130 /* exit status after Ctrl-C, as shells have it */

/* From here on SIGINT, SIGTERM and SIGHUP set the wish, and system calls return early for them. */
void interrupt_catch(void);
bool interrupt_wanted(void);
/* Calls wake(ctx) from the signal handler as well: it may only do what a handler may. NULL: no more. */
void interrupt_on(void (*wake)(void *ctx), void *ctx);

#endif
