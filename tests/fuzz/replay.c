/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for libFuzzer in `make test`: runs a target once over each file of the folders named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return -1;
    static uint8_t content[1 << 22];
    size_t size = fread(content, 1, sizeof content, file);
    fclose(file);
    uint8_t *data = malloc(size > 0 ? size : 1); /* no more, so that a sanitizer sees a read behind the end */
    if (!data)
        return -1;
    memcpy(data, content, size);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder) {
            printf("not ok 1 - no seed corpus at %s\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
            if (entry->d_name[0] != '.' && replay_file(argv[i], entry->d_name) == 0)
                count++;
        closedir(folder);
    }
    printf("%s 1 - %d seeds replayed\n", count > 0 ? "ok" : "not ok", count);
    return count > 0 ? 0 : 1;
}
