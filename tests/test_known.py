"""What the knowledge base said on a day: built from git, and told on the page of an action from the change log."""

import contextlib
import random
import shutil
import sqlite3

import pytest
import rtoml
from checkouts import git
from conftest import ROOT, Base, policykb
from lxml import etree
from policykb.files import reader as files
from policykb.history import git as revisions
from policykb.history import states
from policykb.history.entries import undo
from policykb.model.records import Action
from policykb.read import as_known as known
from policykb.read import records as read
from policykb.read.database import SQL, connect, statements
from test_changes_log import ISSUED, commit
from test_pages import Site

MOST_COMMITS = 12
DUE = ("2026-12-01", "took_effect", {"id": "due"})
REDIRECTS = rtoml.loads((ROOT / "policies/redirects.toml").read_text(encoding="utf-8"))


@pytest.fixture
def kept(base: Base) -> Base:
    """An action that was imported on 1 July 2026, revoked in August and corrected in September."""
    base.action("an-order", [ISSUED, DUE], as_of="2026-06-15")
    (base.policies.parent / ".gitignore").write_text("kb.db*\n")
    commit(base, "2026-07-01", "Import")
    base.action("an-order", [ISSUED, DUE, ("2026-07-20", "revoked")], as_of="2026-08-01")
    commit(base, "2026-08-01", "Revoked")
    base.action(
        "an-order",
        [("2026-06-03", *ISSUED[1:]), ("2026-07-20", "revoked")],
        as_of="2026-08-01",
        title="Another order",
    )
    commit(base, "2026-09-01", "Corrected")
    base.load()
    return base


def as_known(base: Base, day: str, db, *options: str):
    """Run `policykb load --as-known` into another database."""
    return policykb(
        "load", "--as-known", day, "--policies", str(base.policies), "--db", str(db), *options
    )


def said(db, id: str, day: str) -> known.Then:
    """What the database tells was said of an action on a day."""
    with connect(db) as opened:
        return known.then(opened, id, day)


def recorded(base_or_repository, commit: str) -> dict[str, Action]:
    """The actions as the files of a commit have them."""
    paths = revisions.files_in(base_or_repository, commit)
    contents = revisions.contents(base_or_repository, paths.values())
    found = {}
    for path, blob in paths.items():
        if path.startswith("policies/actions/"):
            source = files.named(base_or_repository.policies, path)
            ((item,), _) = states.parse_content(source, contents[blob])
            record = item.record
            found[source.id] = Action.model_validate(followed(record.model_dump()))
    return found


def followed(value: object) -> object:
    """The same content with each id that leads elsewhere today as the id that it leads to: the log knows records by that."""
    if isinstance(value, dict):
        return {key: followed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [followed(part) for part in value]
    return REDIRECTS.get(value, {"to": value})["to"] if isinstance(value, str) else value


def spread(commits: list) -> list:
    """At most MOST_COMMITS commits, evenly spaced, with the first and the last."""
    step = max(1, -(-(len(commits) - 1) // (MOST_COMMITS - 1)))
    return [*commits[:-1:step], *commits[-1:]]


def differing(db, repository: revisions.Repository) -> tuple[list[tuple], int]:
    """Where what is undone is not what the files of a commit said, for every action at commits from the first to the last.

    Also how many were compared.
    """
    wrong, compared = [], 0
    changes = statements(SQL, "as_known")["changes"]
    with connect(db) as opened:
        now = {id for (id,) in opened.execute("select id from actions")}
        commits = opened.execute("select position, id from commits order by position").fetchall()
        for position, hash in spread(commits):
            then = recorded(repository, hash)
            for id in sorted(now):
                found = undo(
                    read.record(opened, id).model_dump(),
                    opened.query(changes, {"id": id, "position": position}),
                )
                if found is None or id not in then:
                    wrong += [(hash, id, "there")] if (found is None) != (id not in then) else []
                    continue
                record = Action.model_validate(found)
                wrong += [
                    (hash, id, key)
                    for key in Action.model_fields
                    if getattr(record, key) != getattr(then[id], key)
                ]
                compared += 1
    return wrong, compared


@pytest.mark.thorough
def test_every_shipped_action_is_what_its_file_said_at_commits_of_the_whole_history(shipped):
    repository = revisions.repository(ROOT / "policies")
    with contextlib.closing(sqlite3.connect(shipped)) as connection:
        (history,) = connection.execute(
            "select value from kb_info where key = 'history'"
        ).fetchone()
        actions = {id for (id,) in connection.execute("select id from actions")}
        commits = connection.execute("select id from commits order by position").fetchall()
    if history != "complete":
        pytest.skip("this clone has not the whole history")
    wrong, compared = differing(shipped, repository)
    assert wrong == []
    oldest = actions & recorded(repository, commits[0][0]).keys()
    assert compared >= len(spread(commits)) * len(oldest) * 0.95


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(6))
def test_any_history_can_be_undone(base, seed):
    chance = random.Random(seed)
    (base.policies.parent / ".gitignore").write_text("kb.db*\n")
    types = ("statement", "published", "issued", "reported", "amended")
    for step in range(8):
        names = chance.sample(["a", "b", "c", "d", None, None, None], chance.randrange(1, 7))
        base.action(
            "an-order",
            [
                (
                    f"2026-0{chance.randrange(1, 4)}-0{chance.randrange(1, 9)}",
                    chance.choice(types),
                    {"note": f"Note {chance.randrange(3)}"} | ({"id": name} if name else {}),
                )
                for name in names
            ],
            title=f"Title {chance.randrange(3)}",
            withdrawn={"on": "2026-03-01", "reason": "x"} if chance.random() < 0.2 else ...,
        )
        commit(base, f"2026-07-0{step + 1}", f"Step {step}")
    chance.shuffle(names)
    base.action(
        "an-order",
        [("2026-01-01", "issued"), ("2026-01-02", "statement", {"id": "b"})],
        title="Not committed",
    )
    assert not base.load().errors
    wrong, compared = differing(base.db, revisions.repository(base.policies))
    assert (wrong, compared >= 7) == ([], True)


@pytest.mark.slow
def test_page_facts_of_a_day_are_those_of_a_build_as_known_on_it(kept, tmp_path):
    for day in ("2026-07-01", "2026-07-31", "2026-08-01", "2026-09-01", "2027-01-01"):
        then = tmp_path / f"{day}.db"
        assert as_known(kept, day, then).returncode == 0
        record = said(kept.db, "an-order", day).record
        periods, events = known.as_rows("an-order", record)
        with contextlib.closing(sqlite3.connect(then)) as connection:
            assert connection.execute(
                "select stage, legal_force, from_date, to_date, event from periods where action = 'an-order' order by position"
            ).fetchall() == [
                tuple(
                    period[key] for key in ("stage", "legal_force", "from_date", "to_date", "event")
                )
                for period in periods
            ]
            assert connection.execute(
                "select id, type, date, date_earliest, date_latest, note from events where action = 'an-order' order by position"
            ).fetchall() == [
                tuple(
                    event[key]
                    for key in ("id", "type", "date", "date_earliest", "date_latest", "note")
                )
                for event in events
            ]


def test_build_as_known_has_the_log_up_to_then_and_leaves_the_files_alone(kept, tmp_path):
    then = tmp_path / "then.db"
    before = kept.db.read_bytes()
    answer = as_known(kept, "2026-08-15", then)
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "then.db written from commit " in answer.stderr
    assert " of 2026-08-01: " in answer.stderr
    with contextlib.closing(sqlite3.connect(then)) as connection:
        assert [
            subject
            for (subject,) in connection.execute("select subject from commits order by position")
        ] == ["Import", "Revoked"]
        assert connection.execute("select title from actions").fetchall() == [("An order",)]
    assert kept.db.read_bytes() == before
    added = git(kept.policies.parent, "status", "--porcelain").splitlines()
    assert added == ["?? then.db", "?? then.db.sha256"]


def test_build_as_known_never_takes_the_place_of_the_database_unasked(kept):
    before = kept.db.read_bytes()
    answer = policykb("load", "--as-known", "2026-08-01", cwd=kept.policies.parent)
    assert (
        answer.returncode,
        "--as-known needs --db FILE" in answer.stderr,
        kept.db.read_bytes(),
    ) == (2, True, before)


def test_commit_that_the_rules_of_today_refuse_is_told_and_builds_nothing(kept, tmp_path):
    kept.action("an-order", [ISSUED], as_of="2026-08-01", jurisdiction="nowhere")
    commit(kept, "2026-10-01")
    kept.action("an-order", [ISSUED], as_of="2026-08-01")
    commit(kept, "2026-10-02")
    answer = as_known(kept, "2026-10-01", tmp_path / "then.db")
    assert (answer.returncode, (tmp_path / "then.db").exists()) == (1, False)
    assert "policies/actions/an-order.toml:" in answer.stderr
    assert "does not keep the rules of this version" in answer.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--as-known", "2026-06-30"],
            "--as-known: nothing is known of 2026-06-30: the history here begins on 2026-07-01",
        ),
        (["--as-known", "summer"], "'summer' is not a day; write it as 2026-06-15"),
        (
            ["--as-known", "2026-08-01", "--check"],
            "--as-known needs --db FILE, so that kb.db stays what it is, and no --check",
        ),
    ],
)
def test_bad_day_is_refused_in_words(kept, options, said):
    answer = kept.run("load", *options)
    assert (answer.returncode, "Traceback" in answer.stderr) == (2, False)
    assert said in answer.stderr


def test_shallow_clone_and_no_git_say_what_is_missing(kept, tmp_path, tmp_path_factory):
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{kept.policies.parent}", "shallow")
    clone = Base.__new__(Base)
    clone.policies, clone.db = tmp_path / "shallow/policies", tmp_path / "shallow/then.db"
    answer = clone.run("load", "--as-known", "2026-07-15")
    assert (
        "nothing is known of 2026-07-15: the history here begins on 2026-08-01; this clone is not complete, fetch the rest with git fetch --unshallow"
        in answer.stderr
    )
    assert clone.run("load", "--as-known", "2026-08-01").returncode == 0
    clone.policies = tmp_path_factory.mktemp("tarball") / "policies"
    shutil.copytree(kept.policies, clone.policies)
    answer = clone.run("load", "--as-known", "2026-08-01")
    assert (answer.returncode, "is not in a git checkout" in answer.stderr) == (2, True)


def test_what_was_said_is_told_or_why_not(kept):
    assert said(kept.db, "an-order", "2026-07-31").record.events[0].date == "2026-06-02"
    assert said(kept.db, "an-order", "2026-06-30") == known.Then(
        None, "The history here begins on 2026-07-01; what was said before is not known."
    )
    kept.action("b-order", [("2026-09-02", "issued")])
    commit(kept, "2026-09-05")
    kept.load()
    assert said(kept.db, "b-order", "2026-09-04") == known.Then(
        None, "This action was not recorded here yet.", "2026-09-01T10:00:00Z"
    )
    assert kept.run("rename", "b-order", "c-order", "--reason", "Better.", "--yes").returncode == 0
    commit(kept, "2026-09-06")
    kept.load()
    assert said(kept.db, "c-order", "2026-09-05").record.title == "An order"
    assert said(kept.db, "c-order", "2026-09-04").why == "This action was not recorded here yet."


def test_earlier_words_for_no_exemption_are_read_as_the_term_of_today(base: Base):
    duty = {
        "who": "A",
        "rule": "must",
        "type": "other",
        "what": "b",
        "cite": [{"document": "a-source"}],
    }
    place = base.record("actions", "an-order", duties=[duty | {"exemption": "None: it is silent"}])
    file = files.named(base.policies, "policies/actions/an-order.toml")
    ((item,), message) = states.parse_content(file, place.read_bytes())
    (earlier,) = item.record.duties
    assert (earlier.treatment, earlier.exemption, message) == ("not_exempt", "It is silent", "")


def test_database_without_history_says_so(built):
    assert said(built.db, "an-order", "2026-07-01") == known.Then(
        None,
        "This knowledge base was built without a history. What it said on another day is not known.",
    )


def test_page_shows_both_with_the_differences_marked(kept):
    site = Site(kept.db)
    page = etree.HTML(site.get("/actions/an-order?known=2026-07-31").text)
    rows = {
        " ".join("".join(row.find("th").itertext()).split()): [
            " ".join("".join(cell.itertext()).split()) for cell in row.findall("td")
        ]
        for row in page.xpath(
            "//section[contains(@class, 'known')]//tbody/tr[contains(@class, 'differs')]"
        )
    }
    assert rows == {
        "Status": [
            "● In force since 2 June 2026",
            "◌ Ended on 20 July 2026, in force for 47 days",
        ],
        "Known as of": ["15 June 2026", "1 August 2026"],
        "Title": ["An order", "Another order"],
        "Event, differs: the date": ["2 June 2026: issued", "3 June 2026: issued"],
        "Event, added since": ["–", "20 July 2026: revoked"],
        "Event, removed since": ["1 December 2026: took effect", "–"],
    }
    assert page.xpath("//input[@name='on']/@value") == ["2026-07-31"]
    for day, words in (
        ("2026-06-30", "The history here begins on 2026-07-01"),
        ("soon", "“soon” is not a day; write it as 2026-06-15."),
        ("2026-09-30", "Nothing differs"),
    ):
        answer = site.get("/actions/an-order", params={"known": day})
        assert (answer.status_code, words in answer.text) == (200, True)
    assert "What was said here on 1" not in site.get("/actions/an-order").text
