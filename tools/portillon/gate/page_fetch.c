/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/page_fetch.h"

#include <stdio.h>
#include <string.h>

static int ask_for(struct page_fetch *fetch, struct page_fetch_slot *slot)
{
    char query[24];
    slot->id = ++fetch->next_id;
    slot->arrived = false;
    snprintf(query, sizeof query, "after=%u", slot->after);
    return link_start_get(fetch->link, "passages", query, slot->id);
}

/* Requests again what was lost. The line keeps the order, so a request before one that is answered now was
 * lost. libcoap would wait a second or more before it repeats a request. */
static void ask_again_for_lost(struct page_fetch *fetch, uint32_t answered_id)
{
    for (unsigned i = 0; i < fetch->count; i++) {
        struct page_fetch_slot *slot = &fetch->slots[(fetch->first + i) % PAGE_FETCH_AHEAD];
        if (!slot->arrived && slot->id < answered_id)
            (void)!ask_for(fetch, slot); /* if this fails, libcoap still repeats the request */
    }
}

static void on_answer(void *ctx, uint32_t id, uint8_t code, const uint8_t *data, size_t len)
{
    struct page_fetch *fetch = ctx;
    for (unsigned i = 0; i < fetch->count; i++) {
        struct page_fetch_slot *slot = &fetch->slots[(fetch->first + i) % PAGE_FETCH_AHEAD];
        if (slot->id != id || slot->arrived)
            continue;
        slot->arrived = true;
        slot->code = code;
        slot->len = len <= sizeof slot->data ? len : 0; /* an empty page will be refused */
        if (slot->len > 0)
            memcpy(slot->data, data, slot->len);
        ask_again_for_lost(fetch, id);
        return;
    }
}

void page_fetch_start(struct page_fetch *fetch, struct link *link, uint32_t after)
{
    memset(fetch, 0, sizeof *fetch);
    fetch->link = link;
    fetch->next_after = after;
    link->on_get = on_answer;
    link->get_ctx = fetch;
}

void page_fetch_again(struct page_fetch *fetch, uint32_t after)
{
    fetch->count = 0; /* the answers to the pending requests will find no slot */
    fetch->step = 0;
    fetch->head = 0;
    fetch->next_after = after;
}

void page_fetch_stop(struct page_fetch *fetch)
{
    fetch->link->on_get = NULL;
}

/* Returns true if another page should be requested: only the first page alone, then as many as possible. */
static bool wants_more(const struct page_fetch *fetch)
{
    if (fetch->count == 0)
        return true;
    return fetch->step > 0 && fetch->count < PAGE_FETCH_AHEAD && fetch->head > 0 &&
           fetch->next_after < fetch->head - 1;
}

static int ask(struct page_fetch *fetch)
{
    while (wants_more(fetch)) {
        struct page_fetch_slot *slot = &fetch->slots[(fetch->first + fetch->count) % PAGE_FETCH_AHEAD];
        slot->after = fetch->next_after;
        int result = ask_for(fetch, slot);
        if (result != ERR_OK)
            return result;
        fetch->count++;
        fetch->next_after += fetch->step;
    }
    return ERR_OK;
}

int page_fetch_next(struct page_fetch *fetch, uint32_t *after, struct link_answer *answer)
{
    int result = ask(fetch);
    if (result != ERR_OK)
        return result;
    const struct page_fetch_slot *slot = &fetch->slots[fetch->first];
    result = link_wait(fetch->link, &slot->arrived);
    if (result != ERR_OK)
        return result;
    *after = slot->after;
    link_fill_answer(answer, slot->code, slot->data, slot->len);
    return ERR_OK;
}

void page_fetch_done(struct page_fetch *fetch, const struct answer_passages *page)
{
    uint32_t guessed =
        fetch->count > 1 ? fetch->slots[(fetch->first + 1) % PAGE_FETCH_AHEAD].after : fetch->next_after;
    fetch->first = (fetch->first + 1) % PAGE_FETCH_AHEAD;
    fetch->count--;
    fetch->head = page->head;
    if (guessed != page->next) { /* the pending pages are useless; their answers will find no slot */
        fetch->count = 0;
        fetch->next_after = page->next;
    }
    fetch->step = page->next - page->after;
}
