/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands about the chip itself: PN532 User Manual rev 2, 7.2 and 7.3.1. chip_state.h describes
 * handlers. Pure. */
#ifndef CARDSIM_CHIP_SETUP_H
#define CARDSIM_CHIP_SETUP_H

#include "tools/cardsim/chip_state.h"

/* Sets the registers and the FIFO to their values after power-on. */
void cardsim_chip_reset_registers(struct cardsim_chip *chip);
/* The handlers below are named after their commands: Diagnose, GetFirmwareVersion, GetGeneralStatus,
 * ReadRegister, WriteRegister, ReadGPIO, WriteGPIO, SetSerialBaudRate, SetParameters, SAMConfiguration,
 * PowerDown, RFConfiguration. */
enum cardsim_outcome cardsim_chip_diagnose(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_get_firmware(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_get_status(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_read_register(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_write_register(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_read_gpio(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_write_gpio(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_set_baud_rate(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_set_parameters(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_configure_sam(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_power_down(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_configure_rf(struct cardsim_chip *, struct cardsim_request *);

#endif
