/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/gate_profiles.h"

#include "firmware/access/profiles_off.h"
#include "hal/linux/translate.h"

int gate_profiles_get(const struct gate_options *gate, struct link *link, struct answer_profiles *profiles)
{
    struct link_answer answer;
    int status = gate_get(gate, link, "profiles", N_("reading its profiles"), &answer);
    if (status != COMMAND_OK)
        return status;
    if (answer_profiles_decode(profiles, answer.data, answer.len) != ERR_OK)
        return command_fail("%s: the gate's answer makes no sense: a newer firmware?", gate->command);
    return COMMAND_OK;
}

int gate_profiles_change(const struct gate_options *gate, struct link *link,
                         const struct answer_profiles *profiles)
{
    struct link_answer answer;
    uint8_t payload[1024];
    int len = answer_profiles_encode(profiles, payload, sizeof payload);
    if (len < 0)
        return command_fail("%s: %s", gate->command, error_name(len));
    int status = gate_change(gate, link, "profiles", payload, (size_t)len, &answer);
    if (status != COMMAND_OK)
        return status;
    if (answer.code == COAP_TOO_LARGE)
        return command_fail("%s: the gate remembers no more groups than %d turned off: none was changed",
                            gate->command, PROFILES_OFF_MAX);
    return answer.code == COAP_CHANGED ? COMMAND_OK : gate_refused(gate, N_("turning profiles"), &answer);
}
