# SPDX-License-Identifier: BSD-2-Clause
#
# The viewer in a terminal of its own: tmux on a private socket. A scene is a size, arguments and
# keys; what is on the screen then is compared with golden/NAME.txt. U4_GOLDEN=write writes the
# files instead (new: those that are not there), to be reviewed like code.

. "$(dirname "${BASH_SOURCE[0]}")/../e2e/cli/tap.sh"
golden=$U4_ROOT/tests/screens/golden
export LANG=C.UTF-8 LC_ALL=C.UTF-8 TMPDIR=$scratch XDG_CONFIG_HOME=$scratch/config
unset NO_COLOR TMUX
tm() {
    tmux -S "$scratch/tmux" -f /dev/null "$@"
}
trap 'tm kill-server 2>/dev/null; rm -rf "$scratch"' EXIT
"$build/tests/screens-trace" t.u4t
tm new-session -d -s keep
tm set -g status off
tm set -g escape-time 0

screen() {
    tm capture-pane -p -t view "$@"
}

span() { # that the timeline shows
    screen | sed -n '3s/ *│.*//p'
}
seen() { # REGEX
    [[ $(screen) =~ $1 ]]
}
until_seen() { # REGEX
    eventually seen "$1"
}

# A shell that starts the viewer, so that what is left of the terminal can be seen afterwards.
start() { # WxH COMMAND
    tm kill-session -t view 2>/dev/null
    tm new-session -d -x "${1%x*}" -y "${1#*x}" -s view "PS1='\$ ' bash --norc --noprofile"
    until_seen '\$'
    tm send-keys -t view "clear; $2" Enter
    until_seen "(complete|LIVE|LOST|lost) *"$'\n'".*1"
}

keys() { # KEY... ; a key that begins with = is text
    local k
    for k in "$@"; do
        if [[ $k == =* ]]; then
            tm send-keys -t view -l -- "${k#=}"
        else
            tm send-keys -t view -- "$k"
        fi
    done
}

# Waits until the screen is as expected; where that is not known, until it changes no more: $now.
is_on_screen() { # FILE
    now=$(screen)
    [[ $now == "$(<"$1")" ]]
}
settle() { # FILE
    local last='' same=0
    if [[ ${U4_GOLDEN:-} != write && -f $1 ]]; then
        eventually is_on_screen "$1"
        return
    fi
    while ((same < 12)); do
        sleep 0.1
        last=$now now=$(screen)
        [[ $now == "$last" ]] && same=$((same + 1))
    done
}

# Of $trace, if that is set.
scene() { # NAME WxH "ARGUMENTS" KEY...
    local name=$1 size=$2 arguments=$3 file=$golden/$1.txt now=
    shift 3
    start "$size" "$u4 view $arguments ${trace:-t.u4t}"
    keys "$@"
    settle "$file"
    if [[ ${U4_GOLDEN:-} == write || (${U4_GOLDEN:-} == new && ! -e $file) ]]; then
        printf '%s\n' "$now" >"$file"
    fi
    diff <(printf '%s\n' "$now") "$file" >diff.txt 2>&1
    status=$? out=$(<diff.txt) err=
    result "$status" "$name"
}
