/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the rules of a school for what is counted afterwards: its time zone and the hours of its services.
 * Blocks on the disk or the server. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_RULES_H
#define TOOLS_PORTILLON_REPORT_REPORT_RULES_H

#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/store/store_db.h"

/* Reads site.conf of a site folder; without a folder (NULL) those of the newest list in the store. If there
 * are none either, there are no services, and the zone is Europe/Paris: a message says so. Returns ERR_OK,
 * or an error after printing it. */
int report_rules_find(struct site_rules *rules, struct store_db *store, const char *command,
                      const char *folder) MUST_USE;

#endif
