/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/progress.h"

#define AGAIN_MAX 3    /* sessions in a visit: as maintenance, then as technician, then for what came up */
#define RETRY_MS  2000 /* with --watch: between two tries to reach a gate */
#define POLL_MS   50
#define SAID_MAX  16

/* What this process said since the last round in which all was well. With --watch it is not said again. */
static struct {
    uint32_t good_rounds;
    uint32_t hashes[SAID_MAX];
    unsigned count;
} said;

static struct sync_pass pass; /* too large for the stack */

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    return hash;
}

static bool was_said(const char *text)
{
    uint32_t hash = hash_of(text);
    if (said.good_rounds != pass.good_rounds)
        said.count = 0;
    said.good_rounds = pass.good_rounds;
    for (unsigned i = 0; i < SAID_MAX && i < said.count; i++)
        if (said.hashes[i] == hash)
            return true;
    said.hashes[said.count++ % SAID_MAX] = hash;
    return false;
}

static void tell_message(void *ctx, enum command_message kind, const char *message)
{
    (void)ctx;
    if (!pass.job->watches || !was_said(message))
        sync_message_tell(pass.fd, kind == COMMAND_MESSAGE_FAILURE ? SYNC_FAILURE : SYNC_NOTE, message);
}

static void tell_progress(void *ctx, const struct progress *progress)
{
    (void)ctx;
    sync_message_tell_progress(pass.fd, progress->done, progress->total);
}

/* Returns false if nothing names the gate's line and its udev name is not there. */
static bool has_line(const struct sync_place *place)
{
    if (!place->is_guess || access(place->port, F_OK) == 0)
        return true;
    command_fail(
        "%s: nobody says where it is: give --port %s=DEV, write the line \"%s DEV\" into %s/%s, or plug "
        "in an adapter with the udev name %s",
        pass.job->command, place->device, place->device, pass.job->site, SYNC_PORTS_FILE, place->port);
    return false;
}

/* Opens a session as the role that the open wishes need. */
static int talk(struct gate_options *gate, struct passage_store *store)
{
    struct wishes wishes;
    if (wishes_read_open(&store->db, pass.place->device, &wishes) != ERR_OK)
        return command_fail("%s: %s: %s", pass.job->command, pass.job->store, passage_store_error(store));
    gate->role = wishes.count > 0 ? ROLE_TECHNICIAN : ROLE_MAINTENANCE;
    if (identity_psk(&gate->identity, gate->role, gate->psk) != ERR_OK)
        return command_fail("%s: the crypto library failed", pass.job->command);
    sync_message_tell(pass.fd, SYNC_STEP, _("connecting"));
    sync_pass_begin(&pass);
    return gate_session(gate, sync_pass_talk, &pass);
}

static int visit_with_store(struct gate_options *gate)
{
    static struct passage_store store;
    crypto_mac mac;
    int status;
    if (passage_store_open(&store, pass.job->store, &gate->identity) != ERR_OK) {
        status = command_fail("%s: %s: %s", pass.job->command, pass.job->store, passage_store_error(&store));
    } else if (crypto_mac_init(&mac, gate->identity.journal_key) != ERR_OK) {
        status = command_fail("%s: the crypto library failed", pass.job->command);
    } else {
        pass.store = &store;
        pass.mac = &mac;
        status = talk(gate, &store);
        crypto_mac_free(&mac);
    }
    passage_store_close(&store);
    return status;
}

static int visit(void)
{
    struct gate_options gate;
    const struct sync_job *job = pass.job;
    if (!has_line(pass.place))
        return COMMAND_FAILED;
    gate_options_init(&gate, job->command, ROLE_MAINTENANCE);
    gate.site = job->site;
    gate.gate = pass.place->device;
    gate.port = pass.place->port;
    gate.baud = job->baud;
    gate.timeout_s = job->timeout_s;
    int status = gate_options_finish(&gate, true);
    if (status == COMMAND_OK)
        status = visit_with_store(&gate);
    gate_options_close(&gate);
    return status;
}

/* Visits the gate once. Returns the exit status. */
static int visit_once(void)
{
    int status = SYNC_PASS_AGAIN;
    for (int tries = 0; tries < AGAIN_MAX && status == SYNC_PASS_AGAIN; tries++)
        status = visit();
    if (status == SYNC_PASS_AGAIN)
        status = command_fail("%s: what is wished of the gate changes faster than it can be brought",
                              pass.job->command);
    return status;
}

static void rest(unsigned ms)
{
    for (unsigned waited = 0; waited < ms && !interrupt_wanted(); waited += POLL_MS)
        usleep(POLL_MS * 1000);
}

static void tell_result(int status)
{
    if (status != COMMAND_OK)
        pass.result.status = status;
    sync_message_tell_result(pass.fd, &pass.result);
    pass.result = (struct sync_result){.status = COMMAND_OK};
}

/* Follows the gate until Ctrl-C. */
static void follow(void)
{
    while (!interrupt_wanted()) {
        int status = visit();
        if (interrupt_wanted() || status == SYNC_PASS_AGAIN)
            continue;
        tell_result(status);
        rest(RETRY_MS);
    }
    tell_result(INTERRUPT_STATUS);
}

static void look_after_gate(void)
{
    uint64_t started_us = link_now_us();
    if (pass.job->watches) {
        follow();
        return;
    }
    int status = visit_once();
    pass.result.seconds = (double)(link_now_us() - started_us) / 1e6;
    tell_result(status);
}

/* Nobody can answer a question of this process, and it prints nothing. */
static void close_terminal(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
}

pid_t sync_child_start(const struct sync_job *job, const struct sync_place *place, int *fd)
{
    int end;
    if (!sync_message_connect(fd, &end))
        return -1;
    fflush(NULL);
    pid_t parent = getpid(), child = fork();
    if (child != 0) {
        close(end);
        if (child < 0)
            close(*fd);
        return child;
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    interrupt_catch();
    if (getppid() != parent)
        _exit(COMMAND_FAILED); /* it ended before it could be noticed */
    close(*fd);
    close_terminal();
    pass = (struct sync_pass){.job = job, .place = place, .fd = end};
    command_listen(tell_message, NULL);
    progress_listen(tell_progress, NULL);
    look_after_gate();
    sync_pass_end(&pass);
    _exit(COMMAND_OK);
}
