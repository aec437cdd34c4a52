/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The storage of the gate: store, journal and whitelist. Mounts them, tries again if that fails, and
 * does their work in idle time.
 */
#ifndef FIRMWARE_PORTILLON_STORAGE_H
#define FIRMWARE_PORTILLON_STORAGE_H

#include "firmware/portillon_state.h"

/* Mounts the storage. If the chip fails, portillon_serve_storage tries again. Blocks as
 * long as portillon_may_wait allows while the first sectors are erased. */
void portillon_start_storage(struct portillon *portillon);

/* Starts the rights, which need the mounted storage, and loads the profiles that are turned off. */
void portillon_start_rights(struct portillon *portillon);

/* Does one piece of work in idle time. Returns ERR_OK (nothing to do), ERR_BUSY (call again). */
int portillon_serve_storage(struct portillon *portillon);

#endif
