"""The list of mirrors in a release (spec/mirrors.md)."""

import re

from .fault import require
from .limits import MAX_MIRRORS, MAX_MIRRORS_BYTES, MAX_PLACE_BYTES
from .places import check_listed

FIRST = "yadgar mirrors 1"


def parse(data: bytes):
    """(addresses, numbers of lines of kinds that are not known)."""
    require(len(data) <= MAX_MIRRORS_BYTES, "MIR-1", "too long")
    require(all(b == 10 or 0x20 <= b < 0x7F for b in data), "MIR-1", "not printable ASCII")
    require(data.endswith(b"\n"), "MIR-1", "the last line is not ended")
    first, *lines = data[:-1].decode().split("\n")
    if first != FIRST:
        newer = re.fullmatch("yadgar mirrors .*", first)
        require(False, "ENC-9" if newer else "MIR-1", "not the first line of a list")
    require(len(lines) <= MAX_MIRRORS, "MIR-2", "too many addresses")
    places, unknown = [], []
    for number, line in enumerate(lines, 2):
        require(0 < len(line) <= MAX_PLACE_BYTES and " " not in line, "MIR-2", "no address")
        require(line not in lines[: number - 2], "MIR-2", "twice")
        if line[0] in "/h":
            check_listed(line)
            places.append(line)
        else:
            unknown.append(number)
    return places, unknown
