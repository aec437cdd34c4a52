/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for portillon-reader: speaks its messages (hal/libnfc/libnfc_link.h), but its cards come from a
 * script, hundreds a second, for tests that need many taps in little time.
 *
 * usage, by portillond: --reader-helper tap_source --reader 'SCRIPT'
 * SCRIPT: words separated by commas: wait=PATH (no card before this file exists), every=US (microseconds from
 * one card to the next, 1000), for the rest UIDs in hex, tapped in turn, for ever.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <signal.h>

#include "hal/libnfc/libnfc_link.h"

#define CARDS_MAX 256

static struct reader_target cards[CARDS_MAX];
static size_t card_count;
static const char *wait_path;
static unsigned every_us = 1000;

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void tell(struct libnfc_link_message message)
{
    uint8_t wire[LIBNFC_LINK_SIZE];
    message.time_us = now_us();
    if (libnfc_link_encode(&message, wire) != ERR_OK)
        abort();
    if (send(LIBNFC_LINK_FD, wire, sizeof(wire), MSG_NOSIGNAL) < 0)
        exit(0); /* the gate is gone */
}

static void add_card(const char *hex)
{
    struct reader_target *card = &cards[card_count++];
    unsigned byte;
    *card = (struct reader_target){.atqa = {0x00, 0x04}, .sak = 0x08};
    while (card->uid_len < READER_UID_MAX && sscanf(hex + 2 * card->uid_len, "%2x", &byte) == 1)
        card->uid[card->uid_len++] = (uint8_t)byte;
    if (card->uid_len > 4)
        card->atqa[1] = 0x44;
}

static void read_script(char *script)
{
    char *save = NULL;
    for (char *word = strtok_r(script, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
        if (strncmp(word, "wait=", 5) == 0)
            wait_path = word + 5;
        else if (strncmp(word, "every=", 6) == 0)
            every_us = (unsigned)atoi(word + 6);
        else if (card_count < CARDS_MAX)
            add_card(word);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    read_script(argv[1]);
    tell((struct libnfc_link_message){.kind = LIBNFC_LINK_READY, .text = "tap_source"});
    for (uint32_t number = 0;; number++) {
        while (card_count == 0 || (wait_path != NULL && access(wait_path, F_OK) != 0)) {
            usleep(2000);
            tell((struct libnfc_link_message){.kind = LIBNFC_LINK_BEAT});
        }
        tell((struct libnfc_link_message){
            .kind = LIBNFC_LINK_CARD, .card = number + 1, .target = cards[number % card_count]});
        usleep(every_us);
        tell((struct libnfc_link_message){.kind = LIBNFC_LINK_EMPTY});
    }
}
