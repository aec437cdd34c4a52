# SPDX-License-Identifier: Apache-2.0
# Portillon: `make help` lists the targets. BOARD= picks a folder of boards/; VARIANT= an instrumented build.
VERSION := 0.1.0
BOARD ?= linux
VARIANT ?=
READER ?=
FUZZ_SECONDS ?= 30
CC = $(BOARD_CROSS)gcc
AR = $(BOARD_CROSS)ar
BUILD := build/$(BOARD)$(if $(VARIANT),-$(VARIANT))
MBEDTLS_SRC ?= build/third_party/mbedtls
TINYCBOR_SRC ?= build/third_party/tinycbor
.DEFAULT_GOAL := all
.SECONDARY:
.DELETE_ON_ERROR:

ifeq ($(VARIANT),sanitize)
INSTRUMENT := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(VARIANT),coverage)
INSTRUMENT := --coverage
else ifeq ($(VARIANT),fuzz)
CC := clang
INSTRUMENT := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
endif

# What a Debian package is built with (dpkg-buildflags, hardening=+all), for programs of the host. The instrumented builds
# bring checks of their own, which these would hide or break.
ifeq ($(filter sanitize fuzz,$(VARIANT)),)
HARDEN_CFLAGS := -fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection) \
	$(if $(filter aarch64,$(shell uname -m)),-mbranch-protection=standard)
HARDEN_LDFLAGS := -pie -Wl,-z,relro -Wl,-z,now
endif

CFLAGS = $(BOARD_CFLAGS) $(INSTRUMENT) -std=c11 -g -MMD -MP -ffunction-sections -fdata-sections \
	-Wall -Wextra -Wformat -Werror=format-security -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wswitch-enum -Werror
CPPFLAGS = -I. -iquote firmware/crypto -isystem $(MBEDTLS_SRC)/include -isystem $(TINYCBOR_SRC)/src $(BOARD_CPPFLAGS) \
	-DMBEDTLS_CONFIG_FILE='"firmware/crypto/mbedtls_config.h"'
LDFLAGS = $(BOARD_LDFLAGS) $(INSTRUMENT) -Wl,--gc-sections
TOOL_PACKAGES := libcoap-3-openssl sqlite3 libpq libzip expat
TOOL_CPPFLAGS := $(shell pkg-config --cflags $(TOOL_PACKAGES) 2>/dev/null)
HOST_CPPFLAGS = $(CPPFLAGS) $(if $(BOARD_IS_HOST),-D_GNU_SOURCE $(TOOL_CPPFLAGS))

# The version as programs tell it: with the commit in a clone, "-dirty" where that was edited; bare in a source archive.
COMMIT := $(if $(wildcard .git),$(shell git --no-optional-locks describe --always --dirty --abbrev=7 --exclude='*' 2>/dev/null))
FULL_VERSION := $(VERSION)$(addprefix +g,$(COMMIT))
# The libraries as programs tell them: what tools/third_party/fetch noted in their trees.
library = $(if $(filter build/third_party/%,$(1)),$(or $(shell cat $(1)/.complete 2>/dev/null),unknown),own tree)
MBEDTLS_VERSION := $(call library,$(MBEDTLS_SRC))
TINYCBOR_VERSION := $(call library,$(TINYCBOR_SRC))
VERSION_CPPFLAGS = -DPORTILLON_FULL_VERSION='"$(FULL_VERSION)"' \
	-DPORTILLON_LIBRARIES='"$(firstword $(MBEDTLS_VERSION)) $(firstword $(TINYCBOR_VERSION))"' \
	-DPORTILLON_SOURCES='"mbedtls $(MBEDTLS_VERSION)\ntinycbor $(TINYCBOR_VERSION)"'

# What is built: every source of a folder belongs to what the folder is for; nothing is listed twice.
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
FIRMWARE = $(call objects,$(wildcard firmware/*.c firmware/*/*.c) hal/error.c $(BOARD_HAL))
BOARD_OBJECTS = $(call objects,$(filter-out $(BOARD_PROGRAM_SOURCES),$(wildcard boards/$(BOARD)/*.c)) $(BOARD_SHARED))
FAKES := $(call objects,$(wildcard tests/fakes/*.c))
PORTILLON := $(call objects,$(wildcard tools/portillon/*.c tools/portillon/*/*.c))
CARDSIM := $(call objects,$(wildcard tools/cardsim/*.c))
DEMO := $(call objects,$(wildcard tools/demo/*.c))
QEMU_GATE := $(call objects,$(wildcard tools/qemu_gate/*.c))
HOST_SOURCES = $(shell git ls-files "*.c" 2>/dev/null | grep -vE "^(tests/boards|hal/cortex_m|boards/common|boards/emcraft_sf2|boards/thingplus_f405)/")
UNDER_TEST = $(filter-out %/main.o %/demo.o,$(BOARD_OBJECTS) $(GATE_SETUP) $(PORTILLON) $(CARDSIM) $(DEMO))
LIBRARIES := $(BUILD)/libfirmware.a $(BUILD)/libmbedtls.a $(BUILD)/libtinycbor.a
CATALOGUES := $(foreach po,$(wildcard tools/portillon/po/*.po),$(BUILD)/locale/$(basename $(notdir $(po)))/LC_MESSAGES/portillon.mo) \
	$(foreach po,$(wildcard boards/linux/po/*.po),$(BUILD)/locale/$(basename $(notdir $(po)))/LC_MESSAGES/portillond.mo)
PROGRAMS = $(BOARD_PROGRAMS) $(if $(BOARD_IS_HOST),$(addprefix $(BUILD)/,portillon cardsim demo qemu_gate) $(CATALOGUES))
UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/unit/*/test_*.c tests/scenario/test_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/bench_*.c))
BENCH_PARTS := $(call objects,$(filter-out tests/bench/bench_%,$(wildcard tests/bench/*.c)))
TEST_HELPERS := $(patsubst tests/e2e/%.c,$(BUILD)/e2e/%,$(wildcard tests/e2e/*.c))

CROSS_BOARDS = $(filter-out linux,$(BOARDS))
BOARDS := $(patsubst boards/%/board.mk,%,$(wildcard boards/*/board.mk))
$(if $(filter $(BOARD),$(BOARDS)),,$(error there is no BOARD=$(BOARD); there are: $(BOARDS)))
include boards/$(BOARD)/board.mk
include tools/install.mk

## all: build the gate of BOARD and the tools; installs nothing
all: has-run $(if $(BOARD_SETUP),has-$(BOARD_SETUP))
	@$(MAKE) --no-print-directory programs
	@$(if $(BOARD_IS_HOST),,$(MAKE) --no-print-directory BOARD=linux programs)
programs: $(PROGRAMS)

## setup: install what building, testing and linting need (Debian packages, and the sources of two libraries)
setup: setup-test setup-lint

## run: the demonstration: a school, two gates, taps, passages (READER=auto or a libnfc connection string)
run: can-run setup-run $(if $(BOARD_SETUP),setup-$(BOARD_SETUP))
	@$(MAKE) --no-print-directory all
	@BUILD=build/linux BOARD=$(BOARD) tools/demo/run

can-run:
	@[ "$(BOARD)" = linux ] || [ -e boards/$(BOARD)/qemu.conf ] || { \
		echo "make run: $(BOARD) has no emulation. make run, or make run BOARD=emcraft_sf2; make flash BOARD=$(BOARD) is for a board" >&2; exit 1; }

## flash: put firmware and IDENTITY=file on the board attached; LOCK=1 protects its keys (see boards/BOARD/README.md)
flash: setup-flash setup-run $(if $(BOARD_SETUP),setup-$(BOARD_SETUP))
	@$(MAKE) --no-print-directory all
	@BOARD=$(BOARD) BUILD=$(BUILD) tools/flash

## test: install, build every board and run every test; closes with "N passed, N failed, N skipped"
test: setup-test setup-lint-quick
	@$(MAKE) --no-print-directory check
## check: the same, and installs nothing
check: has-test has-lint-quick
	@$(MAKE) --no-print-directory check-programs
	@for board in $(CROSS_BOARDS); do $(MAKE) --no-print-directory BOARD=$$board VARIANT= programs || exit 1; done
	@BUILD=$(BUILD) VARIANT=$(VARIANT) tests/run
check-programs: programs $(UNIT_TESTS) $(FUZZERS) $(TEST_HELPERS) $(if $(BOARD_IS_HOST),installable)

## unit: build and run only the unit and scenario tests (no board, no other programs)
unit: setup-test
	@$(MAKE) --no-print-directory $(UNIT_TESTS)
	@BUILD=$(BUILD) tests/run unit/ scenario/

## test-power: every power cut at every flash operation, torn in every way (make test tries a sample)
test-power: setup-test
	@$(MAKE) --no-print-directory $(UNIT_TESTS)
	@BUILD=$(BUILD) tests/power

## test-libfreefare: libfreefare's own test suite against the cards of cardsim (fetches its source once)
test-libfreefare: setup-test
	@$(MAKE) --no-print-directory $(BUILD)/cardsim
	@BUILD=$(BUILD) tests/foreign/libfreefare.sh

## bench: what it costs, counted on models, beside what others cost; of a BOARD, in its own time (BENCH=name picks one)
## bench-counts: the same, and put its counts into tests/bench/counts.tsv, with which make bench compares
bench bench-counts: setup-bench $(if $(BOARD_SETUP),setup-$(BOARD_SETUP))
	@$(MAKE) --no-print-directory BOARD=linux bench-programs
	@$(if $(BOARD_IS_HOST),,$(MAKE) --no-print-directory programs)
	@BUILD=build/linux BOARD=$(BOARD) COUNTS=$(if $(filter bench-counts,$@),write,compare) tests/bench/run $(BENCH)
bench-programs: programs $(TEST_HELPERS) $(BENCHES)

## sanitize: the tests again under AddressSanitizer and UndefinedBehaviorSanitizer
sanitize: setup-test setup-lint-quick
	@$(MAKE) --no-print-directory VARIANT=sanitize check

## fuzz: run each libFuzzer target for FUZZ_SECONDS (default 30)
fuzz: setup-fuzz
	@$(MAKE) --no-print-directory VARIANT=fuzz fuzzers
	@BUILD=$(BUILD)-fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run
fuzzers: $(FUZZERS)

## coverage: line coverage of firmware/ and hal/ by the tests
coverage: setup-coverage setup-lint-quick
	@$(MAKE) --no-print-directory VARIANT=coverage check
	@gcovr -r . --object-directory $(BUILD)-coverage --filter firmware/ --filter hal/

## lint: style, layers, shellcheck, cppcheck and clang-tidy (minutes; make test does all but clang-tidy)
lint: setup-lint
	@CPPFLAGS="$(subst ",\",$(HOST_CPPFLAGS) $(VERSION_CPPFLAGS))" tools/lint

## format: put every source into the project's style
format: setup-lint
	@git ls-files '*.c' '*.h' | xargs clang-format -i

## translations: bring the catalogues up to the messages of the sources, and say how many have no translation
translations: setup-translations
	@tools/translations update

## compile_commands.json: for editors and clangd, of BOARD=linux
compile_commands.json: FORCE
	@{ echo '['; for source in $(HOST_SOURCES); do \
		printf '{"directory": "%s", "file": "%s", "arguments": [' "$$PWD" "$$source"; \
		printf '"%s", ' $(CC) -std=c11 $(subst ",\",$(HOST_CPPFLAGS)); \
		printf '"-c", "%s"]},\n' "$$source"; done | sed '$$ s/,$$//'; echo ']'; } > $@

## clean: remove what was built (distclean: the fetched sources as well)
clean:
	rm -rf $(filter-out build/third_party,$(wildcard build/*))
distclean:
	rm -rf build

## help: this list
help:
	@sed -n 's/^## /  make /p' Makefile tools/install.mk
	@echo "BOARD= is one of: $(BOARDS) (BOARD=$(BOARD))"

# setup-GROUP installs what is missing of a group of tools/setup; has-GROUP only says what is.
has-%:
	@MBEDTLS_SRC='$(filter-out build/third_party/%,$(MBEDTLS_SRC))' \
	 TINYCBOR_SRC='$(filter-out build/third_party/%,$(TINYCBOR_SRC))' tools/setup --check $*
setup-%:
	@MBEDTLS_SRC='$(filter-out build/third_party/%,$(MBEDTLS_SRC))' \
	 TINYCBOR_SRC='$(filter-out build/third_party/%,$(TINYCBOR_SRC))' tools/setup $*

# The layout of mbedtls's structs follows its configuration, which gcc does not name as a dependency: it is read by
# headers of the system.
MBEDTLS_CONFIG := firmware/crypto/mbedtls_config.h $(if $(BOARD_IS_HOST),tools/mbedtls_host.h)
# A change of the board's flags, or of the libraries and so of their headers, compiles everything again.
COMPILED_FOR := $(MBEDTLS_CONFIG) boards/$(BOARD)/board.mk $(BOARD_INCLUDED) $(BUILD)/libraries
$(BUILD)/%.o: %.c $(COMPILED_FOR)
	@if ! [ -d $(@D) ]; then echo "  cc $(<D)/"; elif [ -e $@ ]; then echo "  cc $<"; fi; mkdir -p $(@D)
	$(if $(V),,@)$(CC) $(CFLAGS) $(if $(filter firmware/%,$<),$(CPPFLAGS),$(HOST_CPPFLAGS)) -c $< -o $@

# Files that change only when their text does. One object holds the version.
$(BUILD)/version: TEXT = $(FULL_VERSION)
$(BUILD)/libraries: TEXT = $(MBEDTLS_SRC) $(MBEDTLS_VERSION), $(TINYCBOR_SRC) $(TINYCBOR_VERSION)
$(BUILD)/version $(BUILD)/libraries: FORCE
	@mkdir -p $(@D) && { echo '$(TEXT)' | cmp -s - $@ || echo '$(TEXT)' >$@; }
$(BUILD)/firmware/base/version.o: CPPFLAGS += $(VERSION_CPPFLAGS)
$(BUILD)/firmware/base/version.o: $(BUILD)/version

$(BUILD)/libfirmware.a: $(FIRMWARE) boards/$(BOARD)/board.mk
	@rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

# Third-party libraries: compiled once per target, with our configuration and without our warnings. mbedtls calls our
# CCM, which is in its library for that.
THIRD_PARTY_FLAGS = $(filter-out -W% -std=%,$(CFLAGS)) -w
$(BUILD)/libmbedtls.a: $(wildcard $(MBEDTLS_SRC)/library/*.c) $(BUILD)/firmware/crypto/ccm_alt.o $(COMPILED_FOR)
	@echo "building mbedtls for $(BOARD)" && mkdir -p $(BUILD)/mbedtls && rm -f $@
	$(Q)for source in $(notdir $(filter %.c,$^)); do echo $$source; done | xargs -P$$(nproc) -I{} \
		$(CC) $(THIRD_PARTY_FLAGS) $(CPPFLAGS) -I$(MBEDTLS_SRC)/library -c $(MBEDTLS_SRC)/library/{} -o $(BUILD)/mbedtls/{}.o
	@$(AR) rcs $@ $(BUILD)/mbedtls/*.o $(filter %.o,$^)
$(BUILD)/libtinycbor.a: $(addprefix $(TINYCBOR_SRC)/src/cbor,encoder.c encoder_close_container_checked.c parser.c \
	parser_dup_string.c errorstrings.c) $(COMPILED_FOR)
	@mkdir -p $(BUILD)/tinycbor && rm -f $@
	$(Q)for source in $(filter %.c,$^); do $(CC) $(THIRD_PARTY_FLAGS) $(CPPFLAGS) -c $$source -o $(BUILD)/tinycbor/$$(basename $$source).o; done
	@$(AR) rcs $@ $(BUILD)/tinycbor/*.o

$(BUILD)/locale/%/LC_MESSAGES/portillon.mo: tools/portillon/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<
$(BUILD)/locale/%/LC_MESSAGES/portillond.mo: boards/linux/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

$(BUILD)/portillon: $(PORTILLON) $(LIBRARIES)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs $(TOOL_PACKAGES)) -lcsv -lm -lpthread
$(BUILD)/cardsim: $(CARDSIM) $(LIBRARIES)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@
$(BUILD)/qemu_gate: $(QEMU_GATE) $(BUILD)/hal/linux/process_memory.o $(BUILD)/hal/linux/translate.o
	$(Q)$(CC) $(LDFLAGS) $^ -o $@
$(BUILD)/demo: $(DEMO) $(LIBRARIES)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs sqlite3)
$(addprefix $(BUILD)/unit/,portillon/test_report_table boards/test_reader_words): | $(CATALOGUES)
$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/tests/%.o $(FAKES) $(UNDER_TEST) $(LIBRARIES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ -lcmocka $$(pkg-config --libs $(TOOL_PACKAGES)) -lcsv -lm -lpthread
$(BUILD)/e2e/%: $(BUILD)/tests/e2e/%.o $(LIBRARIES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs sqlite3) -lpthread
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BENCH_PARTS) $(FAKES) $(UNDER_TEST) $(LIBRARIES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $^ -o $@ $$(pkg-config --libs $(TOOL_PACKAGES)) -lcsv -lcdb -lm -lpthread
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FAKES) $(UNDER_TEST) $(LIBRARIES) \
		$(if $(filter fuzz,$(VARIANT)),,$(BUILD)/tests/fuzz/replay.o)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer) $^ -o $@ -lcmocka $$(pkg-config --libs $(TOOL_PACKAGES)) -lcsv -lm -lpthread

.PHONY: FORCE all can-run programs setup run flash test check check-programs unit test-power test-libfreefare bench bench-counts bench-programs sanitize fuzz fuzzers coverage lint format translations clean distclean help
ifeq ($(V),)
Q = @echo "  $(if $(findstring .o,$@),cc,ld) $@";
endif
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
