/* The speed of the line: raised when the chip agrees, given up when it brings trouble. For pn532*.c alone. */
#ifndef HAL_PN532_PN532_SPEED_H
#define HAL_PN532_PN532_SPEED_H

#include "hal/pn532/pn532_state.h"

/* The code of a speed in SetSerialBaudRate (7.2.8). @retval -1: it has none. */
int pn532_baud_code(uint32_t baud);
/* The speed the line should have: the higher one, unless it brought too much trouble. */
uint32_t pn532_wanted_baud(const struct pn532 *pn532);
/* Changes our end of the line. */
void pn532_set_line(struct pn532 *pn532, uint32_t baud);
/* A chip that is not heard may have been reset to 115200, or have kept the higher speed over a restart of
 * ours: each try after the first is at the other speed. */
void pn532_alternate_line(struct pn532 *pn532);
/* Counts what the link had to mend: it costs time all the same. */
void pn532_watch_trouble(struct pn532 *pn532);
/* A fault may be the higher speed's doing. is_speed_command: it met the command that sets the speed. */
void pn532_blame_speed(struct pn532 *pn532, bool is_speed_command);

#endif
