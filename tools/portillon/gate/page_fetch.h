/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests pages of the gate's journal ahead, so that the line is never idle between two requests.
 *
 * Only a page tells where the next one starts. Most pages cover the same number of records, so the next few
 * are requested on that assumption. When it was wrong, they are requested again. Pages are delivered in
 * order.
 *
 * The caller owns the struct (about 8 KiB). page_fetch_next blocks as link_request does.
 */
#ifndef TOOLS_PORTILLON_GATE_PAGE_FETCH_H
#define TOOLS_PORTILLON_GATE_PAGE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/gate/answers.h"
#include "tools/portillon/gate/link.h"

#define PAGE_FETCH_AHEAD 6
#define PAGE_FETCH_LEN   1152

struct page_fetch_slot {
    uint32_t id;    /* of the request; 0: none */
    uint32_t after; /* the number that was requested */
    bool arrived;
    uint8_t code;
    size_t len;
    uint8_t data[PAGE_FETCH_LEN];
};

struct page_fetch {
    struct link *link;
    struct page_fetch_slot slots[PAGE_FETCH_AHEAD];
    unsigned first, count;
    uint32_t next_id;
    uint32_t next_after; /* number for the next request */
    uint32_t step, head; /* numbers a page is assumed to cover; end of the journal; 0: not known yet */
};

/* Starts with the page after a number. The answers of link go to the fetch until page_fetch_stop. */
void page_fetch_start(struct page_fetch *fetch, struct link *link, uint32_t after);

/* Starts again with the page after a number. Pages that were requested already are dropped. */
void page_fetch_again(struct page_fetch *fetch, uint32_t after);

/* Waits for the next page. *answer points into the fetch until page_fetch_done. Returns ERR_OK or an error of
 * link_request, with link->message set. */
int page_fetch_next(struct page_fetch *fetch, uint32_t *after, struct link_answer *answer) MUST_USE;

/* Releases the page. The next one starts after page->next. */
void page_fetch_done(struct page_fetch *fetch, const struct answer_passages *page);

/* Stops the fetch. The link then ignores late answers. */
void page_fetch_stop(struct page_fetch *fetch);

#endif
