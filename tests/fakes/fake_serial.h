/* A serial line: what a test puts on it is read, what is written is kept. */
#ifndef TESTS_FAKES_FAKE_SERIAL_H
#define TESTS_FAKES_FAKE_SERIAL_H

#include <stddef.h>
#include <stdint.h>

#include "hal/serial.h"

#define FAKE_SERIAL_LEN 4096

struct fake_serial {
    struct serial serial;
    uint8_t to_read[FAKE_SERIAL_LEN]; /* not yet read */
    size_t to_read_len;
    uint8_t written[FAKE_SERIAL_LEN]; /* the first bytes written; the rest is only counted */
    size_t written_len;
};

void fake_serial_init(struct fake_serial *fake);
/* Puts bytes on the line; what does not fit is lost, as on a real one. */
void fake_serial_send(struct fake_serial *fake, const void *bytes, size_t len);

#endif
