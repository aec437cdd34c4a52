# SPDX-License-Identifier: Apache-2.0
# Emcraft SmartFusion2 SOM (Microsemi M2S010, Cortex-M3 at 142 MHz); QEMU's emcraft-sf2 runs the complete image.
BOARD_CROSS := arm-none-eabi-
BOARD_SETUP := arm
BOARD_CFLAGS := -mcpu=cortex-m3 -mthumb -Os --specs=picolibc.specs
BOARD_CPPFLAGS := -DPORTILLON_CLOCK_HZ=142000000
BOARD_HAL := $(wildcard hal/cortex_m/*.c) $(wildcard hal/pn532/*.c hal/spi_nor/*.c) hal/common/card_set.c hal/common/other_cards.c
BOARD_SHARED := boards/common/cortex_m_gate.c
BOARD_LDFLAGS := -T boards/emcraft_sf2/memory.ld
BOARD_SCRIPTS := boards/emcraft_sf2/memory.ld hal/cortex_m/sections.ld
BOARD_CODE_LIMIT := 163840
# Of the 56 KiB of RAM, 2.5 are kept free for what comes next; a build that takes more fails.
BOARD_RAM_LIMIT := $(shell echo $$((57344 - 2560)))
include hal/cortex_m/image.mk
