# SPDX-License-Identifier: Apache-2.0
# The man page of a commented configuration file: "# ---- title ----" is a heading, a comment above lines `option = value`
# (or `#option = value`) belongs to them, other comments are paragraphs; comments further in stand as they are.
function print_comment(    i, count, rows, list) {
    for (i = 1; i <= comments; i++) {
        if (comment[i] ~ /^  /) { rows[++count] = comment[i]; continue }
        if (count > 0) { verbatim(rows, count); print ".PP"; count = 0 }
        print comment[i] == "" ? ".PP" : text_line(comment[i])
    }
    if (count > 0) verbatim(rows, count)
    comments = 0
}

function flush_paragraph() {
    if (comments == 0) return
    print ".PP"
    print_comment()
}

BEGIN { head(); print ".SH " DESCRIPTION }
/^# ---- .* ----$/ {
    flush_paragraph()
    heading = $0; sub(/^# ---- /, "", heading); sub(/ ----$/, "", heading)
    print ".SH \"" escape(toupper(heading)) "\""
    next
}
/^#?[a-z][a-z.-]* = / {
    text = $0; sub(/^#/, "", text)
    tag = text; sub(/ = .*/, "", tag)
    print ".TP\n\\fB" escape(tag) "\\fR = \\fI" escape(substr(text, length(tag) + 4)) "\\fR"
    print_comment()
    next
}
/^#/ { text = $0; sub(/^# ?/, "", text); comment[++comments] = text; next }
{ flush_paragraph() }
END { flush_paragraph(); foot() }
