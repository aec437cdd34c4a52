/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532.h"

#include "hal/pn532/pn532_exchange.h"
#include "hal/pn532/pn532_state.h"
#include "hal/pn532/pn532_states.h"

static int poll_reader(void *ctx, struct reader_report *report)
{
    struct pn532 *pn532 = ctx;
    if (pn532->reports.count == 0)
        pn532_step(pn532);
    return pn532_reports_take(&pn532->reports, report);
}

void pn532_init(struct pn532 *pn532, const struct pn532_config *config)
{
    *pn532 = (struct pn532){
        .reader = {.poll = poll_reader, .exchange = pn532_exchange, .ctx = pn532},
        .config = config,
        .baud = PN532_BAUD_DEFAULT,
    };
    pn532_link_init(&pn532->link, config->serial, config->timer);
    pn532->answered_us = pn532_now_us(pn532);
    pn532_enter(pn532, PN532_WAKING);
}

uint64_t pn532_due_us(const struct pn532 *pn532)
{
    if (pn532->reports.count > 0)
        return 0;
    uint64_t link_us = pn532_link_due_us(&pn532->link);
    return link_us == UINT64_MAX ? pn532->deadline_us : link_us;
}
