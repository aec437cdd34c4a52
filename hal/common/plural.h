/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a word beside a count in English messages. Pure. */
#ifndef HAL_COMMON_PLURAL_H
#define HAL_COMMON_PLURAL_H

#include <stdint.h>

/* Returns one for a count of 1, otherwise many: plural(count, "card", "cards"). */
const char *plural(uint64_t count, const char *one, const char *many);

#endif
