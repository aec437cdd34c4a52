/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Models a NOR chip at its SPI pins: bytes in, bytes out, and what happens when the selection ends. It
 * enforces the rules of the data sheets (W25Q128JV revision F; S25FL128S 001-98283 revision P), and counts
 * what a driver does wrong.
 *
 * Time is that of the fake timer. Each byte takes its time on a 50 MHz line. Programs and erases take the
 * typical times of the W25Q128JV (data sheet: 30 us + 2.5 us a byte, up to 0.4 ms; 45 ms for 4 KiB, 150 ms
 * for 64 KiB). An erase advances only while it is not suspended. At its start it changes the sector to a
 * content that is neither the old one nor blank.
 *
 * init allocates 16 MiB, free frees them. Nothing blocks. A test may set the fields above "internal" at any
 * time.
 */
#ifndef TESTS_FAKES_SPI_NOR_CHIP_H
#define TESTS_FAKES_SPI_NOR_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/spi.h"
#include "tests/fakes/fake_timer.h"

#define SPI_NOR_CHIP_SIZE (16u * 1024 * 1024)

enum spi_nor_chip_kind {
    SPI_NOR_CHIP_W25Q128,    /* EF 40 18 */
    SPI_NOR_CHIP_S25FL128S,  /* 01 20 18 4D 01 80: P_ERR and E_ERR, reset by F0h */
    SPI_NOR_CHIP_S25SL12801, /* 01 20 18 03 01: no suspend, no error bits */
    /* the same id; takes no time and keeps WEL, like m25p80.c of QEMU 7.2 */
    SPI_NOR_CHIP_QEMU,
};

struct spi_nor_chip {
    struct spi spi; /* given to the driver */
    uint8_t id[6];
    uint32_t counts[256]; /* selections that began with this command */
    uint64_t line_bytes;
    /* The counts below are mistakes of a driver, or operations that a test provoked. */
    uint32_t ignored_while_busy; /* commands other than status, suspend and reset */
    uint32_t ignored_unlatched;  /* program or erase without write enable */
    uint32_t ignored_protected;
    uint32_t wrapped_pages;
    uint32_t hasty_suspends; /* less than 20 us after the resume */
    uint32_t erase_stops;    /* running or suspended erases that a reset ended */
    uint32_t program_stops;
    uint64_t longest_suspend_us;

    bool absent;            /* every read gives the value of silence */
    uint8_t silence;        /* 0xFF or 0x00: pull-up or pull-down */
    bool powered_down;      /* only ABh is executed */
    uint64_t deaf_until_us; /* power-up: until then no command is executed */
    bool stays_busy;        /* nothing ends from now on; a reset still works */
    bool ignores_reset;
    bool ignores_write_enable;
    bool ignores_suspend;
    uint32_t loses_resumes;   /* number of resumes that are lost from now on */
    bool locked;              /* W25Q with WPS=1: refuses everything, and no bit shows it */
    bool refusal_drops_latch; /* a part without error bits clears WEL when it refuses; false: WEL stays set */
    uint32_t refusal_us;      /* how long a part is busy after a refusal */
    bool answers_id_while_busy;
    /* four address bytes, until E9h with the write enable latch (or 17h 00h on a FL-S): as a boot loader may
     * leave a chip of more than 16 MiB */
    bool has_4_address_bytes;
    bool worn;             /* programs and erases run and change nothing */
    uint8_t protect;       /* BP bits in their place (0x1C); any of them protects everything */
    uint32_t bus_fails_in; /* the n-th exchange from now returns ERR_IO; 0: none */
    uint64_t erase_us;     /* of a sector */

    /* internal */
    enum spi_nor_chip_kind kind;
    struct fake_timer *timer;
    uint64_t spare_ns; /* line time that was not yet added to the timer */
    uint8_t *bytes;
    bool latch, suspended, programming, erasing, error_program, error_erase, reset_enabled;
    uint64_t refusing_until_us;
    uint64_t busy_end_us;                  /* of a program */
    uint64_t erase_left_us, erase_seen_us; /* of an erase: time left; when it was last counted */
    uint64_t suspend_at_us;                /* when a suspend takes effect; 0: none pending */
    uint64_t suspended_us, resumed_us;
    uint32_t erase_addr, erase_len;
    uint8_t command;
    uint32_t taken, addr;
    uint8_t page[256];
    uint32_t page_len;
};

/* Makes an erased chip. Ends the program when there is no memory. */
void spi_nor_chip_init(struct spi_nor_chip *chip, enum spi_nor_chip_kind kind, struct fake_timer *timer);
/* Frees the memory of the chip. */
void spi_nor_chip_free(struct spi_nor_chip *chip);

/* Returns a pointer to the content at addr. */
uint8_t *spi_nor_chip_bytes(struct spi_nor_chip *chip, uint32_t addr);
/* Returns true if a program or an erase is running or suspended. */
bool spi_nor_chip_is_at_work(struct spi_nor_chip *chip);

#endif
