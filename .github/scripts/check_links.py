"""check_links.py KB.DB: print the cited pages that are gone, a line each. Uses no packages.

A page is gone if the server says so (404, 410) or if it has no address any more. A server that refuses, is slow or fails
proves nothing: many refuse programs. A document with an archived copy needs no correction.
"""

import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

SECONDS = 30
AT_ONCE = 8


def reason(url: str) -> str:
    """Return why the page is gone, or '' if it is there or may be."""
    if not url.startswith(("https://", "http://")):
        return ""
    request = Request(url, headers={"User-Agent": "policykb link check", "Accept": "*/*"})
    try:
        with urlopen(request, timeout=SECONDS):
            return ""
    except HTTPError as error:
        return str(error.code) if error.code in (404, 410) else ""
    except URLError as error:
        return "no such host" if isinstance(error.reason, socket.gaierror) else ""
    except (OSError, ValueError):
        return ""


def main(database: Path) -> None:
    """Print the pages of `database` that are gone."""
    with sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True) as connection:
        documents = connection.execute(
            "select id, url from documents"
            " where url is not null and archive_url is null and withdrawn_on is null order by id"
        ).fetchall()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        reasons = pool.map(reason, [url for _, url in documents])
        for (id, url), why in zip(documents, reasons, strict=True):
            if why:
                print(f"{id}: {why}: {url}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
