# SPDX-License-Identifier: Apache-2.0
# The gate as a Linux program: portillond; portillon-reader, the child process that uses libnfc; portillon-gate-setup.
BOARD_IS_HOST := yes
BOARD_CFLAGS := -O2 $(HARDEN_CFLAGS)
BOARD_LDFLAGS := $(HARDEN_LDFLAGS)
BOARD_CPPFLAGS := -DMBEDTLS_USER_CONFIG_FILE='"tools/mbedtls_host.h"'
BOARD_HAL := hal/libnfc/libnfc_link.c hal/libnfc/libnfc_reader.c $(wildcard hal/pn532/*.c hal/spi_nor/*.c hal/common/*.c) \
	hal/linux/process_memory.c hal/linux/translate.c
BOARD_PROGRAMS := $(BUILD)/portillond $(BUILD)/portillon-reader $(BUILD)/portillon-gate-setup
GATE_SETUP := $(patsubst %.c,$(BUILD)/%.o,$(wildcard boards/linux/setup/*.c))

$(BUILD)/portillond: $(BOARD_OBJECTS) $(LIBRARIES)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs libgpiod libsystemd)
$(BUILD)/portillon-reader: $(addprefix $(BUILD)/hal/,libnfc/libnfc_child.o libnfc/libnfc_link.o common/card_set.o common/other_cards.o error.o)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs libnfc)
# It shares the modules of portillond.
$(BUILD)/portillon-gate-setup: $(GATE_SETUP) $(filter-out %/linux/main.o,$(BOARD_OBJECTS)) $(LIBRARIES)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs libgpiod libsystemd)
$(BUILD)/boards/linux/setup/gate_conf.o: boards/linux/gate.conf
