/*
 * Any reader libnfc drives, as a hal/reader.h, kept at arm's length: libnfc runs in a process of its own.
 *
 * libnfc has calls that can wait forever and an abort() a reader's reply can reach, so the gate starts
 * portillon-reader, watches it, and starts it again when it dies, falls silent or talks nonsense:
 *
 *   process ends           seen at the next poll; READER_DOWN says how it ended ("... by signal 6 (SIGABRT)")
 *   no message for 0.8 s   killed; READER_DOWN "no answer for 1 s"
 *   malformed message      killed; READER_DOWN "reader process sent nonsense"
 *   no reader opened       READER_DOWN "no reader ..." once, then tried again quietly
 *
 * The first restart is immediate, the next wait 100 ms, 200 ms, ... 2 s; two seconds of service forget the
 * failures. An outage is one READER_DOWN and one READER_UP, whatever happens in between. A restart is not an
 * empty field: READER_EMPTY comes only from a field that was looked at (twice), so a card that was held
 * across an outage is reported as READER_CARD again, with no READER_EMPTY before it.
 *
 * The caller owns the struct and both strings, and keeps them until close. Nothing is allocated. poll never
 * blocks (starting a process takes about a millisecond); exchange blocks up to 50 ms; close up to 0.5 s.
 * One thread; it must be the one that opened the reader (the child dies with it).
 */
#ifndef HAL_LIBNFC_LIBNFC_READER_H
#define HAL_LIBNFC_LIBNFC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hal/error.h"
#include "hal/libnfc/libnfc_link.h"
#include "hal/reader.h"

#define LIBNFC_READER_HELD_MAX 4

enum libnfc_reader_state {
    LIBNFC_READER_WAITING, /* no process; one starts at deadline_us */
    LIBNFC_READER_OPENING, /* started; READY must come before deadline_us */
    LIBNFC_READER_RUNNING, /* was READY; some message must come before deadline_us */
    LIBNFC_READER_ENDING,  /* killed or gone, not yet reaped */
};

struct libnfc_reader {
    struct reader reader; /* hand &reader to the firmware; the rest is private */
    const char *helper_path;
    const char *connstring;
    enum libnfc_reader_state state;
    pid_t pid;
    int fd;               /* our end of the socket pair; -1: none */
    uint64_t deadline_us; /* monotonic */
    uint64_t ready_us;    /* when this process was READY; 0: it never was */
    unsigned failures;    /* processes that ended since the last two seconds of service */
    bool up;              /* the last of UP and DOWN that was reported, or is held, is UP */
    bool down;            /* ... is DOWN; both false: nothing reported yet */
    uint32_t card;        /* number of the card last reported; 0: none, or it left */
    uint32_t exchange;    /* number of the last request */
    struct reader_report held[LIBNFC_READER_HELD_MAX]; /* came while an exchange waited for its answer */
    size_t held_count;
};

/* Starts helper_path (the program portillon-reader) on the reader that connstring names: a libnfc connection
 * string such as "pn532_uart:/dev/ttyUSB0:115200", or "auto" for the first one libnfc finds.
 * @retval ERR_OK (reports will tell the rest), ERR_NOT_FOUND (helper_path is not an executable file),
 * ERR_IO (no process could be started). */
int libnfc_reader_open(struct libnfc_reader *r, const char *helper_path, const char *connstring) MUST_USE;

/* Ends the process and forgets everything; r may be opened again. Harmless when not open or zeroed. */
void libnfc_reader_close(struct libnfc_reader *r);

/* Returns the descriptor that becomes readable when reader.poll has something to do, or -1 when there is none
 * now. It changes with each restart: ask again before each wait. */
int libnfc_reader_fd(const struct libnfc_reader *r);

/* Returns the milliseconds (0 to 1000) after which reader.poll must be called even if nothing became
 * readable. */
int libnfc_reader_wait_ms(const struct libnfc_reader *r);

#endif
