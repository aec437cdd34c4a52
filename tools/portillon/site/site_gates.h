/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes and reads the identities of the gates of a site. The keys of a gate have an epoch (site_epochs.h);
 * `identity --renew` raises it, and only the keys of the current epoch count.
 *
 * The caller owns the structs and wipes the identities. The functions block on the file system. They print
 * each error on stderr as "portillon: what: where: why", so the caller only returns the failure. command is
 * the name used in messages.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_GATES_H
#define TOOLS_PORTILLON_SITE_SITE_GATES_H

#include <stdbool.h>

#include "firmware/crypto/identity.h"
#include "tools/portillon/site/site.h"

#define SITE_GATES_MAX 256

/* Fills the identity of a device with the given name and zone, keys of the given epoch derived from the
 * master secret, and a fresh random seed. Returns ERR_OK or ERR_CRYPTO. */
int site_derive_identity(const struct site *site, const char *device_id, unsigned epoch, const char *name,
                         enum zone zone, struct identity *identity) MUST_USE;

/* Finds the epoch of an identity's keys, from 0 to SITE_EPOCHS_MAX. Prints nothing. Returns ERR_OK, or
 * ERR_NOT_FOUND (its keys are not derived from this site's master secret). */
int site_find_epoch(const struct site *site, const struct identity *identity, unsigned *epoch) MUST_USE;

/* Reads the epoch whose keys count for a gate. Returns ERR_OK or an error of site_epochs_get. */
int site_gate_epoch(const struct site *site, const char *command, const char *device_id,
                    unsigned *epoch) MUST_USE;

/* Reads the identity of a registered gate. Returns ERR_OK, ERR_NOT_FOUND, ERR_IO, ERR_NO_SPACE (the file is
 * too long), ERR_SITE (made for another site or gate), ERR_VERSION (its keys are not those of the current
 * epoch), an error of site_epochs_get or an error of identity_decode. */
int site_read_gate(const struct site *site, const char *command, const char *device_id,
                   struct identity *identity) MUST_USE;

/* Reads the identity of a registered gate, with the keys of an epoch up to the current one. Returns ERR_OK,
 * ERR_ARGUMENT (the gate had no such epoch yet), ERR_CRYPTO or an error of site_read_gate. */
int site_read_gate_at(const struct site *site, const char *command, const char *device_id, unsigned epoch,
                      struct identity *identity) MUST_USE;

/* Reads the identity file of a gate as it is, and prints nothing. Returns ERR_OK, ERR_IO (errno has the
 * cause; ENOENT: none is there), ERR_NO_SPACE, ERR_SITE (made for another site or gate) or an error of
 * identity_decode. */
int site_peek_gate(const struct site *site, const char *device_id, struct identity *identity) MUST_USE;

/* Writes the path of a gate's identity file. */
void site_gate_path(const struct site *site, const char *device_id, char path[PATH_MAX]);

/* Lists the ids of the registered gates in sorted order. Returns the number of gates (at most SITE_GATES_MAX)
 * or ERR_IO. */
int site_list_gates(const struct site *site, char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1]) MUST_USE;

/* Writes the ids of gates for a message, the first eight of them: "nord-1, sud-1". */
#define SITE_GATES_NAMED     8
#define SITE_GATES_TEXT_SIZE (SITE_GATES_NAMED * (IDENTITY_DEVICE_ID_MAX + 2) + 8)
void site_gates_text(char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1], int count,
                     char out[SITE_GATES_TEXT_SIZE]);

/* Returns true when the id has 1 to 15 characters of A-Z a-z 0-9 . _ - and starts with a letter or digit. The
 * id is also used as a file name. */
bool site_device_id_is_good(const char *device_id);

#endif
