/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of portillond: lines on stderr, each with the program's name, or entries of the system's
 * journal when stderr leads there (JOURNAL_STREAM, systemd.exec(5)). An entry has these fields:
 *
 *   MESSAGE            the line, without the program's name
 *   PRIORITY           of syslog(3)
 *   SYSLOG_IDENTIFIER  portillond
 *   PORTILLON_EVENT    what it is about, one word
 *   PORTILLON_GATE     id of the gate, once it is known
 *
 * Neither holds the UID of a card or the pseudonym of one. A call blocks as a write to stderr does.
 */
#ifndef BOARDS_LINUX_HOST_LOG_H
#define BOARDS_LINUX_HOST_LOG_H

#include <syslog.h>

#define HOST_LOG_LINE_LEN 768

/* Finds out where stderr leads. */
void host_log_start(void);

/* Sets the id of the gate for the entries that follow. The text must stay valid. */
void host_log_set_gate(const char *device_id);

/* Writes one message, without newline; format is translated (hal/linux/translate.h). priority is LOG_ERR,
 * LOG_WARNING, LOG_NOTICE or LOG_INFO; event is one word of lower-case letters. */
__attribute__((format(printf, 3, 4))) void host_log(int priority, const char *event, const char *format, ...);

#endif
