/*
 * A whole gate on the bench: the firmware, unchanged, between a scripted reader, a model of a NOR chip,
 * wires, a clock that the test moves, and a serial line. Watches one promise by itself: whenever the relay is
 * energised for a card, that card's own record stands in flash already. The struct is large: keep it static.
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
    int unrecorded_openings; /* openings without a record of their own: must stay 0 */
};

/* A new gate of the sample site (sample_list.h) with an erased chip of 1 MiB in sectors of 4 KiB. Not
 * started. */
void gate_bench_make(struct gate_bench *bench, enum zone zone);
void gate_bench_free(struct gate_bench *bench);

/* Powers up (again), on the same chip, clock and wires; an error ends the test program. */
void gate_bench_start(struct gate_bench *bench);
/* The same, and the reader answers. */
void gate_bench_start_with_reader(struct gate_bench *bench);
/* Lets the loop turn once a millisecond. */
void gate_bench_run_ms(struct gate_bench *bench, unsigned ms);

/* Uploads a list: the head, up to the blocks wanted; then all blocks wanted, and waits for the twin. What
 * goes wrong ends the test program. */
void gate_bench_upload_head(struct gate_bench *bench, const struct sample_list *list);
void gate_bench_install(struct gate_bench *bench, const struct sample_list *list);

/* Puts a card on the reader and takes it off. @returns the reason of the verdict; REASON_NONE: granted. */
enum reason gate_bench_tap(struct gate_bench *bench, const char *uid_hex);

/* Sets the gate's clock, as maintenance does. */
void gate_bench_set_clock(struct gate_bench *bench, uint32_t utc_s);
/* Lets time go by until the gate's clock shows utc_s, and a little more; the gate sleeps through it. */
void gate_bench_wait_until(struct gate_bench *bench, uint32_t utc_s);
/* Somebody goes through. */
void gate_bench_turn_arm(struct gate_bench *bench);

/* The newest record but `back`; one that cannot be read ends the test program. */
struct journal_record gate_bench_record(struct gate_bench *bench, uint32_t back);
/* Records of a kind and code that can be read. */
int gate_bench_count(struct gate_bench *bench, enum journal_kind kind, uint8_t code);

#endif
