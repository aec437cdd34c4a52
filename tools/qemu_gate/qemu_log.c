/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/qemu_log.h"

/* QEMU logs events in the order of the guest's instructions, so the log shows what was in flash when the
 * relay moved. The trace events of one byte each are joined to one line a program operation. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/qemu_gate/control.h"
#include "tools/qemu_gate/report.h"

enum { PROGRAM_MAX = 256 };

static const char *outputs_start;
static FILE *copy;
static uint32_t program_address;
static uint8_t program[PROGRAM_MAX];
static size_t program_len;

void qemu_log_open(const char *outputs, const char *path)
{
    outputs_start = outputs;
    copy = path ? fopen(path, "w") : NULL;
    if (path && !copy)
        fail(path, strerror(errno));
}

static void tell(const char *line)
{
    control_tell(line);
    if (copy) {
        fputs(line, copy);
        fflush(copy);
    }
}

static void end_program(void)
{
    char line[32 + 2 * PROGRAM_MAX];
    int at = snprintf(line, sizeof line, "program %06x ", (unsigned)program_address);
    if (program_len == 0)
        return;
    for (size_t i = 0; i < program_len; i++)
        at += snprintf(line + at, sizeof line - (size_t)at, "%02x", program[i]);
    snprintf(line + at, sizeof line - (size_t)at, "\n");
    program_len = 0;
    tell(line);
}

static void take_program_byte(const char *line)
{
    const char *address = strstr(line, "cur_addr="), *data = strstr(line, "data=");
    if (!address || !data)
        return;
    uint32_t at = (uint32_t)strtoul(address + 9, NULL, 16);
    if (program_len == PROGRAM_MAX || (program_len > 0 && at != program_address + program_len))
        end_program();
    if (program_len == 0)
        program_address = at;
    program[program_len++] = (uint8_t)strtoul(data + 5, NULL, 16);
}

static void take_line(const char *line)
{
    char text[256];
    size_t len = strlen(outputs_start);
    if (strncmp(line, "m25p80_page_program", 19) == 0) {
        take_program_byte(line);
        return;
    }
    const char *offset = strstr(line, "offset = ");
    if (strncmp(line, "m25p80_flash_erase", 18) == 0 && offset) {
        end_program();
        snprintf(text, sizeof text, "erase %06lx\n", strtoul(offset + 9, NULL, 16));
        tell(text);
    }
    if (len > 0 && strncmp(line, outputs_start, len) == 0) {
        end_program();
        control_set_outputs((unsigned)strtoul(line + len, NULL, 16));
        if (copy) {
            fprintf(copy, "outputs %lx\n", strtoul(line + len, NULL, 16));
            fflush(copy);
        }
    }
}

bool qemu_log_serve(int log)
{
    static char buffer[65536];
    static size_t len;
    ssize_t count = read(log, buffer + len, sizeof buffer - len);
    if (count <= 0)
        return false;
    len += (size_t)count;
    char *line = buffer;
    for (char *end; (end = memchr(line, '\n', len)) != NULL; line = end + 1) {
        *end = 0;
        take_line(line);
        len -= (size_t)(end + 1 - line);
    }
    memmove(buffer, line, len);
    if (len == sizeof buffer)
        len = 0; /* QEMU writes no line so long */
    return true;
}
