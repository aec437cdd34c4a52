# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck source=tools/completion/common.bash
# Of portillond; see common.bash, which stands above it in the file that is installed.
complete -o default -F _portillon_of_program portillond portillon-gate-setup
