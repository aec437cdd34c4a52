/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/private_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/secret_file.h"

int private_out_open(struct private_out *out, const char *command, const char *path, const char *what)
{
    *out = (struct private_out){.command = command, .path = path, .file = stdout};
    if (path == NULL)
        secret_file_check_stdout(command, what);
    else
        out->file = open_memstream(&out->text, &out->len);
    return out->file != NULL ? COMMAND_OK : command_fail("%s: %s", command, translate_errno(errno));
}

int private_out_close(struct private_out *out)
{
    bool is_whole = fflush(out->file) == 0;
    if (out->path != NULL && fclose(out->file) != 0)
        is_whole = false;
    if (is_whole && out->path != NULL)
        is_whole = file_write_atomic(out->path, out->text, out->len, 0600) == ERR_OK;
    free(out->text);
    return is_whole ? COMMAND_OK
                    : command_fail("%s: %s: cannot be written: %s", out->command,
                                   out->path != NULL ? out->path : "stdout", translate_errno(errno));
}
