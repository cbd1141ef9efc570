#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: mk/lint.sh BUILDDIR [DIRECTORY...]
# Checks the files that git tracks or would track (in these directories): format, static analysis, licence line
# first, no machine's own paths, shell and Python syntax. Reports everything before it fails.

set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
shift
within=$(IFS='|' && echo "${*%/}")
status=0

fail() {
    printf 'lint: %s\n' "$@" >&2
    status=1
}

files() { # pathspec... : the existing files
    local f
    while read -r f; do
        if [[ -f $f && $f =~ ^(${within:-.*})(/|$) ]]; then
            printf '%s\n' "$f"
        fi
    done < <(git ls-files -co --exclude-standard -- "$@" | sort -u)
}

check_format() {
    mapfile -t c < <(files '*.c' '*.h')
    ((${#c[@]})) || return 0
    clang-format --dry-run -Werror "${c[@]}" || fail "format differs (above): run make format"
}

check_cppcheck() {
    local -a options=(--quiet --error-exitcode=1 --inline-suppr --std=c11 -j "${LINT_JOBS:-2}"
        --enable="warning,performance,portability" --suppressions-list=.cppcheck-suppressions
        --template='{file}:{line}: {severity}: {message} [{id}]' -I. -Iabi -I"$build/gen")
    check_world kernel unix64 -Ikernel/classic -D__riscv=1 -D__riscv_xlen=64 -- \
        'kernel/*.c' ':!kernel/mcs'
    check_world mcs unix64 -Ikernel/mcs -DU4_MCS=1 -D__riscv=1 -D__riscv_xlen=64 -- 'kernel/*.c' \
        ':!kernel/classic'
    check_world user unix64 -Iruntime/include -D__riscv=1 -D__riscv_xlen=64 -- \
        'runtime/*.c' 'services/*.c' 'bench/*.c' 'tests/kernel/*.c' 'tests/e2e/*/guest/*.c' \
        'tests/gdb/system/*.c' 'tests/screens/guest/*.c'
    check_world host unix64 -Itracer/include -D_GNU_SOURCE -- \
        '*.c' ':!kernel' ':!runtime' ':!services' ':!bench' ':!tests/kernel' ':!tests/e2e/*/guest/*' \
        ':!tests/gdb/system' ':!tests/screens/guest' ':!qemu'
}

check_world() { # name platform option... -- pathspec...
    local name=$1 platform=$2
    local -a own=()
    shift 2
    while [[ $1 != -- ]]; do
        own+=("$1")
        shift
    done
    shift
    mkdir -p "$build/lint/$name"
    files "$@" >"$build/lint/$name.files"
    [[ -s $build/lint/$name.files ]] || return 0
    cppcheck "${options[@]}" --platform="$platform" --cppcheck-build-dir="$build/lint/$name" \
        "${own[@]}" --file-list="$build/lint/$name.files" || fail "cppcheck found errors in $name code (above)"
}

# The licence line is the first, or the second behind a #! line.
check_spdx() {
    local f want
    while read -r f; do
        case $f in
        kernel/* | qemu/*) want=GPL-2.0-only ;;
        *) want=BSD-2-Clause ;;
        esac
        sed -n '1{/^#!/!{p;q}};2{p;q}' "$f" | grep -q "SPDX-License-Identifier: $want\b" ||
            fail "$f: first line must be 'SPDX-License-Identifier: $want'"
    done < <(files '*.c' '*.h' '*.S' '*.def' '*.ld' '*.py' '*.sh' '*.mk' '*.mjs' '*.pl' '*.t' Makefile '.ci/*' |
        grep -v '^tests/.*/corpus/')
}

check_paths() {
    local found
    found=$(files | xargs -r -d '\n' grep -nIE '(^|[^A-Za-z0-9_.$}/-])/(work|home|root|Users)/[A-Za-z0-9]' || true)
    [[ -z $found ]] || fail "paths of one machine:" "$found"
}

check_scripts() {
    local f
    while read -r f; do
        bash -n "$f" || fail "$f: shell syntax (above)"
    done < <(files '*.sh' '.ci/*')
    mapfile -t py < <(files '*.py')
    ((${#py[@]} == 0)) || python3 -c '
import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name)' "${py[@]}" || fail "Python syntax (above)"
}

check_format
check_cppcheck
check_spdx
check_paths
check_scripts
((status)) || echo "lint: clean"
exit "$status"
