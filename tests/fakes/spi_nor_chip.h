/*
 * A NOR chip as seen from its SPI pins: bytes in, bytes out, and what happens when the selection ends. It
 * enforces what the datasheets ask for (W25Q128JV revision F; S25FL128S 001-98283 revision P) and counts what
 * a driver does wrong instead of forgiving it.
 *
 * Time is the fake timer's: each byte takes its time on a 50 MHz line, programs and erases the typical times
 * of the W25Q128JV (FACTS: 30 us + 2.5 us a byte up to 0.4 ms; 45 ms for 4 KiB, 150 ms for 64 KiB). An erase
 * advances only while it is not suspended, and starts by turning its sector into neither the old content nor
 * blank.
 *
 * init allocates 16 MiB, free frees them; nothing blocks. Fields above "private" may be set by a test at any
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
    SPI_NOR_CHIP_QEMU,       /* the same id; takes no time and keeps WEL, like m25p80.c of QEMU 7.2
                              */
};

struct spi_nor_chip {
    struct spi spi; /* what the driver is given */
    uint8_t id[6];
    uint32_t counts[256]; /* selections that began with this command */
    uint64_t line_bytes;
    /* Each of these is a driver's mistake, or what it was dared to do. */
    uint32_t ignored_while_busy; /* commands other than status, suspend and reset */
    uint32_t ignored_unlatched;  /* program or erase without write enable */
    uint32_t ignored_protected;
    uint32_t wrapped_pages;
    uint32_t hasty_suspends; /* less than 20 us after the resume */
    uint32_t erase_stops;    /* running or suspended erases that a reset ended */
    uint32_t program_stops;
    uint64_t longest_suspend_us;

    bool absent;            /* the line reads silence */
    uint8_t silence;        /* 0xFF or 0x00: pull-up or pull-down */
    bool powered_down;      /* only ABh is heard */
    uint64_t deaf_until_us; /* power-up */
    bool stays_busy;        /* from now on nothing ends; a reset still helps */
    bool ignores_reset;
    bool ignores_write_enable;
    bool ignores_suspend;
    uint32_t loses_resumes;   /* so many from now on */
    bool locked;              /* W25Q with WPS=1: refuses all, with no bit that tells */
    bool refusal_drops_latch; /* how a part without error bits refuses: WEL gone at once, or */
    uint32_t refusal_us;      /* left after a moment of being busy */
    bool answers_id_while_busy;
    bool worn;             /* programs and erases run and change nothing */
    uint8_t protect;       /* BP bits in their place (0x1C); any of them protects everything */
    uint32_t bus_fails_in; /* the n-th exchange from now answers ERR_IO; 0: none */
    uint64_t erase_us;     /* of a sector */

    /* private */
    enum spi_nor_chip_kind kind;
    struct fake_timer *timer;
    uint64_t spare_ns; /* line time not yet given to the timer */
    uint8_t *bytes;
    bool latch, suspended, programming, erasing, error_program, error_erase, reset_enabled;
    uint64_t refusing_until_us;
    uint64_t busy_end_us;                  /* program */
    uint64_t erase_left_us, erase_seen_us; /* erase: still to run; counted up to here */
    uint64_t suspend_at_us;                /* a suspend takes effect; 0: none under way */
    uint64_t suspended_us, resumed_us;
    uint32_t erase_addr, erase_len;
    uint8_t command;
    uint32_t taken, addr;
    uint8_t page[256];
    uint32_t page_len;
};

/* Makes an erased chip. Aborts when there is no memory. */
void spi_nor_chip_init(struct spi_nor_chip *chip, enum spi_nor_chip_kind kind, struct fake_timer *timer);
void spi_nor_chip_free(struct spi_nor_chip *chip);

/* Direct sight of the content. */
uint8_t *spi_nor_chip_bytes(struct spi_nor_chip *chip, uint32_t addr);
/* Whether a program or an erase is at work, suspended or not. */
bool spi_nor_chip_is_at_work(struct spi_nor_chip *chip);

#endif
