# SPDX-License-Identifier: Apache-2.0
# Installing and packaging: man pages, completion, `make install`, `make deb`. The Makefile includes this file.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
RULESDIR ?= $(PREFIX)/lib/udev/rules.d
INSTALL = BUILD=$(BUILD) DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" SYSCONFDIR="$(SYSCONFDIR)" UNITDIR="$(UNITDIR)" \
	RULESDIR="$(RULESDIR)" tools/install
INSTALLED_PROGRAMS = $(BOARD_PROGRAMS) $(BUILD)/portillon $(BUILD)/cardsim
COMPLETIONS := $(addprefix $(BUILD)/completion/,$(notdir $(basename $(filter-out %/common.bash,$(wildcard tools/completion/*.bash)))))

## install: install the tools and the gate (PREFIX=/usr/local, DESTDIR=); install-office, -gate, -cardsim: one of them
install: install-office install-gate install-cardsim
## uninstall: take away what make install put there; configuration and data stay
uninstall: uninstall-office uninstall-gate uninstall-cardsim
install-%: has-run
	@$(if $(BOARD_IS_HOST),,echo "make install: of BOARD=linux only" >&2 && exit 1)
	@$(MAKE) --no-print-directory installable
	@$(INSTALL) install $*
uninstall-%:
	@$(INSTALL) uninstall $*
installable: $(INSTALLED_PROGRAMS) $(BUILD)/man/made $(COMPLETIONS)

$(BUILD)/man/made: $(INSTALLED_PROGRAMS) $(CATALOGUES) $(wildcard tools/man/*) boards/linux/gate.conf
	@echo "  man pages" && rm -rf $(@D)
	@for code in en $(patsubst $(BUILD)/locale/%/LC_MESSAGES/,%,$(sort $(dir $(CATALOGUES)))); do \
		VERSION=$(VERSION) tools/man/pages $(BUILD) $(@D) $$code || exit 1; done
	@touch $@
$(BUILD)/completion/%: tools/completion/common.bash tools/completion/%.bash
	@mkdir -p $(@D) && cat $^ >$@

## deb: build the Debian packages portillon, portillond and cardsim, in build/deb
deb: setup-deb
	@VERSION=$(VERSION) COMMIT=$(COMMIT) tools/deb

## test-packages: install, run, upgrade, remove and purge the packages in a fresh Debian 12 (as root; minutes)
test-packages: setup-packages deb
	@tests/packages

.PHONY: install uninstall installable deb test-packages
