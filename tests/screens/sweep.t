#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# Every key of every view. Which keys there are is read from the viewer's own help; each is pressed
# in each view (on other sizes than 80x24: its own keys in each, the common ones in Events), and
# what the screen is then (a checksum, and its line of status) is compared with
# golden/sweep-SIZE.txt. A key that the help does not name must do nothing.

. "$(dirname "$0")/screen.sh"
views=(1 2 3 4 5 6 7 8 9 B)
cp t.u4t swept.u4t

# "^O" as tmux calls it: C-o. Several for what is short for several.
tmux_names() { # WORD...
    local word n
    for word in "$@"; do
        case $word in
        ?..?) for ((n = ${word%%.*}; n <= ${word##*.}; n++)); do echo "$n"; done ;;
        arrows) printf '%s\n' Up Down Left Right ;;
        PgUp) echo PPage ;;
        PgDn) echo NPage ;;
        Shift-Tab) echo BTab ;;
        space) echo Space ;;
        Backspace) echo BSpace ;;
        Esc) echo Escape ;;
        ^?) echo "C-${word:1}" | tr '[:upper:]' '[:lower:]' | sed 's/^c/C/' ;;
        *) echo "$word" ;;
        esac
    done
}

is_no_help() {
    ! seen 'any key leaves'
}
# The keys that the help names, in its first 14 columns, by view: its own, and all.
declare -A own all
read_help() { # VIEW
    local words
    keys "$1" F1
    until_seen 'any key leaves.*draws the screen anew'
    result $? "help of view $1"
    screen | sed -n '4,57p' | cut -c1-14 >help.txt
    keys Escape
    eventually is_no_help
    read -r -d '' -a words < <(sed '/^ *$/,$d' help.txt)
    own[$1]=$(tmux_names "${words[@]}" | awk '!seen[$0]++')
    read -r -d '' -a words <help.txt
    all[$1]=$(tmux_names "${words[@]}" | awk '!seen[$0]++')
}

# What the screen is, in a line: $digest.
look() {
    local now sum
    now=$(screen)
    sum=$(cksum <<<"$now")
    now=${now%$'\n'*}
    digest="${sum% *} ${now##*$'\n'}"
}
is_digest() { # EXPECTED
    look
    [[ $digest == "$1" ]]
}

record() { # LABEL: a line of the sweep; $line is what the golden file has for it
    local expected
    IFS= read -r expected <&3
    if [[ ${U4_GOLDEN:-} ]]; then
        sleep 0.2
        look
    else
        eventually is_digest "${expected#"$1" }"
    fi
    printf '%s %s\n' "$1" "$digest"
}

# Keys that nobody has bound. The mouse's reports and Alt begin with an escape.
unbound() { # KEY...
    local key
    for key in {a..z} {A..Z} {0..9} '!' '"' '#' '$' '%' '&' "'" '(' ')' '*' + , - . / : '<' = '>' \
        '?' @ '[' \\ ']' ^ _ '`' '{' '|' '}' '~' C-a C-b C-e C-f C-g C-k C-n C-r C-t C-x C-y F2 F12; do
        [[ " $* " == *" $key "* ]] || echo "$key"
    done
}

sweep_view() { # VIEW SIZE
    local view=$1 key
    local -a named
    if [[ $2 == 80x24 || $view == 2 ]]; then
        mapfile -t named <<<"${all[$view]}"
    else
        mapfile -t named <<<"${own[$view]}"
    fi
    for key in "${named[@]}"; do
        [[ $key == q ]] && continue
        keys "$view"
        tm send-keys -t view -- "$key"
        record "$view $key"
        keys Escape
    done
    keys "$view" Escape
    record "$view (before)"
    mapfile -t named <<<"${all[$view]}"
    mapfile -t named < <(unbound "${named[@]}")
    tm send-keys -t view -- "${named[@]}"
    record "$view (others: ${named[*]})"
}

start 200x60 "$u4 view swept.u4t" # where the help fits
for view in "${views[@]}"; do
    read_help "$view"
done
for size in 80x24 200x60 40x10; do
    file=$golden/sweep-$size.txt
    rm -f swept.u4t.marks
    start "$size" "$u4 view swept.u4t"
    for view in "${views[@]}"; do
        sweep_view "$view" "$size"
    done 3< <(cat "$file" 2>/dev/null) >seen.txt
    [[ ${U4_GOLDEN:-} == write || (${U4_GOLDEN:-} == new && ! -e $file) ]] && cp seen.txt "$file"
    diff seen.txt "$file" >diff.txt 2>&1
    status=$? out=$(<diff.txt) err=
    result "$status" "$size: $(grep -vc '(' seen.txt) keys"
    sed -n 's/^. (before) \([0-9]*\).*/\1/p' seen.txt >before.txt
    sed -n 's/^. (others.* F12) \([0-9]*\).*/\1/p' seen.txt >after.txt
    [[ $(wc -l <after.txt) == "${#views[@]}" ]] && diff before.txt after.txt >diff.txt 2>&1
    result $? "$size: other keys do nothing"
    keys q
    until_seen '\$ *$'
    result $? "$size: q leaves"
done
finish
