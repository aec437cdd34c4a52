/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/internal_flash.h"

#include <string.h>

#include "boards/thingplus_f405/stm32f405.h"
#include "boards/thingplus_f405/watchdog.h"

#define FIRST_SECTOR 9
#define SIZE         (2 * FLASH_LARGE_SECTOR_SIZE)
#define ALL_ERRORS   (FLASH_SR_OPERR | FLASH_SR_WRPERR | FLASH_SR_PGAERR | FLASH_SR_PGPERR | FLASH_SR_PGSERR)

/* Twice what DS8626, table 40, gives at most. The tick may stand still meanwhile; a chip that never ends is
 * reset by the watchdog. */
#define PROGRAM_WAIT_US 200
#define ERASE_WAIT_US   4000000

_Static_assert(ERASE_WAIT_US / 1000 < WATCHDOG_SHORTEST_MS, "an erase must end before the watchdog does");

static bool is_inside(uint32_t addr, size_t len)
{
    return addr <= SIZE && len <= SIZE - addr;
}

static volatile uint32_t *word_at(uint32_t addr)
{
    return &CORTEX_M_REGISTER(FLASH_LARGE_SECTOR_ADDRESS(FIRST_SECTOR) + addr);
}

/* Returns ERR_OK if the running operation ended, and without an error. */
static int wait_for_end(uint32_t most_us)
{
    uint64_t started = cortex_m_now_us();
    while (FLASH_SR & FLASH_SR_BSY)
        if (cortex_m_now_us() - started >= most_us)
            return ERR_IO;
    return FLASH_SR & ALL_ERRORS ? ERR_IO : ERR_OK;
}

/* A write to FLASH_CR during an operation would stop the processor until the operation ends (3.6.1). */
static void lock(void)
{
    if (!(FLASH_SR & FLASH_SR_BSY))
        FLASH_CR = FLASH_CR_LOCK;
}

/* A key written while FLASH_CR is unlocked would lock it until the next reset (3.6.1). Flags of an earlier
 * error are cleared by writing 1. */
static int unlock(void)
{
    if (FLASH_CR & FLASH_CR_LOCK) {
        FLASH_KEYR = FLASH_KEYR_KEY1;
        FLASH_KEYR = FLASH_KEYR_KEY2;
    }
    FLASH_SR = ALL_ERRORS;
    int result = wait_for_end(PROGRAM_WAIT_US);
    return FLASH_CR & FLASH_CR_LOCK ? ERR_IO : result;
}

/* Drops what the caches hold of an erased sector; a program updates them (3.6.4). A cache is reset only while
 * it is off. */
static void flush_caches(void)
{
    uint32_t acr = FLASH_ACR;
    FLASH_ACR = acr & ~(FLASH_ACR_ICEN | FLASH_ACR_DCEN);
    FLASH_ACR |= FLASH_ACR_ICRST | FLASH_ACR_DCRST;
    FLASH_ACR &= ~(FLASH_ACR_ICRST | FLASH_ACR_DCRST);
    FLASH_ACR = acr;
}

static int flash_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    (void)ctx;
    if (!is_inside(addr, len))
        return ERR_ARGUMENT;
    memcpy(buf, (const void *)word_at(addr), len);
    return ERR_OK;
}

static int program_word(uint32_t addr, const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    *word_at(addr) = word;
    return wait_for_end(PROGRAM_WAIT_US);
}

static int flash_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    (void)ctx;
    if (!is_inside(addr, len) || addr % sizeof(uint32_t) != 0 || len % sizeof(uint32_t) != 0)
        return ERR_ARGUMENT;
    int result = unlock();
    if (result == ERR_OK)
        FLASH_CR = FLASH_CR_PG | FLASH_CR_PSIZE_X32;
    for (uint32_t at = 0; at < len && result == ERR_OK; at += sizeof(uint32_t))
        result = program_word(addr + at, (const uint8_t *)buf + at);
    lock();
    return result;
}

static int erase_sector(uint32_t sector)
{
    FLASH_CR = FLASH_CR_SER | FLASH_CR_SNB(sector) | FLASH_CR_PSIZE_X32;
    FLASH_CR |= FLASH_CR_STRT;
    return wait_for_end(ERASE_WAIT_US);
}

static int flash_erase_start(void *ctx, uint32_t addr)
{
    (void)ctx;
    if (!is_inside(addr, 1))
        return ERR_ARGUMENT;
    watchdog_feed();
    int result = unlock();
    if (result == ERR_OK)
        result = erase_sector(FIRST_SECTOR + addr / FLASH_LARGE_SECTOR_SIZE);
    lock();
    flush_caches();
    return result;
}

static int flash_erase_poll(void *ctx)
{
    (void)ctx;
    return ERR_OK; /* flash_erase_start waited for the end */
}

static const struct flash_geometry geometry = {
    .size = SIZE, .sector_size = FLASH_LARGE_SECTOR_SIZE, .page_size = 256};
static const struct flash internal_flash = {.read = flash_read,
                                            .program = flash_program,
                                            .erase_start = flash_erase_start,
                                            .erase_poll = flash_erase_poll,
                                            .geometry = &geometry};

const struct flash *internal_flash_start(const struct clocks *clocks)
{
    if (clocks->source == CLOCK_NONE)
        return NULL;
    if (!(FLASH_CR & FLASH_CR_LOCK)) /* left so by the boot loader in the ROM */
        lock();
    return &internal_flash;
}
