#!/usr/bin/env bash
# From a table to a checked page with many people: prints time and peak memory of each step. Usage: benches/memorial.sh [PEOPLE]
# Needs `cargo build --release --bin yadgar --example fictional`. Everybody in it is invented and says so.
set -euo pipefail
count=${1:-100000}
built="$(cd "$(dirname "$0")/.." && pwd)/target/release"
yadgar="$built/yadgar"
work=$(mktemp -d)
pids=()
end() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap end EXIT
cd "$work"
echo "correct horse battery staple" >pass

say() { printf '%-52s %s\n' "$1" "$2"; }
timed() { # NAME COMMAND...: seconds and peak memory of the command
    local name=$1
    shift
    /usr/bin/time -f '%e s, %M KiB' -o time "$@" >out 2>err || { cat out err; exit 1; }
    say "$name" "$(tail -1 time)"
}
event() { # FILE WORD: waits for the line that has the word
    until grep -q "$2" "$1" 2>/dev/null; do sleep 0.05; done
    grep -m1 "$2" "$1"
}
field() { grep -o "\"$1\":\"[^\"]*\"" | head -1 | cut -d'"' -f4; }
peak() { awk '/VmHWM/ { print $2 " KiB" }' "/proc/$1/status"; }
page() { # NAME URL: seconds until the whole page is here, and its size
    say "$1" "$(curl -sS -g -o page -w '%{time_total} s, %{size_download} bytes' "$2")"
}

echo "$count people, $(nproc) cores"
timed "generate the table" "$built/examples/fictional" site --people "$count" --no-records --no-extras
say "  the table" "$(stat -c %s site.people.csv) bytes"
timed "import --dry-run" "$yadgar" records import site.people.csv --into site --dry-run
timed "import" "$yadgar" records import site.people.csv --into site
timed "import again: nothing to do" "$yadgar" records import site.people.csv --into site
timed "records check" "$yadgar" records check site
timed "gate check" "$yadgar" gate check site
"$yadgar" --home a key new --passphrase-file pass >/dev/null 2>&1
"$yadgar" --home a archive create --name "Measured (fictional)" --passphrase-file pass >/dev/null 2>&1
timed "publish, with the gate" "$yadgar" --home a publish site --passphrase-file pass
timed "export the table" "$yadgar" records export site out.csv
timed "export JSON-LD" "$yadgar" records export site out.jsonld

"$yadgar" --home a mirror --no-mdns --yes --json --listen /ip4/127.0.0.1/tcp/0 >mirror 2>/dev/null &
pids+=($!)
address=$(event mirror listening | field address)
invite=$("$yadgar" --home a invite --address "$address" --json | field invite)
timed "fetch from the mirror" "$yadgar" --home b fetch "$invite"
say "  peak memory of the mirror" "$(peak "${pids[0]}")"

"$yadgar" --home b open --no-browser --json >reader 2>/dev/null &
pids+=($!)
base=$(event reader serving | field url | cut -d/ -f1-3)
page "reader: first list of names, after the start" "$base/fa/p/"
page "reader: the same list again" "$base/fa/p/"
page "reader: search, a given name" "$base/fa/p/?q=%D9%85%D8%B1%DB%8C%D9%85"
name=$(sed -n 2p site.people.csv | cut -d, -f5)
page "reader: search, a Latin name" "$base/fa/p/?q=${name// /+}"
person=$(grep -o 'href="/fa/p/[a-z2-7]\{26\}"' page | head -1 | cut -d'"' -f2)
page "reader: a person's page" "$base$person"
page "reader: its proof" "$base$person/proof"
cp page record.proof
say "  peak memory of the reader" "$(peak "${pids[1]}")"
timed "check the proof" "$yadgar" --home c verify --proof record.proof
