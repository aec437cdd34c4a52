/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/gate_clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "firmware/base/clock.h"
#include "hal/linux/translate.h"

static bool is(const struct gate_clock *clock, enum clock_quality quality)
{
    return strcmp(clock->gate.clock, clock_quality_name(quality)) == 0;
}

int64_t gate_clock_ahead_s(const struct gate_clock *clock)
{
    return (int64_t)clock->gate.time - clock->now;
}

bool gate_clock_shows_time(const struct gate_clock *clock)
{
    return !is(clock, CLOCK_UNSET);
}

bool gate_clock_is_sure(const struct gate_clock *clock)
{
    return is(clock, CLOCK_SET);
}

enum gate_clock_advice gate_clock_judge(const struct gate_clock *clock)
{
    int64_t ahead_s = gate_clock_ahead_s(clock);
    int64_t age_s = clock->now - (int64_t)clock->gate.confirmed;
    if (clock->now < CLOCK_EARLIEST_UTC_S || clock->now > UINT32_MAX)
        return GATE_CLOCK_NO_TIME;
    if (!gate_clock_shows_time(clock))
        return GATE_CLOCK_SET_IT;
    if (ahead_s > GATE_CLOCK_APART_S || (gate_clock_is_sure(clock) && ahead_s < -GATE_CLOCK_APART_S))
        return GATE_CLOCK_APART;
    bool fresh = clock->gate.has_confirmed && llabs(age_s) < GATE_CLOCK_FRESH_S;
    return gate_clock_is_sure(clock) && fresh && llabs(ahead_s) <= GATE_CLOCK_CLOSE_S ? GATE_CLOCK_FINE
                                                                                      : GATE_CLOCK_SET_IT;
}

int gate_clock_read(const struct gate_options *gate, struct link *link, struct gate_clock *clock)
{
    struct link_answer answer;
    int status = gate_get(gate, link, "time", N_("reading its clock"), &answer);
    if (status != COMMAND_OK)
        return status;
    clock->now = (int64_t)time(NULL);
    if (answer_time_decode(&clock->gate, answer.data, answer.len) != ERR_OK)
        return command_fail("%s: the gate's answer to /time makes no sense: a newer firmware?",
                            gate->command);
    return COMMAND_OK;
}

int gate_clock_set(const struct gate_options *gate, struct link *link, const uint32_t *to_utc_s)
{
    uint8_t payload[32];
    struct link_answer answer;
    if (to_utc_s == NULL) {
        /* The gate counts whole seconds. Set at the start of a second, it is right to a few hundredths. */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        nanosleep(&(struct timespec){.tv_nsec = 1000000000 - now.tv_nsec - 1}, NULL);
    }
    uint32_t utc_s = to_utc_s != NULL ? *to_utc_s : (uint32_t)time(NULL);
    int len = answer_encode_number("time", utc_s, payload, sizeof payload);
    if (len < 0)
        return command_fail("%s: %s", gate->command, error_name(len));
    int result =
        link_request(link,
                     &(struct link_request){
                         .method = LINK_PUT, .path = "time", .payload = payload, .payload_len = (size_t)len},
                     &answer);
    if (result != ERR_OK)
        return gate_fail(gate, link, result);
    return answer.code == COAP_CHANGED ? COMMAND_OK : gate_refused(gate, N_("setting its clock"), &answer);
}
