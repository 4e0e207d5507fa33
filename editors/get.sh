#!/usr/bin/env bash
# Gets the editors that `make test-editors` drives, and prints where they are as shell assignments.
# What cannot be had is said on stderr and left out.  Usage: editors/get.sh FOLDER
set -uo pipefail
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

nvim_in() {
    local root=$1 loader
    loader=$(ls "$root"/usr/lib64/ld-linux-*.so.* "$root"/usr/lib/ld-linux-*.so.* 2>/dev/null | head -n 1)
    [ -n "$loader" ] || return 1
    echo "env VIMRUNTIME=$root/usr/share/nvim/runtime $loader --library-path" \
        "$(ls -d "$root"/usr/lib/*-linux-gnu | head -n 1) $root/usr/bin/nvim"
}

get_nvim() {
    if nvim_is_new nvim; then echo nvim; return; fi
    local root=$place/sid
    if [ ! -x "$root/usr/bin/nvim" ]; then
        may_install || { say "no Neovim 0.12, and this user may not fetch it"; return 1; }
        command -v debootstrap >/dev/null || apt-get install -qy --no-install-recommends debootstrap >&2 ||
            { say "debootstrap cannot be had"; return 1; }
        say "fetching Neovim from Debian's unstable suite"
        debootstrap --variant=minbase --include=neovim sid "$root" "$(mirror)" >"$place/debootstrap.log" 2>&1 ||
            { say "Neovim cannot be had: $(tail -n 1 "$place/debootstrap.log")"; rm -rf "$root"; return 1; }
    fi
    local command
    command=$(nvim_in "$root") && nvim_is_new $command && echo "$command" ||
        { say "the Neovim that was fetched does not run here"; return 1; }
}

get_emacs() {
    command -v emacs >/dev/null || { may_install && apt-get install -qy --no-install-recommends emacs-nox elpa-eglot >&2; } ||
        { say "no Emacs, and it cannot be had"; return 1; }
    echo emacs
}

nvim=$(get_nvim) && echo "CORNEA_TEST_NVIM='$nvim'"
emacs=$(get_emacs) && echo "CORNEA_TEST_EMACS='$emacs'"
command -v hx >/dev/null && echo "CORNEA_TEST_HX=hx" || say "no Helix"
command -v npm >/dev/null && echo "CORNEA_TEST_NPM=npm" || say "no npm"
exit 0
