# SPDX-License-Identifier: BSD-2-Clause
#
# For tests that view a guest while it runs (tests/screens/guest): starts and ends it.

. "$(dirname "${BASH_SOURCE[0]}")/screen.sh"
guest_pid=
trap 'kill $guest_pid 2>/dev/null; wait; tm kill-server 2>/dev/null; rm -rf "$scratch"' EXIT

run_guest() { # TRACE [OPTION...]
    local trace=$1
    shift
    "$u4" run --name viewed --trace "$trace" "$@" "$build/images/viewed.elf" >console.txt 2>&1 </dev/null &
    guest_pid=$!
    eventually shows viewed '^root  *stopped'
}
