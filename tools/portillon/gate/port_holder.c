/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/port_holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "hal/linux/translate.h"

#define NAME_SIZE 32 /* comm has 15 characters */

static bool is_number(const char *text)
{
    return text[0] != '\0' && strspn(text, "0123456789") == strlen(text);
}

/* Returns true if the process has the device open. */
static bool has_open(const char *process, dev_t device)
{
    char folder[64];
    struct stat status;
    bool found = false;
    snprintf(folder, sizeof folder, "/proc/%.16s/fd", process);
    DIR *files = opendir(folder);
    if (files == NULL)
        return false;
    for (struct dirent *file; !found && (file = readdir(files)) != NULL;)
        found = fstatat(dirfd(files), file->d_name, &status, 0) == 0 && S_ISCHR(status.st_mode) &&
                status.st_rdev == device;
    closedir(files);
    return found;
}

static void read_name(const char *process, char name[NAME_SIZE])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.16s/comm", process);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(name, NAME_SIZE, file) == NULL)
        snprintf(name, NAME_SIZE, "%s", _("a program"));
    if (file != NULL)
        fclose(file);
    name[strcspn(name, "\n")] = '\0';
}

/* Finds a process other than this one that has the device open, or with device 0 one of a name. Returns its
 * number; 0: none. */
static int find_process(dev_t device, const char *wanted, char name[NAME_SIZE])
{
    int found = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return 0;
    for (struct dirent *process; found == 0 && (process = readdir(processes)) != NULL;) {
        if (!is_number(process->d_name) || atoi(process->d_name) == getpid())
            continue;
        read_name(process->d_name, name);
        if (wanted != NULL ? strcmp(name, wanted) == 0 : has_open(process->d_name, device))
            found = atoi(process->d_name);
    }
    closedir(processes);
    return found;
}

/* Finds the process that has locked the device, as another portillon does. Returns its number; 0: none. */
static int find_locker(const struct stat *status, char name[NAME_SIZE])
{
    char line[128], process[16];
    unsigned long inode;
    unsigned major_number, minor_number;
    int candidate, found = 0;
    FILE *locks = fopen("/proc/locks", "r");
    while (found == 0 && locks != NULL && fgets(line, sizeof line, locks) != NULL)
        if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &candidate, &major_number, &minor_number,
                   &inode) == 4 &&
            inode == status->st_ino && makedev(major_number, minor_number) == status->st_dev)
            found = candidate;
    if (locks != NULL)
        fclose(locks);
    snprintf(process, sizeof process, "%d", found);
    if (found != 0)
        read_name(process, name);
    return found;
}

static int find_holder(const char *path, char name[NAME_SIZE])
{
    struct stat status;
    if (stat(path, &status) != 0)
        return 0;
    int found = find_locker(&status, name);
    return found != 0 ? found : find_process(status.st_rdev, NULL, name);
}

static const char modem_manager[] = "ModemManager";
static const char modem_manager_advice[] = N_("it takes serial adapters for modems: stop it (sudo systemctl "
                                              "stop ModemManager), or write a udev rule for the "
                                              "adapter (tools/portillon/README.md)");

void port_holder_explain(const char *path, char *text, size_t size)
{
    char name[NAME_SIZE];
    int holder = find_holder(path, name);
    if (holder != 0 && strcmp(name, modem_manager) == 0)
        snprintf(text, size, _("%s, process %d: %s"), name, holder, translate(modem_manager_advice));
    else if (holder != 0)
        snprintf(text, size, _("%s, process %d: end it first"), name, holder);
    else if (find_process(0, modem_manager, name) != 0)
        snprintf(text, size, _("perhaps %s: %s"), modem_manager, translate(modem_manager_advice));
    else
        snprintf(text, size, _("of another user: sudo fuser -v %s names it"), path);
}
