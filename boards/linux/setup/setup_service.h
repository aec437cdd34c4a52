/* SPDX-License-Identifier: Apache-2.0 */
/* The service of a gate, through systemctl. Each call blocks until systemctl ends. */
#ifndef BOARDS_LINUX_SETUP_SETUP_SERVICE_H
#define BOARDS_LINUX_SETUP_SETUP_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#define SETUP_SERVICE_UNIT_LEN 64

/* Finds the unit that starts from this configuration: portillond for /etc/portillon/gate.conf, portillond@2
 * for gate2.conf. Returns false for a file in another place. */
bool setup_service_find_unit(const char *config_path, char unit[SETUP_SERVICE_UNIT_LEN]);

/* Returns true if systemd runs this computer. */
bool setup_service_has_systemd(void);

/* Runs systemctl with these arguments (the last is NULL). Returns true if it succeeded. */
bool setup_service_run(const char *const arguments[]);

#endif
