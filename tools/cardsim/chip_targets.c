/* Finding cards and talking to them: PN532 User Manual rev 2, 7.3.5 to 7.3.13. */
#include <string.h>

#include "tools/cardsim/chip_internal.h"

enum { REQA = 0x26, WUPA = 0x52, SEL_CL1 = 0x93, CASCADE_TAG = 0x88 };
enum { SAK_INCOMPLETE = 0x04, SAK_ISO14443_4 = 0x20 };
enum { AUTOMATIC_RATS = 0x10 }; /* SetParameters flag */
enum { CRC_ENABLE = 0x80, TX_MODE = 0x302, RX_MODE = 0x303, CONTROL = 0x33C, BIT_FRAMING = 0x33D };
enum { TYPE_A_GENERIC = 0x00, TYPE_MIFARE = 0x10, TYPE_ISO14443_4A = 0x20 };
enum { MIFARE_AUTH_A = 0x60, MIFARE_AUTH_B = 0x61, MIFARE_ACK = 0x0A };

/* Times on air, in microseconds: 106 kbit/s with parity is 85 a byte; the rest is what such a chip and such
 * cards are seen to take, rounded. */
enum {
    BYTE_US = 85,
    TURNAROUND_US = 300,
    ATTEMPT_US = 5000, /* one fruitless look for a card */
    SELECT_US = 2000,  /* request, then anticollision and select of each level */
    RATS_US = 5000,
    APDU_US = 2500,
};

/* One frame and its answer. add_crc appends CRC_A to what is sent; check_crc strips it from the answer.
 * Returns a status byte. */
static uint8_t send_frame(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                          struct cardsim_rf_frame *answer, bool add_crc, bool check_crc)
{
    enum { CRC_ERROR = 0x02 };
    if (add_crc)
        cardsim_rf_append_crc(frame);
    if (!cardsim_field_transceive(chip->field, frame, answer))
        return CARDSIM_STATUS_TIMEOUT;
    if (!check_crc)
        return CARDSIM_STATUS_OK;
    if (answer->last_bits || answer->len < 2 || cardsim_crc_a(answer->data, answer->len) != 0)
        return CRC_ERROR;
    answer->len -= 2;
    return CARDSIM_STATUS_OK;
}

static bool send_request(struct cardsim_chip *chip, uint8_t request, struct cardsim_rf_frame *atqa)
{
    struct cardsim_rf_frame frame = {.data = {request}, .len = 1, .last_bits = 7};
    return send_frame(chip, &frame, atqa, false, false) == CARDSIM_STATUS_OK;
}

/* Goes through the cascade levels. known is the wanted UID with its cascade tags, or NULL to take what
 * anticollision gives. Fills uid with 4 bytes a level. Returns the levels done, 0: no such card. */
static unsigned select_levels(struct cardsim_chip *chip, const uint8_t *known, size_t known_len,
                              uint8_t uid[12], uint8_t *sak)
{
    struct cardsim_rf_frame frame, answer;
    for (unsigned level = 0; level < 3; level++) {
        uint8_t *part = uid + 4 * level;
        if (known && known_len < 4 * (level + 1u))
            return 0;
        if (known) {
            memcpy(part, known + 4 * level, 4);
        } else {
            frame = (struct cardsim_rf_frame){.data = {(uint8_t)(SEL_CL1 + 2 * level), 0x20}, .len = 2};
            if (send_frame(chip, &frame, &answer, false, false) != CARDSIM_STATUS_OK || answer.len != 5)
                return 0;
            memcpy(part, answer.data, 4);
        }
        frame = (struct cardsim_rf_frame){.data = {(uint8_t)(SEL_CL1 + 2 * level), 0x70}, .len = 2};
        memcpy(frame.data + 2, part, 4);
        frame.data[6] = part[0] ^ part[1] ^ part[2] ^ part[3];
        frame.len = 7;
        if (send_frame(chip, &frame, &answer, true, true) != CARDSIM_STATUS_OK || answer.len != 1)
            return 0;
        *sak = answer.data[0];
        if (!(*sak & SAK_INCOMPLETE))
            return level + 1;
    }
    return 0;
}

/* The cascade levels' bytes without their tags. */
static uint8_t strip_tags(const uint8_t levels[12], unsigned count, uint8_t uid[CARDSIM_UID_MAX])
{
    uint8_t len = 0;
    for (unsigned level = 0; level < count; level++) {
        size_t skip = level + 1 < count ? 1 : 0;
        memcpy(uid + len, levels + 4 * level + skip, 4 - skip);
        len += (uint8_t)(4 - skip);
    }
    return len;
}

/* The opposite; accepts tags that are already there. Returns 4, 8 or 12, or 0 for no UID. */
static uint8_t add_tags(const uint8_t *uid, size_t len, uint8_t levels[12])
{
    if (len == 4 || len == 8 || len == 12) {
        memcpy(levels, uid, len);
        return (uint8_t)len;
    }
    if (len != 7 && len != 10)
        return 0;
    uint8_t at = 0;
    for (; len > 4; len -= 3, uid += 3) {
        levels[at++] = CASCADE_TAG;
        memcpy(levels + at, uid, 3);
        at += 3;
    }
    memcpy(levels + at, uid, 4);
    return at + 4;
}

/* What one activation told. */
struct found {
    uint8_t atqa[2], sak;
    uint8_t uid[CARDSIM_UID_MAX], uid_len;
    uint8_t ats[CARDSIM_ATS_MAX], ats_len;
};

static struct cardsim_card *card_with_uid(struct cardsim_chip *chip, const struct found *found)
{
    for (size_t i = 0; i < chip->field->count; i++) {
        struct cardsim_card *card = &chip->field->cards[i];
        if (card->in_field && card->uid_len == found->uid_len &&
            memcmp(card->uid, found->uid, card->uid_len) == 0)
            return card;
    }
    return NULL;
}

/* Asks all cards, then, where nobody answered and wake says so, the halted ones too; selects one; sends RATS
 * where wanted and possible. */
static bool activate(struct cardsim_chip *chip, bool wake, const uint8_t *known, size_t known_len, bool rats,
                     struct found *found)
{
    struct cardsim_rf_frame answer, frame;
    uint8_t levels[12];
    memset(found, 0, sizeof *found);
    if (known)
        wake = true;
    if (!(send_request(chip, known ? WUPA : REQA, &answer) || (wake && send_request(chip, WUPA, &answer))))
        return false;
    unsigned count = select_levels(chip, known, known_len, levels, &found->sak);
    if (count == 0)
        return false;
    found->uid_len = strip_tags(levels, count, found->uid);
    /* Several cards answer the request at once; telling the selected one's ATQA beats telling the mixture. */
    const struct cardsim_card *card = card_with_uid(chip, found);
    if (!card)
        return false;
    memcpy(found->atqa, card->atqa, sizeof found->atqa);
    if (rats && found->sak & SAK_ISO14443_4) {
        frame = (struct cardsim_rf_frame){.data = {0xE0, 0x50}, .len = 2};
        if (send_frame(chip, &frame, &answer, true, true) == CARDSIM_STATUS_OK &&
            answer.len <= sizeof found->ats) {
            memcpy(found->ats, answer.data, answer.len);
            found->ats_len = (uint8_t)answer.len;
        }
    }
    return true;
}

static uint64_t activation_us(const struct found *found)
{
    return SELECT_US + (uint64_t)found->uid_len * 4 * BYTE_US + (found->ats_len ? RATS_US : 0);
}

static void halt_target(struct cardsim_chip *chip, struct cardsim_target *target)
{
    struct cardsim_rf_frame answer, frame = {.data = {0x50, 0x00}, .len = 2};
    if (target->is_iso4)
        frame = (struct cardsim_rf_frame){.data = {0xC2}, .len = 1};
    if (target->card && target->is_selected)
        (void)send_frame(chip, &frame, &answer, true, true);
    target->is_selected = false;
}

static void forget_targets(struct cardsim_chip *chip)
{
    memset(chip->targets, 0, sizeof chip->targets);
}

void cardsim_chip_drop_field(struct cardsim_chip *chip)
{
    cardsim_field_power(chip->field, false);
    forget_targets(chip);
}

static void remember(struct cardsim_chip *chip, size_t at, const struct found *found)
{
    struct cardsim_target *target = &chip->targets[at];
    target->card = card_with_uid(chip, found);
    memcpy(target->uid, found->uid, sizeof target->uid);
    target->uid_len = found->uid_len;
    target->is_iso4 = found->ats_len != 0;
    target->is_selected = true;
}

/* Tg, SENS_RES, SEL_RES, NFCID length and bytes, ATS: the shape 7.3.5 gives a type A target. */
static size_t describe(uint8_t number, const struct found *found,
                       uint8_t out[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX])
{
    size_t len = 0;
    out[len++] = number;
    out[len++] = found->atqa[0];
    out[len++] = found->atqa[1];
    out[len++] = found->sak;
    out[len++] = found->uid_len;
    memcpy(out + len, found->uid, found->uid_len);
    len += found->uid_len;
    memcpy(out + len, found->ats, found->ats_len);
    return len + found->ats_len;
}

/* Whatever was being talked to is let go, so that it can be found again. */
static void start_search(struct cardsim_chip *chip)
{
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        if (chip->targets[i].is_iso4)
            halt_target(chip, &chip->targets[i]);
    forget_targets(chip);
    cardsim_field_power(chip->field, true);
    chip->has_looked = false;
}

/* Cards come and go only through arrivals: in between, looking again would find the same nothing. */
static bool is_worth_a_look(struct cardsim_chip *chip)
{
    bool worth = !chip->has_looked || chip->arrivals_seen != chip->field->arrivals;
    chip->has_looked = true;
    chip->arrivals_seen = chip->field->arrivals;
    return worth;
}

enum cardsim_outcome cardsim_chip_list_targets(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { TYPE_A = 0, TYPE_JEWEL = 4, FOREVER = 0xFF };
    uint8_t max = request->data[0], type = request->data[1];
    if (max == 0 || max > CARDSIM_TARGETS_MAX || type > TYPE_JEWEL)
        return CARDSIM_OUTCOME_SYNTAX;
    start_search(chip);
    chip->list_max = type == TYPE_A ? max : 0;
    chip->list_uid_len = 0;
    if (type == TYPE_A && request->len > 2) {
        chip->list_uid_len = add_tags(request->data + 2, request->len - 2, chip->list_uid);
        if (chip->list_uid_len == 0)
            return CARDSIM_OUTCOME_SYNTAX;
    }
    chip->task = CARDSIM_TASK_LIST;
    chip->due_us =
        chip->retries_passive == FOREVER
            ? UINT64_MAX
            : request->now_us + (chip->is_instant ? 0 : ATTEMPT_US * (chip->retries_passive + 1ull));
    return CARDSIM_OUTCOME_WAIT;
}

bool cardsim_chip_try_list(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us)
{
    struct found found;
    const uint8_t *known = chip->list_uid_len ? chip->list_uid : NULL;
    uint8_t text[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX];
    uint8_t count = 0;
    chip->reply_len = 1;
    cardsim_chip_append_byte(chip, 0);
    *delay_us = 0;
    if (is_worth_a_look(chip)) {
        while (count < chip->list_max && activate(chip, count == 0, known, chip->list_uid_len,
                                                  chip->parameters & AUTOMATIC_RATS, &found)) {
            remember(chip, count, &found);
            count++;
            cardsim_chip_append(chip, text, describe(count, &found, text));
            *delay_us += activation_us(&found);
            if (known)
                break;
            if (count < chip->list_max) /* quiet, so that the others can be heard */
                halt_target(chip, &chip->targets[count - 1]);
        }
    }
    chip->reply[1] = count;
    return count > 0 || is_over;
}

enum cardsim_outcome cardsim_chip_auto_poll(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { PERIOD_US = 150000, FOREVER = 0xFF, PERIOD_MAX = 0x0F };
    uint8_t rounds = request->data[0], period = request->data[1];
    size_t type_count = request->len - 2;
    if (rounds == 0 || period == 0 || period > PERIOD_MAX || type_count > sizeof chip->poll_types)
        return CARDSIM_OUTCOME_SYNTAX;
    start_search(chip);
    memcpy(chip->poll_types, request->data + 2, type_count);
    chip->poll_type_count = (uint8_t)type_count;
    chip->task = CARDSIM_TASK_AUTO_POLL;
    chip->due_us =
        rounds == FOREVER
            ? UINT64_MAX
            : request->now_us + (chip->is_instant ? 0 : (uint64_t)PERIOD_US * rounds * period * type_count);
    return CARDSIM_OUTCOME_WAIT;
}

/* One target at most is reported: the chip keeps talking to the one it found. */
bool cardsim_chip_try_auto_poll(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us)
{
    struct found found;
    chip->reply_len = 1;
    cardsim_chip_append_byte(chip, 0);
    *delay_us = 0;
    if (!is_worth_a_look(chip))
        return is_over;
    for (size_t i = 0; i < chip->poll_type_count; i++) {
        uint8_t type = chip->poll_types[i];
        bool is_a = type == TYPE_A_GENERIC || type == TYPE_MIFARE || type == TYPE_ISO14443_4A;
        if (!is_a || !activate(chip, true, NULL, 0, type != TYPE_MIFARE, &found))
            continue;
        bool is_iso4 = found.ats_len != 0;
        if (type == TYPE_ISO14443_4A && !is_iso4)
            continue;
        uint8_t text[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX];
        size_t len = describe(1, &found, text);
        remember(chip, 0, &found);
        chip->reply[1] = 1;
        cardsim_chip_append_byte(chip, is_iso4 ? TYPE_ISO14443_4A : TYPE_MIFARE);
        cardsim_chip_append_byte(chip, (uint8_t)len);
        cardsim_chip_append(chip, text, len);
        *delay_us = activation_us(&found);
        return true;
    }
    return is_over;
}

/* fRetryTimeout of RFConfiguration item 2: 100 us doubled from code 1 on (7.3.1); 0 waits for good, which a
 * simulator cuts at the longest. */
static uint64_t timeout_us(const struct cardsim_chip *chip)
{
    unsigned code = chip->timeout_code >= 1 && chip->timeout_code <= 16 ? chip->timeout_code : 16;
    return (100ull << (code - 1)) * (chip->retries_com == 0xFF ? 1 : chip->retries_com + 1u);
}

static void strike_card_gone(struct cardsim_chip *chip)
{
    bool any = false;
    for (size_t i = 0; i < chip->field->count; i++)
        any |= chip->field->cards[i].in_field;
    if (!any || !cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_CARD_GONE))
        return;
    for (size_t i = 0; i < chip->field->count; i++)
        if (chip->field->cards[i].in_field)
            cardsim_field_take(chip->field, &chip->field->cards[i]);
}

/* Makes target the one the chip talks to. */
static bool select_target(struct cardsim_chip *chip, struct cardsim_target *target)
{
    if (target->is_selected)
        return true;
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        halt_target(chip, &chip->targets[i]);
    uint8_t levels[12];
    uint8_t len = add_tags(target->uid, target->uid_len, levels);
    struct found found;
    target->is_selected = activate(chip, true, levels, len, target->is_iso4, &found);
    return target->is_selected;
}

static struct cardsim_target *find_target(struct cardsim_chip *chip, uint8_t number)
{
    number &= 0x3F;
    if (number == 0 || number > CARDSIM_TARGETS_MAX || !chip->targets[number - 1].card)
        return NULL;
    return &chip->targets[number - 1];
}

static uint8_t exchange_apdu(struct cardsim_chip *chip, const uint8_t *data, size_t len,
                             struct cardsim_rf_frame *answer)
{
    struct cardsim_rf_frame frame = {.data = {0x02}, .len = 1 + len};
    memcpy(frame.data + 1, data, len);
    uint8_t status = send_frame(chip, &frame, answer, true, true);
    if (status != CARDSIM_STATUS_OK)
        return status;
    if (answer->len < 1)
        return CARDSIM_STATUS_FORMAT;
    memmove(answer->data, answer->data + 1, --answer->len); /* block header */
    return status;
}

static uint8_t exchange_mifare(struct cardsim_chip *chip, const uint8_t *data, size_t len,
                               struct cardsim_rf_frame *answer)
{
    struct cardsim_rf_frame frame = {.len = len};
    bool is_auth = data[0] == MIFARE_AUTH_A || data[0] == MIFARE_AUTH_B;
    if (is_auth && len != 12) /* the chip takes 60 for an authentication: NTAG's GET_VERSION must go raw */
        return CARDSIM_STATUS_FORMAT;
    memcpy(frame.data, data, len);
    uint8_t status = send_frame(chip, &frame, answer, true, false);
    if (status != CARDSIM_STATUS_OK)
        return status;
    bool is_nibble = answer->last_bits == 4;
    if (is_nibble && (answer->data[0] & 0x0F) != MIFARE_ACK)
        return is_auth ? CARDSIM_STATUS_MIFARE_AUTH : CARDSIM_STATUS_FORMAT;
    answer->len = is_nibble ? 0 : answer->len - 2;
    return CARDSIM_STATUS_OK;
}

enum cardsim_outcome cardsim_chip_exchange(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { MORE_FOLLOWS = 0x40 };
    struct cardsim_target *target = find_target(chip, request->data[0]);
    const uint8_t *data = request->data + 1;
    size_t len = request->len - 1;
    struct cardsim_rf_frame answer = {.len = 0};
    uint8_t status = CARDSIM_STATUS_OK;
    if (len > CARDSIM_APDU_MAX)
        return CARDSIM_OUTCOME_SYNTAX;
    strike_card_gone(chip);
    if (!target)
        status = CARDSIM_STATUS_CONTEXT;
    else if (request->data[0] & MORE_FOLLOWS || len == 0) /* chaining from the host is not modelled */
        status = CARDSIM_STATUS_PARAMETER;
    else if (!select_target(chip, target))
        status = CARDSIM_STATUS_TIMEOUT;
    else if (target->is_iso4)
        status = exchange_apdu(chip, data, len, &answer);
    else
        status = exchange_mifare(chip, data, len, &answer);
    cardsim_chip_append_status(chip, status);
    if (status == CARDSIM_STATUS_OK) {
        cardsim_chip_append(chip, answer.data, answer.len);
        request->delay_us = (target->is_iso4 ? APDU_US : TURNAROUND_US) + BYTE_US * (len + answer.len);
    } else if (status == CARDSIM_STATUS_TIMEOUT) {
        request->delay_us = timeout_us(chip);
    }
    return CARDSIM_OUTCOME_REPLY;
}

/* The frame's last bits come from, and go to, the registers the host uses for them. */
static uint8_t transceive_raw(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                              struct cardsim_rf_frame *answer)
{
    frame->last_bits = chip->registers[BIT_FRAMING] & 7;
    answer->len = 0;
    answer->last_bits = 0;
    strike_card_gone(chip);
    uint8_t status = send_frame(chip, frame, answer, chip->registers[TX_MODE] & CRC_ENABLE,
                                chip->registers[RX_MODE] & CRC_ENABLE);
    chip->registers[CONTROL] = (chip->registers[CONTROL] & ~7u) | answer->last_bits;
    return status;
}

enum cardsim_outcome cardsim_chip_communicate_thru(struct cardsim_chip *chip, struct cardsim_request *request)
{
    struct cardsim_rf_frame answer, frame = {.len = request->len};
    if (request->len > CARDSIM_APDU_MAX)
        return CARDSIM_OUTCOME_SYNTAX;
    memcpy(frame.data, request->data, request->len);
    uint8_t status = transceive_raw(chip, &frame, &answer);
    cardsim_chip_append_status(chip, status);
    if (status == CARDSIM_STATUS_OK)
        cardsim_chip_append(chip, answer.data, answer.len);
    request->delay_us = status == CARDSIM_STATUS_TIMEOUT
                            ? timeout_us(chip)
                            : TURNAROUND_US + BYTE_US * (request->len + answer.len);
    return CARDSIM_OUTCOME_REPLY;
}

void cardsim_chip_transceive_fifo(struct cardsim_chip *chip)
{
    struct cardsim_rf_frame answer, frame = {.len = chip->fifo_len};
    memcpy(frame.data, chip->fifo, chip->fifo_len);
    bool ok = transceive_raw(chip, &frame, &answer) == CARDSIM_STATUS_OK && answer.len <= sizeof chip->fifo;
    chip->fifo_len = ok ? (uint8_t)answer.len : 0;
    memcpy(chip->fifo, answer.data, chip->fifo_len);
}

enum cardsim_outcome cardsim_chip_select(struct cardsim_chip *chip, struct cardsim_request *request)
{
    struct cardsim_target *target = find_target(chip, request->data[0]);
    uint8_t status = !target                       ? CARDSIM_STATUS_CONTEXT
                     : select_target(chip, target) ? CARDSIM_STATUS_OK
                                                   : CARDSIM_STATUS_TIMEOUT;
    cardsim_chip_append_status(chip, status);
    request->delay_us = SELECT_US;
    return CARDSIM_OUTCOME_REPLY;
}

static enum cardsim_outcome let_go(struct cardsim_chip *chip, struct cardsim_request *request, bool forget)
{
    enum { ALL = 0 };
    uint8_t number = request->data[0];
    if (number != ALL && !find_target(chip, number)) {
        cardsim_chip_append_byte(chip, CARDSIM_STATUS_CONTEXT);
        return CARDSIM_OUTCOME_REPLY;
    }
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++) {
        if (number != ALL && number != i + 1)
            continue;
        halt_target(chip, &chip->targets[i]);
        if (forget)
            memset(&chip->targets[i], 0, sizeof chip->targets[i]);
    }
    cardsim_chip_append_byte(chip, CARDSIM_STATUS_OK);
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_deselect(struct cardsim_chip *chip, struct cardsim_request *request)
{
    return let_go(chip, request, false);
}

enum cardsim_outcome cardsim_chip_release(struct cardsim_chip *chip, struct cardsim_request *request)
{
    return let_go(chip, request, true);
}

bool cardsim_chip_card_is_present(struct cardsim_chip *chip)
{
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++) {
        struct cardsim_target *target = &chip->targets[i];
        if (!target->card || !target->is_selected || !target->is_iso4)
            continue;
        struct cardsim_rf_frame answer, frame = {.data = {0xB2}, .len = 1}; /* R(NAK), as the chip sends it */
        return send_frame(chip, &frame, &answer, true, true) == CARDSIM_STATUS_OK;
    }
    return false;
}
