/*
 * What a technician has the gate do to see that its board works: a scratch sector of the flash chip erased,
 * written and read back; one output at a time driven for a second; rises of each input counted.
 *
 * The caller owns the struct, zeroed at start-up. Nothing blocks longer than one page of flash (0.4 ms):
 * selftest_poll is called again and again while it answers ERR_BUSY. Touches nothing outside its sector.
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
    SELFTEST_WAITING,  /* for somebody else's erase to end */
    SELFTEST_ERASING,
    SELFTEST_LOOKING, /* whether the erased sector is blank */
    SELFTEST_WRITING,
    SELFTEST_READING,
    SELFTEST_PASSED,
    SELFTEST_FAILED,
};

struct selftest {
    const struct flash *flash;
    uint32_t base; /* of the scratch sector */
    uint32_t seed; /* of what is written, so that what was there before does not pass */
    uint32_t at;   /* bytes of the sector done in this step */
    enum selftest_step step;
    enum selftest_step failed_step; /* where it failed */
    int error;                      /* why: ERR_IO, ERR_CORRUPT (read otherwise than written), ERR_TIMEOUT */
    uint64_t step_us;               /* when the step began */
    uint32_t erase_us, write_us, read_us;
    uint32_t output; /* the one driven now, of enum gate_output; 0: none */
    uint64_t output_us;
    uint32_t input_rises[INPUTS_COUNT]; /* since start-up, in the order of enum gate_input */
};

/* Begins to test the sector at base, with a seed of random bits.
 * @retval ERR_OK, ERR_BUSY (a test is running). */
int selftest_start_flash(struct selftest *selftest, const struct flash *flash, uint32_t base, uint32_t seed,
                         uint64_t now_us) MUST_USE;

/* Goes on with the flash test. @retval ERR_OK (nothing to do), ERR_BUSY (call again). */
int selftest_poll(struct selftest *selftest, uint64_t now_us);

/* From now on this output, of enum gate_output, is the only one. */
void selftest_start_output(struct selftest *selftest, uint32_t output, uint64_t now_us);
/* Ends it before its time. */
void selftest_stop_output(struct selftest *selftest);
/* The outputs to drive instead of `otherwise`, which stands once the second is over. */
uint32_t selftest_outputs(struct selftest *selftest, uint32_t otherwise, uint64_t now_us);

/* Inputs that just became active: bits of enum gate_input. */
void selftest_count_rises(struct selftest *selftest, uint32_t risen);

/* "none", "waiting", "erasing", "looking", "writing", "reading", "passed", "failed". */
const char *selftest_step_name(enum selftest_step step);

#endif
