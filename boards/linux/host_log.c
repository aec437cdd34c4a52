/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "hal/linux/translate.h"

#define PROGRAM   "portillond"
#define FIELD_LEN (HOST_LOG_LINE_LEN + 32)
#define FIELDS    5

static bool is_journal;
static const char *gate;

void host_log_start(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    char here[64];
    struct stat status;

    if (stream == NULL || fstat(STDERR_FILENO, &status) != 0)
        return;
    snprintf(here, sizeof(here), "%llu:%llu", (unsigned long long)status.st_dev,
             (unsigned long long)status.st_ino);
    is_journal = strcmp(stream, here) == 0;
}

void host_log_set_gate(const char *device_id)
{
    gate = device_id;
}

/* One entry, made of fields NAME=value. */
struct entry {
    char texts[FIELDS][FIELD_LEN];
    struct iovec fields[FIELDS];
    int count;
};

static void put_field(struct entry *entry, const char *name, const char *value)
{
    char *text = entry->texts[entry->count];
    int len = snprintf(text, FIELD_LEN, "%s=%s", name, value);

    entry->fields[entry->count++] =
        (struct iovec){.iov_base = text, .iov_len = (size_t)(len < FIELD_LEN ? len : FIELD_LEN - 1)};
}

/* Returns true if the journal took the entry. */
static bool send_entry(int priority, const char *event, const char *line)
{
    struct entry entry = {.count = 0};
    char level[16];

    snprintf(level, sizeof(level), "%d", priority);
    put_field(&entry, "MESSAGE", line);
    put_field(&entry, "PRIORITY", level);
    put_field(&entry, "SYSLOG_IDENTIFIER", PROGRAM);
    put_field(&entry, "PORTILLON_EVENT", event);
    if (gate != NULL)
        put_field(&entry, "PORTILLON_GATE", gate);
    return sd_journal_sendv(entry.fields, entry.count) == 0;
}

void host_log(int priority, const char *event, const char *format, ...)
{
    char line[HOST_LOG_LINE_LEN];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), translate(format), arguments);
    va_end(arguments);
    if (!is_journal || !send_entry(priority, event, line))
        fprintf(stderr, PROGRAM ": %s\n", line);
}
