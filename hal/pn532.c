#include "hal/pn532.h"

#include <string.h>

#include "hal/pn532_target.h"

#define MS                1000u       /* in microseconds */
#define WAKE_US           (3 * MS)    /* the oscillator takes up to 2 ms to start */
#define PAUSE_US          (100 * MS)  /* between two tries while down */
#define SWITCH_US         (3 * MS)    /* an ACK at 115200 baud, and the 200 us that 7.2.8 asks for */
#define SETUP_US          (100 * MS)  /* for an answer without radio */
#define LOOK_US           (150 * MS)  /* for a listing: ten times what it should take */
#define CHECK_US          (100 * MS)  /* for Diagnose 6; chips are known to brood over a card just gone */
#define HOLD_US           (10 * MS)   /* from one question to a card that stays to the next */
#define DARK_US           (6 * MS)    /* ISO/IEC 14443-3: 5 ms without field reset a card; and a little */
#define RISE_US           (6 * MS)    /* ISO/IEC 14443-3: a card answers 5 ms after power-up at the latest */
#define REFRESH_US        (2000 * MS) /* from one cut of an empty field to the next */
#define EXCHANGE_US       (50 * MS)
#define FAULTS_DOWN       3          /* in a row, */
#define SILENT_US         (600 * MS) /* and for so long: a host that is busy is not a broken reader */
#define RAISED_FAULTS_MAX 3
#define TROUBLE_US        (10000 * MS) /* in which so many mended troubles are */
#define TROUBLE_MAX       5u           /* too many for the higher speed */

enum {
    DIAGNOSE = 0x00,
    GET_FIRMWARE_VERSION = 0x02,
    SET_SERIAL_BAUD_RATE = 0x10,
    SET_PARAMETERS = 0x12,
    SAM_CONFIGURATION = 0x14,
    RF_CONFIGURATION = 0x32,
    IN_DATA_EXCHANGE = 0x40,
    IN_COMMUNICATE_THRU = 0x42,
    IN_LIST_PASSIVE_TARGET = 0x4A,
};
enum { IC_PN532 = 0x32 };
enum { MIFARE_AUTH_A = 0x60, MIFARE_AUTH_B = 0x61, MIFARE_AUTH_LEN = 12 };

/* In order. Each undoes what another program or a supply dip may have left. */
static const struct setup {
    uint8_t len, bytes[5];
} setups[] = {
    {2, {SAM_CONFIGURATION, 0x01}}, /* no SAM; and out of the low battery mode it wakes up in (7.2.10) */
    {1, {GET_FIRMWARE_VERSION}},
    {2, {SET_SERIAL_BAUD_RATE}},
    {2, {SET_PARAMETERS, 0x14}},                     /* RATS by itself (7.2.9) */
    {5, {RF_CONFIGURATION, 0x05, 0xFF, 0x01, 0x02}}, /* three attempts a listing (7.3.1) */
    {5,
     {RF_CONFIGURATION, 0x02, 0x00, 0x0B,
      0x09}},                            /* a silent card is told after 25.6 ms, within an exchange */
    {3, {RF_CONFIGURATION, 0x04, 0x00}}, /* one attempt an exchange: whoever asked may ask again */
    {3, {RF_CONFIGURATION, 0x01, 0x01}}, /* field on */
};

enum event {
    EVENT_NONE,
    EVENT_TIME,    /* the state's deadline has passed */
    EVENT_DONE,    /* the command was carried out */
    EVENT_CARD,    /* the card is there: the one in found, or the one asked for */
    EVENT_NO_CARD, /* none, or not the one asked for */
    EVENT_FAULT,   /* no answer, or not one that makes sense */
};

static uint64_t now_us(const struct pn532 *pn532)
{
    return pn532->config->timer->monotonic_us(pn532->config->timer->ctx);
}

/* ---- what is told ---- */

static void tell_up(struct pn532 *pn532)
{
    pn532->faults = 0;
    pn532->answered_us = now_us(pn532);
    pn532_reports_up(&pn532->reports, pn532->firmware, pn532->baud == PN532_BAUD_DEFAULT ? 0 : pn532->baud);
}

static void tell_down(struct pn532 *pn532)
{
    pn532->sight = PN532_SIGHT_UNKNOWN;
    pn532_reports_down(&pn532->reports, pn532->fault);
}

static void tell_card(struct pn532 *pn532)
{
    pn532->card = pn532->found;
    pn532->sight = PN532_SIGHT_CARD;
    pn532_reports_card(&pn532->reports, &pn532->found, pn532->link.heard_us);
}

static void tell_empty(struct pn532 *pn532)
{
    if (pn532->sight != PN532_SIGHT_EMPTY)
        pn532_reports_empty(&pn532->reports);
    pn532->sight = PN532_SIGHT_EMPTY;
}

/* ---- commands ---- */

/* A command that cannot be started (the line failed) shows at the next poll as one that is not under way. */
static void start(struct pn532 *pn532, const uint8_t *bytes, size_t len, uint32_t answer_us)
{
    const struct pn532_request request = {.head = bytes, .head_len = len, .answer_us = answer_us};
    int error = pn532_link_start(&pn532->link, &request);
    (void)error;
}

static void start_listing(struct pn532 *pn532)
{
    static const uint8_t any[] = {IN_LIST_PASSIVE_TARGET, 1, 0}; /* one target, 106 kbit/s type A */
    start(pn532, any, sizeof any, LOOK_US);
}

/* A card selected before drops out at the first request and answers the next: the attempts suffice. */
static void start_listing_of(struct pn532 *pn532, const struct reader_target *card)
{
    uint8_t bytes[3 + PN532_TARGET_UID_MAX] = {IN_LIST_PASSIVE_TARGET, 1, 0};
    size_t len = pn532_target_encode_uid(card, bytes + 3);
    start(pn532, bytes, 3 + len, LOOK_US);
}

static void start_check(struct pn532 *pn532)
{
    static const uint8_t attention[] = {DIAGNOSE, 0x06};
    if (pn532_target_is_iso14443_4(&pn532->card))
        start(pn532, attention, sizeof attention, CHECK_US);
    else
        start_listing_of(pn532, &pn532->card);
}

static void start_field(struct pn532 *pn532, bool on)
{
    const uint8_t bytes[] = {RF_CONFIGURATION, 0x01, on};
    start(pn532, bytes, sizeof bytes, SETUP_US);
}

/* ---- the line's speed ---- */

/* 7.2.8. @retval the code of a speed, -1: it has none. */
static int baud_code(uint32_t baud)
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
    return pn532->config->set_baud != NULL && baud_code(pn532->config->baud) >= 0;
}

static uint32_t wanted_baud(const struct pn532 *pn532)
{
    return can_raise(pn532) && pn532->raised_faults < RAISED_FAULTS_MAX ? pn532->config->baud
                                                                        : PN532_BAUD_DEFAULT;
}

static void set_line(struct pn532 *pn532, uint32_t baud)
{
    if (pn532->baud == baud)
        return;
    if (pn532->config->set_baud(pn532->config->ctx, baud) == ERR_OK)
        pn532->baud = baud;
    else
        pn532->raised_faults = RAISED_FAULTS_MAX;
}

/* A chip that is not heard may have been reset to 115200, or have kept the higher speed over a restart of
 * ours: each try after the first is at the other speed. */
static void alternate_line(struct pn532 *pn532)
{
    if (can_raise(pn532) && pn532->faults > 1)
        set_line(pn532, pn532->baud == PN532_BAUD_DEFAULT ? pn532->config->baud : PN532_BAUD_DEFAULT);
}

/* What is mended costs time all the same. */
static void watch_trouble(struct pn532 *pn532)
{
    uint64_t now = now_us(pn532);
    if (now - pn532->trouble_us > TROUBLE_US || pn532->baud == PN532_BAUD_DEFAULT) {
        pn532->trouble_us = now;
        pn532->trouble_count = pn532->link.trouble_count;
    } else if (pn532->link.trouble_count - pn532->trouble_count > TROUBLE_MAX) {
        pn532->raised_faults = RAISED_FAULTS_MAX;
    }
}

/* ---- what happened ---- */

static enum event fault(struct pn532 *pn532, int error)
{
    pn532->fault = error;
    return EVENT_FAULT;
}

static enum event read_setup(struct pn532 *pn532, const struct pn532_answer *answer)
{
    if (setups[pn532->step].bytes[0] != GET_FIRMWARE_VERSION)
        return EVENT_DONE;
    if (answer->len < 3)
        return fault(pn532, ERR_FORMAT);
    if (answer->data[0] != IC_PN532)
        return fault(pn532, ERR_VERSION);
    memcpy(pn532->firmware, answer->data + 1, sizeof pn532->firmware);
    return EVENT_DONE;
}

static enum event read_listing(struct pn532 *pn532, const struct pn532_answer *answer)
{
    int result = pn532_target_decode(&pn532->found, answer->data, answer->len);
    if (result < 0)
        return fault(pn532, result);
    return result > 0 ? EVENT_CARD : EVENT_NO_CARD;
}

static enum event read_check(struct pn532 *pn532, const struct pn532_answer *answer)
{
    if (pn532_target_is_iso14443_4(&pn532->card))
        return answer->len == 1 && answer->data[0] == 0 ? EVENT_CARD : EVENT_NO_CARD;
    enum event event = read_listing(pn532, answer);
    return event == EVENT_CARD && !pn532_target_is_same(&pn532->found, &pn532->card) ? EVENT_NO_CARD : event;
}

static enum event read_answer(struct pn532 *pn532, const struct pn532_answer *answer)
{
    switch (pn532->state) {
    case PN532_SETTING_UP:
        return read_setup(pn532, answer);
    case PN532_LOOKING:
        return read_listing(pn532, answer);
    case PN532_CHECKING:
        return read_check(pn532, answer);
    case PN532_CUTTING:
    case PN532_LIGHTING:
    case PN532_PAUSING:
    case PN532_WAKING:
    case PN532_SWITCHING:
    case PN532_HOLDING:
    case PN532_DARK:
    case PN532_RISING:
        break;
    }
    return EVENT_DONE;
}

static enum event sense_command(struct pn532 *pn532)
{
    struct pn532_answer answer;
    int result = pn532_link_poll(&pn532->link, &answer);
    if (result == ERR_BUSY)
        return EVENT_NONE;
    if (result == ERR_OK)
        return read_answer(pn532, &answer);
    /* A chip that broods over the question whether a card is there, or does not know the question, is not yet
     * a broken one. */
    if (pn532->state == PN532_CHECKING && (result == ERR_TIMEOUT || result == ERR_UNSUPPORTED))
        return EVENT_NO_CARD;
    return fault(pn532, result == ERR_ARGUMENT ? ERR_IO : result);
}

static enum event sense(struct pn532 *pn532)
{
    switch (pn532->state) {
    case PN532_SETTING_UP:
    case PN532_LOOKING:
    case PN532_CHECKING:
    case PN532_CUTTING:
    case PN532_LIGHTING:
        return sense_command(pn532);
    case PN532_PAUSING:
    case PN532_WAKING:
    case PN532_SWITCHING:
    case PN532_HOLDING:
    case PN532_DARK:
    case PN532_RISING:
        break;
    }
    int error = pn532_link_idle(&pn532->link); /* met again by the next command */
    (void)error;
    return now_us(pn532) >= pn532->deadline_us ? EVENT_TIME : EVENT_NONE;
}

/* ---- what comes next ---- */

static enum pn532_state next_after_setup(const struct pn532 *pn532)
{
    if (setups[pn532->step].bytes[0] == SET_SERIAL_BAUD_RATE && wanted_baud(pn532) != pn532->baud)
        return PN532_SWITCHING;
    return pn532->step + 1u < sizeof setups / sizeof setups[0] ? PN532_SETTING_UP : PN532_LOOKING;
}

static enum pn532_state next_after_no_card(const struct pn532 *pn532)
{
    if (wanted_baud(pn532) != pn532->baud)
        return PN532_WAKING; /* which sets the speed as well */
    if (pn532->sight != PN532_SIGHT_EMPTY)
        return pn532->is_fresh ? PN532_LOOKING : PN532_CUTTING;
    return now_us(pn532) - pn532->cut_us >= REFRESH_US ? PN532_CUTTING : PN532_LOOKING;
}

/* Of a fault that comes on top of those counted. */
static bool is_out(const struct pn532 *pn532)
{
    return pn532->faults + 1 >= FAULTS_DOWN && now_us(pn532) - pn532->answered_us >= SILENT_US;
}

static enum pn532_state next(const struct pn532 *pn532, enum event event)
{
    if (event == EVENT_FAULT)
        return is_out(pn532) ? PN532_PAUSING : PN532_WAKING;
    switch (pn532->state) {
    case PN532_PAUSING:
        return PN532_WAKING;
    case PN532_WAKING:
    case PN532_SWITCHING:
        return PN532_SETTING_UP;
    case PN532_SETTING_UP:
        return next_after_setup(pn532);
    case PN532_LOOKING:
        return event == EVENT_CARD ? PN532_HOLDING : next_after_no_card(pn532);
    case PN532_HOLDING:
        return PN532_CHECKING;
    case PN532_CHECKING:
        return event == EVENT_CARD ? PN532_HOLDING : PN532_CUTTING;
    case PN532_CUTTING:
        return PN532_DARK;
    case PN532_DARK:
        return PN532_LIGHTING;
    case PN532_LIGHTING:
        /* An empty field that is only refreshed need not wait: the listing's attempts give a card its time.
         */
        return pn532->sight == PN532_SIGHT_EMPTY ? PN532_LOOKING : PN532_RISING;
    case PN532_RISING:
        return PN532_LOOKING;
    }
    return PN532_WAKING;
}

static void conclude_fault(struct pn532 *pn532, enum pn532_state to)
{
    bool is_setup = pn532->state == PN532_SETTING_UP;
    if (is_setup && setups[pn532->step].bytes[0] == SET_SERIAL_BAUD_RATE)
        pn532->raised_faults = RAISED_FAULTS_MAX; /* it cannot, or will not */
    else if (pn532->baud != PN532_BAUD_DEFAULT && !(is_setup && pn532->step == 0))
        pn532->raised_faults += pn532->raised_faults < RAISED_FAULTS_MAX;
    pn532->faults += pn532->faults < UINT8_MAX;
    if (to == PN532_PAUSING)
        tell_down(pn532);
}

/* What leaving a state with an event brings about, before the next is entered. */
static void conclude(struct pn532 *pn532, enum event event, enum pn532_state to)
{
    if (event == EVENT_FAULT)
        conclude_fault(pn532, to);
    if (pn532->state == PN532_SWITCHING)
        set_line(pn532, wanted_baud(pn532));
    if (pn532->state == PN532_CHECKING && event == EVENT_CARD)
        tell_up(pn532);
    if (pn532->state != PN532_LOOKING || event == EVENT_FAULT)
        return;
    tell_up(pn532);
    watch_trouble(pn532);
    bool is_known = pn532->sight == PN532_SIGHT_CARD && pn532_target_is_same(&pn532->found, &pn532->card);
    if (event == EVENT_CARD && !is_known)
        tell_card(pn532);
    if (event == EVENT_NO_CARD && to == PN532_LOOKING)
        tell_empty(pn532);
}

static void enter_waking(struct pn532 *pn532)
{
    /* 55 is five rising edges, which wake the chip; what follows gives it time and is lost on it, or, if it
     * was awake, ends what it was doing (6.2.1.3, 7.2.11). */
    static const uint8_t wake[] = {0x55, 0x55, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
    pn532_link_cancel(&pn532->link);
    alternate_line(pn532);
    pn532_link_send_raw(&pn532->link, wake, sizeof wake);
    pn532->wake_count++;
    pn532->deadline_us = now_us(pn532) + WAKE_US;
}

static void enter_setting_up(struct pn532 *pn532, enum pn532_state from)
{
    uint8_t bytes[sizeof setups[0].bytes];
    pn532->step = from == PN532_WAKING ? 0 : (uint8_t)(pn532->step + 1);
    if (setups[pn532->step].bytes[0] == SET_SERIAL_BAUD_RATE && wanted_baud(pn532) == pn532->baud)
        pn532->step++;
    const struct setup *setup = &setups[pn532->step];
    memcpy(bytes, setup->bytes, sizeof bytes);
    if (bytes[0] == SET_SERIAL_BAUD_RATE)
        bytes[1] = (uint8_t)baud_code(wanted_baud(pn532));
    start(pn532, bytes, setup->len, SETUP_US);
}

static void enter(struct pn532 *pn532, enum pn532_state to)
{
    enum pn532_state from = pn532->state;
    pn532->state = to;
    switch (to) {
    case PN532_PAUSING:
        pn532_link_cancel(&pn532->link);
        pn532->deadline_us = now_us(pn532) + PAUSE_US;
        return;
    case PN532_WAKING:
        enter_waking(pn532);
        return;
    case PN532_SETTING_UP:
        enter_setting_up(pn532, from);
        return;
    case PN532_SWITCHING: /* it changes once its answer is acknowledged (7.2.8) */
        pn532_link_send_raw(&pn532->link, pn532_frame_ack, sizeof pn532_frame_ack);
        pn532->deadline_us = now_us(pn532) + SWITCH_US;
        return;
    case PN532_LOOKING:
        pn532->is_fresh = from == PN532_RISING;
        start_listing(pn532);
        return;
    case PN532_HOLDING:
        pn532->deadline_us = now_us(pn532) + HOLD_US;
        return;
    case PN532_CHECKING:
        start_check(pn532);
        return;
    case PN532_CUTTING:
        start_field(pn532, false);
        return;
    case PN532_DARK:
        pn532->cut_us = now_us(pn532);
        pn532->deadline_us = pn532->cut_us + DARK_US;
        return;
    case PN532_LIGHTING:
        start_field(pn532, true);
        return;
    case PN532_RISING:
        pn532->deadline_us = now_us(pn532) + RISE_US;
        return;
    }
}

static void step(struct pn532 *pn532)
{
    enum event event = sense(pn532);
    if (event == EVENT_NONE)
        return;
    enum pn532_state to = next(pn532, event);
    conclude(pn532, event, to);
    enter(pn532, to);
}

static int poll_reader(void *ctx, struct reader_report *report)
{
    struct pn532 *pn532 = ctx;
    if (pn532->reports.count == 0)
        step(pn532);
    return pn532_reports_take(&pn532->reports, report);
}

/* ---- exchange ---- */

static void wait(const struct pn532 *pn532)
{
    if (pn532->config->idle != NULL)
        pn532->config->idle(pn532->config->ctx);
}

/* Lets the question under way come to its end. @retval ERR_OK (the card is there), ERR_TIMEOUT,
 * ERR_NOT_FOUND, ERR_IO. */
static int finish_check(struct pn532 *pn532, uint64_t limit_us)
{
    while (pn532->state == PN532_CHECKING) {
        if (now_us(pn532) >= limit_us) {
            enter(pn532, PN532_HOLDING);
            pn532_link_cancel(&pn532->link);
            return ERR_TIMEOUT;
        }
        wait(pn532);
        step(pn532);
    }
    if (pn532->state == PN532_HOLDING)
        return ERR_OK;
    return pn532->state > PN532_HOLDING || pn532->state == PN532_LOOKING ? ERR_NOT_FOUND : ERR_IO;
}

static int start_exchange(struct pn532 *pn532, const uint8_t *tx, size_t tx_len)
{
    static const uint8_t through[] = {IN_COMMUNICATE_THRU}, exchange[] = {IN_DATA_EXCHANGE, 1};
    /* The chip takes 60 and 61 for a MIFARE authentication, which NTAG's GET_VERSION, 60 alone, is not. */
    bool is_raw = !pn532_target_is_iso14443_4(&pn532->card) && tx_len < MIFARE_AUTH_LEN &&
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

/* Status byte (7.1): bits 0 to 5 an error, 6 more to come, 7 a node address. No card here sends more than
 * fits one frame. */
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

static int exchange_held(struct pn532 *pn532, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size,
                         uint64_t limit_us)
{
    struct pn532_answer answer;
    int result = start_exchange(pn532, tx, tx_len);
    if (result == ERR_ARGUMENT)
        return result;
    while (result == ERR_OK && (result = pn532_link_poll(&pn532->link, &answer)) == ERR_BUSY) {
        if (now_us(pn532) >= limit_us) {
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

static int exchange_reader(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    struct pn532 *pn532 = ctx;
    uint64_t limit_us = now_us(pn532) + EXCHANGE_US;
    if (tx_len == 0)
        return ERR_ARGUMENT;
    int result = finish_check(pn532, limit_us);
    if (result == ERR_OK)
        result = exchange_held(pn532, tx, tx_len, rx, rx_size, limit_us);
    /* A card that answers needs no other question for a while; one that does not, at once. That question also
     * finds out whether the chip still answers. */
    if (pn532->state == PN532_HOLDING)
        pn532->deadline_us = now_us(pn532) + (result >= 0 ? HOLD_US : 0);
    return result;
}

/* ---- start ---- */

void pn532_init(struct pn532 *pn532, const struct pn532_config *config)
{
    *pn532 = (struct pn532){
        .reader = {.poll = poll_reader, .exchange = exchange_reader, .ctx = pn532},
        .config = config,
        .baud = PN532_BAUD_DEFAULT,
    };
    pn532_link_init(&pn532->link, config->serial, config->timer);
    pn532->answered_us = now_us(pn532);
    enter(pn532, PN532_WAKING);
}

uint64_t pn532_due_us(const struct pn532 *pn532)
{
    if (pn532->reports.count > 0)
        return 0;
    uint64_t link_us = pn532_link_due_us(&pn532->link);
    return link_us == UINT64_MAX ? pn532->deadline_us : link_us;
}
