/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_epochs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/site/gate_lines.h"

static bool is_epoch(const char *value)
{
    return value[strspn(value, "0123456789")] == '\0' && strtoul(value, NULL, 10) <= SITE_EPOCHS_MAX;
}

const struct gate_lines site_epochs_lines = {
    .file = SITE_EPOCHS_FILE,
    .heading = "# The gates whose keys were renewed (portillon identity --renew), and the epoch of their "
               "keys. A gate\n"
               "# that is not here has epoch 0. Keep this file: without it the keys of before count again.\n",
    .wrong = N_("is not 'ID = NUMBER' with a number up to 999"),
    .is_good = is_epoch,
};

int site_epochs_get(const char *folder, const char *command, const char *device_id, unsigned *epoch)
{
    char value[GATE_LINES_VALUE_LEN];
    int error = gate_lines_get(&site_epochs_lines, folder, command, device_id, value);
    *epoch = error == ERR_OK ? (unsigned)strtoul(value, NULL, 10) : 0;
    return error;
}

int site_epochs_set(const char *folder, const char *command, const char *device_id, unsigned epoch)
{
    char value[GATE_LINES_VALUE_LEN];
    snprintf(value, sizeof value, "%u", epoch);
    return gate_lines_set(&site_epochs_lines, folder, command, device_id, value);
}

int site_epochs_lock(const char *folder, const char *command)
{
    int result, fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        command_fail("%s: %s: %s", command, folder, translate_errno(errno));
        return ERR_IO;
    }
    while ((result = flock(fd, LOCK_EX)) != 0 && errno == EINTR)
        continue;
    if (result == 0)
        return fd;
    command_fail("%s: %s: cannot be locked: %s", command, folder, translate_errno(errno));
    close(fd);
    return ERR_IO;
}

void site_epochs_unlock(int lock)
{
    close(lock);
}
