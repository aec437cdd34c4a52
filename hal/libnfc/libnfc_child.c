/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portillon-reader: the process that uses libnfc.
 *
 * hal/libnfc/libnfc_reader.c starts it with a socket on LIBNFC_LINK_FD (the messages are in
 * hal/libnfc/libnfc_link.h) and one argument, a libnfc connection string or "auto". The process has no key
 * and no list. A reader that takes control of it can only do what every reader can do: claim which card it
 * saw.
 *
 * A scan for a card is one nfc_initiator_select_passive_target, that is, one InListPassiveTarget and no other
 * command. Two other functions of libnfc 1.8.0 do more (libnfc/nfc.c): nfc_initiator_list_passive_targets
 * sends RFConfiguration before it, and InDeselect and a second InListPassiveTarget after it;
 * nfc_initiator_poll_target polls in steps of 150 ms and can block forever.
 *
 * In an empty field, one scan every 0.25 s is for a card of type B or FeliCa (hal/common/other_cards.h). A
 * new card whose SAK announces an ATS, but that sends none, is scanned three times before it is reported as
 * unfinished.
 *
 * While cards are present, the process halts the selected card and scans again (hal/common/card_set.h). So
 * it finds cards beside one that stays, and notices when a card leaves. Nothing of this turns the field off,
 * so a card with a random UID keeps its UID. For 0.1 s after an exchange the card stays selected, so that an
 * authenticated session continues; libnfc can check an ISO 14443-4 card without selecting it again.
 *
 * GONE needs two checks in a row without an answer, while other cards are present. EMPTY needs two scans in a
 * row without a card; the field is turned off and on before the second one. One miss is not enough, because a
 * trembling hand can cause it. The reset of the field also brings back a card in a state in which it ignores
 * REQA. A PN532 takes about 50 ms to find that a card no longer answers and 15 ms to find no card, so EMPTY
 * comes 50 to 95 ms after the card left.
 *
 * libnfc 1.8.0 gives up on a silent chip after 300 ms with these calls. The process reports the first fault
 * and repeats the scan. The second fault in a row ends the process, and a new one opens the reader from the
 * beginning.
 */
#include <errno.h>
#include <fcntl.h>
#include <nfc/nfc.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "hal/common/card_set.h"
#include "hal/common/other_cards.h"
#include "hal/libnfc/libnfc_link.h"

#define MS                      1000u      /* in microseconds */
#define SCAN_INTERVAL_US        (5 * MS)   /* between the starts of two scans of an empty field */
#define CHECK_INTERVAL_US       (10 * MS)  /* between two scans or checks while cards are present */
#define SESSION_US              (100 * MS) /* after an exchange */
#define FIELD_OFF_US            (6 * MS)   /* 5 ms reset a card (ISO/IEC 14443-3), plus 1 ms of margin */
#define FIELD_ON_US             (6 * MS)   /* ISO/IEC 14443-3: a card answers REQA within 5 ms of power-up */
#define FIELD_RESET_INTERVAL_US (1000 * MS)
#define FAULTS_MAX              2 /* faults in a row that end the process */
#define CANDIDATES_MAX          8
#define SAK_ISO14443_4          0x20

struct child {
    nfc_device *device;
    struct card_set cards;
    struct other_cards others; /* cards of type B and FeliCa */
    uint8_t unfinished_count;  /* scans in a row that found a new card without its ATS */
    bool is_empty_reported;    /* EMPTY was sent, and no card since then */
    bool cannot_halt;          /* the driver of libnfc has no command for it: only one card can be found */
    bool is_ready;             /* READY was sent */
    unsigned faults;           /* faults since the last answered scan */
    uint64_t next_scan_us;
    uint64_t last_sent_us;
    uint64_t last_reset_us; /* when the field was last turned off and on */
    uint64_t exchanged_us;  /* when the newest card last answered an exchange; 0: not yet */
};

static const nfc_modulation iso14443a = {.nmt = NMT_ISO14443A, .nbr = NBR_106},
                            iso14443b = {.nmt = NMT_ISO14443B, .nbr = NBR_106},
                            felica = {.nmt = NMT_FELICA, .nbr = NBR_212};

static uint64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static void sleep_us(uint64_t duration_us)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)duration_us * 1000}, NULL);
}

/* ---- messages ---- */

/* Sends one message. If this fails, the process ends, because it has nothing to do without the gate. A BEAT
 * that the socket has no room for is left out. */
static void send_message(struct child *child, struct libnfc_link_message *message)
{
    uint8_t wire[LIBNFC_LINK_SIZE];
    if (message->time_us == 0)
        message->time_us = monotonic_us();
    if (libnfc_link_encode(message, wire) != ERR_OK)
        abort();
    int flags = MSG_NOSIGNAL | (message->kind == LIBNFC_LINK_BEAT ? MSG_DONTWAIT : 0);
    if (send(LIBNFC_LINK_FD, wire, sizeof wire, flags) < 0 && errno != EAGAIN)
        exit(0);
    child->last_sent_us = message->time_us;
}

static void send_plain(struct child *child, enum libnfc_link_kind kind)
{
    struct libnfc_link_message message = {.kind = kind};
    send_message(child, &message);
}

static void send_text(struct child *child, enum libnfc_link_kind kind, const char *text)
{
    struct libnfc_link_message message = {.kind = kind};
    snprintf(message.text, sizeof message.text, "%s", text);
    send_message(child, &message);
}

/* ---- faults of the reader ---- */

static void note_fault(struct child *child, int error)
{
    send_text(child, LIBNFC_LINK_FAULT,
              error == NFC_ETIMEOUT ? "reader error: no answer" : "reader error: bad answer");
    if (++child->faults >= FAULTS_MAX)
        exit(1);
}

/* Notes that the reader answered. After a fault, and the first time, READY is sent: before any message about
 * a card. */
static void note_answer(struct child *child)
{
    if (child->faults == 0 && child->is_ready)
        return;
    child->faults = 0;
    child->is_ready = true;
    send_text(child, LIBNFC_LINK_READY, nfc_device_get_name(child->device));
}

/* ---- the field ---- */

/* Returns true for errors of libnfc that are caused by the card, not by the reader. */
static bool is_card_error(int error)
{
    return error == NFC_ERFTRANS || error == NFC_ETGRELEASED;
}

/* Decodes what libnfc found. libnfc copies the lengths from the answer of the reader without a check. Returns
 * 1, NFC_EIO. */
static int decode_target(const nfc_iso14443a_info *info, struct reader_target *target)
{
    if (info->szUidLen != 4 && info->szUidLen != 7 && info->szUidLen != 10)
        return NFC_EIO;
    *target = (struct reader_target){.uid_len = (uint8_t)info->szUidLen, .sak = info->btSak};
    memcpy(target->uid, info->abtUid, info->szUidLen);
    memcpy(target->atqa, info->abtAtqa, sizeof target->atqa);
    target->ats_len = (uint8_t)(info->szAtsLen < READER_ATS_MAX ? info->szAtsLen : READER_ATS_MAX);
    memcpy(target->ats, info->abtAts, target->ats_len);
    return 1;
}

/* Returns true if a card whose SAK announces an ATS sent none. libnfc does not tell that from an ATS of a
 * length byte only, which is valid: such a card answers the presence check of ISO 14443-4. */
static bool is_unfinished(struct child *child, const struct reader_target *target)
{
    return target->sak & SAK_ISO14443_4 && target->ats_len == 0 &&
           nfc_initiator_target_is_present(child->device, NULL) != NFC_SUCCESS;
}

/* Selects this card, or any card if wanted is NULL. Returns 1 (target is filled), 0 (no card), a negative
 * value (error of libnfc). */
static int select_card(struct child *child, const struct reader_target *wanted, struct reader_target *target)
{
    nfc_target found;
    child->cards.current = 0; /* the first request resets a card that was selected */
    int result = nfc_initiator_select_passive_target(child->device, iso14443a, wanted ? wanted->uid : NULL,
                                                     wanted ? wanted->uid_len : 0, &found);
    if (result < 0 && !is_card_error(result))
        return result;
    note_answer(child);
    if (result <= 0)
        return 0;
    result = decode_target(&found.nti.nai, target);
    target->is_unfinished = result > 0 && is_unfinished(child, target);
    return result;
}

static int reset_field(struct child *child)
{
    int error = nfc_device_set_property_bool(child->device, NP_ACTIVATE_FIELD, false);
    if (error < 0)
        return error;
    sleep_us(FIELD_OFF_US);
    error = nfc_device_set_property_bool(child->device, NP_ACTIVATE_FIELD, true);
    if (error < 0)
        return error;
    sleep_us(FIELD_ON_US);
    child->last_reset_us = monotonic_us();
    return 0;
}

static void send_card(struct child *child, enum libnfc_link_kind kind, uint32_t number, uint64_t time_us)
{
    struct libnfc_link_message message = {
        .kind = kind, .card = number, .time_us = time_us, .target = *card_set_target(&child->cards, number)};
    send_message(child, &message);
}

static void remove_card(struct child *child, uint32_t number)
{
    send_card(child, LIBNFC_LINK_GONE, number, 0);
    card_set_remove(&child->cards, number);
}

/* Returns true if this card was reported without its ATS and has sent it since: it is a new tap. */
static bool is_finished_now(const struct child *child, uint32_t number, const struct reader_target *target)
{
    return card_set_target(&child->cards, number)->is_unfinished && !target->is_unfinished;
}

static void take_card(struct child *child, const struct reader_target *target)
{
    uint64_t seen_us = monotonic_us();
    uint32_t number = card_set_find(&child->cards, target);
    if (number == 0 && target->is_unfinished && ++child->unfinished_count < READER_UNFINISHED_SCANS)
        return; /* it may send its ATS in the next scan */
    child->unfinished_count = 0;
    if (number != 0 && !is_finished_now(child, number, target)) {
        card_set_see(&child->cards, number, target, seen_us);
        return;
    }
    if (number != 0)
        remove_card(child, number);
    else if (child->cards.count == READER_CARDS_MAX)
        remove_card(child, card_set_stalest(&child->cards));
    card_set_add(&child->cards, target, seen_us);
    child->is_empty_reported = false;
    child->exchanged_us = 0;
    send_card(child, LIBNFC_LINK_CARD, child->cards.newest, seen_us);
}

/* Makes the second scan that EMPTY needs, after a reset of the field. */
static int rescan(struct child *child)
{
    struct reader_target target;
    int found = reset_field(child);
    if (found < 0)
        return found;
    found = select_card(child, NULL, &target);
    if (found > 0)
        take_card(child, &target);
    if (found != 0)
        return found;
    card_set_clear(&child->cards);
    child->is_empty_reported = true;
    other_cards_delay(&child->others, monotonic_us(), OTHER_CARDS_INTERVAL_US);
    send_plain(child, LIBNFC_LINK_EMPTY);
    return 0;
}

/* ---- cards of another kind ---- */

static void send_other(struct child *child, enum libnfc_link_kind kind)
{
    struct libnfc_link_message message = {.kind = kind};
    send_message(child, &message);
}

/* Looks for a card of another kind. Returns 0, a negative value (error of libnfc). */
static int scan_for_other(struct child *child, enum other_card kind)
{
    nfc_target found;
    int result = nfc_initiator_select_passive_target(
        child->device, kind == OTHER_CARD_TYPE_B ? iso14443b : felica, NULL, 0, &found);
    if (other_cards_note(&child->others, kind, result > 0, monotonic_us()))
        send_other(child, LIBNFC_LINK_GONE);
    if (result >= 0 || is_card_error(result))
        return 0;
    /* Not every reader knows the other kinds of cards. */
    other_cards_delay(&child->others, monotonic_us(), OTHER_CARDS_PAUSE_US);
    return result == NFC_EINVARG || result == NFC_EDEVNOTSUPP ? 0 : result;
}

static int scan(struct child *child)
{
    struct reader_target target;
    enum other_card other =
        child->is_empty_reported ? other_cards_next(&child->others, monotonic_us()) : OTHER_CARD_NONE;
    if (other != OTHER_CARD_NONE)
        return scan_for_other(child, other);
    card_set_begin_turn(&child->cards, 0);
    int found = select_card(child, NULL, &target);
    if (found >= 0 && other_cards_confirm(&child->others, found > 0))
        send_other(child, LIBNFC_LINK_CARD);
    if (found > 0)
        take_card(child, &target);
    if (found != 0)
        return found;
    if (!child->is_empty_reported)
        return rescan(child);
    /* A card that failed during its activation may ignore REQA as long as it has power. */
    return monotonic_us() - child->last_reset_us >= FIELD_RESET_INTERVAL_US ? reset_field(child) : 0;
}

static int miss_card(struct child *child, uint32_t number)
{
    bool has_left = card_set_miss(&child->cards, number);
    if (child->cards.count == 1)
        return rescan(child);
    if (has_left)
        remove_card(child, number);
    return 0;
}

static int check_card(struct child *child, uint32_t number)
{
    const struct reader_target wanted = *card_set_target(&child->cards, number);
    struct reader_target target;
    card_set_begin_turn(&child->cards, number);
    int found = select_card(child, &wanted, &target);
    if (found < 0)
        return found;
    if (found == 0 || !card_set_is_same(&target, &wanted))
        return miss_card(child, number);
    take_card(child, &target);
    return 0;
}

/* Checks the selected card and leaves its session open. */
static int check_session(struct child *child)
{
    uint32_t number = child->cards.current;
    if (nfc_initiator_target_is_present(child->device, NULL) != NFC_SUCCESS)
        return miss_card(child, number);
    note_answer(child);
    return 0;
}

/* Returns true if the selected card must stay selected: a session may be open, or it could not be halted. */
static bool is_held(const struct child *child)
{
    const struct card_set *cards = &child->cards;
    const struct reader_target *card = card_set_target(cards, cards->current);
    if (card == NULL || !(card->sak & SAK_ISO14443_4))
        return false;
    return child->cannot_halt || (child->exchanged_us != 0 && cards->current == cards->newest &&
                                  monotonic_us() - child->exchanged_us < SESSION_US);
}

/* The card gets S(DESELECT) or HLTA, and then answers WUPA but not REQA. */
static int halt_card(struct child *child)
{
    int error = nfc_initiator_deselect_target(child->device);
    if (error == NFC_EDEVNOTSUPP)
        child->cannot_halt = true;
    else if (error < 0 && !is_card_error(error))
        return error;
    child->cards.current = 0;
    return 0;
}

/* Takes a turn while cards are present. */
static int look_beside_cards(struct child *child)
{
    uint32_t turn = card_set_turn(&child->cards);
    if (is_held(child))
        return check_session(child);
    int error = card_set_needs_halt(&child->cards, turn) ? halt_card(child) : 0;
    if (error < 0)
        return error;
    return turn != 0 ? check_card(child, turn) : scan(child);
}

/* ---- requests ---- */

static int32_t result_of(int error)
{
    if (error == NFC_ETIMEOUT)
        return ERR_TIMEOUT;
    return is_card_error(error) ? ERR_NOT_FOUND : ERR_IO;
}

/* Selects the card with this number, if another one is selected. Returns false if it cannot. */
static bool select_for_exchange(struct child *child, uint32_t number)
{
    if (number == 0 || card_set_target(&child->cards, number) == NULL)
        return false;
    if (child->cards.current != number && (child->cards.current == 0 || halt_card(child) == 0))
        (void)check_card(child, number); /* the next turn finds an error again */
    return child->cards.current == number;
}

static void exchange(struct child *child, const struct libnfc_link_message *request)
{
    struct libnfc_link_message answer = {
        .kind = LIBNFC_LINK_ANSWER, .exchange = request->exchange, .result = ERR_NOT_FOUND};
    if (select_for_exchange(child, request->card)) {
        int len = nfc_initiator_transceive_bytes(child->device, request->data, request->data_len, answer.data,
                                                 sizeof answer.data, LIBNFC_LINK_EXCHANGE_MS);
        answer.result = len >= 0 ? ERR_OK : result_of(len);
        answer.data_len = len >= 0 ? (size_t)len : 0;
        /* If the card answered, a session may be open, and the next check may wait. If it did not, the check
         * starts at once. */
        child->exchanged_us = len >= 0 ? monotonic_us() : 0;
        child->next_scan_us = monotonic_us() + (len >= 0 ? CHECK_INTERVAL_US : 0);
    }
    send_message(child, &answer);
    if (answer.result == ERR_IO)
        note_fault(child, NFC_EIO);
}

static void serve_request(struct child *child)
{
    uint8_t wire[LIBNFC_LINK_SIZE + 1];
    struct libnfc_link_message request;
    ssize_t len = recv(LIBNFC_LINK_FD, wire, sizeof wire, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len <= 0)
        exit(0); /* the gate closed its end, or has ended */
    if (libnfc_link_decode(wire, (size_t)len, &request) != ERR_OK || request.kind != LIBNFC_LINK_EXCHANGE)
        exit(3);
    /* A request that waited too long behind a slow scan is ignored: the gate no longer waits for its
     * answer. */
    if (monotonic_us() - request.time_us < LIBNFC_LINK_EXCHANGE_MS * MS)
        exchange(child, &request);
}

static void serve_until_next_scan(struct child *child)
{
    for (;;) {
        uint64_t now_us = monotonic_us();
        uint64_t wait_us = now_us < child->next_scan_us ? child->next_scan_us - now_us : 0;
        struct pollfd readable = {.fd = LIBNFC_LINK_FD, .events = POLLIN};
        struct timespec wait = {.tv_nsec = (long)wait_us * 1000};
        int ready = ppoll(&readable, 1, &wait, NULL);
        if (ready > 0)
            serve_request(child);
        else if (wait_us == 0 || ready == 0)
            return;
    }
}

/* ---- the loop ---- */

static _Noreturn void run(struct child *child)
{
    note_answer(child);
    for (;;) {
        serve_until_next_scan(child);
        uint64_t start_us = monotonic_us();
        int error = child->cards.count > 0 ? look_beside_cards(child) : scan(child);
        if (error < 0)
            note_fault(child, error);
        /* With a card present, wait after the check, so that the gate can send requests. Without one, lose no
         * time. */
        child->next_scan_us =
            child->cards.count > 0 ? monotonic_us() + CHECK_INTERVAL_US : start_us + SCAN_INTERVAL_US;
        if (start_us - child->last_sent_us >= LIBNFC_LINK_BEAT_MS * MS)
            send_plain(child, LIBNFC_LINK_BEAT);
    }
}

/* ---- start ---- */

static nfc_device *open_device(nfc_context *context, const char *connstring)
{
    static nfc_connstring found[CANDIDATES_MAX];
    size_t count = 1;
    if (strcmp(connstring, "auto") != 0)
        snprintf(found[0], sizeof found[0], "%s", connstring);
    else
        count = nfc_list_devices(context, found, CANDIDATES_MAX);
    for (size_t i = 0; i < count; i++) {
        nfc_device *device = nfc_open(context, found[i]);
        if (device != NULL)
            return device;
    }
    return NULL;
}

static void open_reader(struct child *child, const char *connstring)
{
    char text[LIBNFC_LINK_TEXT_SIZE] = "no reader found";
    nfc_context *context = NULL;
    nfc_init(&context);
    child->device = context ? open_device(context, connstring) : NULL;
    if (child->device == NULL) {
        if (strcmp(connstring, "auto") != 0)
            snprintf(text, sizeof text, "no reader at %s", connstring);
        send_text(child, LIBNFC_LINK_FAULT, text);
        exit(1);
    }
    /* Limit the retries: otherwise a scan of an empty field waits forever (PN532 User Manual, RFConfiguration
     * item 5). */
    if (nfc_initiator_init(child->device) < 0 ||
        nfc_device_set_property_bool(child->device, NP_INFINITE_SELECT, false) < 0) {
        send_text(child, LIBNFC_LINK_FAULT, "reader refused its configuration");
        exit(1);
    }
    child->last_reset_us = monotonic_us();
}

/* Gives up the rights that the process does not need, and makes it end with the gate. Returns false if the
 * gate has already ended or the socket is missing. */
static bool confine(void)
{
    struct ucred gate;
    socklen_t size = sizeof gate;
    if (getsockopt(LIBNFC_LINK_FD, SOL_SOCKET, SO_PEERCRED, &gate, &size) < 0)
        return false;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != gate.pid)
        return false; /* the gate ended before the line above */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64});
    fcntl(LIBNFC_LINK_FD, F_SETFD, FD_CLOEXEC);
    signal(SIGINT, SIG_IGN); /* Ctrl-C on the terminal of the gate: the gate ends this process itself */
    signal(SIGHUP, SIG_IGN);
    if (getenv("LIBNFC_LOG_LEVEL") == NULL) {
        /* libnfc prints every failed open; the gate reports it once, in its own words */
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null >= 0)
            dup2(null, STDERR_FILENO);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0});
    }
    return true;
}

int main(int argc, char **argv)
{
    static struct child child;
    if (argc != 2 || !confine()) {
        fprintf(stderr, "portillon-reader: a part of portillond, which starts it; not a command\n");
        return 2;
    }
    open_reader(&child, argv[1]);
    run(&child);
}
