# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck source=tools/completion/common.bash
# Of cardsim; see common.bash, which stands above it in the file that is installed.
# _portillon_column HELP TITLE: the first words of the lines below a title
_portillon_column() {
    sed -n "/^$2\$/,/^\$/s/^  \([a-z][a-z0-9-]*\)[, ].*/\1/p" <<<"$1"
}

_portillon_cardsim() {
    local REPLY _portillon_typed _portillon_before _portillon_in_value
    if [ "${COMP_WORDS[1]}" != ctl ]; then
        _portillon_of_program "$1"
        [ "$COMP_CWORD" = 1 ] && _portillon_typed=${COMP_WORDS[1]} && _portillon_offer ctl
        return
    fi
    COMPREPLY=()
    _portillon_words
    _portillon_help "$1"
    # shellcheck disable=SC2046 # names have no blanks
    case $COMP_CWORD,${COMP_WORDS[3]} in
    2,*) _portillon_paths f ;;
    3,*) _portillon_offer $(_portillon_column "$REPLY" commands) ;;
    4,fault) _portillon_offer $(_portillon_column "$REPLY" 'kinds of fault') ;;
    4,put | 4,tap | 5,put | 5,tap) _portillon_offer $(_portillon_column "$REPLY" 'kinds of card') ;;
    esac
}
complete -o default -F _portillon_cardsim cardsim
