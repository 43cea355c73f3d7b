"""Answer the addresses on standard input from a knowledge base, without a server: python tests/bench/ask.py KB_DB

For each line it prints the status, the processor time in seconds, and the size. It uses nothing but Datasette and its plugins, so
that PYTHONPATH chooses the checkout whose pages are asked for. Whole answers are not kept.
"""

import asyncio
import sys
import time
from urllib.parse import unquote

from datasette.app import Datasette
from policykb.site.state import Pages, state_of


async def main(db: str) -> None:
    """Answer one line after another."""
    site = Datasette([], immutables=[db], settings={"sql_time_limit_ms": 60_000})
    await site.invoke_startup()
    app, answers = site.app(), sys.stdout
    sys.stdout = sys.stderr  # for what others print
    for line in sys.stdin:
        state_of(site).pages = Pages()
        start = time.process_time()
        status, size = await ask(app, line.strip())
        print(status, time.process_time() - start, size, file=answers, flush=True)


async def ask(app, address: str) -> tuple[int, int]:
    """Return the status and the size of the answer to GET `address`."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost")],
    }
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sum(len(message.get("body", b"")) for message in sent)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
