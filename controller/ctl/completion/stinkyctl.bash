# bash completion for stinkyctl(1)

_stinkyctl_parts() {
    systemctl list-units --all --plain --no-legend 'stinky-*.service' 2>/dev/null |
        sed -n 's/^stinky-\([^ ]*\)\.service .*/\1/p'
}

_stinkyctl() {
    local word previous command='' verb='' i
    word=${COMP_WORDS[COMP_CWORD]}
    previous=${COMP_WORDS[COMP_CWORD - 1]}
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${COMP_WORDS[i]} in
            -H | --host) ((++i)) ;;
            -*) ;;
            *)
                if [[ -n $command ]]; then
                    verb=${COMP_WORDS[i]}
                    break
                fi
                command=${COMP_WORDS[i]}
                ;;
        esac
    done
    case $previous in
        --config | --output)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        -H | --host | --limit | --timeout | -n | --lines) return ;;
        -p | --priority)
            mapfile -t COMPREPLY < <(compgen -W '0 1 2 3 4 5 6 7' -- "$word")
            return
            ;;
    esac
    local words
    case $command in
        '') words='status watch gps radios aps logs start stop restart check-config doctor report kismet token tak -H --host --json --version --help' ;;
        status | watch | radios) words='--json --help' ;;
        gps) words='--json --watch --config --help' ;;
        token) words='--json --new --help' ;;
        tak)
            words='test --help'
            [[ $verb != test ]] || words='--json --help'
            ;;
        aps) words='--json --limit --help' ;;
        logs) words="--json --follow --lines --priority --help $(_stinkyctl_parts)" ;;
        start | stop) words='--json --no-wait --timeout --help' ;;
        restart) words="--json --no-wait --timeout --help $(_stinkyctl_parts)" ;;
        doctor) words='--json --config --no-connect --help' ;;
        check-config | kismet) words='--json --config --help' ;;
        report) words='--json --output --config --help' ;;
        *) words='' ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _stinkyctl stinkyctl
