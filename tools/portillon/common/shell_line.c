/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/shell_line.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_plain(const char *word)
{
    if (word[0] == '\0')
        return false;
    for (; *word != '\0'; word++)
        if (!isalnum((unsigned char)*word) && strchr("/._-+=:,@%", *word) == NULL)
            return false;
    return true;
}

/* In single quotes everything stands for itself, except the single quote. */
static void print_quoted(const char *word)
{
    putchar('\'');
    for (; *word != '\0'; word++)
        if (*word == '\'')
            printf("'\\''");
        else
            putchar(*word);
    putchar('\'');
}

void shell_line_print(const char *before, const char *const *words)
{
    printf("%sportillon", before);
    for (; *words != NULL; words++) {
        putchar(' ');
        if (is_plain(*words))
            printf("%s", *words);
        else
            print_quoted(*words);
    }
    putchar('\n');
}
