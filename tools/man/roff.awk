# SPDX-License-Identifier: Apache-2.0
# What the pages of commands and of files have in common: roff from plain text. Variables from outside: page, section,
# about (one line), date, version, titles (a line of the file `titles`), see_also ("portillon(1) gate.conf(5)").
BEGIN {
    split(titles, title, "|")
    NAME = title[2]; SYNOPSIS = title[3]; DESCRIPTION = title[4]; COMMANDS = title[5]; OPTIONS = title[6]
    NOTES = title[7]; SEE_ALSO = title[8]
}

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    gsub(/'/, "\\(aq", text)
    gsub(/`/, "\\(ga", text)
    gsub(/\^/, "\\(ha", text)
    gsub(/~/, "\\(ti", text)
    return text
}

# A line of text, which roff takes for no request.
function text_line(text) {
    text = escape(text)
    return text ~ /^[.]/ ? "\\&" text : text
}

# Words of a call: options and names are bold, placeholders are in italics.
function mark(text, bold_names,    out, word) {
    while (match(text, /--?[A-Za-z][a-z0-9-]*|[A-Za-z0-9_.\200-\377-]+/)) {
        out = out escape(substr(text, 1, RSTART - 1))
        word = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        if (word ~ /^-./)
            out = out "\\fB" escape(word) "\\fR"
        else if (word ~ /[A-Z]/ && word !~ /[a-z]/)
            out = out "\\fI" escape(word) "\\fR"
        else
            out = out (bold_names ? "\\fB" escape(word) "\\fR" : escape(word))
    }
    out = out escape(text)
    return out ~ /^[.]/ ? "\\&" out : out
}

function head() {
    print ".\\\" Made by tools/man/pages; not to be edited."
    printf ".TH \"%s\" %s \"%s\" \"%s\" \"Portillon\"\n", toupper(page), section, date, version
    print ".nh\n.ad l"
    print ".SH " NAME "\n" escape(page) " \\- " escape(about)
}

function subheading(text) {
    sub(/[ \302\240]*:$/, "", text)
    print ".SS \"" escape(text) "\""
}

function verbatim(lines, count,    i) {
    print ".PP\n.nf"
    for (i = 1; i <= count; i++) print text_line(lines[i])
    print ".fi"
}

function foot(    names, count, i, at) {
    count = split(see_also, names, " ")
    if (count > 0) print ".SH \"" SEE_ALSO "\""
    for (i = 1; i <= count; i++) {
        at = index(names[i], "(")
        print ".BR " escape(substr(names[i], 1, at - 1)) " " substr(names[i], at) (i < count ? "," : "")
    }
}
