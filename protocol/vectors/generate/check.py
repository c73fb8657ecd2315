"""Fail unless the committed vectors are what generate.make makes, and fit the CDDL: python3 -m generate.check."""

import sys

from . import schema
from .make import HERE, everything


def main() -> int:
    made, wrong = everything(), []
    for name, text in made.items():
        target = HERE / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            wrong.append(name)
    present = {path.relative_to(HERE).as_posix() for path in HERE.glob("*/*.json")}
    wrong += sorted(present - set(made))
    for name in wrong:
        print(f"differs: {name}")
    print(f"{len(made)} files, {len(wrong)} differ")
    return schema.main() or (1 if wrong else 0)


if __name__ == "__main__":
    sys.exit(main())
