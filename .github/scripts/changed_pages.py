"""changed_pages.py DIFF SITE PREVIEW: copy the pages of SITE whose records DIFF names to PREVIEW, with an index.

DIFF is what `policykb diff --format json` prints, SITE what `policykb publish --static` wrote. Uses no packages.
"""

import json
import re
import shutil
import sys
from pathlib import Path


def main(diff: Path, site: Path, preview: Path) -> None:
    """Copy the changed pages and what they need to look like themselves."""
    differences = json.loads(diff.read_text(encoding="utf-8"))["differences"]
    named = {
        (one["kind"], one["id"]) for one in differences if re.fullmatch(r"[a-z0-9-]+", one["id"])
    }
    pages = sorted(
        f"{kind}s/{id}" for kind, id in named if (site / f"{kind}s/{id}/index.html").is_file()
    )
    for place in (*pages, "assets"):
        shutil.copytree(site / place, preview / place, dirs_exist_ok=True)
    items = "".join(f'<li><a href="{page}/index.html">{page}</a></li>\n' for page in pages)
    text = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Preview</title>
<h1>Pages that change</h1>
<p>Links to pages that do not change lead nowhere in this preview.</p>
<ul>
{items}</ul>
"""
    (preview / "index.html").write_text(text, encoding="utf-8")
    print(f"{len(pages)} pages in {preview}")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
