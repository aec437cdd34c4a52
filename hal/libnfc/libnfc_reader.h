/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any reader that libnfc supports, as a hal/reader.h. libnfc runs in a separate process.
 *
 * Some calls of libnfc can wait forever, and some answers of a reader make it call abort(). Therefore the
 * gate starts the process portillon-reader, monitors it, and starts it again when it ends, stops sending or
 * sends malformed messages:
 *
 *   The process ends           The next poll detects it. READER_DOWN gives the cause ("... by signal 6
 *                              (SIGABRT)").
 *   No message for 0.8 s       The process is killed. READER_DOWN says "no answer for 1 s".
 *   A malformed message        The process is killed. READER_DOWN says "reader process sent nonsense".
 *   No reader can be opened    READER_DOWN says "no reader ..." once. Later attempts report nothing.
 *
 * The first restart is immediate. The next ones back off for 100 ms, 200 ms, and so on, up to 2 s. Two
 * seconds of service reset this delay. An outage is one READER_DOWN and one READER_UP, whatever happens in
 * between. A restart does not produce READER_EMPTY, which comes only after two scans of the field. So a card
 * that stays during an outage is reported as READER_CARD again, with no READER_EMPTY before it.
 *
 * The caller owns the struct and both strings, and keeps them until close. Nothing is allocated. poll does
 * not wait for anything (starting a process takes about a millisecond); exchange blocks for 50 ms at most,
 * close for 0.5 s at most. Use it from one thread only, the one that opened the reader: the process is killed
 * when this thread ends.
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
    LIBNFC_READER_WAITING, /* there is no process; the next one starts at deadline_us */
    LIBNFC_READER_OPENING, /* the process was started; READY must arrive before deadline_us */
    LIBNFC_READER_RUNNING, /* the process was READY; a message must arrive before deadline_us */
    LIBNFC_READER_ENDING,  /* the process was killed or has ended, but is not reaped yet */
};

struct libnfc_reader {
    struct reader reader; /* pass &reader to the firmware; the other members are private */
    const char *helper_path;
    const char *connstring;
    enum libnfc_reader_state state;
    pid_t pid;
    int fd;               /* the socket to the process; -1: none */
    uint64_t deadline_us; /* monotonic */
    uint64_t ready_us;    /* when this process became READY; 0: not yet */
    unsigned failures;    /* processes that ended since the last two seconds of service */
    bool up;              /* READER_UP was the last of UP and DOWN that was reported or is held */
    bool down;            /* the same for READER_DOWN; both false: none yet */
    uint32_t card;        /* number of the card reported last; 0: none, or it has left */
    uint32_t exchange;    /* number of the last request */
    /* reports that arrived while an exchange waited for its answer */
    struct reader_report held[LIBNFC_READER_HELD_MAX];
    size_t held_count;
};

/* Writes the path of portillon-reader: FOLDER/../libexec/PROGRAM/portillon-reader, where `make install` puts
 * it, with the folder and the name of the program that runs; if it is not there, beside that program. Returns
 * ERR_OK, ERR_IO (the system does not tell where this program is), ERR_NO_SPACE. */
int libnfc_reader_find_helper(char *path, size_t size) MUST_USE;

/* Starts helper_path, the program portillon-reader, with the reader that connstring names: a libnfc
 * connection string such as "pn532_uart:/dev/ttyUSB0:115200", or "auto" for the first reader that libnfc
 * finds. Returns ERR_OK (reports follow), ERR_NOT_FOUND (helper_path is not an executable file), ERR_IO (the
 * process could not be started). */
int libnfc_reader_open(struct libnfc_reader *r, const char *helper_path, const char *connstring) MUST_USE;

/* Ends the process and clears the struct, which may then be opened again. Does nothing if the struct is
 * zeroed or not open. */
void libnfc_reader_close(struct libnfc_reader *r);

/* Returns the descriptor that becomes readable when reader.poll has something to do, or -1 if there is none
 * now. The descriptor changes with each restart, so call this before each wait. */
int libnfc_reader_fd(const struct libnfc_reader *r);

/* Returns the milliseconds (0 to 1000) after which reader.poll must be called even if nothing became
 * readable. */
int libnfc_reader_wait_ms(const struct libnfc_reader *r);

#endif
