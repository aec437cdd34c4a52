/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the passages that the office pulled with the taps of the demonstration. */
#ifndef TOOLS_DEMO_VERIFY_H
#define TOOLS_DEMO_VERIFY_H

/* Checks that every tap of the file of results ("GATE NUMBER ANSWER" a line) is in the SQLite store, and
 * prints what is missing and how often each gate gave each answer. Number 0: the gate did not report it, so
 * that its nth tap is its nth passage. Answer "refused": the gate did not report why. Returns the exit
 * status. */
int verify_taps(const char *results, const char *store);

#endif
