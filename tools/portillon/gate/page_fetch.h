/*
 * Pages of the gate's journal, asked for ahead, so that the line never waits for the next question.
 *
 * Where the next page starts is known for sure only from the one before; mostly pages are alike, so the next
 * few are asked for on that guess, and asked for again where it was wrong. Pages come out in order.
 *
 * The caller owns the struct (about 8 KiB). page_fetch_next blocks like link_request.
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
    uint32_t after; /* what was asked for */
    bool arrived;
    unsigned code;
    size_t len;
    uint8_t data[PAGE_FETCH_LEN];
};

struct page_fetch {
    struct link *link;
    struct page_fetch_slot slots[PAGE_FETCH_AHEAD];
    unsigned first, count;
    uint32_t next_id;
    uint32_t next_after; /* of the next request */
    uint32_t step, head; /* numbers a page covers, as guessed; end of the journal; 0: not known yet */
};

/* Starts with the page after a number. link's answers belong to the fetch until page_fetch_stop. */
void page_fetch_start(struct page_fetch *fetch, struct link *link, uint32_t after);

/* Waits for the next page. *answer points into the fetch until page_fetch_done.
 * @retval ERR_OK, and the errors of link_request, with link->message set. */
int page_fetch_next(struct page_fetch *fetch, uint32_t *after, struct link_answer *answer) MUST_USE;

/* The page was taken: the next one starts after page->next. */
void page_fetch_done(struct page_fetch *fetch, const struct answer_passages *page);

void page_fetch_stop(struct page_fetch *fetch);

#endif
