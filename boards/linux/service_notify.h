/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What portillond tells systemd about itself as a service of the type notify (sd_notify(3)). Without systemd
 * nothing happens.
 *
 *   READY=1      the reader has reported for the first time, up or down: from now on taps are answered
 *   STATUS=      reader, list and clock in words, for `systemctl status`, whenever they change
 *   WATCHDOG=1   the loop turns: twice in each period of WatchdogSec=
 *   STOPPING=1   the end begins
 *
 * The caller owns the struct. Nothing blocks.
 */
#ifndef BOARDS_LINUX_SERVICE_NOTIFY_H
#define BOARDS_LINUX_SERVICE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/portillon.h"

#define SERVICE_STATUS_LEN 512

struct service_notify {
    uint64_t feed_us; /* time between two WATCHDOG=1; 0: systemd does not watch */
    uint64_t fed_us;  /* when the last one was sent */
    bool is_ready;
    char status[SERVICE_STATUS_LEN];
};

/* Asks whether systemd watches. */
void service_notify_start(struct service_notify *service);

/* Call in each turn of the loop: tells what changed, and feeds the watchdog. */
void service_notify_turn(struct service_notify *service, const struct portillon_summary *gate,
                         uint64_t now_us);

/* Tells that the program ends. */
void service_notify_stop(void);

/* Writes the words of STATUS=: whole sentences on reader, list, storage and clock. */
void service_notify_describe(const struct portillon_summary *gate, char text[SERVICE_STATUS_LEN]);

#endif
