/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the identity block of a gate from a file with mode 0600. Blocks for one file read, at start-up. */
#ifndef BOARDS_LINUX_HOST_IDENTITY_H
#define BOARDS_LINUX_HOST_IDENTITY_H

#include "firmware/crypto/identity.h"

#define HOST_IDENTITY_NOTE_LEN 320

/* Loads the identity. The file holds the keys of the gate, so a file that others can read is refused. On
 * error, note is one line without newline that names the file. Returns ERR_OK, ERR_NOT_FOUND,
 * ERR_FORBIDDEN (the mode), ERR_IO, and the results of identity_decode. */
int host_identity_load(struct identity *identity, const char *path,
                       char note[HOST_IDENTITY_NOTE_LEN]) MUST_USE;

/* Reads an identity from len bytes that came from path. On error, note is as above. Returns ERR_OK and the
 * results of identity_decode. */
int host_identity_read(struct identity *identity, const uint8_t *block, size_t len, const char *path,
                       char note[HOST_IDENTITY_NOTE_LEN]) MUST_USE;

#endif
