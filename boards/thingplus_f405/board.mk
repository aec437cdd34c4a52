# SPDX-License-Identifier: Apache-2.0
# SparkFun Thing Plus STM32F405 (Cortex-M4, 168 MHz). The firmware uses no floating point. Without the FPU, an
# interrupt has no FPU context to save.
BOARD_CROSS := arm-none-eabi-
BOARD_CFLAGS := -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -Os --specs=picolibc.specs
BOARD_HAL := $(wildcard hal/cortex_m/*.c hal/pn532/*.c hal/spi_nor/*.c) $(wildcard hal/common/*.c)
BOARD_SHARED := boards/common/cortex_m_gate.c
BOARD_LDFLAGS := -T boards/thingplus_f405/memory.ld
BOARD_SCRIPTS := boards/thingplus_f405/memory.ld hal/cortex_m/sections.ld
BOARD_CODE_LIMIT := 655360
BOARD_RAM_LIMIT := 131072
include hal/cortex_m/image.mk
