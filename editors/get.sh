#!/usr/bin/env bash
# Gets the editors that `make test-editors` drives, and prints where they are as shell assignments.
# What cannot be had is said on stderr and left out.  Usage: editors/get.sh FOLDER
set -uo pipefail
PATH=$PATH:/usr/sbin:/sbin  # where debootstrap is, which not every PATH names
place=${1:?a folder for what is fetched}
mkdir -p "$place"

say() { echo "editors: $*" >&2; }
may_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# The first mirror of Debian that this machine's own configuration names.
mirror() {
    grep -rhsoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d |
        grep -v snapshot | head -n 1 | tr -d ' '
}

nvim_is_new() { "$@" --version 2>/dev/null | head -n 1 | grep -qE 'v0\.(1[2-9]|[2-9][0-9])|v[1-9]'; }

# Debian's unstable suite in a folder: what is in it runs through its own loader, beside the system's.
sid=$place/sid
get_sid() {
    if [ -x "$sid/usr/bin/nvim" ] && [ -x "$sid/usr/bin/hx" ]; then return 0; fi
    may_install || { say "this user may not fetch editors"; return 1; }
    command -v debootstrap >/dev/null || apt-get install -qy --no-install-recommends debootstrap >&2 ||
        { say "debootstrap cannot be had"; return 1; }
    say "fetching Neovim and Helix from Debian's unstable suite"
    debootstrap --variant=minbase --include=neovim,hx sid "$sid" "$(mirror)" >"$place/debootstrap.log" 2>&1 ||
        { say "they cannot be had: $(tail -n 1 "$place/debootstrap.log")"; rm -rf "$sid"; return 1; }
}

loaded() {
    echo "$(ls "$sid"/usr/lib64/ld-linux-*.so.* "$sid"/usr/lib/ld-linux-*.so.* 2>/dev/null | head -n 1)" \
        "--library-path $(ls -d "$sid"/usr/lib/*-linux-gnu | head -n 1) $sid/usr/bin/$1"
}

get_nvim() {
    if nvim_is_new nvim; then echo nvim; return; fi
    get_sid || return 1
    local command="env VIMRUNTIME=$sid/usr/share/nvim/runtime $(loaded nvim)"
    nvim_is_new $command && echo "$command" || { say "the Neovim that was fetched does not run here"; return 1; }
}

get_hx() {
    if command -v hx >/dev/null; then echo hx; return; fi
    get_sid || return 1
    local command="env HELIX_RUNTIME=$sid/usr/lib/hx/runtime $(loaded hx)"
    $command --version >/dev/null 2>&1 && echo "$command" ||
        { say "the Helix that was fetched does not run here"; return 1; }
}

get_emacs() {
    command -v emacs >/dev/null || { may_install && apt-get install -qy --no-install-recommends emacs-nox elpa-eglot >&2; } ||
        { say "no Emacs, and it cannot be had"; return 1; }
    echo emacs
}

nvim=$(get_nvim) && echo "CORNEA_TEST_NVIM='$nvim'"
emacs=$(get_emacs) && echo "CORNEA_TEST_EMACS='$emacs'"
hx=$(get_hx) && echo "CORNEA_TEST_HX='$hx'"
command -v npm >/dev/null && echo "CORNEA_TEST_NPM=npm" || say "no npm"
exit 0
