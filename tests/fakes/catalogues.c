/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/catalogues.h"

#include <libgen.h>
#include <libintl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

void find_catalogues(const char *domain)
{
    char program[4096] = "", folder[4096 + 16];
    assert_true(readlink("/proc/self/exe", program, sizeof program - 1) > 0);
    snprintf(folder, sizeof folder, "%s/locale", dirname(dirname(dirname(program))));
    bindtextdomain(domain, folder);
    bind_textdomain_codeset(domain, "UTF-8");
}
