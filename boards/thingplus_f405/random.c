/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/random.h"

#include <string.h>

#include "boards/thingplus_f405/stm32f405.h"

#define WORD_WAIT_US 1000 /* one word takes 40 clocks of 48 MHz: 0.8 us */
#define TRIES_MAX    3
#define START_TRIES  10

static uint32_t last;

/* Restarts the generator. A seed error is corrected by clearing SEIS and a restart (24.3.2); a clock
 * error may also be transient. The first number after a start is only used for comparison, and no number
 * may equal the one before it (24.3.1). */
static void restart(void)
{
    RNG_CR = 0;
    RNG_SR = 0;
    RNG_CR = RNG_CR_RNGEN;
}

static int take_word(uint32_t *word)
{
    uint64_t started = cortex_m_now_us();
    uint32_t state;
    do {
        state = RNG_SR;
        if (state & (RNG_SR_CECS | RNG_SR_SECS | RNG_SR_CEIS | RNG_SR_SEIS))
            return ERR_IO;
        if (cortex_m_now_us() - started > WORD_WAIT_US)
            return ERR_IO;
    } while (!(state & RNG_SR_DRDY));
    *word = RNG_DR;
    int result = *word == last ? ERR_IO : ERR_OK;
    last = *word;
    return result;
}

static int restart_and_take_word(uint32_t *word)
{
    uint32_t first;
    restart();
    int result = take_word(&first);
    return result == ERR_OK ? take_word(word) : result;
}

static int take_valid_word(uint32_t *word)
{
    int result = take_word(word);
    for (int tries = 1; result != ERR_OK && tries < TRIES_MAX; tries++)
        result = restart_and_take_word(word);
    return result;
}

static int fill(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t done = 0; done < len;) {
        uint32_t word;
        size_t part = len - done < sizeof word ? len - done : sizeof word;
        int result = take_valid_word(&word);
        if (result != ERR_OK)
            return result;
        memcpy(buf + done, &word, part);
        done += part;
    }
    return ERR_OK;
}

int random_start(struct entropy *entropy)
{
    uint32_t word;
    int result = ERR_IO;
    RCC_AHB2ENR |= RCC_AHB2_RNG;
    *entropy = (struct entropy){.fill = fill};
    for (int tries = 0; result != ERR_OK && tries < START_TRIES; tries++)
        result = restart_and_take_word(&word);
    return result;
}
