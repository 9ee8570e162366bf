# Completion of grantd for bash. Every candidate comes from grantd itself.
_grantd() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        case "$line" in
        :files)
            compopt -o default 2>/dev/null
            ;;
        *)
            COMPREPLY+=("${line%%$'\t'*}")
            ;;
        esac
    done < <("${COMP_WORDS[0]}" __complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _grantd grantd
