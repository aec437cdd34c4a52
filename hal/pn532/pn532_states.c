/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_states.h"

#include "hal/pn532/pn532_commands.h"
#include "hal/pn532/pn532_reports.h"
#include "hal/pn532/pn532_speed.h"

#define MS                      1000u       /* in microseconds */
#define WAKE_US                 (3 * MS)    /* the oscillator needs up to 2 ms to start */
#define RESET_US                (20 * MS)   /* 20 us reset the chip; more for a line with a capacitor */
#define RESTART_US              (20 * MS)   /* the chip needs 2 ms */
#define BACKOFF_US              (100 * MS)  /* between two attempts while the reader is down */
#define BAUD_CHANGE_US          (3 * MS)    /* an ACK at 115200 baud, and the 200 us that 7.2.8 requires */
#define FIELD_OFF_US            (6 * MS)    /* 5 ms reset a card (ISO/IEC 14443-3), plus 1 ms of margin */
#define FIELD_ON_US             (6 * MS)    /* ISO/IEC 14443-3: a card answers within 5 ms of power-up */
#define FIELD_RESET_INTERVAL_US (2000 * MS) /* between two resets of an empty field */
#define SESSION_US              (100 * MS)  /* after an exchange */
/* READER_DOWN needs so many faults in a row and so much time without an answer: a busy host alone must not
 * cause it. */
#define FAULTS_DOWN   3
#define DOWN_AFTER_US (600 * MS)

/* ---- reports ---- */

static bool has_reset_line(const struct pn532 *pn532)
{
    return pn532->config->hold_reset != NULL;
}

static void report_up(struct pn532 *pn532)
{
    pn532->faults = 0;
    pn532->answered_us = pn532_now_us(pn532);
    pn532_reports_up(&pn532->reports, pn532->firmware, pn532->baud == PN532_BAUD_DEFAULT ? 0 : pn532->baud,
                     pn532->attempt != 0 && has_reset_line(pn532));
    pn532->attempt = 0;
}

static void report_down(struct pn532 *pn532)
{
    card_set_clear(&pn532->cards);
    other_cards_clear(&pn532->others);
    pn532->is_empty_reported = false;
    pn532_reports_down(&pn532->reports, pn532->fault, has_reset_line(pn532));
}

static void remove_card(struct pn532 *pn532, uint32_t number)
{
    pn532_reports_gone(&pn532->reports, card_set_target(&pn532->cards, number));
    card_set_remove(&pn532->cards, number);
}

/* Returns true if the card in `found` was reported without its ATS and has sent it since: it is a new tap. */
static bool is_finished_now(const struct pn532 *pn532, uint32_t number)
{
    return card_set_target(&pn532->cards, number)->is_unfinished && !pn532->found.is_unfinished;
}

static void take_card(struct pn532 *pn532, uint32_t number)
{
    uint64_t now_us = pn532_now_us(pn532);
    if (number != 0 && !is_finished_now(pn532, number)) {
        card_set_see(&pn532->cards, number, &pn532->found, now_us);
        return;
    }
    if (number != 0)
        remove_card(pn532, number);
    else if (pn532->cards.count == READER_CARDS_MAX)
        remove_card(pn532, card_set_stalest(&pn532->cards));
    card_set_add(&pn532->cards, &pn532->found, now_us);
    pn532->is_empty_reported = false;
    pn532->exchanged_us = 0;
    pn532->checks_by_nak = false;
    pn532_reports_card(&pn532->reports, &pn532->found, pn532->link.received_us);
}

static void report_empty(struct pn532 *pn532)
{
    card_set_clear(&pn532->cards);
    if (pn532->is_empty_reported)
        return;
    pn532_reports_empty(&pn532->reports);
    pn532->is_empty_reported = true;
    other_cards_delay(&pn532->others, pn532_now_us(pn532), OTHER_CARDS_INTERVAL_US);
}

/* ---- cards of another kind ---- */

static const struct reader_target other_card;

/* Takes the result of a scan for a card of another kind. */
static void take_other_scan(struct pn532 *pn532, bool is_present)
{
    if (other_cards_note(&pn532->others, pn532->scans_for, is_present, pn532_now_us(pn532)))
        pn532_reports_gone(&pn532->reports, &other_card);
}

/* Takes the result of a scan for type A: only if it found none, what answered as another kind is reported. */
static void confirm_other(struct pn532 *pn532, bool is_type_a)
{
    if (other_cards_confirm(&pn532->others, is_type_a))
        pn532_reports_card(&pn532->reports, &other_card, pn532->link.received_us);
}

/* ---- events ---- */

static enum pn532_event poll_command(struct pn532 *pn532)
{
    struct pn532_answer answer;
    int result = pn532_link_poll(&pn532->link, &answer);
    if (result == ERR_BUSY)
        return PN532_EVENT_NONE;
    if (result == ERR_OK)
        return pn532_read_answer(pn532, &answer);
    /* A timeout or a refusal of the presence check or of the halt means that the card has left. It does not
     * mean that the chip is broken: some chips answer these commands late, and some do not support them. */
    if ((pn532->state == PN532_CHECKING_CARD || pn532->state == PN532_HALTING) &&
        (result == ERR_TIMEOUT || result == ERR_UNSUPPORTED))
        return PN532_EVENT_NO_CARD;
    if (pn532->scans_for != OTHER_CARD_NONE && pn532->state == PN532_SCANNING) {
        /* Not every chip knows the other kinds of cards. */
        other_cards_delay(&pn532->others, pn532_now_us(pn532), OTHER_CARDS_PAUSE_US);
        if (result == ERR_UNSUPPORTED)
            return PN532_EVENT_NO_CARD;
    }
    return pn532_fault(pn532, result == ERR_ARGUMENT ? ERR_IO : result);
}

static enum pn532_event detect_event(struct pn532 *pn532)
{
    switch (pn532->state) {
    case PN532_SETTING_UP:
    case PN532_SCANNING:
    case PN532_HALTING:
    case PN532_CHECKING_CARD:
    case PN532_TURNING_FIELD_OFF:
    case PN532_TURNING_FIELD_ON:
        return poll_command(pn532);
    case PN532_BACKOFF:
    case PN532_RESETTING:
    case PN532_RESTARTING:
    case PN532_WAKING:
    case PN532_CHANGING_BAUD:
    case PN532_CARD_PRESENT:
    case PN532_FIELD_OFF:
    case PN532_FIELD_ON:
        break;
    }
    int error = pn532_link_idle(&pn532->link); /* the next command finds the error again */
    (void)error;
    return pn532_now_us(pn532) >= pn532->deadline_us ? PN532_EVENT_TIME : PN532_EVENT_NONE;
}

/* ---- transitions ---- */

static enum pn532_state next_after_setup(const struct pn532 *pn532)
{
    if (pn532_setup_is_speed(pn532->step) && pn532_wanted_baud(pn532) != pn532->baud)
        return PN532_CHANGING_BAUD;
    return pn532_setup_is_last(pn532->step) ? PN532_SCANNING : PN532_SETTING_UP;
}

static enum pn532_state next_after_no_card(const struct pn532 *pn532)
{
    if (pn532_wanted_baud(pn532) != pn532->baud)
        return PN532_WAKING; /* this also sets the baud rate */
    if (!pn532->is_empty_reported)
        return pn532->is_after_reset ? PN532_SCANNING : PN532_TURNING_FIELD_OFF;
    return pn532_now_us(pn532) - pn532->field_off_us >= FIELD_RESET_INTERVAL_US ? PN532_TURNING_FIELD_OFF
                                                                                : PN532_SCANNING;
}

/* Returns true if the card in `found` is new and sent no ATS, but may do so in another scan. */
static bool is_scanned_again(const struct pn532 *pn532)
{
    return pn532->found.is_unfinished && pn532->unfinished_count + 1 < READER_UNFINISHED_SCANS &&
           card_set_find(&pn532->cards, &pn532->found) == 0;
}

static enum pn532_state next_after_scan(const struct pn532 *pn532, enum pn532_event event)
{
    if (pn532->scans_for != OTHER_CARD_NONE)
        return PN532_SCANNING;
    if (event == PN532_EVENT_CARD)
        return is_scanned_again(pn532) ? PN532_SCANNING : PN532_CARD_PRESENT;
    return next_after_no_card(pn532);
}

static enum pn532_state turn_state(uint32_t turn)
{
    return turn != 0 ? PN532_CHECKING_CARD : PN532_SCANNING;
}

static enum pn532_state next_after_miss(const struct pn532 *pn532)
{
    if (pn532_check_is_gentle(pn532) && !pn532->checks_by_nak)
        return PN532_CHECKING_CARD; /* by R(NAK): the card may be present although Diagnose 6 missed it */
    return pn532->cards.count > 1 ? PN532_CARD_PRESENT : PN532_TURNING_FIELD_OFF;
}

/* Returns true if one more fault puts the reader down. */
static bool is_down(const struct pn532 *pn532)
{
    return pn532->faults + 1 >= FAULTS_DOWN && pn532_now_us(pn532) - pn532->answered_us >= DOWN_AFTER_US;
}

static enum pn532_state next(const struct pn532 *pn532, enum pn532_event event)
{
    if (event == PN532_EVENT_FAULT)
        return is_down(pn532) ? PN532_BACKOFF : PN532_WAKING;
    switch (pn532->state) {
    case PN532_BACKOFF:
        return has_reset_line(pn532) && pn532->attempt == 1 ? PN532_RESETTING : PN532_WAKING;
    case PN532_RESETTING:
        return PN532_RESTARTING;
    case PN532_RESTARTING:
        return PN532_WAKING;
    case PN532_WAKING:
    case PN532_CHANGING_BAUD:
        return PN532_SETTING_UP;
    case PN532_SETTING_UP:
        return next_after_setup(pn532);
    case PN532_SCANNING:
        return next_after_scan(pn532, event);
    case PN532_CARD_PRESENT:
        return pn532->halts_first ? PN532_HALTING : turn_state(pn532->checked);
    case PN532_HALTING:
        return turn_state(pn532->checked);
    case PN532_CHECKING_CARD:
        return event == PN532_EVENT_CARD ? PN532_CARD_PRESENT : next_after_miss(pn532);
    case PN532_TURNING_FIELD_OFF:
        return PN532_FIELD_OFF;
    case PN532_FIELD_OFF:
        return PN532_TURNING_FIELD_ON;
    case PN532_TURNING_FIELD_ON:
        /* If the field was already reported empty, there is no need to wait: the attempts of the scan give a
         * card enough time to start. */
        return pn532->is_empty_reported ? PN532_SCANNING : PN532_FIELD_ON;
    case PN532_FIELD_ON:
        return PN532_SCANNING;
    }
    return PN532_WAKING;
}

static void handle_fault(struct pn532 *pn532, enum pn532_state to)
{
    pn532_count_speed_fault(pn532, pn532->state == PN532_SETTING_UP && pn532_setup_is_speed(pn532->step));
    pn532->faults += pn532->faults < UINT8_MAX;
    if (to == PN532_BACKOFF)
        report_down(pn532);
}

static void handle_check(struct pn532 *pn532, enum pn532_event event, enum pn532_state to)
{
    uint32_t number = pn532->checked;
    if (event == PN532_EVENT_CARD) {
        report_up(pn532);
        take_card(pn532, number);
        return;
    }
    if (pn532_check_is_gentle(pn532))
        pn532->checks_by_nak = to == PN532_CHECKING_CARD;
    if (to == PN532_CHECKING_CARD)
        return;
    if (card_set_miss(&pn532->cards, number) && pn532->cards.count > 1)
        remove_card(pn532, number);
}

static void handle_scan(struct pn532 *pn532, enum pn532_event event, enum pn532_state to)
{
    report_up(pn532);
    pn532_check_error_rate(pn532);
    if (pn532->scans_for != OTHER_CARD_NONE) {
        take_other_scan(pn532, event == PN532_EVENT_CARD);
        return;
    }
    confirm_other(pn532, event == PN532_EVENT_CARD);
    bool is_again = event == PN532_EVENT_CARD && to == PN532_SCANNING;
    pn532->unfinished_count = is_again ? (uint8_t)(pn532->unfinished_count + 1) : 0;
    if (event == PN532_EVENT_CARD && !is_again)
        take_card(pn532, card_set_find(&pn532->cards, &pn532->found));
    else if (event == PN532_EVENT_NO_CARD && to == PN532_SCANNING)
        report_empty(pn532);
}

/* Applies the effects of an event in the current state, before the next state is entered. */
static void handle_event(struct pn532 *pn532, enum pn532_event event, enum pn532_state to)
{
    if (event == PN532_EVENT_FAULT)
        handle_fault(pn532, to);
    else if (pn532->state == PN532_CHANGING_BAUD)
        pn532_set_line_baud(pn532, pn532_wanted_baud(pn532));
    else if (pn532->state == PN532_HALTING)
        pn532->cards.current = 0;
    else if (pn532->state == PN532_CHECKING_CARD)
        handle_check(pn532, event, to);
    else if (pn532->state == PN532_SCANNING)
        handle_scan(pn532, event, to);
}

static void hold_reset(struct pn532 *pn532, bool hold, uint32_t wait_us)
{
    pn532->config->hold_reset(pn532->config->ctx, hold);
    pn532->deadline_us = pn532_now_us(pn532) + wait_us;
}

static void enter_waking(struct pn532 *pn532, enum pn532_state from)
{
    /* One byte 55 gives five rising edges, which wake the chip. The bytes after it give the chip time and are
     * lost. If the chip was already awake, they end what it was doing (6.2.1.3, 7.2.11). */
    static const uint8_t wake[] = {0x55, 0x55, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
    pn532_link_cancel(&pn532->link);
    pn532->cards.current = 0;
    if (from != PN532_RESTARTING)
        pn532_alternate_baud(pn532);
    pn532_link_send_raw(&pn532->link, wake, sizeof wake);
    pn532->wake_count++;
    pn532->deadline_us = pn532_now_us(pn532) + WAKE_US;
}

static void enter_setting_up(struct pn532 *pn532, enum pn532_state from)
{
    pn532->step = from == PN532_WAKING ? 0 : (uint8_t)(pn532->step + 1);
    if (pn532_setup_is_speed(pn532->step) && pn532_wanted_baud(pn532) == pn532->baud)
        pn532->step++;
    pn532_start_setup(pn532);
}

void pn532_enter(struct pn532 *pn532, enum pn532_state to)
{
    enum pn532_state from = pn532->state;
    pn532->state = to;
    switch (to) {
    case PN532_BACKOFF:
        pn532_link_cancel(&pn532->link);
        pn532->attempt = pn532->attempt == 1 ? 2 : 1;
        pn532->deadline_us = pn532_now_us(pn532) + BACKOFF_US;
        return;
    case PN532_RESETTING:
        pn532_set_line_baud(pn532, PN532_BAUD_DEFAULT); /* that of a chip after its reset */
        hold_reset(pn532, true, RESET_US);
        return;
    case PN532_RESTARTING:
        hold_reset(pn532, false, RESTART_US);
        return;
    case PN532_WAKING:
        enter_waking(pn532, from);
        return;
    case PN532_SETTING_UP:
        enter_setting_up(pn532, from);
        return;
    /* the chip changes its rate after its answer is acknowledged (7.2.8) */
    case PN532_CHANGING_BAUD:
        pn532_link_send_raw(&pn532->link, pn532_frame_ack, sizeof pn532_frame_ack);
        pn532->deadline_us = pn532_now_us(pn532) + BAUD_CHANGE_US;
        return;
    case PN532_SCANNING:
        pn532->is_after_reset = from == PN532_FIELD_ON;
        card_set_begin_turn(&pn532->cards, 0);
        pn532->scans_for = pn532->is_empty_reported ? other_cards_next(&pn532->others, pn532_now_us(pn532))
                                                    : OTHER_CARD_NONE;
        pn532->cards.current = 0; /* the first request resets a card that was selected */
        pn532_start_scan(pn532);
        return;
    case PN532_CARD_PRESENT:
        pn532->deadline_us = pn532_now_us(pn532) + PN532_CHECK_INTERVAL_US;
        return;
    case PN532_HALTING:
        pn532_start_halt(pn532);
        return;
    case PN532_CHECKING_CARD:
        card_set_begin_turn(&pn532->cards, pn532->checked);
        pn532_start_check(pn532);
        return;
    case PN532_TURNING_FIELD_OFF:
        pn532_start_field(pn532, false);
        return;
    case PN532_FIELD_OFF:
        pn532->cards.current = 0;
        pn532->field_off_us = pn532_now_us(pn532);
        pn532->deadline_us = pn532->field_off_us + FIELD_OFF_US;
        return;
    case PN532_TURNING_FIELD_ON:
        pn532_start_field(pn532, true);
        return;
    case PN532_FIELD_ON:
        pn532->deadline_us = pn532_now_us(pn532) + FIELD_ON_US;
        return;
    }
}

/* Returns true if a session with the card that was reported last may be open. It then stays selected. */
static bool is_in_session(const struct pn532 *pn532)
{
    return pn532->exchanged_us != 0 && pn532->cards.current == pn532->cards.newest &&
           pn532_now_us(pn532) - pn532->exchanged_us < SESSION_US;
}

static void plan_turn(struct pn532 *pn532)
{
    bool is_held = is_in_session(pn532);
    pn532->checked = is_held ? pn532->cards.current : card_set_turn(&pn532->cards);
    pn532->halts_first = !is_held && card_set_needs_halt(&pn532->cards, pn532->checked);
}

void pn532_step(struct pn532 *pn532)
{
    enum pn532_event event = detect_event(pn532);
    if (event == PN532_EVENT_NONE)
        return;
    if (pn532->state == PN532_CARD_PRESENT)
        plan_turn(pn532);
    enum pn532_state to = next(pn532, event);
    handle_event(pn532, event, to);
    pn532_enter(pn532, to);
}
