/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/pupil_register.h"

#include <stdlib.h>
#include <string.h>

int pupil_register_add(struct pupil_register *pupils, const struct pupil *pupil)
{
    if (pupils->count == pupils->capacity) {
        uint32_t capacity = pupils->capacity != 0 ? 2 * pupils->capacity : 256;
        struct pupil *more = realloc(pupils->pupils, capacity * sizeof *more);
        if (more == NULL)
            return ERR_NO_SPACE;
        pupils->pupils = more;
        pupils->capacity = capacity;
    }
    pupils->pupils[pupils->count++] = *pupil;
    return ERR_OK;
}

static int by_word(const void *a, const void *b)
{
    const struct pupil_key *left = a, *right = b;
    int order = strcmp(left->word, right->word);
    return order != 0 ? order : left->pupil < right->pupil ? -1 : left->pupil > right->pupil;
}

static void add_key(struct pupil_key *keys, uint32_t *count, const char *word, uint32_t pupil)
{
    if (word[0] != '\0')
        keys[(*count)++] = (struct pupil_key){word, pupil};
}

int pupil_register_index(struct pupil_register *pupils)
{
    free(pupils->ids);
    free(pupils->names);
    pupils->ids = calloc((size_t)pupils->count * PUPIL_IDS + 1, sizeof *pupils->ids);
    pupils->names = calloc((size_t)pupils->count * 2 + 1, sizeof *pupils->names);
    pupils->id_count = pupils->name_count = 0;
    if (pupils->ids == NULL || pupils->names == NULL)
        return ERR_NO_SPACE;
    for (uint32_t i = 0; i < pupils->count; i++) {
        const struct pupil *pupil = &pupils->pupils[i];
        for (int id = 0; id < PUPIL_IDS; id++)
            add_key(pupils->ids, &pupils->id_count, pupil->ids[id], i);
        add_key(pupils->names, &pupils->name_count, pupil->names[0], i);
        if (strcmp(pupil->names[0], pupil->names[1]) != 0)
            add_key(pupils->names, &pupils->name_count, pupil->names[1], i);
    }
    qsort(pupils->ids, pupils->id_count, sizeof *pupils->ids, by_word);
    qsort(pupils->names, pupils->name_count, sizeof *pupils->names, by_word);
    return ERR_OK;
}

/* Returns the number of the first key that is not below the word. */
static uint32_t find_first(const struct pupil_key *keys, uint32_t count, const char *word)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(keys[middle].word, word) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct pupil *pupil_register_by_id(const struct pupil_register *pupils, const char *id)
{
    struct pupil *found = NULL;
    for (uint32_t i = find_first(pupils->ids, pupils->id_count, id);
         i < pupils->id_count && strcmp(pupils->ids[i].word, id) == 0; i++) {
        struct pupil *pupil = &pupils->pupils[pupils->ids[i].pupil];
        if (found == NULL || (found->left && !pupil->left))
            found = pupil;
    }
    return found;
}

struct pupil *pupil_register_by_name(const struct pupil_register *pupils, const char *name,
                                     const char *class_word, int *namesakes)
{
    struct pupil *any = NULL, *in_class = NULL;
    int in_class_count = 0;
    *namesakes = 0;
    for (uint32_t i = find_first(pupils->names, pupils->name_count, name);
         i < pupils->name_count && strcmp(pupils->names[i].word, name) == 0; i++) {
        any = &pupils->pupils[pupils->names[i].pupil];
        ++*namesakes;
        if (class_word[0] != '\0' && strcmp(class_word, any->class_word) == 0) {
            in_class = any;
            in_class_count++;
        }
    }
    return *namesakes == 1 ? any : in_class_count == 1 ? in_class : NULL;
}

void pupil_register_free(struct pupil_register *pupils)
{
    free(pupils->pupils);
    free(pupils->ids);
    free(pupils->names);
    *pupils = (struct pupil_register){0};
}
