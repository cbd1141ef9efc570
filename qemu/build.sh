#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# usage: qemu/build.sh DIRECTORY
# Builds Debian's QEMU with the UINTC and the N extension, and links qemu-system-riscv64 and
# qemu-img into DIRECTORY. The source is Debian's package, of the version that is installed
# here, from where this machine's package configuration says. The result is kept in the
# user's cache, named by the content of what it is made from; there, this takes no time.
# JOBS: how many compilers run at once (default: one per processor).

set -euo pipefail
cd "$(dirname "$0")"
export LC_ALL=C

programs=(qemu-system-riscv64 qemu-img)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/u4
jobs=${JOBS:-$(nproc)}

say() {
    printf 'qemu: %s\n' "$*"
}

die() { # what, [log], then hints
    local what=$1 log=${2:-}
    shift $(($# < 2 ? $# : 2))
    [[ -z $log || ! -s $log ]] || tail -n 12 "$log" | sed 's/^/  | /' >&2
    printf 'qemu: %s\n' "$what" "$@" >&2
    [[ -z $log ]] || printf 'qemu: the whole log is %s\n' "$log" >&2
    exit 1
}

check_tools() {
    local tool lib missing=()
    for tool in apt-get dpkg-source gcc make ninja meson patch pkg-config python3 sha256sum; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    if command -v pkg-config >/dev/null; then
        for lib in glib-2.0 pixman-1 zlib; do
            pkg-config --exists "$lib" || missing+=("$lib (development files)")
        done
    fi
    ((${#missing[@]} == 0)) || die "the build needs what is not here: ${missing[*]}" '' \
        "'make qemu' installs it; mk/packages.list lists the packages (group qemu)."
}

# ---- the source package ----

apt() { # apt-get or apt-cache, then its arguments: with source entries, state in $work
    local command=$1
    shift
    "$command" -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" \
        -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/apt" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

# This machine's configured package entries, as entries for source packages.
derive_sources() {
    local f n=0 etc
    etc=$(apt-config shell dir Dir::Etc/d)
    eval "$etc"
    mkdir -p "$work/sources" "$work/lists/partial" "$work/apt/archives/partial"
    shopt -s nullglob
    for f in "${dir%/}"/sources.list.d/*.sources; do
        sed -E 's/^[Tt]ypes:.*/Types: deb-src/' "$f" >"$work/sources/$((n += 1)).sources"
    done
    for f in "${dir%/}"/sources.list "${dir%/}"/sources.list.d/*.list; do
        [[ -r $f ]] || continue
        sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$f" | sort -u \
            >"$work/sources/$((n += 1)).list"
    done
    cat "$work/sources"/* 2>/dev/null | grep -q . || die "no package sources are configured in $dir," '' \
        "so Debian's QEMU source cannot be found. Add Debian's archive there (see sources.list(5))."
}

fetch_source() {
    local log=$work/fetch.log offered
    say "fetching Debian's source package qemu $version"
    derive_sources
    # One entry that offers no sources must not matter: what counts is whether qemu is found.
    apt apt-get update >"$log" 2>&1 || true
    offered=$({ apt apt-cache showsrc --only-source qemu 2>>"$log" || true; } |
        sed -n 's/^Version: //p' | sort -uV)
    [[ -n $offered ]] || die "the configured package sources offer no source package qemu." "$log" \
        "Is there a network? Do the entries in the apt configuration name an archive with sources?"
    if ! grep -qxF "$version" <<<"$offered"; then
        die "QEMU $version is installed here, but the package sources offer only the source of" '' \
            "${offered//$'\n'/ }. Bring the installed package up to date: apt-get install qemu-system-misc"
    fi
    (cd "$work" && apt apt-get source --only-source "qemu=$version") >>"$log" 2>&1 ||
        die "the source package qemu $version could not be fetched or unpacked." "$log"
    source=$(find "$work" -mindepth 1 -maxdepth 1 -type d -name 'qemu-*' | head -n 1)
    [[ -n $source ]] || die "apt-get source left no directory qemu-*." "$log"
}

add_ours() {
    local log=$work/patch.log
    cp -R src/. "$source/"
    patch -d "$source" -p1 --no-backup-if-mismatch <uintc.patch >"$log" 2>&1 ||
        die "qemu/uintc.patch does not fit QEMU $version: it was made for 7.2." "$log"
}

# ---- the build ----

configure_build() {
    local log=$work/configure.log options
    mapfile -t options < <(grep -o '^--[^ ]*' configure.options)
    say "configuring (RISC-V 64 only, no optional features)"
    mkdir -p "$work/build"
    (cd "$work/build" && "$source/configure" "${options[@]}") >"$log" 2>&1 || die "QEMU's configure failed." "$log"
}

progress() { # reads ninja's lines, shows how far it is: on a terminal in place, else by tenths
    local terminal=0
    [[ -t 1 ]] && terminal=1
    awk -v terminal="$terminal" '
        match($0, /^\[[0-9]+\/[0-9]+\]/) {
            split(substr($0, 2, RLENGTH - 2), n, "/")
            percent = int(100 * n[1] / n[2])
            if (terminal) { printf "\rqemu: compiling, %3d %%", percent; fflush() }
            else if (int(percent / 10) > shown) { shown = int(percent / 10); print "qemu: compiling, " percent " %"; fflush() }
        }
        END { if (terminal) print "" }'
}

compile() {
    local log=$work/compile.log
    say "compiling with $jobs jobs: a few minutes, once"
    ninja -C "$work/build" -j "$jobs" "${programs[@]}" 2>&1 | tee "$log" | progress ||
        die "compiling QEMU failed." "$log"
}

build() {
    local p start=$SECONDS
    check_tools
    mkdir -p "$cache"
    work=$out.part
    exec 9>"$cache/qemu.lock"
    flock -n 9 || { say "another build of it is under way; waiting"; flock 9; }
    [[ ! -x $out/${programs[0]} ]] || return 0
    rm -rf "$work"
    mkdir "$work"
    fetch_source
    add_ours
    configure_build
    compile
    mkdir "$work/result"
    for p in "${programs[@]}"; do
        strip -o "$work/result/$p" "$work/build/$p"
    done
    "$work/result/${programs[0]}" --version >/dev/null || die "the new QEMU does not start."
    rm -rf "$out"
    mv "$work/result" "$out"
    rm -rf "$work"
    say "built in $((SECONDS - start)) s: $out"
}

(($# == 1)) || { echo "usage: qemu/build.sh DIRECTORY" >&2; exit 2; }
case $1 in /*) into=$1 ;; *) into=$OLDPWD/$1 ;; esac

version=$(dpkg-query -W -f '${source:Version}' qemu-system-misc 2>/dev/null) || version=
[[ -n $version ]] || die "Debian's package qemu-system-misc is not installed, and its version is wanted." '' \
    "'make qemu' installs it."
hash=$({ echo "$version $(uname -m)"; find src uintc.patch configure.options -type f | sort | xargs sha256sum; } |
    sha256sum | cut -c1-16)
out=$cache/qemu-$hash
[[ -x $out/${programs[0]} ]] || build
mkdir -p "$into"
for p in "${programs[@]}"; do
    ln -sfn "$out/$p" "$into/$p"
done
