/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifies the signature of a manifest that an upload has written to the standby slot. Only for whitelist*.c.
 * A call blocks for two reads of the manifest (whitelist.h); whitelist_poll then verifies in slices.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_VERIFY_H
#define FIRMWARE_WHITELIST_WHITELIST_VERIFY_H

#include "firmware/whitelist/whitelist_state.h"

/* Reads the manifest and its signature from the standby slot, sets digest and present of the slot, and starts
 * to verify the signature. Returns ERR_OK (the upload state is WHITELIST_VERIFYING), ERR_SIGNATURE (wrong
 * form), ERR_IO, ERR_CRYPTO. After an error the upload state is unchanged. */
int whitelist_verify_start(struct whitelist *list) MUST_USE;
/* Verifies again a manifest that was written to the standby slot before a restart, so that its upload
 * continues. slot is the standby slot. An incomplete manifest fails the signature check; this is not reported
 * as a refused upload. Returns the results of whitelist_verify_start; after an error the slot counts as
 * empty. */
int whitelist_verify_resume(struct whitelist *list, int slot) MUST_USE;

#endif
