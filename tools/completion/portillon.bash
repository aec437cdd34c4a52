# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck source=tools/completion/common.bash
# Of portillon; see common.bash, which stands above it in the file that is installed.
# _portillon_commands: sets REPLY to the names of the commands, a line each
_portillon_commands() {
    local line names=''
    _portillon_help "$1"
    while IFS= read -r line; do
        [[ $line =~ ^\ \ ([a-z]+(\ [a-z]+)?)\ \ + ]] && names+=${BASH_REMATCH[1]}$'\n'
    done <<<"$REPLY"
    REPLY=$names
}

# _portillon_gates: the gates of the site that the call or PORTILLON_SITE names
_portillon_gates() {
    local i site=${PORTILLON_SITE:-} file
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in -s | --site) site=${COMP_WORDS[i + 1]} && [ "$site" = = ] && site=${COMP_WORDS[i + 2]} ;; esac
    done
    [ -n "$site" ] || return 0
    for file in "${site/#\~/$HOME}"/gates/*.identity; do
        file=${file##*/}
        [ "$file" = '*.identity' ] || _portillon_offer "${file%.identity}"
    done
}

_portillon() {
    local REPLY _portillon_typed _portillon_before _portillon_in_value program=$1 first=1 commands command=() help
    COMPREPLY=()
    _portillon_words
    [ "${COMP_WORDS[1]}" = help ] && first=2
    _portillon_commands "$program"
    commands=$REPLY
    if [ "$COMP_CWORD" = "$first" ]; then
        # shellcheck disable=SC2046 # names have no blanks
        _portillon_offer $(cut -d' ' -f1 <<<"$commands" | uniq) $([ $first = 2 ] || echo help --help --version)
        mapfile -t COMPREPLY < <(printf '%s\n' "${COMPREPLY[@]}" | sort -u)
        return
    fi
    command=("${COMP_WORDS[first]}")
    if [ "$COMP_CWORD" -gt $((first + 1)) ] && grep -qxF "${command[0]} ${COMP_WORDS[first + 1]}" <<<"$commands"; then
        command+=("${COMP_WORDS[first + 1]}")
    elif [ "$COMP_CWORD" = $((first + 1)) ]; then
        # shellcheck disable=SC2046
        _portillon_offer $(sed -n "s/^${command[0]//[^a-z]/} //p" <<<"$commands")
        [ ${#COMPREPLY[@]} = 0 ] || return 0
    fi
    [ $first = 1 ] && grep -qxF "${command[*]}" <<<"$commands" || return 0
    case $_portillon_before in -g | --gate) _portillon_gates && return ;; esac
    _portillon_help "$program" "${command[@]}"
    help=$REPLY
    _portillon_complete "$help" || { [[ $help =~ ^usage:[^$'\n']*\ DIR(\ |$'\n') ]] && _portillon_paths d; } || true
}
complete -o default -F _portillon portillon
