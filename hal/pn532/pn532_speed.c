/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_speed.h"

#define MS                   1000u /* in microseconds */
#define HIGH_BAUD_FAULTS_MAX 3
#define ERROR_WINDOW_US      (10000 * MS) /* length of the window in which errors are counted */
#define WINDOW_ERRORS_MAX    5u           /* more errors than this end the higher rate */

int pn532_baud_code(uint32_t baud)
{
    static const struct {
        uint32_t baud;
        uint8_t code;
    } codes[] = {{115200, 0x04}, {230400, 0x05}, {460800, 0x06}, {921600, 0x07}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].baud == baud)
            return codes[i].code;
    return -1;
}

static bool can_raise(const struct pn532 *pn532)
{
    return pn532->config->set_baud != NULL && pn532_baud_code(pn532->config->baud) >= 0;
}

uint32_t pn532_wanted_baud(const struct pn532 *pn532)
{
    return can_raise(pn532) && pn532->high_baud_faults < HIGH_BAUD_FAULTS_MAX ? pn532->config->baud
                                                                              : PN532_BAUD_DEFAULT;
}

void pn532_set_line_baud(struct pn532 *pn532, uint32_t baud)
{
    if (pn532->baud == baud)
        return;
    if (pn532->config->set_baud(pn532->config->ctx, baud) == ERR_OK)
        pn532->baud = baud;
    else
        pn532->high_baud_faults = HIGH_BAUD_FAULTS_MAX;
}

void pn532_alternate_baud(struct pn532 *pn532)
{
    if (can_raise(pn532) && pn532->faults > 1)
        pn532_set_line_baud(pn532,
                            pn532->baud == PN532_BAUD_DEFAULT ? pn532->config->baud : PN532_BAUD_DEFAULT);
}

void pn532_check_error_rate(struct pn532 *pn532)
{
    uint64_t now = pn532_now_us(pn532);
    if (now - pn532->window_start_us > ERROR_WINDOW_US || pn532->baud == PN532_BAUD_DEFAULT) {
        pn532->window_start_us = now;
        pn532->window_error_count = pn532->link.error_count;
    } else if (pn532->link.error_count - pn532->window_error_count > WINDOW_ERRORS_MAX) {
        pn532->high_baud_faults = HIGH_BAUD_FAULTS_MAX;
    }
}

void pn532_count_speed_fault(struct pn532 *pn532, bool is_speed_command)
{
    bool is_first_command = pn532->state == PN532_SETTING_UP && pn532->step == 0;
    if (is_speed_command)
        pn532->high_baud_faults = HIGH_BAUD_FAULTS_MAX; /* the chip cannot change its rate, or refuses to */
    else if (pn532->baud != PN532_BAUD_DEFAULT && !is_first_command)
        pn532->high_baud_faults += pn532->high_baud_faults < HIGH_BAUD_FAULTS_MAX;
}
