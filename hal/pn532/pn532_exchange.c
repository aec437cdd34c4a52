/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_exchange.h"

#include <string.h>

#include "hal/pn532/pn532_commands.h"
#include "hal/pn532/pn532_states.h"
#include "hal/pn532/pn532_target.h"

#define EXCHANGE_US 50000

enum { IN_DATA_EXCHANGE = 0x40, IN_COMMUNICATE_THRU = 0x42 };
enum { MIFARE_AUTH_A = 0x60, MIFARE_AUTH_B = 0x61, MIFARE_AUTH_LEN = 12 };

static void wait(const struct pn532 *pn532)
{
    if (pn532->config->idle != NULL)
        pn532->config->idle(pn532->config->ctx);
}

/* Returns true while a scan or check of a field with cards is in progress. */
static bool is_looking(const struct pn532 *pn532)
{
    return pn532->state == PN532_HALTING || pn532->state == PN532_CHECKING_CARD ||
           (pn532->state == PN532_SCANNING && pn532->cards.count > 0);
}

/* Waits for the end of a scan or check that is in progress. Returns ERR_OK (cards are present), ERR_TIMEOUT,
 * ERR_NOT_FOUND (the card has left, or there was none), ERR_IO (the chip does not work). */
static int finish_look(struct pn532 *pn532, uint64_t limit_us)
{
    while (is_looking(pn532)) {
        if (pn532_now_us(pn532) >= limit_us) {
            pn532_enter(pn532, PN532_CARD_PRESENT);
            pn532_link_cancel(&pn532->link);
            return ERR_TIMEOUT;
        }
        wait(pn532);
        pn532_step(pn532);
    }
    if (pn532->state == PN532_CARD_PRESENT)
        return ERR_OK;
    return pn532->state > PN532_CARD_PRESENT || pn532->state == PN532_SCANNING ? ERR_NOT_FOUND : ERR_IO;
}

/* Selects the card that was reported last, if another one is selected. Returns the results of finish_look. */
static int select_newest(struct pn532 *pn532, uint64_t limit_us)
{
    struct card_set *cards = &pn532->cards;
    int result = finish_look(pn532, limit_us);
    if (result != ERR_OK || cards->current == cards->newest)
        return result;
    if (card_set_target(cards, cards->newest) == NULL)
        return ERR_NOT_FOUND;
    pn532->checked = cards->newest;
    pn532_enter(pn532, cards->current != 0 ? PN532_HALTING : PN532_CHECKING_CARD);
    result = finish_look(pn532, limit_us);
    return result == ERR_OK && cards->current != cards->newest ? ERR_NOT_FOUND : result;
}

static int start_exchange(struct pn532 *pn532, const uint8_t *tx, size_t tx_len)
{
    static const uint8_t through[] = {IN_COMMUNICATE_THRU}, exchange[] = {IN_DATA_EXCHANGE, 1};
    /* The chip takes the first bytes 60 and 61 for a MIFARE authentication. The GET_VERSION command of NTAG,
     * a single byte 60, is therefore sent without interpretation. */
    const struct reader_target *card = card_set_target(&pn532->cards, pn532->cards.current);
    bool is_raw = !pn532_target_is_iso14443_4(card) && tx_len < MIFARE_AUTH_LEN &&
                  (tx[0] == MIFARE_AUTH_A || tx[0] == MIFARE_AUTH_B);
    return pn532_link_start(&pn532->link, &(struct pn532_request){
                                              .head = is_raw ? through : exchange,
                                              .head_len = is_raw ? sizeof through : sizeof exchange,
                                              .data = tx,
                                              .data_len = tx_len,
                                              .answer_us = EXCHANGE_US,
                                              .is_once = true,
                                          });
}

/* Reads the status byte (7.1): bits 0 to 5 are an error, bit 6 means more data, bit 7 a node address. More
 * data is an error here, because no card that we use sends more than fits in one frame. Returns the count of
 * bytes in rx, ERR_NOT_FOUND, ERR_IO, ERR_NO_SPACE. */
static int read_exchange(const struct pn532_answer *answer, uint8_t *rx, size_t rx_size)
{
    enum { ERROR = 0x3F, FLAGS = 0xC0, RF_ERROR_MAX = 0x0B, GONE = 0x27, RELEASED = 0x29, EXCHANGED = 0x2B };
    if (answer->len < 1 || answer->data[0] & FLAGS)
        return ERR_IO;
    uint8_t error = answer->data[0] & ERROR;
    if (error != 0)
        return error <= RF_ERROR_MAX || error == GONE || error == RELEASED || error == EXCHANGED
                   ? ERR_NOT_FOUND
                   : ERR_IO;
    if (answer->len - 1 > rx_size)
        return ERR_NO_SPACE;
    memcpy(rx, answer->data + 1, answer->len - 1);
    return (int)answer->len - 1;
}

static int exchange_with_card(struct pn532 *pn532, const uint8_t *tx, size_t tx_len, uint8_t *rx,
                              size_t rx_size, uint64_t limit_us)
{
    struct pn532_answer answer;
    int result = start_exchange(pn532, tx, tx_len);
    if (result == ERR_ARGUMENT)
        return result;
    while (result == ERR_OK && (result = pn532_link_poll(&pn532->link, &answer)) == ERR_BUSY) {
        if (pn532_now_us(pn532) >= limit_us) {
            pn532_link_cancel(&pn532->link);
            return ERR_TIMEOUT;
        }
        wait(pn532);
        result = ERR_OK;
    }
    return result == ERR_OK        ? read_exchange(&answer, rx, rx_size)
           : result == ERR_TIMEOUT ? ERR_TIMEOUT
                                   : ERR_IO;
}

int pn532_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    struct pn532 *pn532 = ctx;
    uint64_t limit_us = pn532_now_us(pn532) + EXCHANGE_US;
    if (tx_len == 0)
        return ERR_ARGUMENT;
    int result = select_newest(pn532, limit_us);
    if (result == ERR_OK)
        result = exchange_with_card(pn532, tx, tx_len, rx, rx_size, limit_us);
    /* If the card answered, a session may be open, and the next check may wait. If it did not, the check
     * starts at once; it also shows whether the chip still answers. */
    if (result >= 0)
        pn532->exchanged_us = pn532_now_us(pn532);
    if (pn532->state == PN532_CARD_PRESENT)
        pn532->deadline_us = pn532_now_us(pn532) + (result >= 0 ? PN532_CHECK_INTERVAL_US : 0);
    return result;
}
