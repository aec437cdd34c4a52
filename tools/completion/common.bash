# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion in bash for the programs of Portillon. Options and their values are those that --help shows; each help is read
# once in a shell.
declare -gA _portillon_helps=()

# _portillon_help PROGRAM [WORD...]: sets REPLY to the help, in English, whose form is known
_portillon_help() {
    local key=$*
    if [ -z "${_portillon_helps[$key]+read}" ]; then
        _portillon_helps[$key]=$(LC_ALL=C LANGUAGE='' "$@" --help 2>/dev/null </dev/null)
    fi
    REPLY=${_portillon_helps[$key]}
}

# _portillon_offer WORD...: those that begin with what is typed
_portillon_offer() {
    local word
    for word in "$@"; do
        case $word in "$_portillon_typed"*) COMPREPLY+=("$word") ;; esac
    done
}

# _portillon_paths f|d: files, or folders
_portillon_paths() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "-$1" -- "$_portillon_typed")
}

# _portillon_option_lines HELP: a line "LETTER NAME PLACEHOLDER" for each option of a help; - for what is not there
_portillon_option_lines() {
    local line letter rest
    local option='^(--[a-z][a-z-]*)(\[?[ =]([A-Z][A-Z0-9=:.]*|127[^ ]*)\]?( |$)|  |$|, )(.*)'
    while IFS= read -r line; do
        [[ $line =~ ^\ {2,6}((-[A-Za-z]),\ )?(--.*) ]] || continue
        letter=${BASH_REMATCH[2]:--} rest=${BASH_REMATCH[3]}
        while [[ $rest =~ $option ]]; do
            echo "$letter ${BASH_REMATCH[1]} ${BASH_REMATCH[3]:--}"
            [ "${BASH_REMATCH[2]}" = ', ' ] || break
            rest=${BASH_REMATCH[5]} letter=-
        done
    done <<<"$1"
}

# _portillon_value HELP OPTION PLACEHOLDER: offers values of an option
_portillon_value() {
    local name=${2#--}
    if [[ $1 =~ --$name\ ([a-z][a-z0-9-]*(\|[a-z][a-z0-9-]*)+) ]]; then # the call names them: --zone building|canteen
        local IFS='|'
        # shellcheck disable=SC2086 # its parts
        _portillon_offer ${BASH_REMATCH[1]}
        return
    fi
    case $3 in
    DIR) _portillon_paths d ;;
    FILE | LIST | PEM | DEV | DEVICE | PROGRAM | SOCKET | LINK | PATH | RULES) _portillon_paths f ;;
    GATE=DEV) [ "$_portillon_in_value" = yes ] && _portillon_paths f ;;
    esac
    return 0
}

# _portillon_words: sets words, typed, before and in_value; --option=value, and NAME=VALUE, are parts in COMP_WORDS
_portillon_words() {
    local last=$COMP_CWORD
    _portillon_typed=${COMP_WORDS[last]} _portillon_before=${COMP_WORDS[last - 1]} _portillon_in_value=no
    if [ "$_portillon_typed" = = ]; then
        _portillon_typed='' _portillon_before=${COMP_WORDS[last - 1]} _portillon_in_value=yes
    elif [ "$_portillon_before" = = ]; then
        _portillon_before=${COMP_WORDS[last - 2]} _portillon_in_value=yes
    fi
    case $_portillon_before in
    -*) ;;
    *) [ "$_portillon_in_value" = yes ] && _portillon_before=${COMP_WORDS[last - 3 > 0 ? last - 3 : 0]} ;;
    esac
}

# _portillon_complete HELP: the value of the option before, or an option; fails if neither is asked for
_portillon_complete() {
    local letter name placeholder
    while read -r letter name placeholder; do
        [ "$_portillon_before" = "$name" ] || [ "$_portillon_before" = "$letter" ] || continue
        [ "$placeholder" = - ] && break
        _portillon_value "$1" "$name" "$placeholder"
        return 0
    done < <(_portillon_option_lines "$1")
    case $_portillon_typed in
    -*)
        mapfile -t COMPREPLY < <(_portillon_option_lines "$1" | while read -r letter name placeholder; do
            case $name in "$_portillon_typed"*) echo "$name" ;; esac
        done)
        return 0
        ;;
    esac
    return 1
}

# _portillon_of_program: completes a program that has options alone
_portillon_of_program() {
    local REPLY _portillon_typed _portillon_before _portillon_in_value
    COMPREPLY=()
    _portillon_words
    _portillon_help "$1"
    _portillon_complete "$REPLY" || true
}
