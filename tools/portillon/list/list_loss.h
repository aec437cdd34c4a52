/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guards against a list that takes away the cards of many people at once: a file of one class in the place of
 * the school's, or a file of last year. A list needs to be accepted if it drops more than a tenth of the
 * cards of the list that it replaces, or changes the rights of more than a tenth. Up to LIST_LOSS_FEW cards
 * are everyday work, however small the list is.
 */
#ifndef TOOLS_PORTILLON_LIST_LIST_LOSS_H
#define TOOLS_PORTILLON_LIST_LIST_LOSS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/linux/translate.h"

#include "tools/portillon/list/list_open.h"

#define LIST_LOSS_FEW 4

/* The option of the commands that ask. */
#define LIST_LOSS_OPTION                                                                                     \
    {                                                                                                        \
        "accept-removals", 0, NULL,                                                                          \
            N_("go on without asking although more than a tenth of the cards are dropped or\n"               \
               "get other rights, or the list is older than the people of the register")                     \
    }

struct list_loss {
    uint32_t before;  /* cards of the list that is replaced */
    uint32_t left;    /* of these: dropped */
    uint32_t changed; /* of these: kept, with other rights */
};

/* Compares two lists that were checked. Returns ERR_OK or ERR_NO_SPACE (no memory). */
int list_loss_compare(const struct list_open *before, const struct list_open *after,
                      struct list_loss *loss) MUST_USE;
/* Reads the list that a new one replaces, compares the two and, if needed, asks. key is the site's public
 * key. What is not a list of this site is no loss. keep_at: where a copy of the replaced list goes; NULL:
 * nowhere.
 * Returns ERR_OK, ERR_FORBIDDEN (not accepted), or ERR_NO_SPACE or ERR_IO after printing the error. */
int list_loss_check_file(const char *command, const char *path, const uint8_t *key,
                         const struct list_open *after, bool accepted, const char *keep_at) MUST_USE;
/* Returns true if the loss has to be accepted. */
bool list_loss_is_large(const struct list_loss *loss);
/* Tells the loss, against what; then returns true if the user accepts it: by the option or, at a terminal,
 * by answer. Otherwise prints that nothing was done, and returns false. */
bool list_loss_accept(const char *command, const struct list_loss *loss, const char *against, bool accepted);
/* Asks whether to go on with what was just told. The same result. */
bool list_loss_ask(const char *command, bool accepted);

#endif
