/*
 * A NOR flash chip in memory, with everything that goes wrong with one: power cuts, torn programs, half-done
 * erases, bits that flip, sectors that are worn out, a chip that stays busy or reads nonsense. Counts every
 * operation, and models its time with the figures of a W25Q128JV.
 *
 * Operations, as cuts count them: the program of one page, the start of an erase, the end of an erase. A cut
 * leaves the operation it hits done not at all, wholly, or in part, as the tear says; from then on every call
 * answers ERR_IO until nor_model_power_on. All that looks random follows from the seeds, so every run can be
 * had again. Memory is allocated by init and freed by free; nothing blocks.
 */
#ifndef TESTS_FAKES_NOR_MODEL_H
#define TESTS_FAKES_NOR_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/flash.h"

#define NOR_MODEL_PAGE_SIZE 256
#define NOR_MODEL_UNIT      16 /* what an ECC chip wants programmed at most once between erases */

/* What a cut leaves of the operation it hits. From NOR_TEAR_PARTS on, each number is another random part. */
enum nor_tear {
    NOR_TEAR_NOTHING = 0, /* as if the power had gone just before */
    NOR_TEAR_ALL = 1,     /* just after, the caller never knew */
    NOR_TEAR_PARTS = 2,   /* program: a prefix, the byte at its edge with any subset of its bits cleared;
                             erase: any subset of the bits set, and of odd numbers some of them weak */
};

struct nor_model_counts {
    uint64_t operations; /* page programs, erase starts, erase ends */
    uint64_t reads, read_bytes;
    uint64_t programs, programmed_bytes; /* page programs */
    uint64_t erases;                     /* started */
    uint64_t time_ns;                    /* modelled, all calls together */
    uint64_t unit_violations; /* units of 16 bytes programmed twice between erases; of a torn program
                               * those in which it left a trace */
    uint64_t lost_ones;       /* bytes whose program wanted a bit set that was clear */
};

struct nor_model {
    struct flash flash; /* what the code under test is given */
    struct nor_model_counts counts;
    uint32_t erase_polls; /* polls that answer ERR_BUSY before an erase ends; 0: ends at the first poll */
    bool stay_busy;       /* erases never end, and no new one starts */
    uint32_t fail_read;   /* the n-th read from now answers ERR_IO; 0: none */
    bool dead;            /* the power was cut */

    /* private */
    struct flash_geometry geometry;
    uint8_t *bytes;
    uint8_t *weak;       /* a set bit: the bit of bytes here reads as it pleases */
    uint8_t *programmed; /* per unit: times programmed since its erase */
    uint8_t *sector_refuses;
    uint32_t *sector_erases;
    bool any_weak;
    uint64_t cut_countdown; /* 0: none */
    uint64_t cut_place;     /* what it started from */
    bool was_cut;           /* since the content was made or copied */
    uint32_t tear;
    uint64_t random;
    bool erasing;
    uint32_t erase_addr, polls_left;
    uint32_t true_reads, lie_reads;
    uint8_t lie_value;
    uint64_t botch_countdown; /* 0: none */
};

/* Makes an erased chip. Aborts when there is no memory. sector_size: 4096 or 65536. */
void nor_model_init(struct nor_model *nor, uint32_t size, uint32_t sector_size);
void nor_model_free(struct nor_model *nor);

/* Cuts the power at the n-th operation from now (1: the next), tearing it as said. n 0: no cut. */
void nor_model_cut(struct nor_model *nor, uint64_t n, uint32_t tear);
/* Power again: a half-done erase stays half done. Cuts and lies are forgotten, worn sectors stay worn. */
void nor_model_power_on(struct nor_model *nor);

/* Copies the whole content (not the worn sectors) from another chip of the same size. */
void nor_model_copy(struct nor_model *to, const struct nor_model *from);
/* Direct sight of the content, for tests that damage or compare it. */
uint8_t *nor_model_bytes(struct nor_model *nor, uint32_t addr);
void nor_model_flip_bit(struct nor_model *nor, uint32_t addr, unsigned bit);
/* Bits of mask at addr read as they please until the sector is erased. */
void nor_model_weaken(struct nor_model *nor, uint32_t addr, uint8_t mask);
/* Fills the range with random bytes. */
void nor_model_scramble(struct nor_model *nor, uint32_t addr, uint32_t len, uint32_t seed);
/* The sector of addr answers ERR_IO to erases or programs from now on, and stays what it is. */
void nor_model_wear_out(struct nor_model *nor, uint32_t addr, bool refuses_erase, bool refuses_program);
/* After so many true reads, the next ones give value in every byte. */
void nor_model_lie(struct nor_model *nor, uint32_t true_reads, uint32_t reads, uint8_t value);
/* The n-th operation from now (1: the next) leaves one bit wrong and answers ERR_OK all the same. */
void nor_model_botch(struct nor_model *nor, uint64_t n);
/* Times the sector of addr was erased. */
uint32_t nor_model_wear(const struct nor_model *nor, uint32_t addr);

#endif
