/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/gate_word.h"

#include "hal/linux/translate.h"

__attribute__((unused)) static const char *const words[] = {
    /* zones */
    N_("building"),
    N_("canteen"),
    /* directions */
    N_("both"),
    N_("in"),
    N_("out"),
    /* states of a gate */
    N_("idle"),
    N_("open"),
    N_("passed"),
    N_("abandoned"),
    N_("released"),
    N_("out_of_order"),
    N_("unknown"),
};

const char *gate_word(const char *word)
{
    return translate(word);
}
