/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_service.h"

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFIG_PREFIX "/etc/portillon/gate"
#define CONFIG_SUFFIX ".conf"
#define ARGUMENTS_MAX 8

bool setup_service_find_unit(const char *config_path, char unit[SETUP_SERVICE_UNIT_LEN])
{
    const char *instance = config_path + strlen(CONFIG_PREFIX);

    if (strncmp(config_path, CONFIG_PREFIX, strlen(CONFIG_PREFIX)) != 0)
        return false;
    size_t len = strcspn(instance, "./");
    if (strcmp(instance + len, CONFIG_SUFFIX) != 0 || len > SETUP_SERVICE_UNIT_LEN / 2)
        return false;
    snprintf(unit, SETUP_SERVICE_UNIT_LEN, len == 0 ? "portillond%.*s" : "portillond@%.*s", (int)len,
             instance);
    return true;
}

bool setup_service_has_systemd(void)
{
    return access("/run/systemd/system", F_OK) == 0;
}

bool setup_service_run(const char *const arguments[])
{
    char *argv[ARGUMENTS_MAX + 2] = {"systemctl"};
    int status = -1;
    pid_t pid;

    for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
        argv[i + 1] = (char *)arguments[i];
    fflush(stdout);
    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
        return false;
    while (waitpid(pid, &status, 0) < 0)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
