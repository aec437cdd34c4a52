/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/spi_nor/spi_nor.h"

#include <string.h>

#include "hal/spi_nor/spi_nor_bus.h"
#include "hal/spi_nor/spi_nor_part.h"

enum {
    PAGE_SIZE = 256,
    /* One selection. The limit bounds the time that an erase stays suspended, and fits every controller. */
    READ_MAX = 4096,
    SAMPLE_LEN = 32,
    FAILED_RESUMES_MAX = 3,
    ID_READS_MIN = 4, /* at least so many, even if the bus is slow or the host of an emulator is busy */
};

/* For W25Q and FL-S, see the datasheets named in hal/spi_nor/spi_nor_bus.h. */
enum {
    WAKE_US = 50,           /* tRES1 is 3 us (W25Q), 30 us on older parts */
    APPEAR_US = 10000,      /* power-up to first answer: tPUW 5 ms (W25Q) */
    ERASE_MAX_US = 3000000, /* tBE2 2 s (W25Q), tSE 0.65 s (FL-S, 64 KiB) */
    SUSPEND_MAX_US = 1000,  /* tSUS 20 us (W25Q), tESL 45 us (FL-S) */
    /* Time from a resume to the next suspend. W25Q needs 20 us; FL-S needs 100 us to make progress. */
    ERASE_RUN_MIN_US = 100,
};

static const struct spi_nor_part no_part = {.name = ""};

/* Takes the chip out of the mode with four address bytes, in which a boot loader or its own setting for a
 * reset may have left it. Some parts need the write enable latch for that. */
static int use_3_address_bytes(struct spi_nor *nor)
{
    const uint8_t bank[] = {nor->part->bank_register, 0};
    if (!spi_nor_part_may_use_4_bytes(nor->id))
        return ERR_OK;
    if (nor->part->bank_register != 0)
        return spi_nor_bus_exchange(nor, bank, sizeof bank, NULL, NULL, 0);
    if (spi_nor_bus_send(nor, NOR_WRITE_ENABLE) != ERR_OK ||
        spi_nor_bus_send(nor, NOR_EXIT_4_BYTES) != ERR_OK)
        return ERR_IO;
    return spi_nor_bus_send(nor, NOR_WRITE_DISABLE);
}

static int recover(struct spi_nor *nor)
{
    if (!nor->stuck)
        return ERR_OK;
    int result = spi_nor_bus_make_idle(nor);
    if (result == ERR_OK)
        result = use_3_address_bytes(nor);
    if (result != ERR_OK)
        return result;
    if (nor->erase == SPI_NOR_ERASING) /* it was stopped, or its result is unknown */
        nor->erase = SPI_NOR_ERASE_FAILED;
    nor->stuck = nor->suspended = false;
    return ERR_OK;
}

/* Sets the write enable latch and checks in *status that it is set. Returns ERR_OK, ERR_IO. */
static int enable_writing(struct spi_nor *nor, uint8_t *status)
{
    if (spi_nor_bus_send(nor, NOR_WRITE_ENABLE) != ERR_OK ||
        spi_nor_bus_read_register(nor, NOR_READ_STATUS, status) != ERR_OK)
        return ERR_IO;
    if (*status & NOR_STATUS_BUSY) {
        nor->stuck = true;
        return spi_nor_bus_report_status(nor, "the chip is busy when it should be idle, status", *status);
    }
    if (!(*status & NOR_STATUS_WRITE_ENABLED))
        return spi_nor_bus_report_status(nor, "the chip does not accept write enable, status", *status);
    return ERR_OK;
}

/* Returns true if the chip may have ignored a command: the command took no time, its latch is still set, or
 * blocks are protected. */
static bool may_be_ignored(bool took_no_time, uint8_t status)
{
    return took_no_time || status & (NOR_STATUS_WRITE_ENABLED | NOR_STATUS_PROTECTED);
}

static const char *refusal(uint8_t status, const char *unprotected)
{
    return status & NOR_STATUS_PROTECTED ? "the chip is write-protected, status" : unprotected;
}

static int check_programmed(struct spi_nor *nor, uint32_t addr, const uint8_t *buf, size_t len,
                            uint8_t status)
{
    uint8_t seen[SAMPLE_LEN];
    for (size_t done = 0, part; done < len; done += part) {
        part = len - done < sizeof seen ? len - done : sizeof seen;
        if (spi_nor_bus_read(nor, addr + (uint32_t)done, seen, part) != ERR_OK)
            return ERR_IO;
        for (size_t i = 0; i < part; i++)
            if (seen[i] & ~buf[done + i])
                return spi_nor_bus_report_status(nor, refusal(status, "a program had no effect, status"),
                                                 status);
    }
    return ERR_OK;
}

static int program_page(struct spi_nor *nor, uint32_t addr, const uint8_t *buf, size_t len)
{
    uint8_t status, command[NOR_ADDRESS_LEN];
    uint32_t reads;
    int result = enable_writing(nor, &status);
    if (result != ERR_OK)
        return result;
    spi_nor_bus_put_address(command, NOR_PAGE_PROGRAM, addr);
    result = spi_nor_bus_exchange(nor, command, sizeof command, buf, NULL, len);
    if (result == ERR_OK)
        result = spi_nor_bus_wait(nor, NOR_PROGRAM_MAX_US, &status, &reads);
    if (result == ERR_OK) {
        spi_nor_bus_clear_latch(nor, status);
        return may_be_ignored(reads == 1, status) ? check_programmed(nor, addr, buf, len, status) : ERR_OK;
    }
    if (result == ERR_BUSY && status & nor->part->error_bits && status != NOR_STATUS_NO_CHIP) {
        spi_nor_bus_clear_errors(nor);
        return spi_nor_bus_report_status(nor, refusal(status, "the chip refuses to program, status"), status);
    }
    nor->stuck = true;
    return result == ERR_BUSY ? spi_nor_bus_report_status(nor, "a program does not end, status", status)
                              : result;
}

static int is_sector_blank(struct spi_nor *nor, uint32_t addr, bool *blank)
{
    uint8_t seen[SAMPLE_LEN];
    const uint32_t places[] = {addr, addr + nor->geometry.sector_size - SAMPLE_LEN};
    *blank = true;
    for (size_t place = 0; place < 2; place++) {
        if (spi_nor_bus_read(nor, places[place], seen, sizeof seen) != ERR_OK)
            return ERR_IO;
        for (size_t i = 0; i < sizeof seen; i++)
            *blank = *blank && seen[i] == 0xFF;
    }
    return ERR_OK;
}

static void fail_erase(struct spi_nor *nor, const char *words, uint8_t status)
{
    (void)spi_nor_bus_report_status(nor, words, status);
    nor->erase = SPI_NOR_ERASE_FAILED;
    nor->suspended = false;
}

static int end_erase(struct spi_nor *nor, uint8_t status)
{
    bool blank = true;
    nor->erase_may_be_ignored = may_be_ignored(nor->erase_may_be_ignored, status);
    spi_nor_bus_clear_latch(nor, status);
    if (nor->erase_may_be_ignored && is_sector_blank(nor, nor->erase_addr, &blank) != ERR_OK)
        return ERR_IO;
    nor->erase = SPI_NOR_NO_ERASE;
    if (!blank)
        fail_erase(nor, refusal(status, "an erase had no effect, status"), status);
    return ERR_OK;
}

static int resume_erase(struct spi_nor *nor)
{
    int result = spi_nor_bus_send(nor, NOR_RESUME);
    nor->resumed_us = spi_nor_bus_now_us(nor);
    nor->suspended = result != ERR_OK;
    return result;
}

/* Reads the state of a running erase and stores it in nor->erase. Returns ERR_OK, ERR_IO (the bus failed;
 * nothing is changed). */
static int update_erase(struct spi_nor *nor)
{
    uint8_t status;
    bool suspended;
    uint64_t start_us = spi_nor_bus_now_us(nor);
    if (nor->erase != SPI_NOR_ERASING)
        return ERR_OK;
    if (spi_nor_bus_read_register(nor, NOR_READ_STATUS, &status) != ERR_OK)
        return ERR_IO;
    if (status & nor->part->error_bits && status != NOR_STATUS_NO_CHIP) {
        spi_nor_bus_clear_errors(nor);
        fail_erase(nor, refusal(status, "the chip refuses to erase, status"), status);
        return ERR_OK;
    }
    if (status & NOR_STATUS_BUSY) {
        if (start_us - nor->resumed_us + nor->erase_ran_us > ERASE_MAX_US) {
            fail_erase(nor, "an erase does not end, status", status);
            nor->stuck = true;
        }
        return ERR_OK;
    }
    if (spi_nor_bus_is_suspended(nor, &suspended) != ERR_OK)
        return ERR_IO;
    if (!suspended)
        return end_erase(nor, status);
    if (nor->failed_resumes++ < FAILED_RESUMES_MAX)
        return resume_erase(nor);
    fail_erase(nor, "an erase does not resume, status", status);
    nor->stuck = true;
    return ERR_OK;
}

/* Waits until the erase ends. For parts that cannot suspend. */
static int await_erase(struct spi_nor *nor)
{
    int result = ERR_OK;
    while (nor->erase == SPI_NOR_ERASING && result == ERR_OK)
        result = update_erase(nor);
    return result != ERR_OK ? result : recover(nor);
}

/* Makes the chip ready for a read or a program. A running erase is afterwards ended or suspended; erase_poll
 * reports how it ended. */
static int make_ready(struct spi_nor *nor)
{
    uint8_t status;
    uint32_t reads;
    int result = recover(nor);
    if (result == ERR_OK)
        result = update_erase(nor);
    if (result == ERR_OK)
        result = recover(nor);
    if (result != ERR_OK || nor->erase != SPI_NOR_ERASING)
        return result;
    if (nor->part->suspend_register == 0)
        return await_erase(nor);
    spi_nor_bus_delay(nor, nor->resumed_us, ERASE_RUN_MIN_US);
    result = spi_nor_bus_send(nor, NOR_SUSPEND);
    if (result == ERR_OK)
        result = spi_nor_bus_wait(nor, SUSPEND_MAX_US, &status, &reads);
    if (result == ERR_BUSY) /* the part does not support suspend, or an error bit is set */
        return await_erase(nor);
    if (result != ERR_OK || spi_nor_bus_is_suspended(nor, &nor->suspended) != ERR_OK)
        return ERR_IO;
    /* otherwise the erase ended before the suspend, and the next update_erase detects that */
    if (nor->suspended)
        nor->erase_ran_us += (uint32_t)(spi_nor_bus_now_us(nor) - nor->resumed_us);
    return ERR_OK;
}

static void resume_if_suspended(struct spi_nor *nor)
{
    if (nor->suspended && !nor->stuck)
        (void)resume_erase(nor); /* if this fails, erase_poll finds the erase suspended */
}

static bool is_inside(const struct spi_nor *nor, uint32_t addr, size_t len)
{
    return addr <= nor->geometry.size && len <= nor->geometry.size - addr;
}

static int nor_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    struct spi_nor *nor = ctx;
    uint8_t *to = buf;
    if (!is_inside(nor, addr, len))
        return ERR_ARGUMENT;
    while (len > 0) {
        size_t part = len < READ_MAX ? len : READ_MAX;
        int result = make_ready(nor);
        if (result == ERR_OK)
            result = spi_nor_bus_read(nor, addr, to, part);
        resume_if_suspended(nor);
        if (result != ERR_OK)
            return result;
        addr += (uint32_t)part;
        to += part;
        len -= part;
    }
    return ERR_OK;
}

static int nor_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    struct spi_nor *nor = ctx;
    const uint8_t *from = buf;
    if (!is_inside(nor, addr, len))
        return ERR_ARGUMENT;
    int result = recover(nor);
    if (result == ERR_OK)
        result = update_erase(nor);
    if (result == ERR_OK && nor->erase == SPI_NOR_ERASING && len > 0 &&
        addr < nor->erase_addr + nor->geometry.sector_size && addr + len > nor->erase_addr)
        result = spi_nor_bus_report(nor, "a program into the sector being erased", NULL, 0);
    while (len > 0 && result == ERR_OK) {
        size_t room = PAGE_SIZE - addr % PAGE_SIZE, part = len < room ? len : room;
        result = make_ready(nor);
        if (result == ERR_OK)
            result = program_page(nor, addr, from, part);
        resume_if_suspended(nor);
        addr += (uint32_t)part;
        from += part;
        len -= part;
    }
    return result;
}

static int nor_erase_start(void *ctx, uint32_t addr)
{
    struct spi_nor *nor = ctx;
    uint8_t status, command[NOR_ADDRESS_LEN];
    if (!is_inside(nor, addr, 1))
        return ERR_ARGUMENT;
    int result = recover(nor);
    if (result == ERR_OK)
        result = update_erase(nor);
    if (result != ERR_OK)
        return result;
    if (nor->erase == SPI_NOR_ERASING)
        return ERR_BUSY;
    nor->erase = SPI_NOR_NO_ERASE;
    result = enable_writing(nor, &status);
    if (result != ERR_OK)
        return result;
    nor->erase_addr = addr - addr % nor->geometry.sector_size;
    spi_nor_bus_put_address(command,
                            nor->geometry.sector_size == SPI_NOR_SECTOR_4K ? NOR_ERASE_4K : NOR_ERASE_64K,
                            nor->erase_addr);
    result = spi_nor_bus_exchange(nor, command, sizeof command, NULL, NULL, 0);
    nor->resumed_us = spi_nor_bus_now_us(nor);
    nor->erase_ran_us = 0;
    nor->failed_resumes = 0;
    nor->suspended = false;
    if (result == ERR_OK)
        result = spi_nor_bus_read_register(nor, NOR_READ_STATUS, &status);
    if (result != ERR_OK) {
        nor->stuck = true;
        return result;
    }
    nor->erase_may_be_ignored = !(status & NOR_STATUS_BUSY);
    nor->erase = SPI_NOR_ERASING;
    return ERR_OK;
}

static int nor_erase_poll(void *ctx)
{
    struct spi_nor *nor = ctx;
    int result = update_erase(nor);
    if (result != ERR_OK)
        return result;
    if (nor->erase == SPI_NOR_ERASING)
        return ERR_BUSY;
    if (nor->erase == SPI_NOR_NO_ERASE)
        return ERR_OK;
    nor->erase = SPI_NOR_NO_ERASE;
    return ERR_IO;
}

static bool is_no_answer(const uint8_t id[SPI_NOR_ID_LEN])
{
    return id[0] == id[1] && id[1] == id[2] && (id[0] == 0x00 || id[0] == 0xFF);
}

/* Compares two ids. Every chip sends three bytes; after them, it may leave the line open. The other bytes
 * count only for Spansion, where they give the sectors. */
static bool is_same_id(const uint8_t a[SPI_NOR_ID_LEN], const uint8_t b[SPI_NOR_ID_LEN])
{
    return memcmp(a, b, a[0] == SPI_NOR_MAKER_SPANSION ? SPI_NOR_ID_LEN : 3) == 0;
}

/* Reads the id until two reads in a row agree. Returns ERR_OK, ERR_NOT_FOUND (no chip answers),
 * ERR_UNSUPPORTED (the answers differ), ERR_IO. */
static int read_id(struct spi_nor *nor)
{
    const uint8_t command = NOR_READ_ID;
    uint8_t status, before[SPI_NOR_ID_LEN] = {0};
    bool was_made_idle = false;
    uint64_t start_us = spi_nor_bus_now_us(nor);
    for (uint32_t reads = 0; reads < ID_READS_MIN || spi_nor_bus_now_us(nor) - start_us < APPEAR_US;
         reads++) {
        int result = spi_nor_bus_exchange(nor, &command, 1, NULL, nor->id, sizeof nor->id);
        if (result != ERR_OK)
            return result;
        if (!is_no_answer(nor->id) && is_same_id(nor->id, before))
            return ERR_OK;
        memcpy(before, nor->id, sizeof before);
        if (spi_nor_bus_read_register(nor, NOR_READ_STATUS, &status) != ERR_OK)
            return ERR_IO;
        /* A busy chip answers only a read of its status. */
        if (status & NOR_STATUS_BUSY && status != NOR_STATUS_NO_CHIP && !was_made_idle) {
            was_made_idle = true;
            result = spi_nor_bus_make_idle(nor);
            if (result != ERR_OK)
                return result;
        }
    }
    if (!is_no_answer(nor->id)) {
        (void)spi_nor_bus_report(nor, "the chip answers differently each time, id", nor->id, 3);
        return ERR_UNSUPPORTED;
    }
    (void)spi_nor_bus_report(nor, "no flash chip answers, id", nor->id, 3);
    return ERR_NOT_FOUND;
}

static int find_part(struct spi_nor *nor)
{
    const struct spi_nor_part *part = spi_nor_part_find(nor->id);
    if (part == NULL)
        spi_nor_bus_report(nor, "a flash chip of unknown kind, id", nor->id, 3);
    else if (part->sector_size == 0)
        spi_nor_bus_report(nor, part->name, nor->id, SPI_NOR_ID_LEN);
    if (part == NULL || part->sector_size == 0)
        return ERR_UNSUPPORTED;
    nor->part = part;
    nor->geometry.size = spi_nor_part_size(nor->id);
    nor->geometry.sector_size = part->sector_size;
    return ERR_OK;
}

/* Removes what the run before a reset of the processor may have left: an error, a suspended erase, four
 * address bytes, a set write enable latch. */
static int clean_up(struct spi_nor *nor)
{
    uint8_t status;
    int result = spi_nor_bus_make_idle(nor);
    if (result == ERR_OK)
        result = use_3_address_bytes(nor);
    if (result == ERR_OK)
        result = spi_nor_bus_read_register(nor, NOR_READ_STATUS, &status);
    if (result != ERR_OK)
        return result;
    spi_nor_bus_clear_latch(nor, status);
    if (status & NOR_STATUS_PROTECTED)
        (void)spi_nor_bus_report_status(nor, "the chip is write-protected, status", status);
    return ERR_OK;
}

int spi_nor_init(struct spi_nor *nor, const struct spi *spi, const struct timer *timer)
{
    *nor = (struct spi_nor){
        .flash = {.read = nor_read,
                  .program = nor_program,
                  .erase_start = nor_erase_start,
                  .erase_poll = nor_erase_poll,
                  .ctx = nor,
                  .geometry = &nor->geometry},
        .geometry = {.size = 0, .sector_size = SPI_NOR_SECTOR_64K, .page_size = PAGE_SIZE},
        .spi = spi,
        .timer = timer,
        .part = &no_part,
    };
    int result = spi_nor_bus_send(nor, NOR_RELEASE_POWER_DOWN);
    if (result == ERR_OK) {
        spi_nor_bus_delay(nor, spi_nor_bus_now_us(nor), WAKE_US);
        result = read_id(nor);
    }
    if (result == ERR_OK)
        result = find_part(nor);
    if (result == ERR_OK)
        result = clean_up(nor);
    if (result != ERR_OK)
        nor->geometry.size = 0;
    return result;
}

const char *spi_nor_name(const struct spi_nor *nor)
{
    return nor->part->name;
}

const char *spi_nor_problem(const struct spi_nor *nor)
{
    return nor->problem;
}
