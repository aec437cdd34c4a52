/*
 * portillon-reader: the process that holds libnfc. Started by hal/libnfc/libnfc_reader.c with a socket on
 * LIBNFC_LINK_FD (hal/libnfc/libnfc_link.h has the messages) and one argument, a libnfc connection string or "auto".
 * It holds no key and no list; a reader that takes it over gains what a reader already has: to say which card
 * it saw.
 *
 * Looking for a card is one nfc_initiator_select_passive_target, that is one InListPassiveTarget and nothing
 * else: nfc_initiator_list_passive_targets sends RFConfiguration before, InDeselect and a second listing
 * after it (libnfc 1.8.0, libnfc/nfc.c), and nfc_initiator_poll_target polls in steps of 150 ms and can block
 * forever.
 *
 * A card that stays is asked whether it is still there without being selected anew where libnfc can do that
 * (ISO 14443-4), so that an authenticated session survives; else it is deselected and selected by its UID.
 * Neither cuts the field, so a card with a random UID keeps the UID it drew. EMPTY needs two looks that both
 * saw nothing, the second after the field was off and on: one missed look on a hand that trembles is not an
 * empty field, and a card stuck in a state where it ignores REQA shows again. A PN532 takes some 50 ms to
 * find a card mute and 15 ms to find none, so EMPTY comes 50 to 95 ms after the card left.
 *
 * libnfc 1.8.0 gives up on a silent chip after 300 ms here; one fault is reported and the look repeated, the
 * second in a row ends the process, and a new one opens the reader from scratch.
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

#include "hal/libnfc/libnfc_link.h"

#define MS             1000u     /* in microseconds */
#define LOOK_US        (5 * MS)  /* between the starts of two looks at an empty field */
#define HOLD_US        (10 * MS) /* from one question to a card that stays to the next */
#define FIELD_OFF_US   (6 * MS)  /* ISO/IEC 14443-3: 5 ms without field reset a card; and a little */
#define FIELD_ON_US    (6 * MS)  /* ISO/IEC 14443-3: a card answers REQA at most 5 ms after power-up */
#define REFRESH_US     (1000 * MS)
#define FAULTS_MAX     2 /* in a row; then a new process starts from scratch */
#define CANDIDATES_MAX 8
#define SAK_ISO14443_4 0x20
#define UID0_RANDOM    0x08 /* ISO/IEC 14443-3: a 4-byte UID that starts so is a random number */

enum sight {
    SIGHT_UNKNOWN, /* nothing told yet: the first EMPTY is told even though no CARD was */
    SIGHT_EMPTY,
    SIGHT_CARD,
};

struct child {
    nfc_device *device;
    enum sight sight;
    nfc_target target; /* the card that is there, if sight is CARD */
    uint32_t card;     /* its number */
    bool is_ready;     /* READY was sent */
    unsigned faults;   /* since the reader last answered a look */
    uint64_t next_look_us;
    uint64_t last_sent_us;
    uint64_t last_reset_us; /* when the field was last off */
};

static const nfc_modulation iso14443a = {.nmt = NMT_ISO14443A, .nbr = NBR_106};

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

/* Without the gate there is nothing to do here, so a message that cannot be sent ends the process. */
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

/* The reader answered a look: it is well, and the gate hears so before it hears of the card. */
static void note_answer(struct child *child)
{
    if (child->faults == 0 && child->is_ready)
        return;
    child->faults = 0;
    child->is_ready = true;
    send_text(child, LIBNFC_LINK_READY, nfc_device_get_name(child->device));
}

/* ---- the field ---- */

/* Driver errors that say something of the card, not of the reader. */
static bool is_card_error(int error)
{
    return error == NFC_ERFTRANS || error == NFC_ETGRELEASED;
}

/* Selects the card with this UID, or any if uid_len is 0. @retval 1 found, 0 none, negative: libnfc's error.
 */
static int select_card(struct child *child, const uint8_t *uid, size_t uid_len, nfc_target *target)
{
    int result = nfc_initiator_select_passive_target(child->device, iso14443a, uid, uid_len, target);
    if (result < 0 && !is_card_error(result))
        return result;
    note_answer(child);
    return result > 0;
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

static bool is_random(const nfc_iso14443a_info *card)
{
    return card->szUidLen == 4 && card->abtUid[0] == UID0_RANDOM;
}

/* A card with a random UID draws another each time the field was off: nobody can tell it from its like, and
 * taking it for the one that was there is the error that opens no gate. */
static bool is_same_card(const nfc_iso14443a_info *a, const nfc_iso14443a_info *b)
{
    if (is_random(a) && is_random(b))
        return true;
    return a->szUidLen == b->szUidLen && memcmp(a->abtUid, b->abtUid, a->szUidLen) == 0;
}

static int report_card(struct child *child, const nfc_target *target, uint64_t seen_us)
{
    const nfc_iso14443a_info *info = &target->nti.nai;
    struct libnfc_link_message message = {.kind = LIBNFC_LINK_CARD, .time_us = seen_us};
    struct reader_target *card = &message.target;
    /* libnfc copies these lengths from the reader's reply: believe none. */
    if (info->szUidLen != 4 && info->szUidLen != 7 && info->szUidLen != 10)
        return NFC_EIO;
    card->uid_len = (uint8_t)info->szUidLen;
    memcpy(card->uid, info->abtUid, info->szUidLen);
    memcpy(card->atqa, info->abtAtqa, sizeof card->atqa);
    card->sak = info->btSak;
    card->ats_len = (uint8_t)(info->szAtsLen < READER_ATS_MAX ? info->szAtsLen : READER_ATS_MAX);
    memcpy(card->ats, info->abtAts, card->ats_len);
    message.card = ++child->card;
    child->target = *target;
    child->sight = SIGHT_CARD;
    send_message(child, &message);
    return 0;
}

/* The second look that EMPTY needs. */
static int look_again(struct child *child)
{
    nfc_target target;
    int found = reset_field(child);
    if (found < 0)
        return found;
    found = select_card(child, NULL, 0, &target);
    uint64_t seen_us = monotonic_us();
    if (found < 0)
        return found;
    if (found > 0) {
        if (child->sight == SIGHT_CARD && is_same_card(&target.nti.nai, &child->target.nti.nai))
            return 0;
        return report_card(child, &target, seen_us);
    }
    child->sight = SIGHT_EMPTY;
    send_plain(child, LIBNFC_LINK_EMPTY);
    return 0;
}

static int look_for_card(struct child *child)
{
    nfc_target target;
    int found = select_card(child, NULL, 0, &target);
    if (found > 0)
        return report_card(child, &target, monotonic_us());
    if (found < 0)
        return found;
    if (child->sight == SIGHT_UNKNOWN)
        return look_again(child);
    /* A card that went astray in its activation ignores REQA for as long as it has power. */
    return monotonic_us() - child->last_reset_us >= REFRESH_US ? reset_field(child) : 0;
}

static int look_at_card(struct child *child)
{
    const nfc_iso14443a_info held = child->target.nti.nai;
    if (held.btSak & SAK_ISO14443_4) {
        if (nfc_initiator_target_is_present(child->device, NULL) != NFC_SUCCESS)
            return look_again(child);
        note_answer(child);
        return 0;
    }
    int error = nfc_initiator_deselect_target(child->device);
    if (error < 0 && !is_card_error(error))
        return error;
    nfc_target target;
    int found = select_card(child, held.abtUid, held.szUidLen, &target);
    if (found < 0)
        return found;
    return found > 0 && is_same_card(&target.nti.nai, &held) ? 0 : look_again(child);
}

/* ---- requests ---- */

static int32_t result_of(int error)
{
    if (error == NFC_ETIMEOUT)
        return ERR_TIMEOUT;
    return is_card_error(error) ? ERR_NOT_FOUND : ERR_IO;
}

static void exchange(struct child *child, const struct libnfc_link_message *request)
{
    struct libnfc_link_message answer = {
        .kind = LIBNFC_LINK_ANSWER, .exchange = request->exchange, .result = ERR_NOT_FOUND};
    if (child->sight == SIGHT_CARD && request->card == child->card) {
        int len = nfc_initiator_transceive_bytes(child->device, request->data, request->data_len, answer.data,
                                                 sizeof answer.data, LIBNFC_LINK_EXCHANGE_MS);
        answer.result = len >= 0 ? ERR_OK : result_of(len);
        answer.data_len = len >= 0 ? (size_t)len : 0;
        /* A card that answers needs no other question for a while; one that does not, at once. */
        child->next_look_us = monotonic_us() + (len >= 0 ? HOLD_US : 0);
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
        exit(0); /* the gate closed its end, or is gone */
    if (libnfc_link_decode(wire, (size_t)len, &request) != ERR_OK || request.kind != LIBNFC_LINK_EXCHANGE)
        exit(3);
    /* The gate gave up on a request that waited behind a slow look. */
    if (monotonic_us() - request.time_us < LIBNFC_LINK_EXCHANGE_MS * MS)
        exchange(child, &request);
}

static void serve_until_next_look(struct child *child)
{
    for (;;) {
        uint64_t now_us = monotonic_us();
        uint64_t wait_us = now_us < child->next_look_us ? child->next_look_us - now_us : 0;
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
        serve_until_next_look(child);
        uint64_t start_us = monotonic_us();
        int error = child->sight == SIGHT_CARD ? look_at_card(child) : look_for_card(child);
        if (error < 0)
            note_fault(child, error);
        /* After a card, leave the gate its turn; before one, lose no time. */
        child->next_look_us = child->sight == SIGHT_CARD ? monotonic_us() + HOLD_US : start_us + LOOK_US;
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
    /* Finite retries: else a look at an empty field waits forever (PN532 User Manual, RFConfiguration item
     * 5). */
    if (nfc_initiator_init(child->device) < 0 ||
        nfc_device_set_property_bool(child->device, NP_INFINITE_SELECT, false) < 0) {
        send_text(child, LIBNFC_LINK_FAULT, "reader refused its configuration");
        exit(1);
    }
    child->last_reset_us = monotonic_us();
}

/* Lets go of what a process that talks to one device does not need, and ties its life to the gate's. */
static bool confine(void)
{
    struct ucred gate;
    socklen_t size = sizeof gate;
    if (getsockopt(LIBNFC_LINK_FD, SOL_SOCKET, SO_PEERCRED, &gate, &size) < 0)
        return false;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != gate.pid)
        return false; /* it died before the line above */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){64, 64});
    fcntl(LIBNFC_LINK_FD, F_SETFD, FD_CLOEXEC);
    signal(SIGINT, SIG_IGN); /* Ctrl-C on the gate's terminal: the gate closes us when it is done */
    signal(SIGHUP, SIG_IGN);
    if (getenv("LIBNFC_LOG_LEVEL") == NULL) {
        /* libnfc prints each failed open; the gate reports it once, in its own words. */
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
