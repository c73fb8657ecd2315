"""Check a carrier end to end: python3 -m generate.verify ARCHIVE_ID FILE.car [--out DIR]

Exit code 0: everything is there and right. 1: refused. 2: right as far as it goes, not complete."""

import argparse
import sys
from pathlib import Path

from . import carrier, chunklist, paths, tree, trust
from .fault import Fault, require
from .ids import DAG_CBOR, block_id, parse_archive_text


class Missing(Exception):
    """A block that the carrier does not hold."""


class Report:
    def __init__(self):
        self.lines, self.missing, self.files = [], [], {}

    def say(self, line: str) -> None:
        self.lines.append(line)


def fetcher(blocks: dict):
    def fetch(name: bytes) -> bytes:
        if bytes(name) not in blocks:
            raise Missing(bytes(name).hex())
        return blocks[bytes(name)]

    return fetch


def read_part(part: dict, fetch, report: Report):
    """The entries of one part, or nothing when a node is missing."""
    try:
        entries, nodes, _ = tree.read_tree(bytes(part["root"]), part["files"], part["bytes"], fetch)
    except Missing as missing:
        report.missing.append(f"tree node {missing} of part {part['name']}")
        return []
    report.say(f"part {part['name']}: {len(entries)} files, {part['bytes']} bytes, {nodes} nodes")
    return entries


def read_files(entries, fetch, report: Report) -> None:
    for item in entries:
        path, _, size, link = item[:4]
        digest = item[4] if len(item) == 5 else None
        try:
            report.files[path] = chunklist.read_file(bytes(link), size, digest, fetch)
        except Missing as missing:
            report.missing.append(f"block {missing} of {path}")


def check_head(archive: bytes, found: carrier.Contents):
    """The release of the carrier's head; TRUST-1 to TRUST-9."""
    require(found.root is not None, "CAR-1", "the header cannot be read")
    require(found.root in found.blocks, "CAR-6", "no usable head")
    data = found.blocks[found.root]
    return trust.check_alone(archive, data)


def verify(archive: bytes, data: bytes) -> Report:
    report, found = Report(), carrier.read(data)
    for start, end in found.skipped:
        report.missing.append(f"damage: bytes {start} to {end} were skipped")
    head, release = check_head(archive, found)
    payload = head["release"]["payload"]
    held = found.blocks.get(block_id(DAG_CBOR, payload), payload)
    require(held == payload, "TRUST-8", "release block differs from the head's payload")
    report.say(f"release {release['sequence']} of {release['date']}, {len(head['roots'])} root(s)")
    fetch, entries = fetcher(found.blocks), []
    for part in release["parts"]:
        entries += read_part(part, fetch, report)
    paths.check_set([item[0] for item in entries])
    whole = sum(part["files"] for part in release["parts"]) == len(entries)
    records = sum(item[0].startswith("records/") for item in entries)
    require(not whole or records == release["records"], "RELEASE", "number of records is wrong")
    read_files(entries, fetch, report)
    return report


def write_files(files: dict, out: Path) -> None:
    for path, data in files.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="generate.verify", description=__doc__.splitlines()[0])
    parser.add_argument("archive", metavar="ARCHIVE_ID")
    parser.add_argument("file", metavar="FILE.car", type=Path)
    parser.add_argument("--out", metavar="DIR", type=Path)
    options = parser.parse_args(arguments)
    try:
        report = verify(parse_archive_text(options.archive), options.file.read_bytes())
    except Fault as fault:
        print(f"REFUSED: {fault}")
        return 1
    for line in report.lines:
        print(line)
    for line in report.missing:
        print(f"NOT COMPLETE: {line}")
    if options.out:
        write_files(report.files, options.out)
        print(f"{len(report.files)} files written to {options.out}")
    print("not complete" if report.missing else "complete and right")
    return 2 if report.missing else 0


if __name__ == "__main__":
    sys.exit(main())
