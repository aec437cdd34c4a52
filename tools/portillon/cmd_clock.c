/* portillon clock set: the gate's clock from this computer's, or to a time said. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "firmware/clock.h"
#include "tools/portillon/answers.h"
#include "tools/portillon/command.h"
#include "tools/portillon/gate_options.h"
#include "tools/portillon/gate_time.h"
#include "tools/portillon/interrupt.h"

enum { OPTION_TO = GATE_OPTION_COUNT };

static const struct command_option options[] = {
    GATE_OPTIONS,
    {"to", 0, "TIME",
     "a time instead of this computer's: 2026-09-01T06:30:00Z,\n"
     "\"2026-09-01 08:30\" (local) or @SECONDS since 1970"},
    {0},
};

static const struct command_syntax syntax = {
    .usage = "--port DEV --site DIR [--gate ID] [--to TIME]",
    .details = "Sets the gate's clock, and says how far it was off before and after.",
    .options = options,
};

/* Says what the gate's clock shows. @returns COMMAND_OK, COMMAND_FAILED, INTERRUPT_STATUS. */
static int show(const struct gate_options *gate, struct link *link, const char *label)
{
    char when[GATE_TIME_LEN], drift[GATE_TIME_LEN], quality[ANSWER_TEXT_LEN];
    struct link_answer answer;
    uint32_t shown;
    int result = link_request(link, &(struct link_request){.method = LINK_GET, .path = "time"}, &answer);
    if (result != ERR_OK)
        return gate_fail(gate, link, result);
    if (answer.code != 205)
        return gate_refused(gate, "reading its clock", &answer);
    int64_t now = (int64_t)time(NULL);
    if (answer_time_decode(&shown, quality, answer.data, answer.len) != ERR_OK)
        return command_fail("clock set: the gate's answer to /time makes no sense");
    if (strcmp(quality, clock_quality_name(CLOCK_UNSET)) == 0)
        printf("%s unset\n", label);
    else
        printf("%s %s, %s\n", label, gate_time_local(shown, when),
               gate_time_drift((int64_t)shown - now, drift));
    return COMMAND_OK;
}

static int set(const struct gate_options *gate, struct link *link, const uint32_t *to)
{
    uint8_t payload[32];
    struct link_answer answer;
    if (to == NULL) {
        /* The gate counts whole seconds: told at the turn of one, it is right to a few hundredths. */
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        nanosleep(&(struct timespec){.tv_nsec = 1000000000 - now.tv_nsec - 1}, NULL);
    }
    int len =
        answer_encode_number("time", to != NULL ? *to : (uint32_t)(time(NULL)), payload, sizeof payload);
    if (len < 0)
        return command_fail("clock set: %s", error_name(len));
    int result =
        link_request(link,
                     &(struct link_request){
                         .method = LINK_PUT, .path = "time", .payload = payload, .payload_len = (size_t)len},
                     &answer);
    if (result != ERR_OK)
        return gate_fail(gate, link, result);
    return answer.code == 204 ? COMMAND_OK : gate_refused(gate, "setting its clock", &answer);
}

int cmd_clock_set(int argc, char **argv)
{
    struct gate_options gate;
    struct link link;
    const char *value;
    uint32_t to = 0;
    bool has_to = false;
    int index;

    gate_options_init(&gate, argv[0]);
    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0) {
        if (index == OPTION_TO) {
            if (!gate_time_parse(value, &to))
                return command_misuse(argv[0], "--to %s: not a time (2026-09-01T06:30:00Z is one)", value);
            has_to = true;
        } else if (gate_options_take(&gate, index, value) != COMMAND_OK) {
            return COMMAND_USAGE;
        }
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (optind < argc)
        return command_misuse(argv[0], "%s: what is that?", argv[optind]);
    int status = gate_options_finish(&gate, false);
    if (status != COMMAND_OK)
        return status;
    interrupt_catch();
    status = gate_options_connect(&gate, &link);
    if (status == COMMAND_OK)
        status = show(&gate, &link, "before:");
    if (status == COMMAND_OK)
        status = set(&gate, &link, has_to ? &to : NULL);
    if (status == COMMAND_OK)
        status = show(&gate, &link, "now:   ");
    link_close(&link);
    gate_options_close(&gate);
    return status;
}
