# SPDX-License-Identifier: Apache-2.0
# Links the image of a Cortex-M board, measures it, and fails if it is over a limit. The board.mk of the board includes
# this file and sets BOARD_CROSS, BOARD_LDFLAGS (with the linker script), BOARD_CODE_LIMIT and BOARD_RAM_LIMIT in bytes.
# Debian builds picolibc twice. In the "release" one memset, memcpy and memcmp go word by word: 1 KB more code. The
# compiler may put instructions in place of their calls: mbedtls reads each word of a message with a memcpy of 4 bytes.
BOARD_INCLUDED := hal/cortex_m/image.mk
BOARD_CFLAGS += --picolibc-buildtype=release -fstack-usage -fno-builtin-abort -fstack-protector-strong
BOARD_LDFLAGS += -nostartfiles -Wl,-Map=$(BUILD)/portillon.map -Wl,--no-warn-rwx-segments
BOARD_PROGRAMS := $(addprefix $(BUILD)/portillon.,elf bin hex)

$(BUILD)/portillon.elf: $(BOARD_OBJECTS) $(LIBRARIES) $(BOARD_SCRIPTS)
	$(Q)$(CC) $(BOARD_CFLAGS) $(LDFLAGS) $(BOARD_OBJECTS) -Wl,--start-group $(LIBRARIES) -Wl,--end-group -lgcc -o $@
	@CROSS=$(BOARD_CROSS) CODE_LIMIT=$(BOARD_CODE_LIMIT) RAM_LIMIT=$(BOARD_RAM_LIMIT) hal/cortex_m/report $@ \
		|| { mv $@ $@.too-large; exit 1; }
$(BUILD)/portillon.bin: $(BUILD)/portillon.elf
	@$(BOARD_CROSS)objcopy -O binary $< $@
$(BUILD)/portillon.hex: $(BUILD)/portillon.elf
	@$(BOARD_CROSS)objcopy -O ihex $< $@
