"""Write all vectors: python3 -m generate.make (in protocol/vectors)."""

import json
from pathlib import Path

from . import (
    cases_beacon,
    cases_carrier,
    cases_chunking,
    cases_courier,
    cases_encoding,
    cases_envelope,
    cases_fork,
    cases_have,
    cases_ids,
    cases_invite,
    cases_mirrors,
    cases_path,
    cases_peers,
    cases_persian,
    cases_proof,
    cases_record,
    cases_record_dates,
    cases_record_succession,
    cases_sets,
    cases_spoken,
    cases_static,
    cases_sync,
    cases_tree,
    cases_trust,
    cases_withdraw,
)

HERE = Path(__file__).parents[1]
AREAS = (
    cases_encoding,
    cases_ids,
    cases_path,
    cases_envelope,
    cases_trust,
    cases_fork,
    cases_withdraw,
    cases_chunking,
    cases_tree,
    cases_carrier,
    cases_sets,
    cases_have,
    cases_static,
    cases_sync,
    cases_invite,
    cases_spoken,
    cases_mirrors,
    cases_beacon,
    cases_courier,
    cases_peers,
    cases_proof,
    cases_persian,
    cases_record,
    cases_record_dates,
    cases_record_succession,
)


def layout(value: dict) -> str:
    """One line for a case, so that a diff shows which cases changed."""
    lines = [json.dumps(case) for case in value["cases"]]
    start = json.dumps({k: v for k, v in value.items() if k != "cases"})[:-1]
    return start + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n"


def everything() -> dict:
    """{path below protocol/vectors: text} of every vector file."""
    out = {}
    for module in AREAS:
        for name, suite in module.suites().items():
            out[f"{suite.area}/{name}.json"] = layout(suite.value())
    return out


def count(text: str):
    cases = json.loads(text)["cases"]
    good = sum(case["expect"] == "accept" for case in cases)
    return good, len(cases) - good


def main() -> None:
    for name, text in everything().items():
        target = HERE / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
        good, bad = count(text)
        print(f"{name}: {good} accept, {bad} reject, {len(text)} bytes")


if __name__ == "__main__":
    main()
