#include "hal/pn532/pn532_states.h"

#include "hal/pn532/pn532_commands.h"
#include "hal/pn532/pn532_reports.h"
#include "hal/pn532/pn532_speed.h"
#include "hal/pn532/pn532_target.h"

#define MS          1000u       /* in microseconds */
#define WAKE_US     (3 * MS)    /* the oscillator takes up to 2 ms to start */
#define PAUSE_US    (100 * MS)  /* between two tries while down */
#define SWITCH_US   (3 * MS)    /* an ACK at 115200 baud, and the 200 us that 7.2.8 asks for */
#define DARK_US     (6 * MS)    /* ISO/IEC 14443-3: 5 ms without field reset a card; and a little */
#define RISE_US     (6 * MS)    /* ISO/IEC 14443-3: a card answers 5 ms after power-up at the latest */
#define REFRESH_US  (2000 * MS) /* from one cut of an empty field to the next */
#define FAULTS_DOWN 3           /* in a row, */
#define SILENT_US   (600 * MS)  /* and for so long: a host that is busy is not a broken reader */

/* ---- what is told ---- */

static void tell_up(struct pn532 *pn532)
{
    pn532->faults = 0;
    pn532->answered_us = pn532_now_us(pn532);
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

/* ---- what happened ---- */

static enum pn532_event sense_command(struct pn532 *pn532)
{
    struct pn532_answer answer;
    int result = pn532_link_poll(&pn532->link, &answer);
    if (result == ERR_BUSY)
        return PN532_EVENT_NONE;
    if (result == ERR_OK)
        return pn532_read_answer(pn532, &answer);
    /* A chip that broods over the question whether a card is there, or does not know the question, is not yet
     * a broken one. */
    if (pn532->state == PN532_CHECKING && (result == ERR_TIMEOUT || result == ERR_UNSUPPORTED))
        return PN532_EVENT_NO_CARD;
    return pn532_fault(pn532, result == ERR_ARGUMENT ? ERR_IO : result);
}

static enum pn532_event sense(struct pn532 *pn532)
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
    return pn532_now_us(pn532) >= pn532->deadline_us ? PN532_EVENT_TIME : PN532_EVENT_NONE;
}

/* ---- what comes next ---- */

static enum pn532_state next_after_setup(const struct pn532 *pn532)
{
    if (pn532_setup_is_speed(pn532->step) && pn532_wanted_baud(pn532) != pn532->baud)
        return PN532_SWITCHING;
    return pn532_setup_is_last(pn532->step) ? PN532_LOOKING : PN532_SETTING_UP;
}

static enum pn532_state next_after_no_card(const struct pn532 *pn532)
{
    if (pn532_wanted_baud(pn532) != pn532->baud)
        return PN532_WAKING; /* which sets the speed as well */
    if (pn532->sight != PN532_SIGHT_EMPTY)
        return pn532->is_fresh ? PN532_LOOKING : PN532_CUTTING;
    return pn532_now_us(pn532) - pn532->cut_us >= REFRESH_US ? PN532_CUTTING : PN532_LOOKING;
}

/* Of a fault that comes on top of those counted. */
static bool is_out(const struct pn532 *pn532)
{
    return pn532->faults + 1 >= FAULTS_DOWN && pn532_now_us(pn532) - pn532->answered_us >= SILENT_US;
}

static enum pn532_state next(const struct pn532 *pn532, enum pn532_event event)
{
    if (event == PN532_EVENT_FAULT)
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
        return event == PN532_EVENT_CARD ? PN532_HOLDING : next_after_no_card(pn532);
    case PN532_HOLDING:
        return PN532_CHECKING;
    case PN532_CHECKING:
        return event == PN532_EVENT_CARD ? PN532_HOLDING : PN532_CUTTING;
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
    pn532_blame_speed(pn532, pn532->state == PN532_SETTING_UP && pn532_setup_is_speed(pn532->step));
    pn532->faults += pn532->faults < UINT8_MAX;
    if (to == PN532_PAUSING)
        tell_down(pn532);
}

/* What leaving a state with an event brings about, before the next is entered. */
static void conclude(struct pn532 *pn532, enum pn532_event event, enum pn532_state to)
{
    if (event == PN532_EVENT_FAULT)
        conclude_fault(pn532, to);
    if (pn532->state == PN532_SWITCHING)
        pn532_set_line(pn532, pn532_wanted_baud(pn532));
    if (pn532->state == PN532_CHECKING && event == PN532_EVENT_CARD)
        tell_up(pn532);
    if (pn532->state != PN532_LOOKING || event == PN532_EVENT_FAULT)
        return;
    tell_up(pn532);
    pn532_watch_trouble(pn532);
    bool is_known = pn532->sight == PN532_SIGHT_CARD && pn532_target_is_same(&pn532->found, &pn532->card);
    if (event == PN532_EVENT_CARD && !is_known)
        tell_card(pn532);
    if (event == PN532_EVENT_NO_CARD && to == PN532_LOOKING)
        tell_empty(pn532);
}

static void enter_waking(struct pn532 *pn532)
{
    /* 55 is five rising edges, which wake the chip; what follows gives it time and is lost on it, or, if it
     * was awake, ends what it was doing (6.2.1.3, 7.2.11). */
    static const uint8_t wake[] = {0x55, 0x55, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
    pn532_link_cancel(&pn532->link);
    pn532_alternate_line(pn532);
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
    case PN532_PAUSING:
        pn532_link_cancel(&pn532->link);
        pn532->deadline_us = pn532_now_us(pn532) + PAUSE_US;
        return;
    case PN532_WAKING:
        enter_waking(pn532);
        return;
    case PN532_SETTING_UP:
        enter_setting_up(pn532, from);
        return;
    case PN532_SWITCHING: /* it changes once its answer is acknowledged (7.2.8) */
        pn532_link_send_raw(&pn532->link, pn532_frame_ack, sizeof pn532_frame_ack);
        pn532->deadline_us = pn532_now_us(pn532) + SWITCH_US;
        return;
    case PN532_LOOKING:
        pn532->is_fresh = from == PN532_RISING;
        pn532_start_listing(pn532);
        return;
    case PN532_HOLDING:
        pn532->deadline_us = pn532_now_us(pn532) + PN532_HOLD_US;
        return;
    case PN532_CHECKING:
        pn532_start_check(pn532);
        return;
    case PN532_CUTTING:
        pn532_start_field(pn532, false);
        return;
    case PN532_DARK:
        pn532->cut_us = pn532_now_us(pn532);
        pn532->deadline_us = pn532->cut_us + DARK_US;
        return;
    case PN532_LIGHTING:
        pn532_start_field(pn532, true);
        return;
    case PN532_RISING:
        pn532->deadline_us = pn532_now_us(pn532) + RISE_US;
        return;
    }
}

void pn532_step(struct pn532 *pn532)
{
    enum pn532_event event = sense(pn532);
    if (event == PN532_EVENT_NONE)
        return;
    enum pn532_state to = next(pn532, event);
    conclude(pn532, event, to);
    pn532_enter(pn532, to);
}
