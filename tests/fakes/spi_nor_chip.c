/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/spi_nor_chip.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUSY = 0x01,
    LATCH = 0x02,
    ERASE_ERROR = 0x20,
    PROGRAM_ERROR = 0x40,
    LINE_NS_PER_BYTE = 160, /* 50 MHz */
    PAGE = 256,
    SUSPEND_LATENCY_US = 20,
    SUSPEND_GAP_US = 20,
    HALF_ERASED = 0x5A,
};

static uint64_t now(const struct spi_nor_chip *chip)
{
    return chip->timer->now_us;
}

static bool is_spansion(const struct spi_nor_chip *chip)
{
    return chip->kind == SPI_NOR_CHIP_S25FL128S;
}

static bool has_suspend(const struct spi_nor_chip *chip)
{
    return chip->kind == SPI_NOR_CHIP_W25Q128 || is_spansion(chip);
}

/* Applies the effects of the time that has passed. */
static void catch_up(struct spi_nor_chip *chip)
{
    if (chip->stays_busy) {
        chip->erase_seen_us = now(chip);
        return;
    }
    if (chip->programming && now(chip) >= chip->busy_end_us)
        chip->programming = chip->latch = false;
    if (!chip->erasing || chip->suspended)
        return;
    uint64_t until = now(chip);
    bool suspends = chip->suspend_at_us != 0 && chip->suspend_at_us <= until;
    if (suspends)
        until = chip->suspend_at_us;
    uint64_t ran = until - chip->erase_seen_us;
    if (ran >= chip->erase_left_us) {
        chip->erasing = chip->latch = false;
        chip->suspend_at_us = 0;
        if (!chip->worn)
            memset(chip->bytes + chip->erase_addr, 0xFF, chip->erase_len);
        return;
    }
    chip->erase_left_us -= ran;
    chip->erase_seen_us = until;
    if (suspends) {
        chip->suspended = true;
        chip->suspended_us = until;
        chip->suspend_at_us = 0;
    }
}

static bool is_busy(const struct spi_nor_chip *chip)
{
    return chip->stays_busy || chip->programming || now(chip) < chip->refusing_until_us ||
           (chip->erasing && !chip->suspended) || chip->error_program || chip->error_erase;
}

static uint8_t status(const struct spi_nor_chip *chip)
{
    return (uint8_t)((is_busy(chip) ? BUSY : 0) | (chip->latch ? LATCH : 0) | chip->protect |
                     (chip->error_erase ? ERASE_ERROR : 0) | (chip->error_program ? PROGRAM_ERROR : 0));
}

static bool in_erased_sector(const struct spi_nor_chip *chip, uint32_t addr)
{
    return chip->erasing && addr >= chip->erase_addr && addr < chip->erase_addr + chip->erase_len;
}

static void note_suspension(struct spi_nor_chip *chip)
{
    if (now(chip) - chip->suspended_us > chip->longest_suspend_us)
        chip->longest_suspend_us = now(chip) - chip->suspended_us;
}

/* Decides whether a program or erase at addr is executed. If not, shows what the part shows of the
 * refusal. */
static bool is_accepted(struct spi_nor_chip *chip, uint32_t addr, bool *error)
{
    if (!chip->latch) {
        chip->ignored_unlatched++;
        return false;
    }
    if (chip->protect == 0 && !chip->locked && !in_erased_sector(chip, addr))
        return true;
    chip->ignored_protected++;
    if (is_spansion(chip))
        *error = true; /* busy and latched until CLSR, WRDI */
    else if (chip->refusal_drops_latch)
        chip->latch = false;
    chip->refusing_until_us = now(chip) + chip->refusal_us;
    return false;
}

static void program(struct spi_nor_chip *chip)
{
    uint32_t base = chip->addr & ~(uint32_t)(PAGE - 1), offset = chip->addr % PAGE;
    if (chip->page_len == 0 || !is_accepted(chip, chip->addr, &chip->error_program))
        return;
    chip->wrapped_pages += offset + chip->page_len > PAGE;
    uint64_t length_us = 30 + (uint64_t)(chip->page_len - 1) * 5 / 2;
    for (uint32_t i = 0; i < chip->page_len && !chip->worn; i++)
        chip->bytes[base + (offset + i) % PAGE] &= chip->page[i];
    if (chip->kind == SPI_NOR_CHIP_QEMU)
        return;
    chip->programming = true;
    chip->busy_end_us = now(chip) + (length_us < 400 ? length_us : 400);
}

static void erase(struct spi_nor_chip *chip, uint32_t len)
{
    if (chip->suspended || !is_accepted(chip, chip->addr, &chip->error_erase))
        return;
    chip->erase_addr = chip->addr & ~(len - 1);
    chip->erase_len = len;
    if (!chip->worn)
        memset(chip->bytes + chip->erase_addr, chip->kind == SPI_NOR_CHIP_QEMU ? 0xFF : HALF_ERASED, len);
    if (chip->kind == SPI_NOR_CHIP_QEMU)
        return;
    chip->erasing = true;
    chip->erase_left_us = chip->erase_us;
    chip->erase_seen_us = now(chip);
    chip->resumed_us = 0;
}

static void suspend(struct spi_nor_chip *chip)
{
    if (!has_suspend(chip) || chip->ignores_suspend || !chip->erasing || chip->suspended ||
        chip->suspend_at_us != 0)
        return;
    chip->hasty_suspends += chip->resumed_us != 0 && now(chip) - chip->resumed_us < SUSPEND_GAP_US;
    chip->suspend_at_us = now(chip) + SUSPEND_LATENCY_US;
}

static void resume(struct spi_nor_chip *chip)
{
    if (!chip->suspended || chip->programming)
        return;
    if (chip->loses_resumes > 0) {
        chip->loses_resumes--;
        return;
    }
    note_suspension(chip);
    chip->suspended = false;
    chip->erase_seen_us = chip->resumed_us = now(chip);
}

static void reset(struct spi_nor_chip *chip)
{
    if (chip->ignores_reset)
        return;
    chip->erase_stops += chip->erasing;
    chip->program_stops += chip->programming;
    chip->erasing = chip->suspended = chip->programming = chip->latch = false;
    chip->error_erase = chip->error_program = chip->stays_busy = false;
    chip->suspend_at_us = 0;
}

static uint32_t address_len(const struct spi_nor_chip *chip)
{
    bool writes_register = chip->command == 0x17;
    return writes_register ? 1 : chip->has_4_address_bytes ? 4 : 3;
}

/* Takes one byte of a command, and returns one. */
static uint8_t shift(struct spi_nor_chip *chip, uint8_t in)
{
    uint32_t at = chip->taken++;
    if (at == 0) {
        chip->command = in;
        chip->addr = chip->page_len = 0;
        return chip->silence;
    }
    switch (chip->command) {
    case 0x05:
        return status(chip);
    case 0x35:
        return chip->kind == SPI_NOR_CHIP_W25Q128 && chip->suspended ? 0x80 : 0;
    case 0x07:
        return is_spansion(chip) && chip->suspended ? 0x02 : 0;
    case 0x9F:
        return at <= sizeof chip->id ? chip->id[at - 1] : 0;
    default:
        break;
    }
    if (at <= address_len(chip)) {
        chip->addr = (chip->addr << 8 | in) % SPI_NOR_CHIP_SIZE;
        return chip->silence;
    }
    if (chip->command == 0x03) {
        uint32_t addr = chip->addr++ % SPI_NOR_CHIP_SIZE;
        return chip->bytes[addr];
    }
    if (chip->command == 0x02) {
        if (chip->page_len < PAGE)
            chip->page[chip->page_len++] = in;
        else
            chip->wrapped_pages++;
    }
    return chip->silence;
}

/* Ends the selection: commands with an effect are executed now. */
static void carry_out(struct spi_nor_chip *chip)
{
    bool has_address = chip->taken > address_len(chip);
    if (chip->command != 0x99)
        chip->reset_enabled = false;
    switch (chip->command) {
    case 0x06:
        chip->latch = !chip->ignores_write_enable;
        break;
    case 0x04:
        chip->latch = false;
        break;
    case 0x02:
        program(chip);
        break;
    case 0x20:
        if (has_address && chip->kind == SPI_NOR_CHIP_W25Q128)
            erase(chip, 4096);
        break;
    case 0xD8:
        if (has_address)
            erase(chip, 65536);
        break;
    case 0x75:
        suspend(chip);
        break;
    case 0x7A:
        resume(chip);
        break;
    case 0x30:
        if (is_spansion(chip))
            chip->error_program = chip->error_erase = false;
        break;
    case 0x66:
        chip->reset_enabled = chip->kind != SPI_NOR_CHIP_S25FL128S && chip->kind != SPI_NOR_CHIP_S25SL12801;
        break;
    case 0x99:
        if (chip->reset_enabled)
            reset(chip);
        chip->reset_enabled = false;
        break;
    case 0xF0:
        if (is_spansion(chip))
            reset(chip);
        break;
    case 0xE9: /* a FL-S takes it for the start of a password */
        if (!is_spansion(chip) && chip->latch)
            chip->has_4_address_bytes = false;
        break;
    case 0x17:
        if (is_spansion(chip) && has_address)
            chip->has_4_address_bytes = chip->addr & 0x80;
        break;
    default:
        break;
    }
}

/* Returns true if a busy chip executes the command. W25Q, BUSY: only status reads, suspend and reset. FL-S,
 * WIP: the same, and CLSR. */
static bool is_heard_while_busy(uint8_t command)
{
    static const uint8_t heard[] = {0x05, 0x35, 0x07, 0x75, 0x66, 0x99, 0xF0, 0x30};
    return memchr(heard, command, sizeof heard) != NULL;
}

static bool is_deaf(struct spi_nor_chip *chip, uint8_t command)
{
    if (chip->powered_down && command == 0xAB)
        chip->powered_down = false;
    if (chip->absent || chip->powered_down || now(chip) < chip->deaf_until_us)
        return true;
    if (!is_busy(chip) || is_heard_while_busy(command) || (command == 0x9F && chip->answers_id_while_busy))
        return false;
    chip->ignored_while_busy++;
    return true;
}

static void pass_line_time(struct spi_nor_chip *chip, size_t bytes)
{
    chip->line_bytes += bytes;
    chip->spare_ns += bytes * LINE_NS_PER_BYTE;
    chip->timer->now_us += chip->spare_ns / 1000;
    chip->spare_ns %= 1000;
}

static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    struct spi_nor_chip *chip = ctx;
    if (chip->bus_fails_in > 0 && --chip->bus_fails_in == 0)
        return ERR_IO;
    if (command_len == 0)
        abort();
    catch_up(chip);
    chip->counts[command[0]]++;
    bool deaf = is_deaf(chip, command[0]);
    chip->taken = 0;
    for (size_t i = 0; i < command_len && !deaf; i++)
        (void)shift(chip, command[i]);
    for (size_t i = 0; i < len; i++) {
        uint8_t answer = deaf ? chip->silence : shift(chip, out != NULL ? out[i] : 0);
        if (out == NULL)
            in[i] = answer;
    }
    pass_line_time(chip, command_len + len);
    catch_up(chip);
    if (!deaf)
        carry_out(chip);
    return ERR_OK;
}

void spi_nor_chip_init(struct spi_nor_chip *chip, enum spi_nor_chip_kind kind, struct fake_timer *timer)
{
    static const uint8_t ids[][6] = {[SPI_NOR_CHIP_W25Q128] = {0xEF, 0x40, 0x18},
                                     [SPI_NOR_CHIP_S25FL128S] = {0x01, 0x20, 0x18, 0x4D, 0x01, 0x80},
                                     [SPI_NOR_CHIP_S25SL12801] = {0x01, 0x20, 0x18, 0x03, 0x01},
                                     [SPI_NOR_CHIP_QEMU] = {0x01, 0x20, 0x18, 0x03, 0x01}};
    *chip = (struct spi_nor_chip){.spi = {.exchange = exchange, .ctx = chip},
                                  .silence = 0xFF,
                                  .erase_us = kind == SPI_NOR_CHIP_W25Q128 ? 45000 : 150000,
                                  .kind = kind,
                                  .timer = timer};
    memcpy(chip->id, ids[kind], sizeof chip->id);
    chip->bytes = malloc(SPI_NOR_CHIP_SIZE);
    if (chip->bytes == NULL)
        abort();
    memset(chip->bytes, 0xFF, SPI_NOR_CHIP_SIZE);
}

void spi_nor_chip_free(struct spi_nor_chip *chip)
{
    free(chip->bytes);
    chip->bytes = NULL;
}

uint8_t *spi_nor_chip_bytes(struct spi_nor_chip *chip, uint32_t addr)
{
    return chip->bytes + addr;
}

bool spi_nor_chip_is_at_work(struct spi_nor_chip *chip)
{
    catch_up(chip);
    return chip->programming || chip->erasing;
}
