/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchanges data with the card that the driver has found. Only for pn532*.c. Blocks for 50 ms at most.
 */
#ifndef HAL_PN532_PN532_EXCHANGE_H
#define HAL_PN532_PN532_EXCHANGE_H

#include "hal/pn532/pn532_state.h"

/* Sends tx to the card and waits for its answer: this is the function exchange of struct reader, with ctx a
 * struct pn532. Returns the results that hal/reader.h lists. */
int pn532_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size);

#endif
