/* SPDX-License-Identifier: Apache-2.0 */
/* Protects the memory of a Linux program that holds keys. */
#ifndef HAL_LINUX_PROCESS_MEMORY_H
#define HAL_LINUX_PROCESS_MEMORY_H

/* Forbids core files of this process, also those that a handler of the system would write, and reading its
 * memory by other processes of the same user. Programs that it starts write no core files either, but their
 * memory can be read. Call it first in main; translate_start may precede it. Prints on stderr if the system
 * refuses; the program goes on. */
void process_memory_protect(const char *program);

#endif
