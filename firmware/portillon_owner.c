/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_owner.h"

#include <string.h>

#include "firmware/portillon_log.h"

int portillon_check_owner(struct portillon *portillon)
{
    const struct flash *flash = portillon->hardware->flash;
    struct owner own = owner_of(portillon->identity);
    if (portillon->owner_state == OWNER_TAKEN)
        return ERR_OK;
    portillon->owner_state = OWNER_OWN;
    if (store_is_ready(&portillon->store))
        return ERR_OK;
    int result = owner_find(flash, portillon->layout.store_base, &portillon->owner);
    if (result == ERR_NOT_FOUND || (result == ERR_OK && owner_is_same(&own, &portillon->owner)))
        return ERR_OK;
    if (result == ERR_OK)
        portillon->owner_state = OWNER_OTHER;
    return result == ERR_OK ? ERR_FORBIDDEN : result;
}

bool portillon_has_other_owner(const struct portillon *portillon)
{
    return portillon->owner_state == OWNER_OTHER || portillon->owner_state == OWNER_WANTED ||
           portillon->owner_state == OWNER_ERASING;
}

void portillon_take_over(struct portillon *portillon)
{
    if (portillon->owner_state == OWNER_OTHER)
        portillon->owner_state = OWNER_WANTED;
}

/* Erases the second sector of the store. The store itself erases the first one, to begin there. */
bool portillon_poll_owner(struct portillon *portillon)
{
    const struct flash *flash = portillon->hardware->flash;
    uint32_t second = portillon->layout.store_base + flash->geometry->sector_size;
    int result = ERR_OK;
    if (portillon->owner_state == OWNER_WANTED) {
        result = flash->erase_start(flash->ctx, second);
        if (result == ERR_OK)
            portillon->owner_state = OWNER_ERASING;
    } else if (portillon->owner_state == OWNER_ERASING) {
        result = flash->erase_poll(flash->ctx);
        if (result == ERR_OK)
            portillon->owner_state = OWNER_TAKEN;
    }
    if (result != ERR_OK && result != ERR_BUSY)
        portillon->owner_state = OWNER_OTHER; /* the chip fails: nothing was taken over */
    return portillon->owner_state == OWNER_TAKEN;
}

void portillon_keep_owner(struct portillon *portillon)
{
    struct owner own = owner_of(portillon->identity);
    struct journal_detail detail = {{0}};
    int result = owner_keep(&portillon->store, &own);
    (void)result; /* tried again at the next start */
    if (portillon->owner_state != OWNER_TAKEN)
        return;
    portillon->owner_state = OWNER_OWN;
    memcpy(detail.bytes, portillon->owner.device_id, sizeof detail.bytes);
    portillon_log_detail(portillon, JOURNAL_EVENT_CHIP_TAKEN_OVER, 0, &detail);
}
