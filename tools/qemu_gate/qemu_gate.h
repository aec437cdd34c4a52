/*
 * The parts of qemu_gate: options and the board's description (board.c), QEMU's command line (qemu.c), the
 * maintenance port (port.c), QEMU's log (qemu_log.c), the control socket (control.c). One process, one
 * thread; everything is static; what cannot go on says so and exits.
 */
#ifndef TOOLS_QEMU_GATE_H
#define TOOLS_QEMU_GATE_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
    const char *board, *build, *identity, *flash, *cardsim, *pty, *control, *log, *plugin, *clock, *gdb;
    bool create_flash, icount, trace_flash;
    unsigned baud; /* of the maintenance line; 0: as fast as it goes */
};

struct board {
    char machine[64], image[64], identity_address[32], serial[2][32], flash[16], outputs[128];
};

/* Prints "qemu_gate: what: why" and exits with 1. */
void fail(const char *what, const char *why) __attribute__((noreturn));
/* Microseconds of CLOCK_MONOTONIC. */
uint64_t now_us(void);

/* ---- board.c ---- */

/* Reads DIR/qemu.conf. */
void board_read(struct board *board, const char *folder);
/* Checks the flash file, or makes it, erased. */
void board_open_flash(const struct options *options);

/* ---- qemu.c ---- */

/* Starts QEMU; it dies with this process. maintenance: the other end of the maintenance line; log: where its
 * log goes. @retval its process. */
pid_t qemu_start(const struct options *options, const struct board *board, int maintenance, int log);

/* ---- port.c ---- */

/* Makes a pty with a symbolic link to it; joins it to line at so many baud each way (0: unpaced). */
void port_open(const char *link, int line, unsigned baud);
/* Paces the line by the guest's clock: eight bytes of nanoseconds that a plugin keeps in a file, made here.
 */
void port_keep_guest_time(const char *clock);
/* Fills in what to wait for; ready has room for two. @retval microseconds to wait at most, -1: for ever. */
int64_t port_prepare(struct pollfd *ready);
/* Passes on what has come and what the pace allows. @retval false when the guest's end was closed. */
bool port_serve(const struct pollfd *ready);

/* ---- qemu_log.c ---- */

/* outputs: how a line starts that tells what was written to the outputs ("": none). copy: a file that gets
 * what matters, line by line, or NULL. */
void qemu_log_open(const char *outputs, const char *copy);
/* Reads what QEMU wrote and tells the watchers. @retval false at its end. */
bool qemu_log_serve(int log);

/* ---- control.c ---- */

void control_open(const char *path);
/* The outputs changed: bits as in enum gate_output. */
void control_set_outputs(unsigned outputs);
/* Sends a line to everybody who watches. */
void control_tell(const char *line);
/* Fills in what to wait for. @retval how many. */
int control_prepare(struct pollfd *ready);
/* Serves who asked. @retval true when someone asked for a power cut. */
bool control_serve(const struct pollfd *ready);

enum { CONTROL_CLIENTS_MAX = 8 };

#endif
