#include "tools/portillon/profile_table.h"

#include <stddef.h>

#include "tools/portillon/text_fold.h"

#define BUILDING WHITELIST_ZONE_BUILDING
#define CANTEEN  WHITELIST_ZONE_CANTEEN

enum { EXTERNE, DEMI_PENSIONNAIRE, INTERNE, COMMENSAL, AGENT, VISITEUR };

#define MEALS WHITELIST_EVERY_SERVICE

const struct whitelist_profile profile_table[PROFILE_TABLE_LEN] = {
    [EXTERNE] = {.zones = BUILDING, .name = "externe"},
    [DEMI_PENSIONNAIRE] = {.zones = BUILDING | CANTEEN, .services = MEALS, .name = "demi-pension"},
    [INTERNE] = {.zones = BUILDING | CANTEEN, .services = MEALS, .name = "interne"},
    [COMMENSAL] = {.zones = BUILDING | CANTEEN, .services = MEALS, .name = "commensal"},
    [AGENT] = {.zones = BUILDING | CANTEEN, .services = MEALS, .name = "agent"},
    [VISITEUR] = {.zones = BUILDING, .name = "visiteur"},
};

const char profile_table_words[] = "externe, demi-pensionnaire (DP), interne, commensal, agent, visiteur";

static const char *const words[PROFILE_TABLE_LEN][12] = {
    [EXTERNE] = {"externe", "externes", "ext", "externelibre", "externesurveille", "externesurveillee"},
    [DEMI_PENSIONNAIRE] = {"demipensionnaire", "demipensionnaires", "demipension", "dp",
                           "demipensionnairedansletablissement"},
    [INTERNE] = {"interne", "internes", "internat", "internedansletablissement", "interneheberge"},
    [COMMENSAL] = {"commensal", "commensale", "commensaux", "commensales"},
    [AGENT] = {"agent", "agente", "agents", "personnel", "staff"},
    [VISITEUR] = {"visiteur", "visiteuse", "visiteurs", "visitor", "invite", "invitee"},
};

int profile_table_find(const char *folded)
{
    for (int i = 0; i < PROFILE_TABLE_LEN; i++)
        if (text_is_one_of(folded, words[i]))
            return i;
    return ERR_NOT_FOUND;
}
