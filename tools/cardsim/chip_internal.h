/* What the chip's sources share. A handler gets the command's parameters (without
 * D4 and the code), fills chip->reply (whose code byte is already there) and says what comes next. */
#ifndef CARDSIM_CHIP_INTERNAL_H
#define CARDSIM_CHIP_INTERNAL_H

#include "tools/cardsim/chip.h"

/* Status bytes (7.1). */
enum {
    CARDSIM_STATUS_OK = 0x00,
    CARDSIM_STATUS_TIMEOUT = 0x01,
    CARDSIM_STATUS_BUFFER = 0x07,
    CARDSIM_STATUS_PARAMETER = 0x10,
    CARDSIM_STATUS_FORMAT = 0x13,
    CARDSIM_STATUS_MIFARE_AUTH = 0x14,
    CARDSIM_STATUS_DEP_STATE = 0x25,
    CARDSIM_STATUS_CONTEXT = 0x27,
};

enum cardsim_outcome {
    CARDSIM_OUTCOME_REPLY,  /* after delay_us */
    CARDSIM_OUTCOME_WAIT,   /* the handler set chip->task */
    CARDSIM_OUTCOME_SYNTAX, /* syntax error frame */
};

struct cardsim_request {
    const uint8_t *data;
    size_t len;
    uint64_t now_us;
    uint64_t delay_us; /* out: the time radio takes */
};

/* Appends to the reply; what does not fit is dropped. */
void cardsim_chip_append(struct cardsim_chip *chip, const void *data, size_t len);
void cardsim_chip_append_byte(struct cardsim_chip *chip, uint8_t byte);
/* Appends a status byte, as the armed fault may have it. Not for InDeselect and InRelease: there libnfc masks
 * the upper bits, and the fault would be spent unseen. */
void cardsim_chip_append_status(struct cardsim_chip *chip, uint8_t status);

/* chip_setup.c: the chip's own affairs (7.2). */
void cardsim_chip_reset_registers(struct cardsim_chip *chip);
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

/* chip_search.c and chip_exchange.c: looking for cards and talking to them (7.3). */
enum cardsim_outcome cardsim_chip_list_targets(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_auto_poll(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_exchange(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_communicate_thru(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_select(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_deselect(struct cardsim_chip *, struct cardsim_request *);
enum cardsim_outcome cardsim_chip_release(struct cardsim_chip *, struct cardsim_request *);
/* Tries a listing or polling that is under way. Returns whether the reply is complete; delay_us as above. */
bool cardsim_chip_try_list(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);
bool cardsim_chip_try_auto_poll(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us);
/* Whether the selected card still answers (Diagnose 6). */
bool cardsim_chip_card_is_present(struct cardsim_chip *chip);
/* Sends what the FIFO holds, as a TRANSCEIVE of the contactless unit does, and puts the answer in it. */
void cardsim_chip_transceive_fifo(struct cardsim_chip *chip);
/* Switches the field off and forgets the targets. */
void cardsim_chip_drop_field(struct cardsim_chip *chip);

#endif
