/* SPDX-License-Identifier: Apache-2.0 */
/* Implements hal/serial.h: bytes that the test sends are read, and written bytes are kept. The caller owns
 * the struct and must not move it. */
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
    uint8_t written[FAKE_SERIAL_LEN]; /* the first bytes written; further bytes are only counted */
    size_t written_len;
};

/* Starts with an empty line. */
void fake_serial_init(struct fake_serial *fake);
/* Puts bytes on the line. Bytes that do not fit are lost, as on a real line. */
void fake_serial_send(struct fake_serial *fake, const void *bytes, size_t len);

#endif
