/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The self-test with which a technician checks the board. It erases, writes and reads a scratch sector of the
 * flash chip, drives one output at a time for a second, and counts the rising edges of each input.
 *
 * The caller owns the struct and zeroes it at start-up. The flash test runs in pieces, and the caller calls
 * selftest_poll while it returns ERR_BUSY. A call blocks for one page: 0.4 ms typically, 5 ms at most to
 * write it, more if an erase of another module runs (hal/flash.h). The test accesses no flash outside its
 * sector.
 */
#ifndef FIRMWARE_GATE_SELFTEST_H
#define FIRMWARE_GATE_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/gate/inputs.h"
#include "hal/error.h"
#include "hal/flash.h"

#define SELFTEST_OUTPUT_MS 1000

enum selftest_step {
    SELFTEST_NONE = 0, /* not run since start-up */
    SELFTEST_WAITING,  /* waits until the erase of another module ends */
    SELFTEST_ERASING,
    SELFTEST_LOOKING, /* checks that the erased sector is blank */
    SELFTEST_WRITING,
    SELFTEST_READING,
    SELFTEST_PASSED,
    SELFTEST_FAILED,
};

struct selftest {
    const struct flash *flash;
    uint32_t base; /* address of the scratch sector */
    uint32_t seed; /* seed of the test pattern, so that data of an earlier test does not pass */
    uint32_t at;   /* count of bytes of the sector done in this step */
    enum selftest_step step;
    enum selftest_step failed_step; /* the step that failed */
    int error;        /* its cause: ERR_IO, ERR_CORRUPT (data read differs from data written), ERR_TIMEOUT */
    uint64_t step_us; /* monotonic time at which the step began */
    uint32_t erase_us, write_us, read_us; /* durations of the steps */
    uint32_t output;                      /* the output driven now (enum gate_output); 0: none */
    uint64_t output_us;                   /* monotonic time at which its test began */
    uint32_t input_rises[INPUTS_COUNT];   /* since start-up, in the order of enum gate_input */
};

/* Starts the test of the sector at address base. selftest_poll does the work. seed is 32 random bits. Returns
 * ERR_OK, ERR_BUSY (a test is running). */
int selftest_start_flash(struct selftest *selftest, const struct flash *flash, uint32_t base, uint32_t seed,
                         uint64_t now_us) MUST_USE;

/* Continues the flash test. The result is in step, failed_step and error. Returns ERR_OK (nothing to do: no
 * test runs, or it has ended), ERR_BUSY (call again). */
int selftest_poll(struct selftest *selftest, uint64_t now_us);

/* Starts to drive one output (enum gate_output) for SELFTEST_OUTPUT_MS. All other outputs are off. It takes
 * effect when the caller drives selftest_outputs. A test of another output ends. */
void selftest_start_output(struct selftest *selftest, uint32_t output, uint64_t now_us);
/* Ends the test of the output early. */
void selftest_stop_output(struct selftest *selftest);
/* Returns the outputs to drive: the tested output during its test, `otherwise` at all other times. */
uint32_t selftest_outputs(struct selftest *selftest, uint32_t otherwise, uint64_t now_us);

/* Counts the inputs that just became active (bits of enum gate_input). */
void selftest_count_rises(struct selftest *selftest, uint32_t risen);

/* Returns "none", "waiting", "erasing", "looking", "writing", "reading", "passed" or "failed". */
const char *selftest_step_name(enum selftest_step step);

#endif
