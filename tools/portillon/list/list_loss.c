/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_loss.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/yes_no.h"
#include "tools/portillon/list/list_diff.h"

int list_loss_compare(const struct list_open *before, const struct list_open *after, struct list_loss *loss)
{
    struct list_diff_counts counts;
    int error = list_diff(before, after, NULL, NULL, &counts);
    if (error == ERR_OK)
        *loss = (struct list_loss){before->list.header.card_count, counts.left, counts.changed};
    return error;
}

static bool is_many(uint32_t cards, uint32_t of)
{
    return cards > LIST_LOSS_FEW && (uint64_t)cards * 10 > of;
}

bool list_loss_is_large(const struct list_loss *loss)
{
    return is_many(loss->left, loss->before) || is_many(loss->changed, loss->before);
}

bool list_loss_ask(const char *command, bool accepted)
{
    if (accepted || yes_no_ask(_("Go on?")))
        return true;
    command_fail(yes_no_can_ask() ? N_("%s: nothing was changed")
                                  : N_("%s: nothing was changed (if this is meant: --accept-removals)"),
                 command);
    return false;
}

bool list_loss_accept(const char *command, const struct list_loss *loss, const char *against, bool accepted)
{
    command_note(translate_count(loss->before,
                                 "%s: of the %" PRIu32 " card of %s, %" PRIu32
                                 " would be dropped, and the rights of %" PRIu32 " would change",
                                 "%s: of the %" PRIu32 " cards of %s, %" PRIu32
                                 " would be dropped, and the rights of %" PRIu32 " would change"),
                 command, loss->before, against, loss->left, loss->changed);
    return list_loss_ask(command, accepted);
}

static int judge(const char *command, const struct list_open *before, const char *path,
                 const struct list_open *after, bool accepted)
{
    struct list_loss loss;
    if (list_loss_compare(before, after, &loss) != ERR_OK) {
        command_fail("%s: out of memory", command);
        return ERR_NO_SPACE;
    }
    if (!list_loss_is_large(&loss) || list_loss_accept(command, &loss, path, accepted))
        return ERR_OK;
    return ERR_FORBIDDEN;
}

int list_loss_check_file(const char *command, const char *path, const uint8_t *key,
                         const struct list_open *after, bool accepted, const char *keep_at)
{
    static struct list_open before;
    const char *why;
    size_t len;
    before = (struct list_open){0};
    if (file_read(path, LIST_FILE_MAX, &before.data, &len) != ERR_OK)
        return ERR_OK;
    int error = ERR_OK;
    if (list_open_bytes(&before, len, key, &why) == ERR_OK) {
        error = judge(command, &before, path, after, accepted);
        if (error == ERR_OK && keep_at != NULL &&
            file_write_atomic(keep_at, before.data, len, 0644) != ERR_OK) {
            command_fail("%s: %s: cannot be written: %s", command, keep_at, translate_errno(errno));
            error = ERR_IO;
        }
    }
    list_open_free(&before);
    return error;
}
