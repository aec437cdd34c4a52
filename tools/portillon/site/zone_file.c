/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/zone_file.h"

#include <stdbool.h>
#include <string.h>

#include "firmware/base/time_zone.h"

#define HEADER_LEN 44
#define TYPE_LEN   6
#define DAY_S      86400

/* The changes of version 2 and above: 8-byte times, each with the number of the type that begins then. */
struct changes {
    const uint8_t *times, *numbers, *types;
    uint32_t count, type_count;
};

static uint32_t read_be32(const uint8_t *data)
{
    return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static int64_t read_be64(const uint8_t *data)
{
    return (int64_t)((uint64_t)read_be32(data) << 32 | read_be32(data + 4));
}

static bool has_header(const uint8_t *data, size_t len)
{
    return len >= HEADER_LEN && memcmp(data, "TZif", 4) == 0 && data[4] >= '2';
}

/* Returns the length of a block after its header. time_len is 4 or 8. */
static uint64_t block_len(const uint8_t *header, unsigned time_len)
{
    uint64_t is_ut = read_be32(header + 20), is_std = read_be32(header + 24), leap = read_be32(header + 28);
    uint64_t count = read_be32(header + 32), types = read_be32(header + 36), chars = read_be32(header + 40);
    return count * (time_len + 1) + types * TYPE_LEN + chars + leap * (time_len + 4) + is_std + is_ut;
}

/* Finds the second block, which has 8-byte times. */
static int find_changes(const uint8_t *data, size_t len, struct changes *changes)
{
    if (!has_header(data, len))
        return ERR_FORMAT;
    uint64_t first = block_len(data, 4);
    if (first > len - HEADER_LEN || !has_header(data + HEADER_LEN + first, len - HEADER_LEN - (size_t)first))
        return ERR_FORMAT;
    const uint8_t *header = data + HEADER_LEN + first;
    size_t left = len - HEADER_LEN - (size_t)first;
    if (block_len(header, 8) > left - HEADER_LEN)
        return ERR_FORMAT;
    changes->count = read_be32(header + 32);
    changes->type_count = read_be32(header + 36);
    changes->times = header + HEADER_LEN;
    changes->numbers = changes->times + (size_t)8 * changes->count;
    changes->types = changes->numbers + changes->count;
    return changes->type_count != 0 ? ERR_OK : ERR_FORMAT;
}

/* Returns the seconds that the file adds to UTC after its change number i. */
static int32_t offset_after(const struct changes *changes, uint32_t i)
{
    uint8_t type = changes->numbers[i];
    return type < changes->type_count ? (int32_t)read_be32(changes->types + (size_t)TYPE_LEN * type) : 0;
}

int zone_file_rule(const uint8_t *data, size_t len, char *rule, size_t size)
{
    if (!has_header(data, len) || data[len - 1] != '\n')
        return ERR_FORMAT;
    size_t start = len - 1;
    while (start > 0 && data[start - 1] != '\n')
        start--;
    size_t rule_len = len - 1 - start;
    if (rule_len == 0 || rule_len >= size)
        return ERR_FORMAT;
    memcpy(rule, data + start, rule_len);
    rule[rule_len] = '\0';
    return ERR_OK;
}

/* Returns the first moment from first_s to before end_s at which the rule adds other seconds to UTC than
 * offset_s; end_s if there is none. */
static int64_t first_difference(const struct time_zone *zone, int64_t first_s, int64_t end_s,
                                int32_t offset_s)
{
    for (int64_t at = first_s; at < end_s; at += DAY_S)
        if (time_zone_offset_s(zone, (uint32_t)at) != offset_s)
            return at;
    bool differs = end_s > first_s && time_zone_offset_s(zone, (uint32_t)(end_s - 1)) != offset_s;
    return differs ? end_s - 1 : end_s;
}

int zone_file_compare(const uint8_t *data, size_t len, const char *rule, uint32_t now_utc_s,
                      uint32_t *differs_utc_s)
{
    struct changes changes;
    struct time_zone zone;
    int64_t end_s = (int64_t)now_utc_s + (int64_t)ZONE_FILE_YEARS * 365 * DAY_S;
    end_s = end_s < UINT32_MAX ? end_s : UINT32_MAX;
    if (find_changes(data, len, &changes) != ERR_OK || time_zone_parse(&zone, rule) != ERR_OK)
        return ERR_FORMAT;
    /* After its last change the file follows the rule. */
    for (uint32_t i = 0; i + 1 < changes.count; i++) {
        int64_t from_s = read_be64(changes.times + (size_t)8 * i);
        int64_t until_s = read_be64(changes.times + (size_t)8 * (i + 1));
        from_s = from_s > now_utc_s ? from_s : now_utc_s;
        until_s = until_s < end_s ? until_s : end_s;
        if (from_s >= until_s)
            continue;
        int64_t at = first_difference(&zone, from_s, until_s, offset_after(&changes, i));
        if (at < until_s) {
            *differs_utc_s = (uint32_t)at;
            return ERR_VERSION;
        }
    }
    return ERR_OK;
}
