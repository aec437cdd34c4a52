/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip_setup.h"

#include <string.h>

#include "tools/cardsim/chip_exchange.h"
#include "tools/cardsim/chip_reply.h"
#include "tools/cardsim/chip_search.h"

enum {
    REGISTER_BASE = 0x6000,
    SFR_BASE = 0xFF00,
    SFR_INDEX = 0x400,
    FIFO_DATA = 0x6339,
    FIFO_LEVEL = 0x633A,
    BIT_FRAMING = 0x633D,
    FIFO_FLUSH = 0x80,
    START_SEND = 0x80,
    PORT_3 = 0x3F, /* pins P30 to P35, P71 and P72 */
    PORT_7 = 0x06,
};

void cardsim_chip_reset_registers(struct cardsim_chip *chip)
{
    memset(chip->registers, 0, sizeof chip->registers);
    chip->registers[0x302] = 0x80; /* CIU_TxMode, CIU_RxMode: CRC on, 106 kbit/s, ISO 14443-A */
    chip->registers[0x303] = 0x80;
    chip->registers[0x305] = 0x40; /* CIU_TxAuto: Force100ASK */
    chip->registers[0x33C] = 0x10; /* CIU_Control: initiator */
    chip->registers[0x33E] = 0xA0; /* CIU_Coll: values after a collision are kept, no position */
    chip->port_3 = PORT_3;         /* all pins are pulled up */
    chip->port_7 = PORT_7;
    chip->fifo_len = 0;
}

#define MISSED_US 300000 /* libnfc saw "few hundred ms" */

enum cardsim_outcome cardsim_chip_diagnose(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { LINE = 0, ROM = 1, RAM = 2, POLLING = 4, ECHO = 5, PRESENCE = 6, ANTENNA = 7 };
    switch (request->data[0]) {
    case LINE: /* returned as it is, with the test number */
        cardsim_chip_append(chip, request->data, request->len);
        return CARDSIM_OUTCOME_REPLY;
    case ROM:
    case RAM:
    case ANTENNA:
        cardsim_chip_append_byte(chip, CARDSIM_STATUS_OK);
        return CARDSIM_OUTCOME_REPLY;
    case POLLING: /* counts the failures of 128 FeliCa pollings; there is no FeliCa card */
        cardsim_chip_append_byte(chip, 128);
        return CARDSIM_OUTCOME_REPLY;
    case ECHO:
        chip->task = CARDSIM_TASK_FOREVER;
        chip->due_us = UINT64_MAX;
        return CARDSIM_OUTCOME_WAIT;
    case PRESENCE:
        if (cardsim_chip_card_is_missed(chip)) {
            request->delay_us = MISSED_US;
            cardsim_chip_append_byte(chip, CARDSIM_STATUS_TIMEOUT);
            return CARDSIM_OUTCOME_REPLY;
        }
        cardsim_chip_append_byte(chip, cardsim_chip_card_is_present(chip) ? CARDSIM_STATUS_OK
                                                                          : CARDSIM_STATUS_TIMEOUT);
        return CARDSIM_OUTCOME_REPLY;
    default:
        return CARDSIM_OUTCOME_SYNTAX;
    }
}

enum cardsim_outcome cardsim_chip_get_firmware(struct cardsim_chip *chip, struct cardsim_request *request)
{
    static const uint8_t pn532_v1_6[] = {0x32, 0x01, 0x06, 0x07}; /* ISO 18092, 14443-B, 14443-A */
    (void)request;
    cardsim_chip_append(chip, pn532_v1_6, sizeof pn532_v1_6);
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_get_status(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)request;
    uint8_t count = 0;
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        count += chip->targets[i].card != NULL;
    cardsim_chip_append_byte(chip, chip->last_status & 0x3F);
    cardsim_chip_append_byte(chip, 0); /* no field except the chip's own */
    cardsim_chip_append_byte(chip, count);
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        if (chip->targets[i].card) { /* number, 106 kbit/s both ways, 10: MIFARE or ISO 14443-3 A */
            const uint8_t entry[4] = {(uint8_t)(i + 1), 0x00, 0x00, 0x10};
            cardsim_chip_append(chip, entry, sizeof entry);
        }
    cardsim_chip_append_byte(chip, 0x00); /* SAM */
    return CARDSIM_OUTCOME_REPLY;
}

/* Returns the index of a register in chip->registers, or -1 if there is none at that address. */
static int register_index(unsigned address)
{
    if (address >= REGISTER_BASE && address < REGISTER_BASE + SFR_INDEX)
        return (int)(address - REGISTER_BASE);
    if (address >= SFR_BASE && address <= 0xFFFF)
        return (int)(address - SFR_BASE + SFR_INDEX);
    return -1;
}

static uint8_t read_register(struct cardsim_chip *chip, unsigned address)
{
    if (address == FIFO_LEVEL)
        return chip->fifo_len;
    if (address == FIFO_DATA) {
        if (chip->fifo_len == 0)
            return 0;
        uint8_t byte = chip->fifo[0];
        memmove(chip->fifo, chip->fifo + 1, --chip->fifo_len);
        return byte;
    }
    int index = register_index(address);
    return index < 0 ? 0 : chip->registers[index];
}

static void write_register(struct cardsim_chip *chip, unsigned address, uint8_t byte)
{
    int index = register_index(address);
    if (index >= 0)
        chip->registers[index] = byte;
    if (address == FIFO_LEVEL && byte & FIFO_FLUSH)
        chip->fifo_len = 0;
    if (address == FIFO_DATA && chip->fifo_len < sizeof chip->fifo)
        chip->fifo[chip->fifo_len++] = byte;
    if (address == BIT_FRAMING && byte & START_SEND)
        cardsim_chip_transceive_fifo(chip);
}

enum cardsim_outcome cardsim_chip_read_register(struct cardsim_chip *chip, struct cardsim_request *request)
{
    if (request->len % 2)
        return CARDSIM_OUTCOME_SYNTAX;
    for (size_t i = 0; i < request->len; i += 2)
        cardsim_chip_append_byte(chip, read_register(chip, request->data[i] << 8u | request->data[i + 1]));
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_write_register(struct cardsim_chip *chip, struct cardsim_request *request)
{
    if (request->len % 3)
        return CARDSIM_OUTCOME_SYNTAX;
    for (size_t i = 0; i < request->len; i += 3)
        write_register(chip, request->data[i] << 8u | request->data[i + 1], request->data[i + 2]);
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_read_gpio(struct cardsim_chip *chip, struct cardsim_request *request)
{
    const uint8_t pins[] = {chip->port_3, chip->port_7, 0x01}; /* I0 high, I1 low: HSU */
    (void)request;
    cardsim_chip_append(chip, pins, sizeof pins);
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_write_gpio(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { IS_VALID = 0x80 }; /* a byte without it leaves its port as it is */
    if (request->len != 2)
        return CARDSIM_OUTCOME_SYNTAX;
    if (request->data[0] & IS_VALID)
        chip->port_3 = request->data[0] & PORT_3;
    if (request->data[1] & IS_VALID)
        chip->port_7 = request->data[1] & PORT_7;
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_set_baud_rate(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)chip; /* a pseudo terminal has no speed */
    return request->data[0] <= 0x08 ? CARDSIM_OUTCOME_REPLY : CARDSIM_OUTCOME_SYNTAX;
}

enum cardsim_outcome cardsim_chip_set_parameters(struct cardsim_chip *chip, struct cardsim_request *request)
{
    chip->parameters = request->data[0];
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_configure_sam(struct cardsim_chip *chip, struct cardsim_request *request)
{
    (void)chip; /* no SAM is fitted: every mode works as the normal one */
    return request->data[0] >= 1 && request->data[0] <= 4 ? CARDSIM_OUTCOME_REPLY : CARDSIM_OUTCOME_SYNTAX;
}

enum cardsim_outcome cardsim_chip_power_down(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { WAKE_ON_HSU = 0x10 };
    cardsim_chip_append_status(chip, CARDSIM_STATUS_OK);
    cardsim_chip_drop_field(chip);
    chip->is_asleep = true;
    chip->rising_edges = 0;
    chip->wakes_on_serial = request->data[0] & WAKE_ON_HSU;
    if (!chip->wakes_on_serial && chip->trace.note)
        chip->trace.note(chip->trace.ctx,
                         "PowerDown without HSU wake-up: deaf until `fault reset` or a restart");
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_configure_rf(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { FIELD = 0x01, TIMINGS = 0x02, RETRY_COM = 0x04, RETRIES = 0x05 };
    static const struct {
        uint8_t item, len;
    } items[] = {{FIELD, 1}, {TIMINGS, 3}, {RETRY_COM, 1}, {RETRIES, 3},
                 {0x0A, 11}, {0x0B, 8},    {0x0C, 3},      {0x0D, 9}};
    const uint8_t *value = request->data + 1;
    bool is_known = false;
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        is_known |= items[i].item == request->data[0] && items[i].len == request->len - 1;
    if (!is_known)
        return CARDSIM_OUTCOME_SYNTAX;
    if (request->data[0] == FIELD) {
        if (value[0] & 1)
            cardsim_field_power(chip->field, true);
        else
            cardsim_chip_drop_field(chip);
    } else if (request->data[0] == TIMINGS) {
        chip->timeout_code = value[2];
    } else if (request->data[0] == RETRY_COM) {
        chip->retries_com = value[0];
    } else if (request->data[0] == RETRIES) {
        chip->retries_passive = value[2];
    }
    return CARDSIM_OUTCOME_REPLY;
}
