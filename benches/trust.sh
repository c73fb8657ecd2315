#!/usr/bin/env bash
# What the trust layer costs with many records: prints one line a step. Usage: benches/trust.sh [RECORDS]
# Needs a release build. All records are invented and say so.
set -euo pipefail
count=${1:-100000}
yadgar="$(cd "$(dirname "$0")/.." && pwd)/target/release/yadgar"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo "correct horse battery staple" >pass
mkdir -p site/records usb

say() { printf '%-58s %s\n' "$1" "$2"; }
timed() { # NAME COMMAND...: seconds and peak memory of the command
    local name=$1
    shift
    /usr/bin/time -f '%e s, %M KiB' -o time "$@" >out 2>err || { cat out err; exit 1; }
    say "$name" "$(cat time)"
}
bytes() { stat -c %s "$1"; }

awk -v n="$count" 'BEGIN { for (i = 0; i < n; i++) {
    file = sprintf("site/records/%026d.json", i)
    printf "{\"fictional\":true,\"number\":%d,\"note\":\"invented for a measurement\"}\n", i > file
    close(file) } }'
echo "<html lang=en><title>fictional</title>" >site/index.html

for who in sara sina; do
    "$yadgar" --home $who key new --passphrase-file pass >/dev/null 2>&1
    "$yadgar" --home $who key show >usb/$who.pub
done
roles=(--root-threshold 2 --release-threshold 2)
for who in sara sina; do roles+=(--root-key usb/$who.pub --release-key usb/$who.pub); done
"$yadgar" --home sara archive create --name "Measured (fictional)" "${roles[@]}" --out usb/a.draft --passphrase-file pass >/dev/null 2>&1
"$yadgar" --home sina release sign usb/a.draft --yes --passphrase-file pass >/dev/null 2>&1
for who in sara sina; do "$yadgar" --home $who release adopt usb/a.draft >/dev/null 2>&1; done

both_sign() { for who in sara sina; do timed "sign $2 ($who)" "$yadgar" --home $who release sign "$1" --yes --passphrase-file pass; done; }

echo "$count records, $(nproc) cores"
timed "build release 1" "$yadgar" --home sara release build site --out usb/1.draft
say "  its draft" "$(bytes usb/1.draft) bytes"
both_sign usb/1.draft "release 1"
timed "adopt release 1" "$yadgar" --home sara release adopt usb/1.draft
for i in 0 1 2 3 4 5 6 7 8 9; do echo "{\"fictional\":true,\"corrected\":$i}" >"site/records/$(printf '%026d' "$i").json"; done
timed "build release 2: ten records corrected" "$yadgar" --home sara release build site --out usb/2.draft
say "  its draft" "$(bytes usb/2.draft) bytes"
timed "show it where there is nothing but the draft" "$yadgar" --home nobody release show usb/2.draft
"$yadgar" --home sara export usb/1.car >/dev/null 2>&1
"$yadgar" --home sina import usb/1.car >/dev/null 2>&1
both_sign usb/2.draft "release 2"
timed "adopt release 2" "$yadgar" --home sara release adopt usb/2.draft
timed "diff 1 2" "$yadgar" --home sara diff 1 2
timed "releases" "$yadgar" --home sara releases
record=$(printf '%026d' 77)
timed "proof of one record" "$yadgar" --home sara verify --record "$record" --proof-out usb/proof
say "  its size" "$(bytes usb/proof) bytes"
timed "check the proof" "$yadgar" --home nobody verify --proof usb/proof
timed "urgent notice of one record: build" "$yadgar" --home sara withdraw "$record" --reason error --urgent --out usb/n.draft
say "  its draft" "$(bytes usb/n.draft) bytes"
both_sign usb/n.draft notice
timed "adopt the notice: deny, erase" "$yadgar" --home sara release adopt usb/n.draft
timed "status" "$yadgar" --home sara status
