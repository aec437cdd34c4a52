#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The style of every source and script: tools/lint without clang-tidy, which takes minutes.
set -u
cd "$(dirname "$0")/../.." || exit 1
if ! git rev-parse --git-dir >/dev/null 2>&1; then
    echo "ok 1 - tools/lint finds nothing # SKIP this is no git clone, and git tells which sources are ours"
elif CPPFLAGS='' tools/lint >build/lint.log 2>&1; then
    echo "ok 1 - tools/lint finds nothing"
else
    echo "not ok 1 - tools/lint finds nothing"
    sed 's/^/# /' build/lint.log
fi
