/*
 * Verifies the signature of a manifest that an upload has written to the standby slot. Only for whitelist*.c.
 * A call blocks for two reads of the manifest (64 KiB at most).
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_VERIFY_H
#define FIRMWARE_WHITELIST_WHITELIST_VERIFY_H

#include "firmware/whitelist/whitelist_state.h"

/* Reads the manifest and its signature from the standby slot and starts to verify it. Returns ERR_OK (upload
 * state WHITELIST_VERIFYING), ERR_SIGNATURE, ERR_IO, ERR_CRYPTO. */
int whitelist_verify_start(struct whitelist *list) MUST_USE;
/* Verifies again a manifest that was written to the standby slot before a restart, so that its upload
 * continues. An incomplete manifest fails the signature check; this is not reported as a refused upload.
 * Returns the results of whitelist_verify_start. */
int whitelist_verify_resume(struct whitelist *list, int slot) MUST_USE;

#endif
