# yadgar as a peer of the performance bench: five functions, run under bash (OURS_SH=this file).
# YADGAR names the program; by default the release build of this checkout.
YADGAR=${YADGAR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/target/release/yadgar}

ours_installed() { [ -x "$YADGAR" ]; }

# The first call makes key and archive; a second one with another folder is an update.
ours_publish() {
    local home=$2/home
    if [ ! -d "$home" ]; then
        echo "a passphrase for the bench only" >"$2/passphrase"
        "$YADGAR" --home "$home" -q key new --passphrase-file "$2/passphrase" >/dev/null || return
        "$YADGAR" --home "$home" -q archive create --name bench --passphrase-file "$2/passphrase" \
            >/dev/null || return
    fi
    "$YADGAR" --home "$home" -q publish "$1" --passphrase-file "$2/passphrase" >"$2/published" || return
    "$YADGAR" --home "$home" invite --no-qr | head -n 1 >"$2/id"
}

# Every source has a store of its own. It announces itself on the bench's LAN, as mirrors do.
ours_serve() {
    local home=$1/source$2
    rm -rf "$home"
    cp -a "$1/home" "$home"
    exec "$YADGAR" --home "$home" mirror --yes --listen "/ip4/$3/tcp/$4" -q
}

ours_ready() { (exec 3<>"/dev/tcp/$3/$4") 2>/dev/null; }

# Without an address the bench means discovery on the LAN.
ours_fetch() {
    local id home=$2/home out=$3 args=() at
    id=$(cat "$1/id")
    shift 3
    [ $# -gt 0 ] || args+=(--lan)
    for at in "$@"; do args+=(--address "/ip4/${at%:*}/tcp/${at#*:}"); done
    exec "$YADGAR" --home "$home" -q fetch "$id" "${args[@]}" --out "$out"
}
