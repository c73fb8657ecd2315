"""The CDDL against the vectors: what is accepted fits it, what has a wrong field or word does not.

python3 -m generate.schema (generate.check does it too)
"""

import json
import re
from pathlib import Path

import pycddl

from . import formula

HERE = Path(__file__).parents[1]
SCHEMA = (HERE.parent / "schema" / "yadgar.cddl").read_text(encoding="utf-8")
# The tool cannot do the arrays of the other structures.
FILES = ("record/victim.json", "record/incident.json")

# Nor lists of words: it takes the first word for the only one. The same as a pattern it can do.
WORDS = re.compile(r'^([a-z-]+) = ("[a-z0-9_]+"(?:\s*/\s*"[a-z0-9_]+")+)$', re.MULTILINE)

# What the tool lets pass, though the schema does not: unknown keys of maps in some places, bytes for a pattern.
LAX = {
    "record/victim.json: bytes: a list",
    "record/victim.json: a name as bytes",
    "record/victim.json: media: the original name",
    "record/incident.json: title in a third language",
}


def as_patterns(schema: str) -> str:
    def one(found):
        words = re.findall('"([a-z0-9_]+)"', found[2])
        return f'{found[1]} = tstr .regexp "({"|".join(words)})"'

    return WORDS.sub(one, schema)


def rule(case: dict, data: bytes) -> str:
    if case["kind"] == "structure":
        return case["input"]["type"]
    return "incident" if b"hincident/1" in data or b"jincident/1" in data else "victim"


def check():
    """(number of cases, names of those on which the schema is wrong)."""
    schemas, wrong, number = {}, [], 0
    for name in FILES:
        for case in json.loads((HERE / name).read_text(encoding="utf-8"))["cases"]:
            good, error = case["expect"] == "accept", case.get("error")
            if case["kind"] not in ("structure", "record") or not (good or error == "ENC-6"):
                continue
            data = formula.given(case["input"])
            top = rule(case, data)
            if top not in schemas:
                schemas[top] = pycddl.Schema(f"start = {top}\n{as_patterns(SCHEMA)}")
            number += 1
            try:
                schemas[top].validate_cbor(data)
                fits = True
            except pycddl.ValidationError:
                fits = False
            if fits != good:
                wrong.append(f"{name}: {case['name']}")
    return number, sorted(set(wrong) ^ LAX)


def main() -> int:
    number, wrong = check()
    for name in wrong:
        print(f"the schema is wrong about {name}")
    print(f"{number} cases against the schema, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
