/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/rate_limit.h"

void rate_limit_init(struct rate_limit *limit, uint8_t burst, uint8_t every_min)
{
    *limit = (struct rate_limit){.burst = burst, .left = burst, .every_min = every_min};
}

bool rate_limit_take(struct rate_limit *limit)
{
    if (limit->left == 0) {
        limit->left_out_count++;
        return false;
    }
    limit->left--;
    return true;
}

void rate_limit_pass(struct rate_limit *limit, uint32_t before, uint32_t now)
{
    uint32_t back = now / limit->every_min - before / limit->every_min, missing = limit->burst - limit->left;
    limit->left += (uint8_t)(back < missing ? back : missing);
}
