# SPDX-License-Identifier: BSD-2-Clause
#
# TAP for shell tests. `run COMMAND...` keeps its output and status in $out, $err and $status;
# the checks say what they saw when they fail. Everything happens in a scratch directory.

set -u
tests=0
status='' out='' err='' # of the last run
build=${U4_BUILD:-build}
build=$(realpath "$build")
u4=$build/host/bin/u4
guest=$build/tests/e2e/cli-guest
scratch=$(mktemp -d)
export XDG_RUNTIME_DIR=$scratch/run
mkdir -p "$XDG_RUNTIME_DIR"
trap 'jobs -p | xargs -r kill 2>/dev/null; rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

run() {
    "$@" >"$scratch/.out" 2>"$scratch/.err" </dev/null
    status=$?
    out=$(tr -d '\0' <"$scratch/.out")
    err=$(<"$scratch/.err")
}

result() { # 0|1 DESCRIPTION
    tests=$((tests + 1))
    if (($1 == 0)); then
        echo "ok $tests - $2"
    else
        echo "not ok $tests - $2"
        printf 'status %s\nstdout:\n%s\nstderr:\n%s\n' "${status:-}" "${out:0:2000}" "${err:0:2000}" |
            sed 's/^/# /'
    fi
}

# Nothing is judged by time: this is when what does not come counts as hung, in seconds. What is
# still to come after that is given less.
patience=${U4_PATIENCE:-300}
eventually() { # COMMAND...: until it succeeds
    local end=$((SECONDS + patience))
    until "$@"; do
        if ((SECONDS >= end)); then
            patience=1
            result 1 "waited in vain: $*"
            return 1
        fi
        sleep 0.02
    done
}
has() { # FILE [REGEX]: a line of it, or anything
    grep -qsE -- "${2:-}" "$1"
}

shows() { # GUEST REGEX: a line of its threads
    "$u4" caps "$1" 2>/dev/null | grep -q "$2"
}

is() { # SEEN EXPECTED DESCRIPTION
    [[ $1 == "$2" ]]
    local r=$?
    ((r)) && printf '# expected: %s\n#     seen: %s\n' "$2" "$1"
    result $r "$3"
}

like() { # TEXT REGEX DESCRIPTION
    [[ $1 =~ $2 ]]
    local r=$?
    ((r)) && printf '# expected to match: %s\n' "$2"
    result $r "$3"
}

exits() { # STATUS DESCRIPTION
    is "$status" "$1" "$2: exit status $1"
}

finish() {
    echo "1..$tests"
}
