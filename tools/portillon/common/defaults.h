/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provides what an option stands for that was not given: from the environment, otherwise from the user's file
 * $XDG_CONFIG_HOME/portillon/config, or ~/.config/portillon/config. The file has lines such as "site =
 * /srv/lycee", with the words site, gate, port, store and name; "#" begins a remark. The values are static. The
 * functions may be called by one thread only.
 */
#ifndef TOOLS_PORTILLON_COMMON_DEFAULTS_H
#define TOOLS_PORTILLON_COMMON_DEFAULTS_H

/* Reads the file. One that is not there is no error. Blocks on the disk. Returns COMMAND_OK, or
 * COMMAND_FAILED after printing each bad line with the file and its number. */
int defaults_read(void);

/* Returns the value of an environment variable (PORTILLON_SITE, PORTILLON_GATE, PORTILLON_PORT,
 * PORTILLON_STORE, PORTILLON_NAME) or, if that is unset or empty, the value in the file; NULL if there is none. */
const char *defaults_get(const char *variable);

/* Returns the site folder of a command whose only operand it is: argv[first], or without operand the default
 * of PORTILLON_SITE. NULL: there is none, or there are several operands. */
const char *defaults_site_operand(int argc, char **argv, int first);

#endif
