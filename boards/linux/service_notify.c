/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/service_notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "boards/linux/reader_words.h"
#include "hal/linux/translate.h"

/* ---- words ---- */

/* Appends a sentence, after a blank. */
__attribute__((format(printf, 2, 3))) static void add(char text[SERVICE_STATUS_LEN], const char *format, ...)
{
    size_t len = strlen(text);
    va_list arguments;

    if (len != 0 && len + 1 < SERVICE_STATUS_LEN)
        text[len++] = ' ';
    va_start(arguments, format);
    vsnprintf(text + len, SERVICE_STATUS_LEN - len, format, arguments);
    va_end(arguments);
}

static void describe_reader(const struct portillon_summary *gate, char text[SERVICE_STATUS_LEN])
{
    char words[READER_WORDS_LEN];

    if (gate->reader_up)
        add(text, _("The reader works: %s."), reader_words(gate->reader_text, words));
    else if (gate->reader_text[0] != '\0')
        add(text, _("The reader does not work: %s."), reader_words(gate->reader_text, words));
    else
        add(text, _("The reader has not reported yet."));
}

static void describe_list(const struct portillon_summary *gate, char text[SERVICE_STATUS_LEN])
{
    if (gate->chip_owner != NULL)
        add(text, _("The flash file belongs to the gate %s: out of order."), gate->chip_owner);
    else if (!gate->storage_ok)
        add(text, _("The storage is missing or unusable: out of order."));
    else if (gate->list_rolled_back)
        add(text, _("The list is older than the newest this gate had: every card is refused."));
    else if (gate->list == NULL)
        add(text, _("There is no list: every card is refused."));
    else
        add(text, _("List %u is active (cards: %u)."), (unsigned)gate->list->version,
            (unsigned)gate->list->card_count);
}

static void describe_clock(const struct portillon_summary *gate, char text[SERVICE_STATUS_LEN])
{
    switch (gate->clock) {
    case CLOCK_UNSET:
        add(text, _("The time is unknown."));
        break;
    case CLOCK_SET:
        add(text, _("The clock is set."));
        break;
    case CLOCK_STALE:
        add(text, _("The clock must be set: its time is not sure."));
        break;
    }
}

void service_notify_describe(const struct portillon_summary *gate, char text[SERVICE_STATUS_LEN])
{
    text[0] = '\0';
    describe_reader(gate, text);
    describe_list(gate, text);
    describe_clock(gate, text);
}

/* ---- messages to systemd ---- */

/* What systemd does not receive changes nothing for the gate. */
static void notify(const char *message)
{
    (void)sd_notify(0, message);
}

void service_notify_start(struct service_notify *service)
{
    uint64_t period_us = 0;

    *service = (struct service_notify){.feed_us = 0};
    if (sd_watchdog_enabled(0, &period_us) > 0)
        service->feed_us = period_us / 2;
}

static void tell_status(struct service_notify *service, const struct portillon_summary *gate)
{
    char text[SERVICE_STATUS_LEN], message[SERVICE_STATUS_LEN + 16];

    service_notify_describe(gate, text);
    if (strcmp(text, service->status) == 0)
        return;
    memcpy(service->status, text, sizeof(text));
    snprintf(message, sizeof(message), "STATUS=%s", text);
    notify(message);
}

static void feed_watchdog(struct service_notify *service, uint64_t now_us)
{
    if (service->feed_us == 0 || now_us - service->fed_us < service->feed_us)
        return;
    service->fed_us = now_us;
    notify("WATCHDOG=1");
}

void service_notify_turn(struct service_notify *service, const struct portillon_summary *gate,
                         uint64_t now_us)
{
    tell_status(service, gate);
    if (!service->is_ready && gate->reader_text[0] != '\0') {
        service->is_ready = true;
        notify("READY=1");
    }
    feed_watchdog(service, now_us);
}

void service_notify_stop(void)
{
    notify("STOPPING=1");
}
