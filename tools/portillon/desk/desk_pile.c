/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desk_pile.h"

#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/desk/desk_reader.h"

struct uid {
    uint8_t bytes[READER_UID_MAX];
    uint8_t len;
};

/* The cards that were taken. */
struct seen {
    struct uid *uids;
    size_t count;
};

static bool was_seen(const struct seen *seen, const struct reader_target *card)
{
    for (size_t i = 0; i < seen->count && card->uid_len != 0; i++)
        if (seen->uids[i].len == card->uid_len && memcmp(seen->uids[i].bytes, card->uid, card->uid_len) == 0)
            return true;
    return false;
}

static void note_seen(struct seen *seen, const struct reader_target *card)
{
    struct uid *uid = &seen->uids[seen->count++];
    uid->len = card->uid_len;
    memcpy(uid->bytes, card->uid, card->uid_len);
}

/* Takes the next card that was not taken before. Returns ERR_OK, or an error of desk_reader_next or take. */
static int take_next(struct seen *seen, struct desk_reader *desk, desk_pile_take *take, void *ctx)
{
    struct reader_target card;
    int error = desk_reader_next(desk, &card);
    while (error == ERR_OK) {
        if (was_seen(seen, &card))
            command_note("%s: this card was read before, and is left out", desk->command);
        else if ((error = take(ctx, &desk->libnfc.reader, &card)) == ERR_OK)
            break;
        if (error == ERR_BUSY)
            command_note("%s: the card left too early: put it on the reader again, and leave it there",
                         desk->command);
        if (error == ERR_OK || error == ERR_BUSY)
            error = desk_reader_next(desk, &card);
    }
    if (error == ERR_OK)
        note_seen(seen, &card);
    return error;
}

static int take_cards(const struct desk_pile *pile, struct desk_reader *desk, desk_pile_take *take, void *ctx)
{
    size_t wanted = !pile->is_pile ? 1 : pile->count != 0 ? pile->count : DESK_PILE_MAX;
    struct seen seen = {.uids = calloc(wanted, sizeof *seen.uids)};
    if (seen.uids == NULL)
        return command_fail("%s: not enough memory", pile->command);
    int error = ERR_OK;
    while (error == ERR_OK && seen.count < wanted)
        error = take_next(&seen, desk, take, ctx);
    free(seen.uids);
    if (interrupt_wanted())
        return pile->is_pile && pile->count == 0 ? COMMAND_OK : INTERRUPT_STATUS;
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

bool desk_pile_check(const struct desk_pile *pile)
{
    if (pile->count != 0 && !pile->is_pile)
        command_misuse(pile->command, "--count is for --pile");
    return pile->count == 0 || pile->is_pile;
}

int desk_pile_run(const struct desk_pile *pile, desk_pile_take *take, void *ctx)
{
    static struct desk_reader desk;
    interrupt_catch();
    int error = desk_reader_open(&desk, pile->command, pile->reader, pile->helper);
    int status = error == ERR_OK         ? take_cards(pile, &desk, take, ctx)
                 : error == ERR_ARGUMENT ? COMMAND_USAGE
                                         : COMMAND_FAILED;
    desk_reader_close(&desk);
    return status;
}
