"""The contract against its last release: breaks are refused. Without `--check` the contract is released as it is.

A release is a copy of docs/contract/ in docs/contract/released/VERSION/, by the version of `schemas.contract.version`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from checks import contract_page
from checks.contract_compatible import ASYNCAPI, Documents, breaks, promises
from schemas.contract.version import VERSION, major, ordered

RELEASED = contract_page.FOLDER / "released"
_VERSION = "schemas/contract/version.py"


def released(folder: Path = RELEASED) -> list[str]:
    """The versions, oldest first."""
    return sorted((each.name for each in folder.iterdir()), key=ordered) if folder.exists() else []


def read(folder: Path) -> Documents:
    """A release's documents, by place."""
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text()) for path in sorted(folder.rglob("*.json"))
    }


def faults(new: Documents, version: str = VERSION, folder: Path = RELEASED) -> list[str]:
    """What is wrong with a contract beside the last release, a line each."""
    versions = released(folder)
    if not versions:
        return ["no version of the contract is released: run `make contract-release`"]
    last = versions[-1]
    if ordered(version) < ordered(last):
        return [f"the contract is {version}, and {last} is released: set a later one in {_VERSION}"]
    if major(version) > major(last):
        return []
    old = read(folder / last)
    return _broken(old, new, last) or _unsaid(old, new, version, last)


def _broken(old: Documents, new: Documents, last: str) -> list[str]:
    found = [f"{each.where}: {each.what}" for each in breaks(old, new)]
    if found:
        found.append(
            f"Who relies on version {last} of the contract breaks on that. Leave it as it was, and add what is new"
            f" beside it; or begin version {major(last) + 1}.0.0 in {_VERSION}, and tell it in CHANGELOG.md."
        )
    return found


def _unsaid(old: Documents, new: Documents, version: str, last: str) -> list[str]:
    if ordered(version)[:2] > ordered(last)[:2]:
        return []
    added = [place for place in new if place != ASYNCAPI and promises(new[place]) != promises(old.get(place))]
    first, second, _ = ordered(last)
    return [
        f"{place} says more than in version {last}: set {first}.{second + 1}.0 in {_VERSION}" for place in sorted(added)
    ]


def release(new: Documents, version: str = VERSION, folder: Path = RELEASED) -> list[str]:
    """Write a release; returns what is against it. A release is never changed afterwards."""
    home = folder / version
    if home.exists():
        return (
            [] if read(home) == new else [f"{version} is released, and other than this: set a later one in {_VERSION}"]
        )
    found = faults(new, version, folder) if released(folder) else []
    if not found:
        for place, document in new.items():
            path = home / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contract_page.text(document))
    return found


def main(arguments: list[str]) -> int:
    """Check, or release."""
    new = contract_page.documents()
    found = faults(new) if arguments == ["--check"] else release(new)
    found += [f"{path.name}: there is no such type any more; delete it" for path in contract_page.leftovers()]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
