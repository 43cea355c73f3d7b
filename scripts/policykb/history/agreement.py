"""Whether the change logs of two databases agree, as far as they can.

A database is committed together with the files it is built from. It cannot name its own commit, and a commit may be merged
or squashed into another one; and not every clone has the whole history. So two logs must be alike up to the last commit that
both know, and after it each may have what the other cannot know yet. That is enough to find a log that was changed by hand.
"""

import sqlite3
from collections.abc import Iterator

_LOG = """
select m.id, m.position, m.time, m.subject, c.kind, c.record, c.change, c.pointer, c.place, c."before", c."after", c.class, c.stated
from {}.commits m left join {}.changes c on c."commit" = m.id order by m.position, c.id"""


def agreement(connection: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with the log of the database `main`, beside that of `fresh`, in words."""
    kept, fresh = (_log(connection, schema) for schema in ("main", "fresh"))
    states = [
        connection.execute(f"select value from {schema}.kb_info where key = 'history'").fetchone()
        for schema in ("main", "fresh")
    ]
    common = [hash for hash in kept if hash in fresh]
    if states[1] == ("complete",) and states[0] != ("complete",) and len(fresh) > 1:
        yield "changes: it was built without the whole git history, which is there now"
        return
    for hash in common:
        if kept[hash] != fresh[hash]:
            yield f"changes: the entries of commit {hash[:12]} are not those of the git history"
    if common and states == [("complete",), ("complete",)]:
        for one, other, said in ((fresh, kept, "missing"), (kept, fresh, "extra")):
            order = list(one)
            for hash in order[: order.index(common[-1])]:
                if hash not in other:
                    yield f"commits: {said} commit {hash[:12]}"


def _log(connection: sqlite3.Connection, schema: str) -> dict[str, list[tuple]]:
    found: dict[str, list[tuple]] = {}
    for hash, _, *row in connection.execute(_LOG.format(schema, schema)):
        found.setdefault(hash, []).append(tuple(row))
    return found
