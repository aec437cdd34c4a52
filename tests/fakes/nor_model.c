/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/nor_model.h"

#include <stdlib.h>
#include <string.h>

#include "tests/fakes/cut_count.h"

enum {
    REFUSES_ERASE = 1,
    REFUSES_PROGRAM = 2,
    WIRE_NS_PER_BYTE = 160, /* 50 MHz, one line */
    READ_COMMAND_BYTES = 5,
    PROGRAM_COMMAND_BYTES = 4,
};

/* xorshift64* (Vigna 2016). It needs no other property than to look arbitrary. */
static uint32_t random_u32(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 32);
}

static uint64_t random_seeded(uint64_t seed)
{
    uint64_t state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    for (int i = 0; i < 4; i++)
        (void)random_u32(&state);
    return state;
}

static bool inside(const struct nor_model *nor, uint32_t addr, size_t len)
{
    return addr <= nor->geometry.size && len <= nor->geometry.size - addr;
}

static uint32_t sector_of(const struct nor_model *nor, uint32_t addr)
{
    return addr / nor->geometry.sector_size;
}

static bool in_erased_sector(const struct nor_model *nor, uint32_t addr, size_t len)
{
    return nor->erasing && addr < nor->erase_addr + nor->geometry.sector_size && addr + len > nor->erase_addr;
}

static void take_line_time(struct nor_model *nor, size_t len)
{
    nor->counts.line_ns += len * WIRE_NS_PER_BYTE;
    nor->counts.time_ns += len * WIRE_NS_PER_BYTE;
}

static void take_program_time(struct nor_model *nor, size_t len)
{
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++)
        nor->counts.program_ns[sheet] += nor_sheet_program_ns((enum nor_sheet)sheet, len);
    nor->counts.time_ns += nor_sheet_program_ns(NOR_SHEET_W25Q_TYPICAL, len);
}

static void take_erase_time(struct nor_model *nor)
{
    uint32_t sector_size = nor->geometry.sector_size;
    for (int sheet = 0; sheet < NOR_SHEETS; sheet++)
        nor->counts.erase_ns[sheet] += nor_sheet_erase_ns((enum nor_sheet)sheet, sector_size);
    nor->counts.time_ns += nor_sheet_erase_ns(NOR_SHEET_W25Q_TYPICAL, sector_size);
}

static int model_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    struct nor_model *nor = ctx;
    uint8_t *out = buf;
    if (nor->dead)
        return ERR_IO;
    if (!inside(nor, addr, len))
        return ERR_ARGUMENT;
    nor->counts.reads++;
    nor->counts.read_bytes += len;
    take_line_time(nor, READ_COMMAND_BYTES + len);
    if (nor->fail_read > 0 && --nor->fail_read == 0)
        return ERR_IO;
    if (nor->true_reads > 0) {
        nor->true_reads--;
    } else if (nor->lie_reads > 0) {
        nor->lie_reads--;
        memset(out, nor->lie_value, len);
        return ERR_OK;
    }
    memcpy(out, nor->bytes + addr, len);
    bool disturbed = in_erased_sector(nor, addr, len);
    if (!nor->any_weak && !disturbed)
        return ERR_OK;
    for (size_t i = 0; i < len; i++) {
        uint8_t loose = nor->weak[addr + i];
        if (disturbed && in_erased_sector(nor, addr + (uint32_t)i, 1))
            /* during its erase a sector is neither blank nor as it was */
            loose = (uint8_t)~out[i];
        if (loose != 0)
            out[i] ^= loose & (uint8_t)random_u32(&nor->random);
    }
    return ERR_OK;
}

/* Counts an operation. Returns true if the power is cut in it. */
static bool is_cut(struct nor_model *nor)
{
    nor->counts.operations++;
    if (nor->cut_countdown == 0 || --nor->cut_countdown != 0)
        return false;
    cut_count_cut(nor->cut_place, nor->was_cut);
    return nor->was_cut = true;
}

/* Inverts one bit of the result of an operation, if it is the operation that nor_model_botch chose. */
static void botch(struct nor_model *nor, uint32_t addr, size_t len)
{
    if (nor->botch_countdown == 0 || --nor->botch_countdown != 0)
        return;
    uint8_t *byte = nor->bytes + addr + random_u32(&nor->random) % len;
    uint8_t bit = (uint8_t)(1 << random_u32(&nor->random) % 8);
    *byte ^= bit;
}

static void count_units(struct nor_model *nor, uint32_t addr, size_t len)
{
    for (uint32_t unit = addr / NOR_MODEL_UNIT; unit * NOR_MODEL_UNIT < addr + len; unit++) {
        nor->counts.unit_violations += nor->programmed[unit] != 0;
        nor->programmed[unit] = 1;
    }
}

/* Leaves an erase partial: any subset of the clear bits is set and, if requested, some of them are weak. */
static void erase_partly(struct nor_model *nor, uint32_t addr, uint32_t tear)
{
    uint64_t state = random_seeded((uint64_t)tear << 32 | addr);
    uint32_t density = random_u32(&state) % 4; /* bits that change: few, half, most, nearly all */
    for (uint32_t i = addr; i < addr + nor->geometry.sector_size; i++) {
        uint8_t a = (uint8_t)random_u32(&state), b = (uint8_t)random_u32(&state),
                c = (uint8_t)random_u32(&state);
        uint8_t set = density == 0 ? a & b & c : density == 1 ? a : density == 2 ? a | b : a | b | c;
        uint8_t clear = (uint8_t)~nor->bytes[i];
        nor->bytes[i] |= set;
        if (tear % 2 == 1) {
            nor->weak[i] |= clear & (uint8_t)random_u32(&state) & (uint8_t)random_u32(&state);
            nor->any_weak = true;
        }
    }
}

static void erase_wholly(struct nor_model *nor, uint32_t addr)
{
    uint32_t len = nor->geometry.sector_size;
    memset(nor->bytes + addr, 0xFF, len);
    memset(nor->weak + addr, 0, len);
    memset(nor->programmed + addr / NOR_MODEL_UNIT, 0, len / NOR_MODEL_UNIT);
}

/* Cuts the power. A running erase stays partial. */
static void die(struct nor_model *nor)
{
    if (nor->erasing)
        erase_partly(nor, nor->erase_addr, nor->tear + NOR_TEAR_PARTS);
    nor->erasing = false;
    nor->dead = true;
}

static void program_bytes(struct nor_model *nor, uint32_t addr, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        nor->counts.lost_ones += (buf[i] & ~nor->bytes[addr + i]) != 0;
        nor->bytes[addr + i] &= buf[i];
    }
}

static void program_torn(struct nor_model *nor, uint32_t addr, const uint8_t *buf, size_t len)
{
    if (nor->tear == NOR_TEAR_NOTHING)
        return;
    if (nor->tear == NOR_TEAR_ALL) {
        count_units(nor, addr, len);
        program_bytes(nor, addr, buf, len);
        return;
    }
    uint64_t state = random_seeded((uint64_t)nor->tear << 32 | addr);
    size_t whole = random_u32(&state) % len;
    uint8_t edge = (uint8_t)(buf[whole] | random_u32(&state));
    /* Bytes that did not change do not count as programmed. */
    size_t touched = whole + ((nor->bytes[addr + whole] & ~edge) != 0);
    while (touched > 0 && (nor->bytes[addr + touched - 1] & ~buf[touched - 1]) == 0)
        touched--;
    count_units(nor, addr, touched);
    program_bytes(nor, addr, buf, whole);
    nor->bytes[addr + whole] &= edge;
}

static int program_page(struct nor_model *nor, uint32_t addr, const uint8_t *buf, size_t len)
{
    if (is_cut(nor)) {
        program_torn(nor, addr, buf, len);
        die(nor);
        return ERR_IO;
    }
    nor->counts.programs++;
    nor->counts.programmed_bytes += len;
    take_line_time(nor, PROGRAM_COMMAND_BYTES + len);
    take_program_time(nor, len);
    if (nor->sector_refuses[sector_of(nor, addr)] & REFUSES_PROGRAM || in_erased_sector(nor, addr, len))
        return ERR_IO;
    count_units(nor, addr, len);
    program_bytes(nor, addr, buf, len);
    botch(nor, addr, len);
    return ERR_OK;
}

static int model_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    struct nor_model *nor = ctx;
    const uint8_t *from = buf;
    if (nor->dead)
        return ERR_IO;
    if (!inside(nor, addr, len))
        return ERR_ARGUMENT;
    while (len > 0) {
        size_t room = NOR_MODEL_PAGE_SIZE - addr % NOR_MODEL_PAGE_SIZE, part = len < room ? len : room;
        int result = program_page(nor, addr, from, part);
        if (result != ERR_OK)
            return result;
        addr += (uint32_t)part;
        from += part;
        len -= part;
    }
    return ERR_OK;
}

static int model_erase_poll(void *ctx)
{
    struct nor_model *nor = ctx;
    if (nor->dead)
        return ERR_IO;
    if (!nor->erasing)
        return nor->stay_busy ? ERR_BUSY : ERR_OK;
    if (nor->stay_busy)
        return ERR_BUSY;
    if (nor->polls_left > 0) {
        nor->polls_left--;
        return ERR_BUSY;
    }
    if (is_cut(nor)) {
        if (nor->tear == NOR_TEAR_ALL) {
            erase_wholly(nor, nor->erase_addr);
            nor->erasing = false;
        }
        die(nor);
        return ERR_IO;
    }
    nor->erasing = false;
    if (nor->sector_refuses[sector_of(nor, nor->erase_addr)] & REFUSES_ERASE)
        return ERR_IO;
    erase_wholly(nor, nor->erase_addr);
    botch(nor, nor->erase_addr, nor->geometry.sector_size);
    take_erase_time(nor);
    return ERR_OK;
}

static int model_erase_start(void *ctx, uint32_t addr)
{
    struct nor_model *nor = ctx;
    if (nor->dead)
        return ERR_IO;
    if (!inside(nor, addr, 1))
        return ERR_ARGUMENT;
    if (nor->stay_busy)
        return ERR_BUSY;
    if (nor->erasing) { /* a real chip ends by itself, without polls */
        int result = model_erase_poll(nor);
        return nor->dead ? result : ERR_BUSY;
    }
    uint32_t sector = sector_of(nor, addr);
    nor->erase_addr = sector * nor->geometry.sector_size;
    if (is_cut(nor)) {
        nor->erasing = nor->tear != NOR_TEAR_NOTHING; /* ALL is not possible here: an erase takes its time */
        die(nor);
        return ERR_IO;
    }
    nor->counts.erases++;
    if (nor->botch_countdown > 1)
        nor->botch_countdown--;
    nor->sector_erases[sector]++;
    nor->erasing = true;
    nor->polls_left = nor->erase_polls;
    return ERR_OK;
}

static void *get_memory(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

void nor_model_init(struct nor_model *nor, uint32_t size, uint32_t sector_size)
{
    *nor = (struct nor_model){
        .flash = {.read = model_read,
                  .program = model_program,
                  .erase_start = model_erase_start,
                  .erase_poll = model_erase_poll,
                  .ctx = nor,
                  .geometry = &nor->geometry},
        .geometry = {.size = size, .sector_size = sector_size, .page_size = NOR_MODEL_PAGE_SIZE},
        .random = random_seeded(1),
    };
    nor->bytes = get_memory(size, 1);
    nor->weak = get_memory(size, 1);
    nor->programmed = get_memory(size / NOR_MODEL_UNIT, 1);
    nor->sector_refuses = get_memory(size / sector_size, 1);
    nor->sector_erases = get_memory(size / sector_size, sizeof *nor->sector_erases);
    memset(nor->bytes, 0xFF, size);
    cut_count_scene();
}

void nor_model_free(struct nor_model *nor)
{
    free(nor->bytes);
    free(nor->weak);
    free(nor->programmed);
    free(nor->sector_refuses);
    free(nor->sector_erases);
    nor->bytes = nor->weak = nor->programmed = nor->sector_refuses = NULL;
    nor->sector_erases = NULL;
}

void nor_model_cut(struct nor_model *nor, uint64_t n, uint32_t tear)
{
    nor->cut_countdown = nor->cut_place = n;
    nor->tear = tear;
}

void nor_model_power_on(struct nor_model *nor)
{
    if (!nor->dead && nor->erasing)
        erase_partly(nor, nor->erase_addr, nor->tear + NOR_TEAR_PARTS);
    nor->erasing = nor->dead = nor->stay_busy = false;
    nor->cut_countdown = nor->lie_reads = nor->true_reads = 0;
}

void nor_model_copy(struct nor_model *to, const struct nor_model *from)
{
    memcpy(to->bytes, from->bytes, from->geometry.size);
    memcpy(to->programmed, from->programmed, from->geometry.size / NOR_MODEL_UNIT);
    if (to->any_weak || from->any_weak)
        memcpy(to->weak, from->weak, from->geometry.size);
    to->any_weak = from->any_weak;
    to->random = from->random;
    to->was_cut = false;
    to->erasing = to->dead = to->stay_busy = false;
    to->cut_countdown = to->lie_reads = to->true_reads = 0;
}

uint8_t *nor_model_bytes(struct nor_model *nor, uint32_t addr)
{
    return nor->bytes + addr;
}

void nor_model_flip_bit(struct nor_model *nor, uint32_t addr, unsigned bit)
{
    nor->bytes[addr] ^= (uint8_t)(1 << bit % 8);
}

void nor_model_weaken(struct nor_model *nor, uint32_t addr, uint8_t mask)
{
    nor->weak[addr] |= mask;
    nor->any_weak = true;
}

void nor_model_scramble(struct nor_model *nor, uint32_t addr, uint32_t len, uint32_t seed)
{
    uint64_t state = random_seeded(seed);
    for (uint32_t i = 0; i < len; i++)
        nor->bytes[addr + i] = (uint8_t)random_u32(&state);
}

void nor_model_wear_out(struct nor_model *nor, uint32_t addr, bool refuses_erase, bool refuses_program)
{
    nor->sector_refuses[sector_of(nor, addr)] =
        (uint8_t)((refuses_erase ? REFUSES_ERASE : 0) | (refuses_program ? REFUSES_PROGRAM : 0));
}

void nor_model_botch(struct nor_model *nor, uint64_t n)
{
    nor->botch_countdown = n;
}

void nor_model_lie(struct nor_model *nor, uint32_t true_reads, uint32_t reads, uint8_t value)
{
    nor->true_reads = true_reads;
    nor->lie_reads = reads;
    nor->lie_value = value;
}

uint32_t nor_model_wear(const struct nor_model *nor, uint32_t addr)
{
    return nor->sector_erases[sector_of(nor, addr)];
}
