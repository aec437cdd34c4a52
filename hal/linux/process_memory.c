/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/linux/process_memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "hal/linux/translate.h"

void process_memory_protect(const char *program)
{
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        fprintf(stderr, _("%s: core files cannot be forbidden, and one would hold keys: %s\n"), program,
                translate_errno(errno));
}
