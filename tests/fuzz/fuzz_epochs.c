/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the file `epochs` of a site. A file that is read can be changed for one gate, and the other gates
 * keep their epochs; a file that is refused stays as it is. The file lies in memory where the system has such a
 * folder, because every input writes it. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site_epochs.h"

enum { SIZE_MAX_READ = 1 << 20 };

static char folder[64], path[96];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void remove_folder(void)
{
    unlink(path);
    rmdir(folder);
}

static void prepare(void)
{
    if (folder[0] != '\0')
        return;
    snprintf(folder, sizeof folder, "%s/fuzz_epochs.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    must(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/" SITE_EPOCHS_FILE, folder);
    atexit(remove_folder);
    stderr = fopen("/dev/null", "w"); /* the messages about bad lines; a sanitizer writes to descriptor 2 */
    must(stderr != NULL);
}

static void write_input(const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    must(file != NULL && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static bool holds(const uint8_t *data, size_t size)
{
    uint8_t *now;
    size_t len;
    must(file_read(path, SIZE_MAX_READ, &now, &len) == ERR_OK);
    bool same = len == size && memcmp(now, data, size) == 0;
    free(now);
    return same;
}

static int get(const char *id, unsigned *epoch)
{
    int error = site_epochs_get(folder, "fuzz", id, epoch);
    must(error == ERR_OK || error == ERR_FORMAT || error == ERR_NO_SPACE);
    must(error != ERR_OK || *epoch <= SITE_EPOCHS_MAX);
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned nord, sud, after;
    prepare();
    write_input(data, size);
    int nord_error = get("nord", &nord), sud_error = get("sud", &sud);
    int error = site_epochs_set(folder, "fuzz", "nord", 7);
    must(error == nord_error || (nord_error == ERR_OK && error == ERR_NO_SPACE));
    if (error != ERR_OK) {
        must(holds(data, size));
        return 0;
    }
    must(get("nord", &after) == ERR_OK && after == 7);
    must(get("sud", &after) == sud_error && (sud_error != ERR_OK || after == sud));
    return 0;
}
