/* Exchanges with the card that was found. For pn532*.c alone. Blocks up to 50 ms. */
#ifndef HAL_PN532_PN532_EXCHANGE_H
#define HAL_PN532_PN532_EXCHANGE_H

#include "hal/pn532/pn532_state.h"

/* As struct reader has it. */
int pn532_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size);

#endif
