# SPDX-License-Identifier: Apache-2.0
# Leaves out the paragraph requests that begin or end nothing, such as one below a heading.
/^\.PP$/ { pending = !after_heading; next }
{
    if (pending && $0 !~ /^\.(SH|SS|TP)/) print ".PP"
    pending = 0
    after_heading = /^\.(SH|SS) /
    print
}
