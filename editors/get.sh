#!/usr/bin/env bash
# Gets the editors that `make test-editors` drives, and prints where they are as shell assignments.
# An editor that is installed is used. The others are Debian's packages, unpacked in FOLDER by an ordinary user:
# nothing is installed, nothing outside of FOLDER changes, and what is there is not fetched again.
# What cannot be had is said on stderr and left out.  Usage: editors/get.sh FOLDER
set -uo pipefail
place=${1:?a folder for what is fetched}
mkdir -p "$place"

say() { echo "editors: $*" >&2; }

# The first mirror of Debian that this machine's own configuration names.
mirror() {
    grep -rhsoE 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d |
        grep -v snapshot | head -n 1 | tr -d ' '
}

# apt with lists, archives and an empty list of installed packages of its own: it needs no rights, and brings
# every library along.
private_apt() {
    local apt=$place/apt keys=/usr/share/keyrings/debian-archive-keyring.gpg
    mkdir -p "$apt/lists/partial" "$apt/archives/partial"
    : > "$apt/status"
    echo "deb ${1:+[signed-by=$keys]} $2 sid main" > "$apt/sources.list"
    cat > "$apt/apt.conf" <<EOF
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status";
Dir::Cache "$apt"; Dir::Cache::archives "$apt/archives";
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
APT::Sandbox::User ""; APT::Install-Recommends "false"; Acquire::Languages "none"; Debug::NoLocking "true";
EOF
}

# Packages of Debian's unstable suite in a folder: what is in it runs through its own loader, beside the system's.
sid=$place/unpacked
get() {
    local package=$1 source keys=/usr/share/keyrings/debian-archive-keyring.gpg archive
    if [ -e "$place/$package.done" ]; then return 0; fi
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { say "no $package: this is no Debian"; return 1; }
    source=$(mirror)
    [ -n "$source" ] || { say "no $package: no mirror of Debian is configured here"; return 1; }
    say "fetching $package from Debian's unstable suite"
    [ -e "$place/apt/apt.conf" ] || private_apt "$([ -e $keys ] && echo yes)" "$source"
    {
        APT_CONFIG=$place/apt/apt.conf apt-get -q update &&
            APT_CONFIG=$place/apt/apt.conf apt-get -qy --download-only install "$package"
    } >"$place/apt/log" 2>&1 </dev/null || { say "no $package: $(grep -E '^[EW]:' "$place/apt/log" | head -n 1)"; return 1; }
    mkdir -p "$sid"
    for archive in "$place"/apt/archives/*.deb; do
        dpkg-deb -x "$archive" "$sid" || { say "no $package: $archive cannot be unpacked"; return 1; }
        rm "$archive"
    done
    touch "$place/$package.done"
}

loaded() {
    echo "$(ls "$sid"/usr/lib64/ld-linux-*.so.* "$sid"/usr/lib/ld-linux-*.so.* 2>/dev/null | head -n 1)" \
        "--library-path $(ls -d "$sid"/usr/lib/*-linux-gnu | head -n 1) $sid/usr/bin/$1"
}

nvim_is_new() { "$@" --version 2>/dev/null | head -n 1 | grep -qE 'v0\.(1[2-9]|[2-9][0-9])|v[1-9]'; }
has_eglot() { "$@" --batch -f package-initialize -l eglot >/dev/null 2>&1; }

get_nvim() {
    if nvim_is_new nvim; then echo nvim; return; fi
    get neovim || return 1
    local command="env VIMRUNTIME=$sid/usr/share/nvim/runtime $(loaded nvim)"
    nvim_is_new $command && echo "$command" || { say "the Neovim that was fetched does not run here"; return 1; }
}

get_hx() {
    if command -v hx >/dev/null; then echo hx; return; fi
    get hx || return 1
    local command="env HELIX_RUNTIME=$sid/usr/lib/hx/runtime $(loaded hx)"
    $command --version >/dev/null 2>&1 && echo "$command" ||
        { say "the Helix that was fetched does not run here"; return 1; }
}

get_emacs() {
    if has_eglot emacs; then echo emacs; return; fi
    get emacs-nox || return 1
    local share command
    share=$(ls -d "$sid"/usr/share/emacs/[0-9]* | head -n 1)
    command="env EMACSLOADPATH=$share/lisp EMACSDATA=$share/etc EMACSDOC=$share/etc $(loaded emacs-nox)"
    command="$command --dump-file=$(ls "$sid"/usr/libexec/emacs/*/*/*.pdmp | head -n 1)"
    has_eglot $command && echo "$command" || { say "the Emacs that was fetched does not run here"; return 1; }
}

nvim=$(get_nvim) && echo "CORNEA_TEST_NVIM='$nvim'"
emacs=$(get_emacs) && echo "CORNEA_TEST_EMACS='$emacs'"
hx=$(get_hx) && echo "CORNEA_TEST_HX='$hx'"
command -v npm >/dev/null && echo "CORNEA_TEST_NPM=npm" || say "no npm"
# What npm fetches is kept here as well.
echo "CORNEA_TEST_NPM_CACHE='$place/npm'"
exit 0
