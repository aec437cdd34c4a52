/*
 * A person at the keyboard: lines typed on stdin, waited for with a limit, so that the caller can do
 * something meanwhile. For one thread. Reads stdin past stdio: nothing else may read it.
 */
#ifndef TOOLS_PORTILLON_COMMON_PERSON_H
#define TOOLS_PORTILLON_COMMON_PERSON_H

#include <stddef.h>

enum person_wait {
    PERSON_LINE,    /* a line came */
    PERSON_NOTHING, /* not within the time */
    PERSON_GONE,    /* stdin ended: nobody will answer any more */
};

/* Waits up to wait_ms for a line; it comes without its end, cut to size. Ctrl-C ends the wait early, as
 * PERSON_NOTHING. */
enum person_wait person_wait_line(char *line, size_t size, unsigned wait_ms);

#endif
