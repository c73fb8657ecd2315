#!/usr/bin/env bash
# What publishing a folder takes: first, again unchanged, with --recheck; beside it what reading it
# once with b3sum (when that is installed) and writing it once with cp take.
# usage: benches/publish.sh FOLDER [OPTION OF PUBLISH...]     WORK=DIR: where the home goes (default: /dev/shm)
set -euo pipefail
yadgar=${YADGAR:-$(cd "$(dirname "$0")/.." && pwd)/target/release/yadgar}
folder=$1
shift
work=$(mktemp -d "${WORK:-/dev/shm}/publish.XXXXXX")
trap 'rm -rf "$work"' EXIT

timed() {
    local name=$1 begun=$EPOCHREALTIME
    shift
    "$@" >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; exit 1; }
    awk -v n="$name" -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { printf "%-28s %7.2f s\n", n, b - a }'
}

echo "a passphrase for the bench only" >"$work/pass"
"$yadgar" --home "$work/home" -q key new --passphrase-file "$work/pass" >/dev/null
"$yadgar" --home "$work/home" -q archive create --name bench --passphrase-file "$work/pass" >/dev/null
publish=("$yadgar" --home "$work/home" -q publish "$folder" --passphrase-file "$work/pass" "$@")
echo "$(find "$folder" -type f | wc -l) files, $(du -sm --apparent-size "$folder" | cut -f1) MB, $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
find "$folder" -type f -exec cat {} + >/dev/null
if command -v b3sum >/dev/null; then
    timed "b3sum, reading it once" bash -c 'find "$1" -type f -print0 | xargs -0 b3sum' - "$folder"
fi
timed "cp, writing it once" cp -r "$folder" "$work/copy"
rm -rf "$work/copy"
timed "publish" "${publish[@]}"
timed "again, unchanged" "${publish[@]}"
timed "again, a third time" "${publish[@]}"
timed "with --recheck" "${publish[@]}" --recheck
