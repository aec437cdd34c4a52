/* SPDX-License-Identifier: Apache-2.0 */
/* Compares two lists card by card. The lists must have passed the checks of list_open. The module allocates
 * memory during the call and has no other side effect. */
#ifndef TOOLS_PORTILLON_LIST_LIST_DIFF_H
#define TOOLS_PORTILLON_LIST_LIST_DIFF_H

#include "tools/portillon/list/list_open.h"

enum list_change { LIST_CAME, LIST_LEFT, LIST_CHANGED };

/* One difference. The pointers of a side that does not have the card are NULL. Profiles are compared by name,
 * so their order in site.conf does not matter. */
struct list_difference {
    enum list_change change;
    const struct tag *tag;
    const struct whitelist_rule *old_rule, *new_rule;
    const struct whitelist_profile *old_profile, *new_profile;
};

struct list_diff_counts {
    uint32_t came, left, changed, same;
};

typedef void list_diff_callback(void *ctx, const struct list_difference *difference);

/* Calls callback for every card that differs: first the added cards, then the removed ones, then the changed
 * ones, each group in the order of pseudonyms. callback may be NULL. *counts receives the totals. Returns
 * ERR_OK or ERR_NO_SPACE (no memory). */
int list_diff(const struct list_open *old_list, const struct list_open *new_list,
              list_diff_callback *callback, void *ctx, struct list_diff_counts *counts) MUST_USE;

#endif
