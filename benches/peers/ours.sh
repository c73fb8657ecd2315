# yadgar as a peer of the performance bench: five functions, run under bash (OURS_SH=this file).
# YADGAR names the program; by default the release build of this checkout.
YADGAR=${YADGAR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/target/release/yadgar}

ours_installed() { [ -x "$YADGAR" ]; }

# The bench's noise is no picture, and some of its hex digits read as telephone numbers: what the privacy gate
# stops is let pass, one by one, as a maintainer would have to. That look at the folder is part of the time. In W1
# and W2 there is more than one release may let pass: benches/speed has workloads of the same sizes.
ours_overrides() {
    "$YADGAR" --json gate check "$1" 2>/dev/null | python3 -c '
import json, sys
sums = {}
for stop in json.loads(sys.stdin.readline())["stops"]:
    key = (stop["code"], stop["path"], stop["field"], stop["hash"])
    sums[key] = sums.get(key, 0) + stop["times"]
names = ("code", "path", "field", "hash")
every = [{**{n: v for n, v in zip(names, key) if v}, "count": n, "why": "made up for a benchmark"} for key, n in sums.items()]
json.dump({"overrides": every}, sys.stdout)'
}

# The first call makes key and archive; a second one with another folder is an update.
ours_publish() {
    local home=$2/home
    if [ ! -d "$home" ]; then
        echo "a passphrase for the bench only" >"$2/passphrase"
        "$YADGAR" --home "$home" -q key new --passphrase-file "$2/passphrase" >/dev/null || return
        "$YADGAR" --home "$home" -q archive create --name bench --passphrase-file "$2/passphrase" \
            >/dev/null || return
    fi
    ours_overrides "$1" >"$2/overrides.json" || return
    "$YADGAR" --home "$home" -q publish "$1" --overrides "$2/overrides.json" \
        --passphrase-file "$2/passphrase" >"$2/published" || return
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
