/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/gate/selftest.h"

#include <string.h>

#define CHUNK_LEN 256 /* one page on every chip that the drivers support */
/* The slowest known chip may take 3 s for one erase, and the test may wait for another erase first. */
#define ERASE_LONGEST_US 10000000

static bool is_running(const struct selftest *selftest)
{
    return selftest->step != SELFTEST_NONE && selftest->step != SELFTEST_PASSED &&
           selftest->step != SELFTEST_FAILED;
}

static void enter(struct selftest *selftest, enum selftest_step step, uint64_t now_us)
{
    selftest->step = step;
    selftest->step_us = now_us;
    selftest->at = 0;
}

static void fail(struct selftest *selftest, int error)
{
    selftest->failed_step = selftest->step;
    selftest->error = error;
    selftest->step = SELFTEST_FAILED;
}

int selftest_start_flash(struct selftest *selftest, const struct flash *flash, uint32_t base, uint32_t seed,
                         uint64_t now_us)
{
    if (is_running(selftest))
        return ERR_BUSY;
    selftest->flash = flash;
    selftest->base = base;
    selftest->seed = seed;
    selftest->error = ERR_OK;
    selftest->erase_us = selftest->write_us = selftest->read_us = 0;
    enter(selftest, SELFTEST_WAITING, now_us);
    return ERR_OK;
}

/* Fills chunk with bytes that differ from page to page, so that the test detects stuck or shorted address
 * lines (xorshift, G. Marsaglia, Journal of Statistical Software 8(14), 2003). */
static void fill_pattern(const struct selftest *selftest, uint8_t chunk[CHUNK_LEN])
{
    uint32_t x = selftest->seed + (selftest->base + selftest->at) * UINT32_C(2654435761);
    x = x != 0 ? x : 1;
    for (int i = 0; i < CHUNK_LEN; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        chunk[i] = (uint8_t)(x >> 24);
    }
}

static void start_erase(struct selftest *selftest, uint64_t now_us)
{
    int result = selftest->flash->erase_start(selftest->flash->ctx, selftest->base);
    if (result == ERR_OK)
        enter(selftest, SELFTEST_ERASING, now_us);
    else if (result != ERR_BUSY)
        fail(selftest, result);
    else if (now_us - selftest->step_us > ERASE_LONGEST_US)
        fail(selftest, ERR_TIMEOUT);
}

static void await_erase(struct selftest *selftest, uint64_t now_us)
{
    int result = selftest->flash->erase_poll(selftest->flash->ctx);
    if (result == ERR_OK) {
        selftest->erase_us = (uint32_t)(now_us - selftest->step_us);
        enter(selftest, SELFTEST_LOOKING, now_us);
    } else if (result != ERR_BUSY) {
        fail(selftest, result);
    } else if (now_us - selftest->step_us > ERASE_LONGEST_US) {
        fail(selftest, ERR_TIMEOUT);
    }
}

static void write_chunk(struct selftest *selftest)
{
    uint8_t chunk[CHUNK_LEN];
    fill_pattern(selftest, chunk);
    int result =
        selftest->flash->program(selftest->flash->ctx, selftest->base + selftest->at, chunk, CHUNK_LEN);
    if (result != ERR_OK)
        fail(selftest, result);
}

static void read_chunk(struct selftest *selftest)
{
    uint8_t expected[CHUNK_LEN], chunk[CHUNK_LEN];
    if (selftest->step == SELFTEST_LOOKING)
        memset(expected, 0xFF, CHUNK_LEN);
    else
        fill_pattern(selftest, expected);
    int result = selftest->flash->read(selftest->flash->ctx, selftest->base + selftest->at, chunk, CHUNK_LEN);
    if (result == ERR_OK && memcmp(expected, chunk, CHUNK_LEN) != 0)
        result = ERR_CORRUPT;
    if (result != ERR_OK)
        fail(selftest, result);
}

/* Counts one chunk as done. After the last chunk of the sector the next step begins. */
static void advance(struct selftest *selftest, uint64_t now_us)
{
    uint32_t took_us = (uint32_t)(now_us - selftest->step_us);
    if (selftest->step == SELFTEST_FAILED)
        return;
    selftest->at += CHUNK_LEN;
    if (selftest->at < selftest->flash->geometry->sector_size)
        return;
    if (selftest->step == SELFTEST_LOOKING) {
        enter(selftest, SELFTEST_WRITING, now_us);
    } else if (selftest->step == SELFTEST_WRITING) {
        selftest->write_us = took_us;
        enter(selftest, SELFTEST_READING, now_us);
    } else {
        selftest->read_us = took_us;
        enter(selftest, SELFTEST_PASSED, now_us);
    }
}

int selftest_poll(struct selftest *selftest, uint64_t now_us)
{
    switch (selftest->step) {
    case SELFTEST_NONE:
    case SELFTEST_PASSED:
    case SELFTEST_FAILED:
        return ERR_OK;
    case SELFTEST_WAITING:
        start_erase(selftest, now_us);
        break;
    case SELFTEST_ERASING:
        await_erase(selftest, now_us);
        break;
    case SELFTEST_WRITING:
        write_chunk(selftest);
        advance(selftest, now_us);
        break;
    case SELFTEST_LOOKING:
    case SELFTEST_READING:
        read_chunk(selftest);
        advance(selftest, now_us);
        break;
    }
    return is_running(selftest) ? ERR_BUSY : ERR_OK;
}

void selftest_start_output(struct selftest *selftest, uint32_t output, uint64_t now_us)
{
    selftest->output = output;
    selftest->output_us = now_us;
}

void selftest_stop_output(struct selftest *selftest)
{
    selftest->output = 0;
}

uint32_t selftest_outputs(struct selftest *selftest, uint32_t otherwise, uint64_t now_us)
{
    if (selftest->output != 0 && now_us - selftest->output_us >= SELFTEST_OUTPUT_MS * UINT64_C(1000))
        selftest->output = 0;
    return selftest->output != 0 ? selftest->output : otherwise;
}

void selftest_count_rises(struct selftest *selftest, uint32_t risen)
{
    for (int i = 0; i < INPUTS_COUNT; i++)
        selftest->input_rises[i] += risen >> i & 1;
}

const char *selftest_step_name(enum selftest_step step)
{
    switch (step) {
    case SELFTEST_NONE:
        return "none";
    case SELFTEST_WAITING:
        return "waiting";
    case SELFTEST_ERASING:
        return "erasing";
    case SELFTEST_LOOKING:
        return "looking";
    case SELFTEST_WRITING:
        return "writing";
    case SELFTEST_READING:
        return "reading";
    case SELFTEST_PASSED:
        return "passed";
    case SELFTEST_FAILED:
        return "failed";
    }
    return "unknown";
}
