/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a whole gate in a test: the unchanged firmware with a scripted reader, a model of a NOR chip, inputs
 * and outputs, a clock that the test moves, and a serial line. It always checks one rule itself: when the
 * relay is energised for a card, the record of that card must already be in flash. The caller owns the
 * struct, which is large (keep it static). An error ends the test program. Nothing blocks.
 */
#ifndef TESTS_FAKES_GATE_BENCH_H
#define TESTS_FAKES_GATE_BENCH_H

#include "firmware/portillon.h"
#include "tests/fakes/fake_entropy.h"
#include "tests/fakes/fake_gate_io.h"
#include "tests/fakes/fake_reader.h"
#include "tests/fakes/fake_serial.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/sample_list.h"

struct gate_bench {
    struct portillon portillon;
    struct portillon_hardware hardware;
    struct identity identity;
    struct fake_reader reader;
    struct fake_gate_io wires;
    struct fake_timer timer;
    struct fake_serial serial;
    struct fake_entropy entropy;
    struct nor_model nor;
    struct tap_result last_tap;
    int taps_told;           /* times on_tap was called */
    uint32_t opened_seq;     /* journal number of the last opening for a card */
    int unrecorded_openings; /* openings without a record of their own; must stay 0 */
    /* of the turns of the loop since the caller last set it to 0: the longest wait for the chip, line and
     * programs, by the datasheet */
    uint64_t longest_wait_ns[NOR_SHEETS];
};

/* Makes a new gate of the sample site (sample_list.h), with an erased chip of 1 MiB in sectors of 4 KiB. The
 * gate is not started. */
void gate_bench_make(struct gate_bench *bench, enum zone zone);
/* Frees the memory of the chip. */
void gate_bench_free(struct gate_bench *bench);

/* Powers the gate up, also again, with the same chip, clock, inputs and outputs. */
void gate_bench_start(struct gate_bench *bench);
/* Powers the gate up, with a reader that answers. */
void gate_bench_start_with_reader(struct gate_bench *bench);
/* Runs the gate's loop once every millisecond. */
void gate_bench_run_ms(struct gate_bench *bench, unsigned ms);

/* Uploads the manifest of a list, until the gate wants blocks. */
void gate_bench_upload_head(struct gate_bench *bench, const struct sample_list *list);
/* Uploads a whole list, and waits until its replica is complete. */
void gate_bench_install(struct gate_bench *bench, const struct sample_list *list);

/* Puts a card on the reader and takes it off. Returns the reason of the verdict; REASON_NONE means
 * granted. */
enum reason gate_bench_tap(struct gate_bench *bench, const char *uid_hex);

/* Sets the gate's clock, as a technician does. */
void gate_bench_set_clock(struct gate_bench *bench, uint32_t utc_s);
/* Acknowledges a record as the office does, with the MAC that is stored. Returns the results of
 * portillon_acknowledge. */
int gate_bench_acknowledge(struct gate_bench *bench, uint32_t seq) MUST_USE;
/* Advances the time until shortly after the gate's clock shows utc_s. The gate's loop does not run during
 * that time. */
void gate_bench_wait_until(struct gate_bench *bench, uint32_t utc_s);
/* Simulates a person who goes through. */
void gate_bench_turn_arm(struct gate_bench *bench);

/* Reads the record that is `back` records before the newest. It must be readable. */
struct journal_record gate_bench_record(struct gate_bench *bench, uint32_t back);
/* Counts the readable records of a kind and code. */
int gate_bench_count(struct gate_bench *bench, enum journal_kind kind, uint8_t code);

/* Fills the table of meals with passages of as many strangers at utc_s as it has room for. */
void gate_bench_fill_meals(struct gate_bench *bench, uint32_t utc_s);

#endif
