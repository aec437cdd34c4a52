/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip.h"

#include <string.h>

#include "tools/cardsim/chip_exchange.h"
#include "tools/cardsim/chip_reply.h"
#include "tools/cardsim/chip_search.h"
#include "tools/cardsim/chip_setup.h"
#include "tools/cardsim/chip_state.h"

/* Time between ACK and the answer to a command without radio. */
enum { COMMAND_US = 200 };

struct command {
    uint8_t code;
    uint8_t min_len; /* parameters, in bytes */
    enum cardsim_outcome (*handle)(struct cardsim_chip *chip, struct cardsim_request *request);
};

/* Waits without end, until the host sends another command: for a reader, as a target does, or in
 * RFRegulationTest, which transmits and answers nothing. As an initiator the chip is complete, as a target
 * it is not. */
static enum cardsim_outcome wait_forever(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)request;
    chip->task = CARDSIM_TASK_FOREVER;
    chip->due_us = UINT64_MAX;
    return CARDSIM_OUTCOME_WAIT;
}

static enum cardsim_outcome refuse_target_mode(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)request;
    cardsim_chip_append_status(chip, CARDSIM_STATUS_DEP_STATE);
    return CARDSIM_OUTCOME_REPLY;
}

/* Handles InATR, InJumpForDEP and similar commands, which search for an NFC peer. There is none among the
 * cards. */
static enum cardsim_outcome find_no_peer(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)request;
    cardsim_chip_append_status(chip, CARDSIM_STATUS_TIMEOUT);
    return CARDSIM_OUTCOME_REPLY;
}

static const struct command commands[] = {
    {0x00, 1, cardsim_chip_diagnose},
    {0x02, 0, cardsim_chip_get_firmware},
    {0x04, 0, cardsim_chip_get_status},
    {0x06, 2, cardsim_chip_read_register},
    {0x08, 3, cardsim_chip_write_register},
    {0x0C, 0, cardsim_chip_read_gpio},
    {0x0E, 2, cardsim_chip_write_gpio},
    {0x10, 1, cardsim_chip_set_baud_rate},
    {0x12, 1, cardsim_chip_set_parameters},
    {0x14, 1, cardsim_chip_configure_sam},
    {0x16, 1, cardsim_chip_power_down},
    {0x32, 2, cardsim_chip_configure_rf},
    {0x40, 1, cardsim_chip_exchange},
    {0x42, 0, cardsim_chip_communicate_thru},
    {0x44, 1, cardsim_chip_deselect},
    {0x46, 2, find_no_peer},
    {0x4A, 2, cardsim_chip_list_targets},
    {0x4E, 3, find_no_peer},
    {0x50, 2, find_no_peer},
    {0x52, 1, cardsim_chip_release},
    {0x54, 1, cardsim_chip_select},
    {0x56, 2, find_no_peer},
    {0x58, 1, wait_forever},
    {0x60, 3, cardsim_chip_auto_poll},
    {0x86, 0, refuse_target_mode},
    {0x88, 0, refuse_target_mode},
    {0x8A, 0, refuse_target_mode},
    {0x8C, 36, wait_forever},
    {0x8E, 0, refuse_target_mode},
    {0x90, 0, refuse_target_mode},
    {0x92, 0, refuse_target_mode},
    {0x94, 0, refuse_target_mode},
};

static const struct command *find_command(uint8_t code)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].code == code)
            return &commands[i];
    return NULL;
}

static void note(const struct cardsim_chip *chip, const char *text)
{
    if (chip->trace.note)
        chip->trace.note(chip->trace.ctx, text);
}

/* Sends bytes to the host. If the host never reads, they are lost, as on a wire. */
static void send_bytes(struct cardsim_chip *chip, const uint8_t *bytes, size_t len)
{
    if (len > sizeof chip->output - chip->output_len)
        return;
    memcpy(chip->output + chip->output_len, bytes, len);
    chip->output_len += len;
}

void cardsim_chip_consume(struct cardsim_chip *chip, size_t len)
{
    memmove(chip->output, chip->output + len, chip->output_len - len);
    chip->output_len -= len;
}

/* Simulates a loss of power. Faults, trace and is_instant stay. */
static void reset(struct cardsim_chip *chip)
{
    struct cardsim_chip old = *chip;
    cardsim_chip_drop_field(chip);
    memset(chip, 0, sizeof *chip);
    chip->field = old.field;
    chip->faults = old.faults;
    chip->trace = old.trace;
    chip->is_instant = old.is_instant;
    chip->searches_wupa = old.searches_wupa;
    chip->commands = old.commands;
    chip->is_asleep = true; /* low battery mode (3.1): the first bytes only wake the chip */
    chip->wakes_on_serial = true;
    chip->parameters = 0x14; /* fAutomaticATR_RES and fAutomaticRATS (7.2.9) */
    chip->retries_passive = 0xFF;
    chip->timeout_code = 0x0A; /* 51.2 ms */
    chip->due_us = UINT64_MAX;
    cardsim_chip_reset_registers(chip);
}

void cardsim_chip_init(struct cardsim_chip *chip, struct cardsim_field *field)
{
    memset(chip, 0, sizeof *chip);
    chip->field = field;
    reset(chip);
}

/* Sends the answer in chip->reply, changed by the armed fault. */
static void send_reply(struct cardsim_chip *chip)
{
    uint8_t frame[CARDSIM_FRAME_MAX];
    size_t len = cardsim_frame_encode(frame, CARDSIM_TFI_CHIP, chip->reply, chip->reply_len);
    chip->task = CARDSIM_TASK_NONE;
    chip->due_us = UINT64_MAX;
    memcpy(chip->older, chip->sent, chip->sent_len);
    chip->older_len = chip->sent_len;
    memcpy(chip->sent, frame, len);
    chip->sent_len = len;
    if (chip->trace.frame)
        chip->trace.frame(chip->trace.ctx, false, frame + 5, chip->reply_len + 1);
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_SILENCE_AFTER_ACK)) {
        note(chip, "fault silence-after-ack: the answer above was not sent");
        return;
    }
    if (chip->older_len && cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_STALE_REPLY)) {
        note(chip, "fault stale-reply: an older answer was sent instead");
        send_bytes(chip, chip->older, chip->older_len);
        return;
    }
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_BAD_CHECKSUM)) {
        note(chip, "fault bad-checksum");
        frame[len - 2] ^= 0x5A;
    }
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_TRUNCATED_FRAME)) {
        note(chip, "fault truncated-frame");
        len /= 2;
    }
    send_bytes(chip, frame, len);
}

static void send_reply_after(struct cardsim_chip *chip, uint64_t now_us, uint64_t delay_us)
{
    if (chip->is_instant)
        delay_us = 0;
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_SLOW))
        delay_us += 1000ull * (chip->faults.slow_ms ? chip->faults.slow_ms : CARDSIM_SLOW_MS);
    chip->task = CARDSIM_TASK_REPLY;
    chip->due_us = now_us + delay_us;
    if (delay_us == 0)
        send_reply(chip);
}

static void send_ack(struct cardsim_chip *chip)
{
    static const uint8_t noise[] = {0xA5, 0x00, 0x5A, 0xFF, 0x13};
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_DROP_ACK)) {
        note(chip, "fault drop-ack");
        return;
    }
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_GARBAGE_BEFORE_ACK)) {
        note(chip, "fault garbage-before-ack");
        send_bytes(chip, noise, sizeof noise);
    }
    send_bytes(chip, cardsim_frame_ack, sizeof cardsim_frame_ack);
}

static void abort_task(struct cardsim_chip *chip)
{
    chip->task = CARDSIM_TASK_NONE;
    chip->due_us = UINT64_MAX;
}

static void execute(struct cardsim_chip *chip, const uint8_t *data, size_t len, uint64_t now_us)
{
    if (chip->trace.frame)
        chip->trace.frame(chip->trace.ctx, true, data, len);
    if (data[0] != CARDSIM_TFI_HOST)
        return; /* not for the chip */
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_HANG))
        return;
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_RESET)) {
        note(chip, "fault reset: the chip lost its power for a moment");
        reset(chip);
        return;
    }
    abort_task(chip); /* a new command aborts the current one (6.2.1.3) */
    chip->commands++;
    send_ack(chip);
    struct cardsim_request request = {
        .data = data + 2, .len = len < 2 ? 0 : len - 2, .now_us = now_us, .delay_us = COMMAND_US};
    const struct command *command = len < 2 ? NULL : find_command(data[1]);
    enum cardsim_outcome outcome = CARDSIM_OUTCOME_SYNTAX;
    if (command && request.len >= command->min_len) {
        chip->reply[0] = (uint8_t)(data[1] + 1);
        chip->reply_len = 1;
        outcome = command->handle(chip, &request);
    }
    switch (outcome) {
    case CARDSIM_OUTCOME_REPLY:
        send_reply_after(chip, now_us, request.delay_us);
        break;
    case CARDSIM_OUTCOME_WAIT:
        cardsim_chip_poll(chip, now_us);
        break;
    case CARDSIM_OUTCOME_SYNTAX:
        note(chip, "syntax error frame sent");
        send_bytes(chip, cardsim_frame_error, sizeof cardsim_frame_error);
        break;
    }
}

/* Counts the rising edges on the line for one byte: start bit 0, eight data bits, lowest first, stop bit
 * 1. */
static uint8_t count_edges(uint8_t byte)
{
    unsigned line = (unsigned)byte << 1 | 1u << 9;
    uint8_t edges = 0;
    for (int bit = 0; bit < 9; bit++)
        edges += !(line >> bit & 1) && (line >> (bit + 1) & 1);
    return edges;
}

/* Wakes the chip at the fifth rising edge (7.2.11). The frame that contained the edge is lost. */
static void receive_asleep(struct cardsim_chip *chip, uint8_t byte)
{
    enum { WAKING_EDGES = 5 };
    if (!chip->wakes_on_serial)
        return;
    chip->rising_edges += count_edges(byte);
    if (chip->rising_edges < WAKING_EDGES)
        return;
    chip->is_asleep = false;
    chip->rising_edges = 0;
    memset(&chip->parser, 0, sizeof chip->parser);
}

static void receive_byte(struct cardsim_chip *chip, uint8_t byte, uint64_t now_us)
{
    if (chip->is_asleep) {
        receive_asleep(chip, byte);
        return;
    }
    switch (cardsim_frame_push(&chip->parser, byte)) {
    case CARDSIM_FRAME_NONE:
        return;
    case CARDSIM_FRAME_DATA:
        execute(chip, chip->parser.data, chip->parser.data_len, now_us);
        return;
    case CARDSIM_FRAME_ACK: /* the host aborts the current command */
        if (chip->task != CARDSIM_TASK_NONE)
            note(chip, "aborted by the host");
        abort_task(chip);
        return;
    case CARDSIM_FRAME_NACK:
        if (chip->faults.kind != CARDSIM_FAULT_HANG)
            send_bytes(chip, chip->sent, chip->sent_len);
        return;
    case CARDSIM_FRAME_BAD:
        note(chip, "bad frame from the host: not acknowledged");
        return;
    }
}

void cardsim_chip_receive(struct cardsim_chip *chip, const uint8_t *bytes, size_t len, uint64_t now_us)
{
    for (size_t i = 0; i < len; i++)
        receive_byte(chip, bytes[i], now_us);
}

void cardsim_chip_poll(struct cardsim_chip *chip, uint64_t now_us)
{
    bool is_over = now_us >= chip->due_us;
    uint64_t delay_us = COMMAND_US;
    switch (chip->task) {
    case CARDSIM_TASK_NONE:
    case CARDSIM_TASK_FOREVER:
        return;
    case CARDSIM_TASK_REPLY:
        if (is_over)
            send_reply(chip);
        return;
    case CARDSIM_TASK_LIST:
        if (cardsim_chip_try_list(chip, is_over, &delay_us))
            send_reply_after(chip, now_us, delay_us);
        return;
    case CARDSIM_TASK_AUTO_POLL:
        if (cardsim_chip_try_auto_poll(chip, is_over, &delay_us))
            send_reply_after(chip, now_us, delay_us);
        return;
    }
}

uint64_t cardsim_chip_due_us(const struct cardsim_chip *chip)
{
    return chip->due_us;
}
