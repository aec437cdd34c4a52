/* Two lists compared card by card. Pure but for memory; trusts lists that list_open checked. */
#ifndef TOOLS_PORTILLON_LIST_LIST_DIFF_H
#define TOOLS_PORTILLON_LIST_LIST_DIFF_H

#include "tools/portillon/list/list_open.h"

enum list_change { LIST_CAME, LIST_LEFT, LIST_CHANGED };

/* One card; the side where it is not is NULL. Profiles are compared by name, so that their order in site.conf
 * makes no difference. */
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

/* Tells of every card that differs, in the order of tags: those who came, then who left, then who changed.
 * callback may be NULL. @retval ERR_OK, ERR_NO_SPACE (no memory). */
int list_diff(const struct list_open *old_list, const struct list_open *new_list,
              list_diff_callback *callback, void *ctx, struct list_diff_counts *counts) MUST_USE;

#endif
