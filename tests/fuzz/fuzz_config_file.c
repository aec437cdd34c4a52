/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the configuration file of portillond: no crash, each setting has a name and a value within the text,
 * lines are counted upwards, and an error says something.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "boards/linux/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void check_setting(const struct config_setting *setting, char *text, size_t size)
{
    demand(setting->name >= text && setting->name < text + size && setting->name[0] != '\0');
    demand(setting->value > setting->name && setting->value < text + size && setting->value[0] != '\0');
    demand(strpbrk(setting->name, " \t\n\"=#") == NULL && strchr(setting->value, '\n') == NULL);
    const char *bare = config_file_unquote(setting->value);
    demand(bare == NULL || (bare[0] != '\0' && strchr(bare, '"') == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), note[CONFIG_FILE_NOTE_LEN];
    struct config_setting setting;
    struct config_file file;
    unsigned line = 0;
    int got;

    demand(text != NULL);
    memcpy(text, data, size);
    config_file_start(&file, text, size);
    while (note[0] = '\0', (got = config_file_next(&file, &setting, note)) != 0) {
        demand(file.line > line && (got == 1 || note[0] != '\0'));
        line = file.line;
        if (got == 1)
            check_setting(&setting, text, size);
    }
    free(text);
    return 0;
}
