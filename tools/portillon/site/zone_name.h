/* SPDX-License-Identifier: Apache-2.0 */
/* Converts the usual name of a time zone ("Europe/Paris") to the rule that a gate computes with. Blocks on
 * the time zone files of the system. */
#ifndef TOOLS_PORTILLON_SITE_ZONE_NAME_H
#define TOOLS_PORTILLON_SITE_ZONE_NAME_H

#include <stddef.h>

#include "hal/error.h"

#define ZONE_NAME_WHY_MAX 400

/* Takes a name of the tz database or a POSIX TZ rule ("CET-1CEST,M3.5.0,M10.5.0/3"). Europe/Paris works on a
 * computer without time zone files. A zone whose clock follows no yearly rule in the coming years is refused.
 * Returns ERR_OK or ERR_FORMAT (why says what to write). */
int zone_name_rule(const char *name, char *rule, size_t size, char why[ZONE_NAME_WHY_MAX]) MUST_USE;

#endif
