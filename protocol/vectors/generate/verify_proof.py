"""Check a proof file: python3 -m generate.verify_proof FILE [ARCHIVE_ID]

Prints what it proves as JSON. Exit code 0: right. 1: refused. Without ARCHIVE_ID the caller must
compare "archive" (or the words) with what it trusts: anybody can make an archive (PROOF-8)."""

import json
import sys
from pathlib import Path

from . import invite, proof
from .fault import Fault, require
from .ids import archive_text, parse_archive_text


def facts(data: bytes, archive=None) -> dict:
    found = proof.check(data)
    wanted = archive is None or found["archive"] == archive
    require(wanted, "PROOF-2", "a proof of another archive")
    release, entry = found["release"], found["entry"]
    numbers, lines = invite.six_numbers(found["archive"]), invite.word_lines()
    words = [lines[n].split("\t") for n in numbers] if lines else []
    digest = None
    if entry is not None:
        digest = (entry[4] if len(entry) == 5 else bytes(entry[3])[4:]).hex()
    return {
        "archive": archive_text(found["archive"]),
        "name": found["root"]["name"],
        "words": {"fa": [w[0] for w in words], "en": [w[-1] for w in words]},
        "sequence": release["sequence"],
        "date": release["date"],
        "signers": len(found["head"]["release"]["signatures"]),
        "threshold": found["root"]["release"]["threshold"],
        "path": found["path"],
        "present": entry is not None,
        "part": found["part"],
        "size": entry[2] if entry is not None else None,
        "hash": digest,
    }


def main(arguments=None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 2
    try:
        archive = parse_archive_text(arguments[1]) if len(arguments) == 2 else None
        print(json.dumps(facts(Path(arguments[0]).read_bytes(), archive), ensure_ascii=False))
    except Fault as fault:
        print(json.dumps({"refused": fault.clause, "why": fault.why}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
