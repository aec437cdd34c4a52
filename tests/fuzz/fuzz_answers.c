/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the answer of a gate: the first byte chooses which. What is accepted must keep the promises of
 * answers.h, since pushing and pulling index arrays by it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_banner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool promise)
{
    if (!promise)
        abort();
}

static void check_text(const char *text)
{
    check(strnlen(text, ANSWER_TEXT_LEN) < ANSWER_TEXT_LEN);
    for (; *text != '\0'; text++)
        check((unsigned char)*text >= 0x20 && *text != 0x7F);
}

static void try_passages(const uint8_t *data, size_t size)
{
    struct answer_passages page;
    if (answer_passages_decode(&page, data, size) != ERR_OK)
        return;
    uint64_t places = page.record_count;
    for (uint32_t i = 0; i < page.unreadable_count; i++) {
        check(page.unreadable[i].count > 0 && page.unreadable[i].first >= page.first);
        check((uint64_t)page.unreadable[i].first + page.unreadable[i].count <= (uint64_t)page.next + 1);
        places += page.unreadable[i].count;
    }
    if (page.record_count > 0) {
        check(page.records >= data &&
              page.records + (size_t)page.record_count * JOURNAL_RECORD_LEN <= data + size);
        check(page.next < page.head && page.first > page.after);
    }
    check(places == 0 || page.first + places == (uint64_t)page.next + 1);
}

/* What is read can be written, and reads the same. */
static void try_settings(const uint8_t *data, size_t size)
{
    struct answer_settings settings, again;
    uint8_t out[2048];
    if (answer_settings_decode(&settings, data, size) != ERR_OK)
        return;
    int len = answer_settings_encode(&settings, out, sizeof out);
    check(len > 0 && answer_settings_decode(&again, out, (size_t)len) == ERR_OK);
    check(again.count == settings.count);
    for (uint32_t i = 0; i < settings.count; i++) {
        check(strlen(settings.items[i].name) < ANSWER_SETTING_LEN);
        check(strcmp(settings.items[i].name, again.items[i].name) == 0);
        check(settings.items[i].value == again.items[i].value);
    }
}

static void try_profiles(const uint8_t *data, size_t size)
{
    struct answer_profiles profiles, again;
    uint8_t out[1024];
    if (answer_profiles_decode(&profiles, data, size) != ERR_OK)
        return;
    int len = answer_profiles_encode(&profiles, out, sizeof out);
    check(len > 0 && answer_profiles_decode(&again, out, (size_t)len) == ERR_OK);
    check(again.count == profiles.count);
    for (uint32_t i = 0; i < profiles.count; i++)
        check(strcmp(profiles.items[i].name, again.items[i].name) == 0 &&
              profiles.items[i].on == again.items[i].on);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t choice = data[0] % 10;
    /* An exact copy, so that a read past the end is seen. */
    uint8_t *copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    if (choice == 0) {
        struct answer_status status;
        if (answer_status_decode(&status, copy, size - 1) == ERR_OK) {
            check_text(status.name);
            check_text(status.reader);
            check(status.profiles_off.count <= WHITELIST_PROFILES_MAX);
        }
    } else if (choice == 1) {
        struct answer_time time;
        if (answer_time_decode(&time, copy, size - 1) == ERR_OK)
            check_text(time.clock);
    } else if (choice == 2) {
        struct answer_whitelist whitelist;
        if (answer_whitelist_decode(&whitelist, copy, size - 1) == ERR_OK)
            check_text(whitelist.upload.error);
    } else if (choice == 3) {
        struct answer_run runs[ANSWER_RUNS_MAX];
        uint32_t count, end = 0;
        if (answer_wanted_decode(runs, &count, copy, size - 1) == ERR_OK) {
            for (uint32_t i = 0; i < count; i++) {
                check(runs[i].first >= end && runs[i].count > 0);
                end = runs[i].first + runs[i].count;
                check(end <= WHITELIST_BLOCKS_MAX);
            }
        }
    } else if (choice == 4) {
        try_passages(copy, size - 1);
    } else if (choice == 5) {
        try_settings(copy, size - 1);
    } else if (choice == 6) {
        struct answer_selftest selftest;
        if (answer_selftest_decode(&selftest, copy, size - 1) == ERR_OK) {
            check_text(selftest.reader);
            check_text(selftest.flash.error);
        }
    } else if (choice == 7) {
        try_profiles(copy, size - 1);
    } else if (choice == 8) {
        struct answer_opening opening;
        if (answer_opening_decode(&opening, copy, size - 1) == ERR_OK)
            check_text(opening.state);
    } else {
        char name[GATE_BANNER_NAME_SIZE];
        if (gate_banner_parse((const char *)copy, size - 1, name) == ERR_OK)
            check_text(name);
    }
    free(copy);
    return 0;
}
