/* Reads the identity block of a gate from its 0600 file. Blocks for a file read, once, at start-up. */
#ifndef BOARDS_LINUX_HOST_IDENTITY_H
#define BOARDS_LINUX_HOST_IDENTITY_H

#include "firmware/crypto/identity.h"

#define HOST_IDENTITY_NOTE_LEN 320

/* The file holds the keys of the gate: one that others may read is refused.
 * note: with an error, one line without newline that names the file.
 * @retval ERR_OK, ERR_NOT_FOUND, ERR_FORBIDDEN (mode), ERR_IO, and those of identity_decode. */
int host_identity_load(struct identity *identity, const char *path,
                       char note[HOST_IDENTITY_NOTE_LEN]) MUST_USE;

#endif
