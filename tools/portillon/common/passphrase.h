/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gets a passphrase: from a file, for scripts, or from the person at the terminal, who types it without
 * seeing it. The caller wipes it. Blocks until it was typed.
 */
#ifndef TOOLS_PORTILLON_COMMON_PASSPHRASE_H
#define TOOLS_PORTILLON_COMMON_PASSPHRASE_H

#include "hal/error.h"

#define PASSPHRASE_MAX   256 /* with the NUL */
#define PASSPHRASE_LEAST 8   /* characters of a new passphrase */

/* Reads the first line of a file; "-" is stdin. Others must not be able to read it: a note says so. Returns
 * ERR_OK, or ERR_IO or ERR_FORMAT (empty, or too long) after printing why. */
int passphrase_read(const char *command, const char *path, char passphrase[PASSPHRASE_MAX]) MUST_USE;

/* Asks at the terminal of this process, whatever stdin and stdout are. question is in the language of the
 * user. Returns ERR_OK, or ERR_IO (there is no terminal, or Ctrl-C) or ERR_FORMAT (empty, or too long) after
 * printing why. */
int passphrase_ask(const char *command, const char *question, char passphrase[PASSPHRASE_MAX]) MUST_USE;

#endif
