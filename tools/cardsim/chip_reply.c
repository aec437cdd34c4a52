/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip_reply.h"

#include <string.h>

void cardsim_chip_append(struct cardsim_chip *chip, const void *data, size_t len)
{
    if (len > sizeof chip->reply - chip->reply_len)
        len = sizeof chip->reply - chip->reply_len;
    memcpy(chip->reply + chip->reply_len, data, len);
    chip->reply_len += len;
}

void cardsim_chip_append_byte(struct cardsim_chip *chip, uint8_t byte)
{
    cardsim_chip_append(chip, &byte, 1);
}

void cardsim_chip_append_status(struct cardsim_chip *chip, uint8_t status)
{
    chip->last_status = status;
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_STATUS_BIT7))
        status |= 0x80;
    if (cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_STATUS_BIT6))
        status |= 0x40;
    cardsim_chip_append_byte(chip, status);
}
