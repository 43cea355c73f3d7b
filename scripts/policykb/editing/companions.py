"""Hidden files that belong to a record and are no part of the knowledge: what an import last wrote for it.

They lie under `policies/.imported/<kind>/<id>.json`, are read by no check, and have to follow their record when it
gets another id. Who keeps further files beside records adds their place here.
"""

import os
from pathlib import Path

PLACES = (".imported/{kind}/{id}.json",)


def companions(policies: Path, kind: str, id: str) -> list[Path]:
    """Where the hidden files of a record are or would be; `kind` and `id` are valid."""
    return [policies / place.format(kind=kind, id=id) for place in PLACES]


def follow(policies: Path, kind: str, old: str, new: str) -> list[str]:
    """Move the hidden files of `old` to those of `new`; where that has its own, those of `old` are removed. Returns what was done.

    :raises OSError: if a file cannot be moved.
    """
    done = []
    for here, there in zip(companions(policies, kind, old), companions(policies, kind, new), strict=True):
        if here.parent.resolve() != policies.resolve() / here.parent.relative_to(policies) or not os.path.lexists(here):
            continue  # a link in the way is not followed
        if os.path.lexists(there):
            here.unlink()
            done.append(f"removed {policies.name}/{here.relative_to(policies)}: '{new}' has its own")
        else:
            os.replace(here, there)
            done.append(f"moved {policies.name}/{here.relative_to(policies)} to {there.name}")
    return done
