/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/person_option.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/command.h"

#define PEOPLE_SHOWN 20
#define NUMBER       "number="

static int find_number(struct people_store *store, int64_t number, struct people_person *person)
{
    int count = people_store_find(store, "", NULL, 0), result = ERR_NOT_FOUND;
    if (count <= 0)
        return count < 0 ? count : ERR_NOT_FOUND;
    struct people_person *everybody = calloc((size_t)count, sizeof *everybody);
    if (everybody == NULL)
        return ERR_IO;
    int found = people_store_find(store, "", everybody, count);
    for (int i = 0; i < found && i < count && result != ERR_OK; i++)
        if (everybody[i].id == number) {
            *person = everybody[i];
            result = ERR_OK;
        }
    free(everybody);
    return found < 0 ? found : result;
}

static void list(const struct people_person *people, int count)
{
    for (int i = 0; i < count && i < PEOPLE_SHOWN; i++)
        command_note("  %s, %s (" NUMBER "%" PRId64 ")", people[i].name, people[i].class_name, people[i].id);
}

int person_option_find(struct people_store *store, const char *command, const char *text,
                       struct people_person *person)
{
    static struct people_person people[PEOPLE_SHOWN];
    bool is_number = strncmp(text, NUMBER, sizeof NUMBER - 1) == 0;
    int count = is_number ? 0 : people_store_find(store, text, people, PEOPLE_SHOWN);
    int result = count == 1 ? ERR_OK : count < 0 ? count : count == 0 ? ERR_NOT_FOUND : ERR_ARGUMENT;
    *person = people[0];
    if (is_number)
        result = find_number(store, strtoll(text + sizeof NUMBER - 1, NULL, 10), person);
    if (result == ERR_NOT_FOUND)
        command_fail("%s: %s: nobody of this name or number in %s: the school's file is noted there with "
                     "portillon whitelist build --store",
                     command, text, store->db.db.where);
    else if (result == ERR_ARGUMENT)
        command_fail("%s: %s: %d people of this name: say more of it, the class as well, or " NUMBER "N",
                     command, text, count);
    else if (result != ERR_OK)
        command_fail("%s: %s: %s", command, store->db.db.where, people_store_error(store));
    list(people, result == ERR_ARGUMENT ? count : 0);
    return result;
}
