#include "hal/pn532/pn532_speed.h"

#define MS                1000u /* in microseconds */
#define RAISED_FAULTS_MAX 3
#define TROUBLE_US        (10000 * MS) /* in which so many mended troubles are */
#define TROUBLE_MAX       5u           /* too many for the higher speed */

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
    return can_raise(pn532) && pn532->raised_faults < RAISED_FAULTS_MAX ? pn532->config->baud
                                                                        : PN532_BAUD_DEFAULT;
}

void pn532_set_line(struct pn532 *pn532, uint32_t baud)
{
    if (pn532->baud == baud)
        return;
    if (pn532->config->set_baud(pn532->config->ctx, baud) == ERR_OK)
        pn532->baud = baud;
    else
        pn532->raised_faults = RAISED_FAULTS_MAX;
}

void pn532_alternate_line(struct pn532 *pn532)
{
    if (can_raise(pn532) && pn532->faults > 1)
        pn532_set_line(pn532, pn532->baud == PN532_BAUD_DEFAULT ? pn532->config->baud : PN532_BAUD_DEFAULT);
}

void pn532_watch_trouble(struct pn532 *pn532)
{
    uint64_t now = pn532_now_us(pn532);
    if (now - pn532->trouble_us > TROUBLE_US || pn532->baud == PN532_BAUD_DEFAULT) {
        pn532->trouble_us = now;
        pn532->trouble_count = pn532->link.trouble_count;
    } else if (pn532->link.trouble_count - pn532->trouble_count > TROUBLE_MAX) {
        pn532->raised_faults = RAISED_FAULTS_MAX;
    }
}

void pn532_blame_speed(struct pn532 *pn532, bool is_speed_command)
{
    bool is_first_command = pn532->state == PN532_SETTING_UP && pn532->step == 0;
    if (is_speed_command)
        pn532->raised_faults = RAISED_FAULTS_MAX; /* it cannot, or will not */
    else if (pn532->baud != PN532_BAUD_DEFAULT && !is_first_command)
        pn532->raised_faults += pn532->raised_faults < RAISED_FAULTS_MAX;
}
