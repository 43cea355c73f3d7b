"""Record all that users get from a checkout, and compare two recordings.

python tests/bench/outputs.py record FOLDER [--checkout DIR] [--python PATH] [--content DIR]
python tests/bench/outputs.py compare BEFORE AFTER [--most N]

`record` runs the software of the checkout DIR in its own environment, by its public surfaces alone:
the command `policykb` and the Datasette application. Content, examples and history are those of the
last commit of DIR, or of the checkout that --content names, in clones that are removed at the end.
The day is that of the newest record, so that two recordings of one version are equal. `compare`
shows each changed line once, with the number of its places, and ends with status 1 if anything
differs.
"""

import argparse
import asyncio
import contextlib
import difflib
import hashlib
import html
import io
import json
import logging
import os
import re
import runpy
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

KINDS = ("actions", "arguments", "claims", "documents", "organizations", "jurisdictions", "topics")
STYLES = "bluebook apa chicago chicago-author-date oscola mla mcgill aglc harvard ieee".split()
CITED = "text html markdown bibtex biblatex ris csl-json".split()
EXPORTED = "csv parquet json-ld argdown dot graphml".split()
DAYS = ("2024-06-15", "2026-06-15", "2027-01-01")
KNOWN = ("2026-06-15", "2026-11-22", "2026-11-26")  # the first lies before the history
WORDS = """
open source|weights|EO 14409|2024/1689|SB 1047|carve-out|california|license|ntia|recital 102
liscense|copyleft|export controls|Llama|research exemption|deepseek|modèle|"open weights"|zzzz
'a AND (b
"""
# What a question needs that has no default.
NEEDED = {
    "arguments-about": {"action": "eu-ai-act"},
    "chain": {"action": "eu-ai-act"},
    "identifier": {"identifier": "2024/1689"},
    "rests-on-document": {"document": "ntia-2024-open-model-weights-report"},
    "search": {"q": "weights"},
}
# Datasette as `policykb serve` starts it, without its limit of time.
SETTINGS = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 60_000,
    "facet_time_limit_ms": 60_000,
    "suggest_facets": False,
    "allow_csv_stream": False,
    "default_cache_ttl": 60,
    "truncate_cells_html": 200,
}
HEADERS = ("content-type", "content-security-policy", "cache-control", "location", "vary")
PAGES = """
/ /?on=2025-01-01 /about /timeline /timeline?zoom=month&from=2026
/timeline?jurisdiction=eu&jurisdiction=fr /timeline?moving=1&from=2020 /timeline?zoom=week
/timeline?page=2 /questions /questions/none /search /search?q=open&kind=claim
/search?q=open&kind=action&page=2 /search?q=open&kind=claim&kind=topic /llms.txt /robots.txt
/favicon.ico /brief.css /brief /actions /actions?on=2025-01-01
/actions?jurisdiction=eu&jurisdiction=fr /actions?instrument=executive_order
/actions?stage=introduced /actions?force=in_force&on=2026-01-01 /actions?effect=exempts
/actions?topic=none /actions?q=weights /actions?page=2 /actions?on=yesterday
/actions?page=x&color=red /actions/none /actions/us-eo-1440 /arguments /arguments?stance=supports
/arguments?action=eu-ai-act /arguments?page=2 /claims /claims?finding=contested
/claims?kind=causal&kind=empirical /documents /documents?grade=primary /documents?type=report
/documents?page=3 /organizations /organizations?kind=company /organizations?page=2 /topics
/jurisdictions /documents/eu-ai-act /arguments/none
/documents/ntia-2024-open-weights-report-conclusion
/documents/ntia-2024-open-weights-report-conclusion.jsonld /brief?ids=eu-ai-act,us-eo-14409
/brief?ids=none /brief?ids=eu-ai-act,us-eo-14409&on=2025-01-01 /unapi /unapi?id=eu-ai-act
/unapi?id=eu-ai-act&format=ris /unapi?format=none /feeds/all.atom /feeds/upcoming.atom /calendar.ics
/kb /kb.json /-/settings /kb?sql=select+id+from+actions+limit+3 /kb.json?sql=select+1&_shape=array
//example.org /-/none
""".split()

# Commands on the knowledge base of the examples; the files that they import are made below.
EDITS = """
add event xe-weights-order --date "June 23rd 2026" --type reported --note "A note." --cite \
"xe-gazette-2026-weights-order, page 3"
add event xe-weights-order --date 2027-07-01 --type took_effect --supersedes took-effect \
--moved-on 2026-10-01
add event xe-weights-order --date 2028-01-01 --type took_effect --supersedes took-effect \
--moved-on 2026-10-01 --unconfirmed
add event xe-weights-order --date someday --type reported
add event xe-weights-order --date 2026-06-02 --type nothing
add event xe-weights-order --date 2026-06-02 --type reported --unconfirmed --as-of 2026-11-01
add event none --date 2026-06-02 --type reported --unconfirmed
add citation xe-weights-order --document xe-gazette-2026-weights-order --locator "p. 12" --event \
signed
add citation xe-weights-order --document doe-2026-weights-for-schools --effect --note "Says so."
add citation xe-weights-order --document none --dispute 1
add stance published-weights-invite-misuse --action xe-weights-order --stance opposes --note "It \
does." --inherited
add stance published-weights-invite-misuse --action xe-weights-order-section-4 --stance warns
add appearance schools-run-models-locally --document readers-union-2026-survey --locator "page 5"
add evidence schools-run-models-locally --document unsigned-2026-letter --finding refutes --note \
"Says the opposite."
add evidence schools-run-models-locally --document unsigned-2026-letter --finding contradicts \
--note "Says the opposite."
add mention readers-union-2026-survey --action xe-weights-order --portrayed-as enacted --locator \
"page 1"
add relation xe-weights-delay-order --type responds_to --action option-register-of-models
add relation published-weights-invite-misuse --type rebuts --argument \
published-weights-let-schools-teach --target conclusion
add body xe-weights-order --organization xe-government --role enforcer
add identifier xe-weights-delay-order official_number "Order 30 of 2026"
add alias xe-weights-order "the order"
add topic xe-weights-delay-order open-weights
add question xe-weights-order "Who pays?"
rename xe-weights-order xe-order-on-weights --reason "Named as the gazette names it"
rename xe-weights-order xe-weights-delay-order --reason "Taken"
rename readers-union union-of-readers --reason "Its name"
merge xe-weights-delay-order xe-weights-order --reason "One order"
merge published-weights-invite-misuse published-weights-let-schools-teach --reason "One argument"
merge readers-union-2026-survey doe-2026-weights-for-schools --reason "One text"
merge unsigned-2026-letter readers-union-2026-survey --reason "The same text"
withdraw schools-run-models-locally --reason "The source was a forgery"
withdraw none --reason "None"
fix
fix --check
new action --title "Order on Trials" --instrument "executive order" --jurisdiction xe \
--bindingness unknown --identifier "official_number=Order 99" --body "xe-government issuer" \
--event "August 6th 2026 issued" --event "2026-08-11 published: Printed" --as-of 2026-08-11 \
--effect "unclear: Not read." --summary "Acts." --source-url https://gazette.example.org/99 \
--source-title "Order 99" --source-type legislation --source-issued 2026-08-11 --source-grade \
established
new action --title "Order on the Release of Model Weights" --instrument executive_order \
--jurisdiction xe
new action --title "Order on Trials" --draft
new argument --title "Trials help" --premise "They show what works." --scheme consequences \
--stance "supports xe-weights-order: They do" --appearance 'readers-union-2026-survey, page 2 \
"what works": Said twice'
new claim --text "Trials are cheap" --kind empirical --finding not_checkable --as-of 2026-10-01 \
--appearance "readers-union-2026-survey, page 3"
new claim --text "Trials are cheap" --kind empirical --finding contested --as-of 2026-10-01 \
--evidence "supports: Says so @ readers-union-2026-survey, page 3"
new document --type report --title "A Report" --author "Roe, Richard" --author readers-union \
--issued "June 2026" --url https://example.org/report --grade primary --mention "enacted \
xe-weights-order: Named @ page 2"
new document --type report --title "Weights for Schools" --doi 10.5555/weights.2026.7 --grade \
primary
new organization --name "Office of Trials" --kind government --jurisdiction xe
new topic --name Trials --definition "Trials of models."
import inputs/actions.csv
import inputs/documents.csv
import inputs/library.bib
import inputs/library.ris
import inputs/library.json
import inputs/broken.csv inputs/broken.bib inputs/broken.json
import inputs/broken.csv --strict
import none.csv
from-issue inputs/new-action.md
from-issue inputs/new-argument.md
from-issue inputs/new-document.md
from-issue inputs/correction.md
""".strip().splitlines()
# Commands that are compared together with the state before them.
CHANGES = """
add event xe-weights-order --date 2026-06-23 --type reported --note "A note." --unconfirmed
add stance published-weights-invite-misuse --action xe-weights-order --stance opposes
rename readers-union union-of-readers --reason "Its name"
withdraw schools-run-models-locally --reason "The source was a forgery"
new topic --name Trials --definition "Trials of models."
import inputs/actions.csv
""".strip().splitlines()
# Commands on the shipped knowledge base.
SHIPPED_EDITS = """
add event us-eo-14409 --date "June 23rd 2026" --type reported --note "A note." --unconfirmed
add citation eu-ai-act --document ntia-2024-open-model-weights-report --locator "page 3"
rename eu-ai-act eu-artificial-intelligence-act --reason "Its name"
merge us-eo-14409 eu-ai-act --reason "A trial"
withdraw ntia-2024-open-model-weights-report --reason "A trial"
fix
import inputs/register.json --retrieved 2026-11-20
import inputs/register.json --with-organizations
import inputs/bill.xml --with-organizations
import inputs/congress.json
import inputs/state.json --with-organizations
import inputs/notice.xml --with-organizations
import inputs --retrieved 2026-11-20
""".strip().splitlines()

BIBTEX = r"""
@article{doe2026, author = {Doe, Jane and {Readers' Union} and van der Berg, Jr, Hans},
  title = {Trials for {Schools}: 50\% of \emph{what} M{\"u}ller says}, journal = {Journal},
  volume = 7, number = 2,
  pages = {101--102}, year = 2026, month = jun, doi = {https://doi.org/10.5555/Trials.7},
  abstract = {Copied.},
  langid = {ngerman}, keywords = {trials, schools}, urldate = {2026-10-01}, license = {CC BY 4.0}}
@techreport{survey, author = {Roe and others}, title = {Survey}, institution = {Readers' Union},
  date = {2025-11/2025-12}}
"""
RIS = """TY  - JOUR
AU  - Doe, Jane
TI  - Trials for Libraries
JO  - Journal
VL  - 7
SP  - 101
EP  - 102
DA  - 2026/06//
DO  - doi:10.5555/Trials.8
LA  - German
ER  -\x20
"""
CSL = [
    {
        "type": "thesis",
        "title": "Survey of <i>Trials</i>",
        "publisher": "University",
        "issued": {"date-parts": [[2025]], "circa": True},
        "author": [{"literal": "Readers' Union"}, {"family": "Roe", "given": "Richard"}],
    }
]
REGISTER = {
    "document_number": "2026-01234",
    "type": "Presidential Document",
    "subtype": "Executive Order",
    "title": "Ordering\nThings",
    "citation": "91 FR 1234",
    "executive_order_number": "14500",
    "executive_order_notes": "Revokes: EO 14409, June 2, 2026",
    "presidential_document_number": "14500",
    "signing_date": "2026-03-01",
    "publication_date": "2026-03-05",
    "start_page": 1234,
    "end_page": 1236,
    "html_url": "https://www.federalregister.gov/documents/2026/03/05/2026-01234/ordering-things",
    "pdf_url": "https://www.govinfo.gov/content/pkg/2026-01234.pdf",
    "agencies": [{"raw_name": "EXECUTIVE OFFICE OF THE PRESIDENT", "id": 538, "parent_id": None}],
    "docket_ids": [],
    "regulation_id_numbers": [],
}
RULE = {
    **REGISTER,
    "document_number": "2026-01300",
    "type": "Rule",
    "subtype": None,
    "title": "A Rule",
    "citation": "91 FR 1300",
    "executive_order_number": None,
    "executive_order_notes": None,
    "presidential_document_number": None,
    "signing_date": None,
    "action": "Final rule; request for comments.",
    "dates": "This rule is effective April 1, 2026.",
    "effective_on": "2026-04-01",
    "comments_close_on": "2026-05-01",
    "regulation_id_numbers": ["0694-AJ91"],
    "docket_ids": ["Docket No. 260301-0001"],
    "pdf_url": "https://www.govinfo.gov/content/pkg/2026-01300.pdf",
    "html_url": "https://www.federalregister.gov/documents/2026/03/05/2026-01300/a-rule",
}
BILL = """<?xml version="1.0" encoding="UTF-8"?>
<billStatus><version>3.0.0</version><bill><number>77</number><type>HR</type><congress>119</congress>
<originChamber>House</originChamber><updateDate>2026-03-05T15:15:27Z</updateDate>
<committees><item><name>Small Things Committee</name><chamber>House</chamber></item></committees>
<actions>
<item><actionDate>2026-03-02</actionDate><text>Passed House with an amendment by voice vote.</text>
<type>Floor</type>
<actionCode>H37300</actionCode><sourceSystem><code>2</code><name>House floor actions</name>
</sourceSystem></item>
<item><actionDate>2026-02-03</actionDate>
<text>Referred to the House Committee on Small Things.</text><type>IntroReferral</type>
<actionCode>H11100</actionCode><sourceSystem><code>2</code><name>House floor actions</name>
</sourceSystem></item>
<item><actionDate>2026-02-03</actionDate><text>Introduced in House</text><type>IntroReferral</type>
<actionCode>1000</actionCode><sourceSystem><code>9</code><name>Library of Congress</name>
</sourceSystem></item></actions>
<sponsors><item><fullName>Rep. Doe, Jane Q. [D-CA-1]</fullName><firstName>Jane</firstName>
<lastName>Doe</lastName>
<party>D</party><state>CA</state></item></sponsors><title>Small Things Act</title></bill>
</billStatus>
"""
CONGRESS = {
    "bill": {"type": "HR", "number": "78", "congress": 119, "title": "Smaller Things Act"},
    "actions": [{"actionDate": "2026-02-03", "text": "Introduced in House"}],
}
STATE = {
    "id": "ocd-bill/1",
    "session": "20252026",
    "identifier": "SB 99",
    "title": "Large Things Act",
    "classification": ["bill"],
    "jurisdiction": {
        "id": "ocd-jurisdiction/country:us/state:ca/government",
        "name": "California",
        "classification": "state",
    },
    "from_organization": {"classification": "upper"},
    "openstates_url": "https://openstates.org/ca/bills/20252026/SB99/",
    "updated_at": "2026-03-04T10:00:00+00:00",
    "sponsorships": [{"name": "Roe", "primary": True, "entity_type": "person"}],
    "actions": [
        {"description": text, "date": day, "classification": [kind], "organization": {}}
        for text, day, kind in (
            ("Introduced.", "2026-01-05", "introduction"),
            ("Read third time. Passed.", "2026-02-01", "passage"),
            ("Chaptered by Secretary of State.", "2026-03-03", "became-law"),
        )
    ],
}
NOTICE = """<?xml version="1.0" encoding="UTF-8"?>
<NOTICE decoding="eng" type="branch"><WORK><RESOURCE_LEGAL_ID_CELEX><VALUE>32030R0012</VALUE>
</RESOURCE_LEGAL_ID_CELEX>
<RESOURCE_LEGAL_ELI><VALUE>http://data.europa.eu/eli/reg/2030/12/oj</VALUE></RESOURCE_LEGAL_ELI>
<WORK_DATE_DOCUMENT><VALUE>2026-02-01</VALUE></WORK_DATE_DOCUMENT><DATE_PUBLICATION>
<VALUE>2026-02-20</VALUE></DATE_PUBLICATION>
<RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE type="date"><VALUE>2026-03-12</VALUE>
</RESOURCE_LEGAL_DATE_ENTRY-INTO-FORCE>
<WORK_CREATED_BY_AGENT type="concept"><IDENTIFIER>EP</IDENTIFIER>
<PREFLABEL>European Parliament</PREFLABEL></WORK_CREATED_BY_AGENT>
</WORK><EXPRESSION><EXPRESSION_USES_LANGUAGE><IDENTIFIER>ENG</IDENTIFIER>
</EXPRESSION_USES_LANGUAGE><EXPRESSION_TITLE type="data">
<VALUE>Regulation (EU) 2030/12 on weights</VALUE></EXPRESSION_TITLE></EXPRESSION></NOTICE>
"""
# Answers to the issue forms by the ids of their questions; the other questions stay open.
ANSWERS = {
    "title": "Order on Trials of Weights",
    "premises": "One.\nTwo.",
    "scheme": "analogy: What holds",
    "stances": "opposes xe-weights-order: It is vague",
    "source_url": "https://gazette.example.org/trials",
    "source_title": "Order",
    "source_grade": "primary: The text itself was read",
    "instrument": "executive_order: Order of a head of state",
    "jurisdiction": "xe",
    "bindingness": "mixed: Binds some",
    "identifiers": "official_number=Order 77",
    "events": "2026-06-02 signed: In the capital\n- 2027-01-01 took effect: All of it",
    "effect": "silent: Says nothing.",
    "summary": "Binds agencies.\n\n### A heading of its own",
    "url": "https://blog.example.org/x",
    "type": "post-weblog: Post",
    "grade": "primary: x",
    "authors": "Doe, Jane\nreaders-union",
    "mentions": 'enacted xe-weights-order: Named @ paragraph 3 "the order"',
    "id": "xe-weights-order",
    "key": "confidence",
    "value": "Medium",
}
NO_CONFIGURATION = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "t"), ("EMAIL", "t@example.org"), ("DATE", "2026-01-01T00:00:00Z"))
}


class Place(NamedTuple):
    """The checkout, a folder with clones, the folder to write to, and the day."""

    checkout: Path
    work: Path
    folder: Path
    today: str

    @property
    def shipped(self) -> Path:
        """A clone with the shipped content."""
        return self.work / "shipped"

    @property
    def examples(self) -> Path:
        """A repository with the content of the examples."""
        return self.work / "examples"

    @property
    def db(self) -> Path:
        """The database of the shipped content."""
        return self.work / "kb.db"

    def keep(self, name: str, text: str) -> None:
        """Write one output, without what differs from run to run."""
        text = text.replace(str(self.work), "WORK").replace(str(self.checkout), "CHECKOUT")
        for pattern, instead in VARYING:
            text = pattern.sub(instead, text)
        if len(Path(name).name) > 180:
            name = f"{name[: -len(Path(name).name)]}{Path(name).name[:160]}-{_hash(name)}"
        path = self.folder / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")

    def command(self, name: str, line: str | Sequence[str], base: Path | None = None) -> str:
        """Run a command in a base, the shipped one by default, and write what it says."""
        words = shlex.split(line) if isinstance(line, str) else list(line)
        said = policykb(base or self.shipped, *words)
        self.keep(name, said)
        return said


VARYING = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"\?v=[0-9a-f]{12}", "?v=HASH"),
        (r"(?i)(queries took )[\d.]+", r"\1TIME"),
        (r'("query_ms": )[\d.]+', r"\1TIME"),
        (r'("(?:hash|sha256)": ")[0-9a-f]{64}', r"\1HASH"),
        (r"(?i)(policykb[ /-]v?)\d+\.\d+\.\d+[\w.]*", r"\1VERSION"),
        (r"(?m)( MB, in )[\d.]+( s)$", r"\1TIME\2"),
    )
)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def few(items: Sequence, most: int) -> list:
    """Return at most `most` of `items`, from all over."""
    return list(items[:: -(-len(items) // most) or 1])


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return what it prints."""
    command = ["git", "-c", "core.autocrlf=false", "-C", str(folder), *words]
    done = subprocess.run(
        command, env=os.environ | NO_CONFIGURATION, capture_output=True, check=True
    )
    return done.stdout.decode(errors="backslashreplace")


def policykb(base: Path, *words: str) -> str:
    """Run `policykb` in this process and return the command, its outputs and its status."""
    streams = [
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(3)
    ]
    kept, status = (sys.argv, sys.stdin), 0
    try:
        sys.argv, sys.stdin = ["policykb", *words], streams[2]
        with (
            contextlib.chdir(base),
            contextlib.redirect_stdout(streams[0]),
            contextlib.redirect_stderr(streams[1]),
        ):
            runpy.run_module("policykb", run_name="__main__")
    except SystemExit as end:
        status = end.code or 0
    except Exception as error:
        status = f"{type(error).__name__}: {error}"
    finally:
        sys.argv, sys.stdin = kept
    out, err = (one.buffer.getvalue().decode(errors="backslashreplace") for one in streams[:2])
    return f"$ policykb {shlex.join(words)}\nstatus {status}\n{out}\nmessages:\n{err}"


# The database


def tables(place: Place) -> None:
    """Load the shipped content; write the schema, and every table and view with rows sorted."""
    place.command("load/load", ["load", "--db", str(place.db)])
    place.command("load/check", ["load", "--check", "--db", str(place.db)])
    for day in KNOWN:
        words = ["load", "--as-known", day, "--db", f"{place.work}/{day}.db"]
        place.command(f"load/as-known-{day}", words)
    with contextlib.closing(sqlite3.connect(place.db)) as connection:
        schema = connection.execute("select type, name, sql from sqlite_master order by 1, 2")
        found = schema.fetchall()
        place.keep("tables/schema", "\n".join(f"-- {one[0]} {one[1]}\n{one[2]};" for one in found))
        for name in named(connection):
            place.keep(f"tables/{name}", rows(connection, name))


def named(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the tables and views, without what belongs to a full-text index."""
    found = connection.execute(
        "select name, sql from sqlite_master where type in ('table', 'view')"
    )
    texts = dict(found.fetchall())
    virtual = tuple(name for name, sql in texts.items() if sql.lower().startswith("create virtual"))
    return sorted(name for name in texts if not name.startswith(virtual))


def rows(connection: sqlite3.Connection, table: str) -> str:
    """Return the rows of a table as lines of JSON, sorted."""
    cursor = connection.execute(f'select * from "{table}"')
    columns = [column[0] for column in cursor.description]
    found = (dict(zip(columns, row, strict=True)) for row in cursor)
    return "\n".join(sorted(json.dumps(row, ensure_ascii=False, default=str) for row in found))


# What reads


def ids(place: Place) -> dict[str, list[str]]:
    """Return the ids of the shipped records by kind."""
    folder = place.shipped / "policies"
    return {
        kind: sorted(path.stem for path in (folder / kind).glob("*.toml"))
        if (folder / kind).is_dir()
        else sorted(tomllib.loads((folder / f"{kind}.toml").read_text()))
        for kind in KINDS
    }


def questions(place: Place) -> list[str]:
    """Return the names of the named questions."""
    return re.findall(r"^## (\S+)$", documented(place, "questions"), re.MULTILINE)


def documented(place: Place, name: str) -> str:
    """Return a page of the reference."""
    return (place.checkout / "docs" / "reference" / f"{name}.md").read_text(encoding="utf-8")


def reading(place: Place) -> None:
    """Write what the commands that change nothing print or write."""
    known, db = ids(place), ["--db", str(place.db)]
    helped(place)
    for form in ("text", "json", "github"):
        place.command(f"check/{form}", f"check --format {form}")
        place.command(f"check/texts-{form}", f"check --texts texts --format {form}", place.examples)
    for code in re.findall(r"^## ([A-Z]\d{3}) ", documented(place, "problems"), re.MULTILINE):
        place.command(f"check/explain-{code}", f"check --explain {code}")
    place.command("query/list", ["query", *db])
    for name in questions(place):
        given = [f"-p{key}={value}" for key, value in NEEDED.get(name, {}).items()]
        for form in ("table", "csv", "json"):
            place.command(f"query/{name}-{form}", ["query", name, *given, "--format", form, *db])
        place.command(f"query/{name}-unknown", ["query", name, "-pnone=1", *db])
    citing(place, known, db)
    actions = few(known["actions"], 10)
    for id in actions:
        for form in ("markdown", "html"):
            place.command(f"brief/{id}-{form}", ["brief", id, "--format", form, *db])
    place.command("brief/several", ["brief", *actions[:4], "--on", DAYS[1], *db])
    written(place, "schema", ["schema"])
    exporting(place, known, db)
    old = git(place.shipped, "rev-list", "-n", "30", "HEAD", "--", "policies").split()[-1]
    for form in ("text", "markdown", "json"):
        place.command(f"diff/{form}", f"diff {old} HEAD --format {form}")


def helped(place: Place, *words: str) -> None:
    """Write the help of a command and of all commands under it."""
    said = place.command(f"help/{'-'.join(words) or 'policykb'}", [*words, "--help"])
    for name in re.findall(r"^  ([a-z-]+)(?:  |$)", said.partition("\nCommands:\n")[2], re.M):
        helped(place, *words, name)


def citing(place: Place, known: dict[str, list[str]], db: list[str]) -> None:
    """Write citations of every action in each format, and of some records in each style."""
    for form in CITED:
        for start in range(0, len(known["actions"]), 75):
            some = known["actions"][start : start + 75]
            place.command(f"cite/{form}-{start}", ["cite", "--format", form, *some, *db])
    some = [id for kind in KINDS[:4] for id in few(known[kind], 5)]
    for style in (*STYLES, "none"):
        for form in CITED[:3]:
            words = ["--style", style, "--format", form, "--on", DAYS[1]]
            place.command(f"cite/{style}-{form}", ["cite", *words, *some, *db])
    for id in ("us-eo-14409#issued", "us-eo-14409#none", f"{known['arguments'][0]}@1", "none"):
        place.command(f"cite/{id}", ["cite", id, *db])


def exporting(place: Place, known: dict[str, list[str]], db: list[str]) -> None:
    """Write the exports, whole and about one record, and those of a day."""
    for form in EXPORTED:
        written(place, f"export/{form}", ["export", "--format", form, *db])
    for form in EXPORTED[2:]:
        about = known["arguments" if form != "json-ld" else "actions"][0]
        written(place, f"export/{form}-about", ["export", "--format", form, "--about", about, *db])
    written(place, "export/csv-on", ["export", "--on", DAYS[1], *db])


def written(place: Place, name: str, words: list[str], base: Path | None = None) -> None:
    """Run a command that writes a folder, named last, and write what it says and all files."""
    folder = place.work / "written"
    place.command(f"{name}/said", [*words, str(folder)], base)
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".parquet":
            from pyarrow import parquet

            lines = (json.dumps(row, default=str) for row in parquet.read_table(path).to_pylist())
            place.keep(f"{name}/{path.relative_to(folder)}", "\n".join(lines))
        elif path.is_file() and path.suffix not in (".db", ".png", ".woff2"):
            place.keep(f"{name}/{path.relative_to(folder)}", path.read_bytes().decode())
    shutil.rmtree(folder, ignore_errors=True)


# The site


def site(place: Place) -> None:
    """Write what the site answers."""
    asyncio.run(_site(place))


async def _site(place: Place) -> None:
    from datasette.app import Datasette

    logging.disable(logging.CRITICAL)
    datasette = Datasette([], immutables=[str(place.db)], settings=SETTINGS, cors=True)
    await datasette.invoke_startup()
    found = set()
    for address in dict.fromkeys(addresses(place)):
        answer = await datasette.client.get(address)
        head = [f"{name}: {answer.headers[name]}" for name in HEADERS if name in answer.headers]
        body = answer.text if _readable(answer) else hashlib.sha256(answer.content).hexdigest()
        path, _, query = address.strip("/").partition("?")
        name = quote(path, safe="/ ,()") + (f"?{query.replace('/', '%2F')}" if query else "")
        place.keep(f"site/{name}", "\n".join([str(answer.status_code), *head, "", body]))
        if address in ("/", "/kb", "/actions/eu-ai-act"):
            found |= set(re.findall(r'"(/-/static[^"]+)"', answer.text))
    for address in sorted(found):
        answer = await datasette.client.get(address)
        body = answer.text if _readable(answer) else hashlib.sha256(answer.content).hexdigest()
        place.keep(f"static{address.partition('?')[0]}", f"{answer.status_code}\n{body}")


def _readable(answer) -> bool:
    return not re.match(
        r"image/png|font/|application/octet", answer.headers.get("content-type", "")
    )


def addresses(place: Place) -> Iterator[str]:
    """Yield the addresses to ask for."""
    known = ids(place)
    yield from PAGES
    for kind, own in known.items():
        yield from (f"/{kind}/{id}" for id in own)
        yield from (f"/{kind}/{id}.jsonld" for id in few(own, 300))
        for id in few(own, 3):
            yield from (f"/{kind}/{id}{end}" for end in ("/cite", ".bib", ".ris", ".csl.json"))
        yield f"/kb/{kind}/{own[0]}"
    for id in few(known["actions"], 10):
        yield from (f"/actions/{id}?on={day}" for day in DAYS)
        yield from (f"/actions/{id}?known={day}" for day in KNOWN)
        yield f"/actions/{id}?known={KNOWN[2]}&on={DAYS[1]}"
        yield from (f"/actions/{id}{end}" for end in ("/brief", f"/brief?on={DAYS[0]}"))
        yield from (f"/actions/{id}/cite?style={style}&on={DAYS[1]}" for style in STYLES)
    for kind in ("actions", "jurisdictions", "topics"):
        yield from (f"/{kind}/{id}.{end}" for id in few(known[kind], 10) for end in ("atom", "ics"))
    for word in re.split(r"[|\n]", WORDS.strip()):
        yield f"/search?{urlencode({'q': word})}"
    for name in questions(place):
        query = f"?{urlencode(NEEDED[name])}" if name in NEEDED else ""
        yield from (f"/questions/{name}{end}{query}" for end in ("", ".csv", ".json"))
        yield from (f"/questions/{name}", f"/questions/{name}?none=1", f"/kb/{name}{query}")
    with contextlib.closing(sqlite3.connect(place.db)) as connection:
        for table in named(connection):
            yield from (f"/kb/{table}?_size=20", f"/kb/{table}.json?_shape=objects&_size=20")


# What changes files


def editing(place: Place) -> None:
    """Write what the commands that change files say and do; the clones are set back after each."""
    for name, base, lines in (
        ("examples", place.examples, EDITS),
        ("shipped", place.shipped, SHIPPED_EDITS),
    ):
        for line in lines:
            words = shlex.split(line)
            title = f"edit/{name}/{' '.join(words[:3])} {_hash(line)[:4]}".replace("inputs/", "")
            place.command(f"{title} dry", [*words, "--dry-run"], base)
            said = policykb(base, *words, "--yes")
            git(base, "add", "--all")
            place.keep(title, said + git(base, "diff", "--cached", "--no-renames"))
            git(base, "reset", "--quiet", "--hard")
    spoiled(place)
    changed(place)
    base = place.examples
    place.command("examples/load", "load", base)
    written(place, "publish", ["publish", "--base-url", "https://example.org/", "--static"], base)


def spoiled(place: Place) -> None:
    """Write what is said of each example with a line left out, emptied or in capitals."""
    ways = {
        "left out": lambda line: "",
        "emptied": lambda line: re.sub(r'= *("[^"]*"|[^#"]*)', '= "" ', line, count=1),
        "capitals": lambda line: re.sub(r'= *"[^"]*"', lambda found: found[0].upper(), line),
    }
    for path in sorted((place.examples / "policies").rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        for way, spoil in ways.items():
            said = []
            for number, line in enumerate(lines):
                if line.strip() and spoil(line) != line:
                    path.write_text("".join([*lines[:number], spoil(line), *lines[number + 1 :]]))
                    said += [f"--- {line}", policykb(place.examples, "check")]
                    if way == "capitals":
                        said.append(policykb(place.examples, "fix", "--dry-run"))
            place.keep(f"spoiled/{way}/{path.parent.name}/{path.stem}", "\n".join(said))
        path.write_text(text, encoding="utf-8")
        git(place.examples, "reset", "--quiet", "--hard")


def changed(place: Place) -> None:
    """Write what `diff` says of a few changes together."""
    for line in CHANGES:
        policykb(place.examples, *shlex.split(line), "--yes")
    for form in ("text", "markdown", "json"):
        place.command(f"diff/examples-{form}", f"diff HEAD --format {form}", place.examples)
    git(place.examples, "reset", "--quiet", "--hard")
    git(place.examples, "clean", "--quiet", "--force", "-d")


# Recording


PARTS = {"reading": reading, "site": site, "editing": editing, "tables": tables}


def prepare(place: Place, content: Path) -> None:
    """Make the clones, with the inputs of imports in them."""
    git(place.work, "clone", "--quiet", "--shared", str(content), "shipped")
    starter = content / "scripts" / "policykb" / "starter"
    shutil.copytree(starter / "policies", place.examples / "policies")
    shutil.copytree(content / "docs" / "examples" / "texts", place.examples / "texts")
    git(place.examples, "init", "--quiet", "--initial-branch=main")
    folder = place.examples / "inputs"
    folder.mkdir()
    for table in (content / "docs" / "examples").glob("*.csv"):
        shutil.copy(table, folder)
    files = {"library.bib": BIBTEX, "library.ris": RIS, "library.json": json.dumps(CSL)}
    files |= {
        "broken.csv": "title,type\nA,nothing\n,report\n",
        "broken.bib": "@article{a, title = {",
    }
    files |= {"broken.json": "{"}
    for form in (content / ".github" / "ISSUE_TEMPLATE").glob("[a-z]*.yml"):
        asked = re.findall(r"(?:  id: (\w+)\n)?  attributes:\n    label: (.+)", form.read_text())
        files[f"{form.stem}.md"] = "\n\n".join(
            f"### {label}\n\n{ANSWERS.get(key, '_No response_')}" for key, label in asked
        )
    _fill(folder, files)
    _fill(
        place.shipped / "inputs",
        {
            "register.json": json.dumps({"count": 2, "results": [REGISTER, RULE]}),
            "bill.xml": BILL,
            "congress.json": json.dumps(CONGRESS),
            "state.json": json.dumps(STATE),
            "notice.xml": NOTICE,
        },
    )
    for base in (place.examples, place.shipped):
        git(base, "add", "--all")
        git(base, "commit", "--quiet", "--message", "Add inputs")


def _fill(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def record(folder: Path, checkout: Path, python: Path, content: Path) -> None:
    """Record the outputs of a checkout in `folder`, in several processes."""
    start = time.monotonic()
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} is not empty")
    with tempfile.TemporaryDirectory(prefix="outputs-") as work:
        said = re.compile(r"^as_of = (\d{4}-\d\d-\d\d)", re.MULTILINE)
        files = (content / "policies").glob("*/*.toml")
        today = max(day for file in files for day in said.findall(file.read_text()))
        place = Place(checkout, Path(work).resolve(), folder.resolve(), today)
        prepare(place, content)
        _run(place, python, "tables")
        _run(place, python, "site", "reading", "editing")
    count = sum(path.is_file() for path in folder.rglob("*"))
    print(f"{count:,} files in {time.monotonic() - start:.0f} seconds")


def _run(place: Place, python: Path, *parts: str) -> None:
    """Run parts of the recording at once, with nothing of this environment but what they need."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(place.work),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "80",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "POLICYKB_TODAY": place.today,
    }
    command = [str(python), "-P", __file__, "drive", *map(str, place)]
    running = {
        part: subprocess.Popen([*command, part], env=environment, cwd=place.work) for part in parts
    }
    failed = [part for part, process in running.items() if process.wait()]
    if failed:
        raise SystemExit(f"not recorded: {', '.join(failed)}")


def drive(place: Place, part: str) -> None:
    """Record one part in this process, which has the environment of the checkout."""
    import policykb as package

    if place.checkout not in Path(package.__file__).resolve().parents:
        raise SystemExit(f"{sys.executable} does not have the software of {place.checkout}")
    try:
        PARTS[part](place)
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None


# Comparing


def compare(before: Path, after: Path, most: int) -> int:
    """Print what differs between two recordings and return the exit status."""
    names = [
        {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        for folder in (before, after)
    ]
    groups: dict[str, Counter] = {}
    found: Counter = Counter()
    where: dict[tuple, str] = {}
    for name in sorted(names[0] | names[1]):
        state = "missing" if name not in names[1] else "new" if name not in names[0] else "equal"
        if state == "equal" and lines(before / name) != lines(after / name):
            state = "different"
            for change in changes(before / name, after / name):
                found[change] += 1
                where.setdefault(change, name)
        elif state != "equal":
            found[(state,)] += 1
            where.setdefault((state,), name)
        groups.setdefault(name.partition("/")[0], Counter())[state] += 1
    states = ("equal", "different", "missing", "new")
    print("".join(f"{word:>12}" for word in ("", *states)))
    for group, counts in (*groups.items(), ("all", sum(groups.values(), Counter()))):
        print(f"{group:>12}" + "".join(f"{counts[state]:>12,}" for state in states))
    for change, count in sorted(found.items(), key=lambda one: -one[1])[:most]:
        print(f"\n{count:,} × as in {where[change]}")
        print("\n".join(_short(line) for line in change[:8]))
    if len(found) > most:
        print(f"\n... and {len(found) - most:,} other changes (--most)")
    return 1 if found else 0


def lines(path: Path) -> list[str]:
    """Return the lines of a file; of HTML the tags and texts, without the space and the forms that mean the same."""
    text = path.read_text(encoding="utf-8")
    if not re.search(r"<(!doctype )?html", text[:2000], re.IGNORECASE):
        return text.splitlines()
    text = re.sub(r"(?i)<!doctype html>", "<!doctype html>", html.unescape(text))
    text = re.sub(r'=""(?=[\s>])', "", text.replace(" />", ">"))
    return [
        piece
        for part in re.split(r"(<[^>]*>)", text)
        if (piece := " ".join(part.split()).replace(" >", ">"))
    ]


def changes(before: Path, after: Path) -> Iterator[tuple[str, ...]]:
    """Yield the changes between two files: a line and what it became, or a whole block."""
    old, new = lines(before), lines(after)
    matcher = difflib.SequenceMatcher(None, old, new)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            continue
        gone, come = [f"-{x}" for x in old[start:end]], [f"+{x}" for x in new[first:last]]
        if len(gone) == len(come):
            yield from zip(gone, come, strict=True)
        else:
            yield (*gone, *come)


def _short(line: str) -> str:
    return line if len(line) <= 300 else f"{line[:300]}…"


def main() -> None:
    """Run the command line."""
    if sys.argv[1:2] == ["drive"]:
        checkout, work, folder, today, part = sys.argv[2:]
        drive(Place(Path(checkout), Path(work), Path(folder), today), part)
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record", help="write all outputs into a folder")
    recording.add_argument("folder", type=Path)
    recording.add_argument("--checkout", type=Path, default=Path(__file__).parents[2])
    recording.add_argument("--python", type=Path, help="default: .venv-test of the checkout")
    recording.add_argument("--content", type=Path, help="default: the checkout")
    comparing = commands.add_parser("compare", help="print what differs between two folders")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--most", type=int, default=60, help="changes to show (%(default)s)")
    given = parser.parse_args()
    if given.command == "compare":
        sys.exit(compare(given.before, given.after, given.most))
    checkout = given.checkout.resolve()
    python = given.python or checkout / ".venv-test" / "bin" / "python"
    record(given.folder, checkout, python.absolute(), (given.content or checkout).resolve())


if __name__ == "__main__":
    main()
