/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/qemu_gate/board.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tools/qemu_gate/report.h"

enum { FLASH_LEN = 16 << 20 };

static FILE *open_description(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path, strerror(errno));
    return file;
}

void board_read(struct board *board, const char *folder)
{
    char path[4096], line[512];
    snprintf(path, sizeof path, "%s/qemu.conf", folder);
    FILE *file = open_description(path);
    while (fgets(line, sizeof line, file)) {
        char word[32];
        int at = 0;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || sscanf(line, "%31s %n", word, &at) != 1)
            continue;
        const char *value = line + at;
        if (strcmp(word, "machine") == 0)
            snprintf(board->machine, sizeof board->machine, "%s", value);
        else if (strcmp(word, "image") == 0)
            snprintf(board->image, sizeof board->image, "%s", value);
        else if (strcmp(word, "identity-address") == 0)
            snprintf(board->identity_address, sizeof board->identity_address, "%s", value);
        else if (strcmp(word, "serial") == 0 &&
                 sscanf(value, "%31s %31s", board->serial[0], board->serial[1]) >= 1)
            continue;
        else if (strcmp(word, "flash") == 0)
            snprintf(board->flash, sizeof board->flash, "%s", value);
        else if (strcmp(word, "outputs") == 0)
            snprintf(board->outputs, sizeof board->outputs, "%s", value);
        else
            fail(path, "has a word that is not known");
    }
    fclose(file);
}

void board_open_flash(const struct options *options)
{
    static uint8_t blank[65536];
    struct stat state;
    if (stat(options->flash, &state) == 0) {
        if (state.st_size != FLASH_LEN)
            fail(options->flash, "is not 16 MiB long, as the board's chip is");
        return;
    }
    if (!options->create_flash)
        fail(options->flash, "is not there; --create-flash makes it");
    memset(blank, 0xFF, sizeof blank);
    int fd = open(options->flash, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    for (size_t done = 0; file && done < FLASH_LEN; done += sizeof blank)
        if (fwrite(blank, 1, sizeof blank, file) != sizeof blank)
            fail(options->flash, strerror(errno));
    if (!file || fclose(file) != 0)
        fail(options->flash, strerror(errno));
}
