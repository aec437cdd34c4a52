/* Store, journal and whitelist of the gate: mounting them, trying again when that fails, and their idle
 * work. */
#ifndef FIRMWARE_PORTILLON_STORAGE_H
#define FIRMWARE_PORTILLON_STORAGE_H

#include "firmware/portillon_state.h"

/* Mounts what the chip holds. A chip that fails is tried again by portillon_serve_storage. Blocks for
 * PORTILLON_STORAGE_WAIT_US at most. */
void portillon_start_storage(struct portillon *portillon);

/* Hands the policy what it needs to know of storage, and of the groups turned off. */
void portillon_start_rights(struct portillon *portillon);

/* One piece of idle work. @retval ERR_OK (nothing to do), ERR_BUSY. */
int portillon_serve_storage(struct portillon *portillon);

#endif
