/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models a NOR flash chip in memory, with its faults: power cuts, torn programs, partial erases, inverted
 * bits, worn sectors, and a chip that stays busy or returns wrong data. It counts every operation, and models
 * its time with the figures of the datasheets (nor_sheet.h).
 *
 * Cuts count these operations: the program of one page, the start of an erase, the end of an erase. After a
 * cut, the operation it hits is not done, wholly done, or partly done, as the tear says. Every call then
 * returns ERR_IO until nor_model_power_on. All random behaviour follows from the seeds, so every run can be
 * repeated. init allocates memory and free frees it. Nothing blocks.
 */
#ifndef TESTS_FAKES_NOR_MODEL_H
#define TESTS_FAKES_NOR_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/flash.h"
#include "tests/fakes/nor_sheet.h"

#define NOR_MODEL_PAGE_SIZE 256
#define NOR_MODEL_UNIT      16 /* an ECC chip wants a unit programmed at most once between erases */

/* What a cut leaves of the operation it hits. From NOR_TEAR_PARTS on, each number is another random part. */
enum nor_tear {
    NOR_TEAR_NOTHING = 0, /* as if the power had gone just before */
    NOR_TEAR_ALL = 1,     /* the power goes just after, before the caller knows */
    /* program: a prefix, and at its edge a byte with any subset of its bits cleared; erase: any subset of the
     * bits set and, with odd numbers, some of them weak */
    NOR_TEAR_PARTS = 2,
};

struct nor_model_counts {
    uint64_t operations; /* page programs, erase starts, erase ends */
    uint64_t reads, read_bytes;
    uint64_t programs, programmed_bytes; /* page programs */
    uint64_t erases;                     /* started */
    uint64_t line_ns;                    /* bytes on the line, 50 MHz */
    uint64_t program_ns[NOR_SHEETS];     /* the chip is busy with programs, by the datasheet */
    uint64_t erase_ns[NOR_SHEETS];       /* the same with erases, in which other work goes on */
    uint64_t time_ns;                    /* line_ns and both of NOR_SHEET_W25Q_TYPICAL */
    /* units of 16 bytes programmed twice between erases; of a torn program only those that it changed */
    uint64_t unit_violations;
    /* bytes whose program wanted to set a bit that was clear */
    uint64_t lost_ones;
};

struct nor_model {
    struct flash flash; /* given to the code under test */
    struct nor_model_counts counts;
    uint32_t erase_polls; /* polls that return ERR_BUSY before an erase ends; 0: it ends at the first poll */
    bool stay_busy;       /* erases never end, and no new one starts */
    uint32_t fail_read;   /* the n-th read from now returns ERR_IO; 0: none */
    bool dead;            /* the power was cut */

    /* internal */
    struct flash_geometry geometry;
    uint8_t *bytes;
    uint8_t *weak;       /* a set bit: the same bit of bytes reads as 0 or 1 at random */
    uint8_t *programmed; /* per unit: programmed since its erase */
    uint8_t *sector_refuses;
    uint32_t *sector_erases;
    bool any_weak;
    uint64_t cut_countdown; /* 0: none */
    uint64_t cut_place;     /* start value of cut_countdown */
    bool was_cut;           /* since the content was made or copied */
    uint32_t tear;
    uint64_t random;
    bool erasing;
    uint32_t erase_addr, polls_left;
    uint32_t true_reads, lie_reads;
    uint8_t lie_value;
    uint64_t botch_countdown; /* 0: none */
};

/* Makes an erased chip. sector_size is 4096 or 65536. Ends the program when there is no memory. */
void nor_model_init(struct nor_model *nor, uint32_t size, uint32_t sector_size);
/* Frees the memory of the chip. */
void nor_model_free(struct nor_model *nor);

/* Cuts the power at the n-th operation from now (1: the next), with a tear. n 0: no cut. */
void nor_model_cut(struct nor_model *nor, uint64_t n, uint32_t tear);
/* Restores the power. A partial erase stays partial. Cuts and wrong reads are cancelled; worn sectors stay
 * worn. */
void nor_model_power_on(struct nor_model *nor);

/* Copies the whole content (not the worn sectors) from another chip of the same size. */
void nor_model_copy(struct nor_model *to, const struct nor_model *from);
/* Returns a pointer to the content at addr, for tests that damage or compare it. */
uint8_t *nor_model_bytes(struct nor_model *nor, uint32_t addr);
/* Inverts a bit. */
void nor_model_flip_bit(struct nor_model *nor, uint32_t addr, unsigned bit);
/* Makes the bits of mask at addr read at random until their sector is erased. */
void nor_model_weaken(struct nor_model *nor, uint32_t addr, uint8_t mask);
/* Fills the range with random bytes. */
void nor_model_scramble(struct nor_model *nor, uint32_t addr, uint32_t len, uint32_t seed);
/* Makes the sector of addr worn: from now on its erases or programs return ERR_IO, and its content stays. */
void nor_model_wear_out(struct nor_model *nor, uint32_t addr, bool refuses_erase, bool refuses_program);
/* Makes the chip return wrong data: after true_reads right reads, the next reads have value in every byte. */
void nor_model_lie(struct nor_model *nor, uint32_t true_reads, uint32_t reads, uint8_t value);
/* Makes the n-th operation from now (1: the next) leave one wrong bit and still return ERR_OK. */
void nor_model_botch(struct nor_model *nor, uint64_t n);
/* Returns how often the sector of addr was erased. */
uint32_t nor_model_wear(const struct nor_model *nor, uint32_t addr);

#endif
