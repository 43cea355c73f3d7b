"""The SHA-256 of kb.db, in a file beside it (`kb.db.sha256`) that shows damage which SQLite does not see; and of the code.

The file has a line for each digest that is valid, in the form of `sha256sum`. While kb.db is replaced there are two, so
that the old file and the new one are both valid at any moment.
"""

import hashlib
import os
from itertools import chain
from pathlib import Path

from policykb.files.folder import sync, write_whole


def beside(path: Path) -> Path:
    """Return the file with the digest of the file at `path`."""
    return path.with_name(f"{path.name}.sha256")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace(new: Path, path: Path) -> None:
    """Put the file `new` in the place of `path`, with its digest; at every moment the digest beside `path` is valid.

    :raises OSError: if the disk does not allow it; `path` is then unchanged.
    """
    lines = [f"{digest(place)}  {path.name}\n" for place in (path, new) if place.is_file()]
    write_whole(beside(path), "".join(dict.fromkeys(lines)).encode())
    os.replace(new, path)
    sync(path.parent)
    write_whole(beside(path), lines[-1].encode())


def stated(path: Path) -> set[str] | None:
    """Return the digests in the file beside the file at `path`; None if there is no such file."""
    try:
        lines = beside(path).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return set()
    return {line.split(" ")[0] for line in lines}


def is_damaged(path: Path) -> bool:
    """Return whether a file differs from the digest beside it; without a digest it counts as not damaged."""
    digests = stated(path)
    return digests is not None and digest(path) not in digests


def software(*parts: str, every: bool = False) -> str:
    """Return a digest of the code and data in the folders `parts` of the package, and of its own modules; or of `every` file there."""
    total = hashlib.sha256()
    package = Path(__file__).parents[1]
    folders = (sorted((package / part).rglob("*.*")) for part in parts)
    for file in (*sorted(package.glob("*.py")), *chain.from_iterable(folders)):
        if file.suffix in (".py", ".toml", ".sql") or (every and file.suffix != ".pyc"):
            total.update(file.read_bytes())
    return total.hexdigest()
