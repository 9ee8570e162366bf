#compdef grantd
# Completion of grantd for zsh. Every candidate comes from grantd itself.
_grantd() {
    local line name help
    local -a described
    while IFS= read -r line; do
        case "$line" in
        :files)
            _files
            ;;
        *)
            name="${line%%$'\t'*}"
            help="${line#*$'\t'}"
            described+=("${name//:/\\:}${help:+:$help}")
            ;;
        esac
    done < <("${words[1]}" __complete zsh "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( ${#described} )); then
        _describe grantd described
    fi
}
if [ "${funcstack[1]}" = _grantd ]; then
    _grantd "$@"
else
    compdef _grantd grantd
fi
