# SPDX-License-Identifier: Apache-2.0
# The man page of a command from its --help, in whatever language that is: only the form of the text counts.
#   usage: PROGRAM ...    the first line, and indented ones below it: the synopsis
#   unindented lines      a paragraph; one short line above indented ones: a heading
#   indented lines        "  tag   text" with its continuation further in: a list; anything else: as it stands
# Variables besides those of roff.awk: program (the first word of each call); commands_of ("portillon": its list has the
# commands, each of which has a page).
{ line[NR] = $0 }

function indent(text) { match(text, /^ */); return RLENGTH }
function apart(a, b) { return a > b ? a - b : b - a }
function characters(text) { gsub(/[\200-\277]/, "", text); return length(text) } # of UTF-8, which awk may take for bytes

# Is this the first line of an entry of a list? Sets entry_tag, entry_text and entry_column.
function is_entry(text,    margin, body) {
    margin = indent(text)
    if (margin < 2 || margin > 6) return 0
    body = substr(text, margin + 1)
    if (!match(body, /  +/) && !match(body, /^--[a-z-]+ [A-Z\303\200-\277]+ /)) {
        # an option too long for its column: the text begins on the next line
        entry_tag = body; entry_text = ""; entry_column = 0
        return body ~ /^--?[a-z]/
    }
    entry_text = substr(body, RSTART + RLENGTH)
    entry_tag = substr(body, 1, length(body) - length(entry_text))
    entry_column = margin + characters(entry_tag)
    sub(/ +$/, "", entry_tag)
    return 1
}

# Is the block from first to last a list? Its last line may be a sentence. A text may be some columns off, where the form
# counts the bytes of an accented letter.
function is_list(first, last,    i, column) {
    if (!is_entry(line[first])) return 0
    for (i = first; i <= last; i++) {
        if (indent(line[i]) > 7) {
            if (column != 0 && apart(indent(line[i]), column) > 3) return 0
            column = indent(line[i])
        } else if (is_entry(line[i]))
            column = entry_column
        else if (i < last || last - first < 2)
            return 0
    }
    return 1
}

function print_list(first, last,    i, text) {
    for (i = first; i <= last; i++) {
        text = line[i]; sub(/^ +/, "", text)
        if (indent(line[i]) > 7)
            print text_line(text)
        else if (!is_entry(line[i]))
            print ".PP\n" text_line(text)
        else {
            print ".TP\n" mark(entry_tag, 1)
            if (entry_text != "") print text_line(entry_text)
        }
    }
}

function print_commands(first, last,    i, name) {
    print ".SH " COMMANDS
    for (i = first; i <= last; i++) {
        if (!is_entry(line[i])) continue
        name = commands_of "-" entry_tag; gsub(/ /, "-", name)
        print ".TP\n" (entry_tag ~ /^(-.*|help)$/ ? "\\fB" escape(entry_tag) "\\fR" : "\\fB" escape(name) "\\fR(1)")
        print text_line(entry_text)
    }
}

function print_block(first, last, heading,    i, options, block, count) {
    if (!is_list(first, last)) {
        if (heading != "") subheading(heading)
        for (i = first; i <= last; i++) block[++count] = line[i]
        verbatim(block, count)
        return
    }
    options = line[first] ~ /^ +-/
    if (!options && commands_of != "" && !said_commands++) { print_commands(first, last); return }
    if (options && !said_options++) print ".SH " OPTIONS
    sub(/[ \302\240]*:$/, "", heading)
    if (heading != "" && toupper(heading) != OPTIONS) subheading(heading)
    in_options = options
    print_list(first, last)
}

function print_prose(first, last,    i) {
    if (in_options || (said_commands && !said_notes)) { print ".SH " NOTES; in_options = 0; said_notes = 1 }
    else print ".PP"
    for (i = first; i <= last; i++) print text_line(line[i])
}

# Does a line of calls begin with the program, behind blanks (or, the first line, behind "usage:")?
function begins_call(i, at) { return at > 0 && (i == 1 || indent(line[i]) == at - 1) }

# Prints the calls; returns the number of the first line below them. Calls of two commands may begin with the words that
# both have.
function print_synopsis(    i, at) {
    while (index(line[1], program) == 0 && program ~ / /) sub(/ [^ ]*$/, "", program)
    print ".SH " SYNOPSIS
    for (i = 1; i <= NR && line[i] != "" && (i == 1 || line[i] ~ /^ /); i++) {
        at = index(line[i], program)
        if (begins_call(i, at))
            print (i > 1 ? ".br\n" : "") "\\fB" escape(program) "\\fR" mark(substr(line[i], at + length(program)))
        else
            print mark(substr(line[i], indent(line[i]) + 1))
    }
    return i
}

END {
    head()
    i = print_synopsis()
    while (i <= NR && line[i] == "") i++
    if (line[i] !~ /^ /) print ".SH " DESCRIPTION
    while (i <= NR) {
        if (line[i] == "") { i++; continue }
        first = i
        if (line[i] ~ /^ /) {
            while (i < NR && line[i + 1] ~ /^ /) i++
            print_block(first, i, "")
            i++
            continue
        }
        while (i < NR && line[i + 1] ~ /^[^ ]/) i++
        if (i == first && length(line[i]) <= 48 && line[i - 1] == "" && line[i + 1] ~ /^ /) {
            first = i + 1
            while (i < NR && line[i + 1] ~ /^ /) i++
            print_block(first, i, line[first - 1])
        } else
            print_prose(first, i)
        i++
    }
    foot()
}
