"""The change log: entries of kb.db from the git history of the files."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
import rtoml
from checkouts import committed, git
from conftest import ACTION, Base
from policykb.build.compare import compare
from policykb.build.load import Result
from policykb.files.reader import FileRef
from policykb.history import classify, diff, entries, log
from policykb.history.states import parse_content
from policykb.model.fields import describe, parts
from policykb.model.records import FOLDERS, TABLES

CITE = [{"document": "a-source"}]
ISSUED = ("2026-06-02", "issued", {"id": "issued"})


def compared(policies: Path, db: Path, today: str) -> tuple[Result, list[str]]:
    """Return how `db` differs from a fresh build with the change log of the files."""
    return compare(policies, db, today, log=log.read)


def commit(base: Base, day: str, *message: str) -> str:
    """Commit all files of the base on a day; the hash of the commit."""
    committed(base, *message, day=f"{day}T12:00:00+02:00")
    return git(base.policies.parent, "rev-parse", "HEAD").strip()


@pytest.fixture
def kept(base: Base) -> Base:
    """A small knowledge base in a git checkout, imported on 1 July 2026."""
    base.action("an-order", [ISSUED], as_of="2026-06-15")
    (base.policies.parent / ".gitignore").write_text("kb.db*\n")
    commit(base, "2026-07-01", "Import")
    return base


def rows(
    base: Base,
    columns: str = "record, change, pointer, before, after, class",
    where: str = '"commit" <> (select id from commits where position = 1)',
) -> list[tuple]:
    """Rows of the change log of a fresh load; by default without the import."""
    assert not base.load().errors
    with contextlib.closing(sqlite3.connect(base.db)) as connection:
        return connection.execute(
            f"select {columns} from changes where {where} order by id"
        ).fetchall()


def test_import_is_one_entry_a_record(kept):
    assert rows(kept, "kind, record, change, pointer, class", "1") == [
        ("action", "an-order", "added", "", "enrichment"),
        ("argument", "it-should-stay", "added", "", "enrichment"),
        ("claim", "it-does-good", "added", "", "enrichment"),
        ("document", "a-source", "added", "", "enrichment"),
        ("jurisdiction", "us", "added", "", "enrichment"),
        ("jurisdiction", "us-ca", "added", "", "enrichment"),
        ("organization", "an-office", "added", "", "enrichment"),
        ("topic", "a-topic", "added", "", "enrichment"),
    ]


@pytest.mark.parametrize("first", [True, False], ids=["in the first commit", "later"])
def test_what_sources_said_is_no_part_of_the_log(base: Base, first: bool):
    memory = base.policies / ".imported/actions/an-order.json"
    memory.parent.mkdir(parents=True)
    memory.with_name("a-source.json").write_text("{}")
    if first:
        memory.write_text('{"one": {}}')
        (base.policies / ".imported/feeds.json").write_text("{}")
    commit(base, "2026-07-01", "Import")
    memory.write_text('{"two": {}}')
    assert rows(base) == []
    commit(base, "2026-08-01", "Import again")
    assert rows(base) == []
    assert base.run("check", "--base", "HEAD~1").returncode == 0
    assert base.run("load", "--as-known", "2026-07-01").returncode == 0


def test_entry_says_by_which_commit_and_when(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    hash = commit(kept, "2026-08-01", "A better title")
    assert rows(kept) == [
        ("an-order", "changed", "title", "An order", "Another order", "editorial")
    ]
    with contextlib.closing(sqlite3.connect(kept.db)) as connection:
        assert connection.execute(
            'select c."commit", m.position, m.time, m.subject from changes c join commits m on m.id = c."commit" where c.pointer = \'title\''
        ).fetchall() == [(hash, 2, "2026-08-01T10:00:00Z", "A better title")]
        assert dict(connection.execute("select * from kb_info where key like 'history%'")) == {
            "history": "complete",
            "history_to": hash,
        }


def test_later_event_is_news_and_so_is_the_status_that_follows(kept):
    kept.action("an-order", [ISSUED, ("2026-07-20", "revoked")], as_of="2026-08-01")
    commit(kept, "2026-08-01")
    event = json.dumps({"cite": CITE, "date": "2026-07-20", "id": "revoked", "type": "revoked"})
    assert rows(kept) == [
        ("an-order", "changed", "as_of", "2026-06-15", "2026-08-01", "mechanical"),
        ("an-order", "added", "events#revoked", None, event, "world"),
        ("an-order", "changed", "status", "Adopted, in force", "Adopted, ended", "world"),
    ]


def test_event_that_was_missed_is_a_correction_where_the_status_told_was_wrong(kept):
    kept.action("an-order", [ISSUED, ("2026-06-10", "revoked")], as_of="2026-06-15")
    commit(kept, "2026-08-01")
    assert [(pointer, name) for _, _, pointer, _, _, name in rows(kept)] == [
        ("events#revoked", "correction"),
        ("status", "correction"),
    ]


def test_event_that_was_missed_and_changes_no_status_is_an_addition(kept):
    kept.action("an-order", [ISSUED, ("2026-06-10", "statement")], as_of="2026-06-15")
    commit(kept, "2026-08-01")
    assert [(pointer, name) for _, _, pointer, _, _, name in rows(kept)] == [
        ("events#statement", "enrichment")
    ]


def test_moved_date_is_news(kept):
    due = ("2026-12-01", "took_effect", {"id": "due"})
    kept.action("an-order", [ISSUED, due], as_of="2026-06-15")
    commit(kept, "2026-07-02", "A deadline", "Change: enrichment")
    kept.action(
        "an-order",
        [
            ISSUED,
            due,
            ("2027-06-01", "took_effect", {"supersedes": "due", "moved_on": "2026-07-20"}),
        ],
        as_of="2026-06-15",
    )
    commit(kept, "2026-08-01")
    assert [(change, pointer, name) for _, change, pointer, _, _, name in rows(kept)] == [
        ("added", "events#due", "enrichment"),
        ("moved", "events#took-effect", "world"),
    ]


def test_day_on_which_a_date_was_moved_is_an_addition(kept):
    due = ("2026-12-01", "took_effect", {"id": "due"})
    later = {"id": "later", "supersedes": "due"}
    kept.action("an-order", [ISSUED, due, ("2027-06-01", "took_effect", later)])
    commit(kept, "2026-07-02")
    later = later | {"moved_on": "2026-05-20"}
    kept.action("an-order", [ISSUED, due, ("2027-06-01", "took_effect", later)])
    commit(kept, "2026-08-01")
    assert rows(kept, "pointer, class")[-1] == ("events#later.moved_on", "enrichment")


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("2026-06", "2026-06-02", "enrichment"),
        ("2026-06-02", "2026-06-03", "correction"),
        ("2026-06-02", "2026-06", "correction"),
    ],
)
def test_date_told_more_exactly_is_an_addition_and_another_date_a_correction(
    kept, before, after, name
):
    kept.action("an-order", [(before, "issued", {"id": "issued"})], as_of="2026-06-30")
    commit(kept, "2026-07-02")
    kept.action("an-order", [(after, "issued", {"id": "issued"})], as_of="2026-06-30")
    commit(kept, "2026-08-01")
    assert rows(kept)[-1] == ("an-order", "changed", "events#issued.date", before, after, name)


@pytest.mark.parametrize(
    ("change", "pointer", "name"),
    [
        ({"topics": ["a-topic"]}, "topics", "enrichment"),
        ({"aliases": ["It"]}, "aliases", "enrichment"),
        ({"summary": "Binds offices."}, "summary", "editorial"),
        ({"bindingness": "mixed"}, "bindingness", "correction"),
        (
            {"effect": {"kind": "requires", "note": "Says nothing."}},
            "effect.kind",
            "correction",
        ),
        ({"effect": {"kind": "silent", "note": "No word."}}, "effect.note", "editorial"),
        ({"identifiers": {"eo": "14409"}}, "identifiers.eo", "enrichment"),
        ({"cite": [{"document": "a-source"}]}, "cite#1", "enrichment"),
        ({"withdrawn": {"on": "2026-07-30", "reason": "Not in scope."}}, "withdrawn", "correction"),
        ({"as_of": "2026-07-30"}, "as_of", "mechanical"),
        ({"confidence": "low"}, "confidence", "enrichment"),
    ],
)
def test_class_follows_from_the_field(kept, change, pointer, name):
    kept.action("an-order", [ISSUED], **{"as_of": "2026-06-15", **change})
    commit(kept, "2026-08-01")
    assert rows(kept, "pointer, class, stated") == [(pointer, name, 0)]


def test_commit_can_state_the_class(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", summary="Binds offices.")
    commit(
        kept,
        "2026-08-01",
        "It binds offices, not agencies",
        "The text was misread.",
        "Change: Correction",
    )
    assert rows(kept, "pointer, class, stated") == [("summary", "correction", 1)]


def test_class_that_does_not_exist_is_not_stated(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", summary="Binds offices.")
    commit(kept, "2026-08-01", "Words", "Change: improvement")
    assert rows(kept, "pointer, class, stated") == [("summary", "editorial", 0)]


def test_new_action_is_news_if_it_has_news(kept):
    kept.action("b-order", [("2026-07-20", "issued")])
    kept.action("c-order", [("2019", "issued")])
    commit(kept, "2026-08-01")
    assert rows(kept) == [
        ("b-order", "added", "", None, None, "world"),
        ("c-order", "added", "", None, None, "enrichment"),
    ]


def test_reformat_of_all_files_gives_no_entry(kept):
    for file in kept.policies.rglob("*.toml"):
        file.write_text(
            "# Another layout\n\n" + file.read_text().replace(" = ", "   =   ") + "\n\n"
        )
    commit(kept, "2026-08-01")
    assert rows(kept) == []
    with contextlib.closing(sqlite3.connect(kept.db)) as connection:
        assert connection.execute("select count(*) from commits").fetchone() == (2,)


def test_renamed_record_is_one_entry_and_references_to_it_are_none(kept):
    assert (
        kept.run("rename", "a-source", "b-source", "--reason", "Better.", "--yes").returncode == 0
    )
    commit(kept, "2026-08-01")
    assert rows(kept, "kind, record, change, pointer, before, after, class") == [
        ("document", "b-source", "renamed", "id", "a-source", "b-source", "mechanical"),
        ("redirect", "a-source", "added", "to", None, "b-source", "mechanical"),
    ]


def test_removed_record_is_kept_whole(kept):
    kept.record("claims", "b-claim", text="Another")
    commit(kept, "2026-07-02")
    (kept.policies / "claims/b-claim.toml").unlink()
    commit(kept, "2026-08-01")
    record, change, _, before, _, name = rows(kept)[-1]
    assert (record, change, name, json.loads(before)["text"]) == (
        "b-claim",
        "removed",
        "correction",
        "Another",
    )


def test_file_that_cannot_be_read_is_passed_over(kept):
    kept.write("actions/an-order.toml", "title = ")
    commit(kept, "2026-07-02")
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01")
    assert rows(kept) == [
        ("an-order", "changed", "title", "An order", "Another order", "editorial")
    ]


def test_merge_is_one_step_with_the_class_that_its_commits_state(kept):
    folder = kept.policies.parent
    git(folder, "checkout", "--quiet", "-b", "work")
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-07-03", "Title", "Change: correction")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "merge", "--quiet", "--no-ff", "work", "-m", "Merge work")
    assert rows(kept) == [
        ("an-order", "changed", "title", "An order", "Another order", "correction")
    ]
    with contextlib.closing(sqlite3.connect(kept.db)) as connection:
        assert [
            subject
            for (subject,) in connection.execute("select subject from commits order by position")
        ] == ["Import", "Title"]


def test_what_is_not_committed_has_no_commit_yet(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    assert rows(kept, '"commit", record, pointer, class', '"commit" is null') == [
        (None, "an-order", "title", "editorial")
    ]


def test_database_committed_with_its_files_is_what_a_fresh_build_gives(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    assert not kept.load().errors
    commit(kept, "2026-08-01")
    result, found = compared(kept.policies, kept.db, "2026-08-01")
    assert (result.errors, found) == (0, [])


def test_database_of_a_branch_that_was_squashed_is_what_a_fresh_build_gives(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01")
    kept.load()
    git(kept.policies.parent, "commit", "--quiet", "--amend", "-m", "Squashed")
    assert compared(kept.policies, kept.db, "2026-08-01")[1] == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "update changes set \"after\" = 'Forged' where pointer = 'title'",
            "changes: the entries of commit {0} are not those of the git history",
        ),
        (
            "update changes set class = 'world' where pointer = 'title'",
            "changes: the entries of commit {0} are not those of the git history",
        ),
        (
            "delete from changes where pointer = 'title'",
            "changes: the entries of commit {0} are not those of the git history",
        ),
        ("delete from commits where position = 2", "commits: missing commit {0}"),
        (
            "update kb_info set value = 'none' where key = 'history'",
            "changes: it was built without the whole git history, which is there now",
        ),
    ],
)
def test_log_changed_by_hand_is_found(kept, statement, said):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    hash = commit(kept, "2026-08-01")
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="A third order")
    commit(kept, "2026-08-02")
    kept.load()
    with contextlib.closing(sqlite3.connect(kept.db)) as connection:
        connection.execute(statement)
        connection.commit()
    assert said.format(hash[:12]) in compared(kept.policies, kept.db, "2026-08-03")[1]


def test_folder_without_git_has_no_log_and_its_database_is_whole(kept, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("elsewhere")
    kept.load()
    shutil.copytree(kept.policies, tmp_path / "tarball/policies")
    shutil.copy(kept.db, tmp_path / "tarball/kb.db")
    assert log.read(tmp_path / "tarball/policies") == log.Log("none", [], [])
    assert (
        compared(tmp_path / "tarball/policies", tmp_path / "tarball/kb.db", "2026-08-03")[1] == []
    )


@pytest.mark.slow
def test_shallow_clone_has_what_there_is_and_says_so(kept, tmp_path):
    for title in ("Another order", "A third order"):
        kept.action("an-order", [ISSUED], as_of="2026-06-15", title=title)
        commit(kept, "2026-08-01")
    kept.load()
    clone = Base.__new__(Base)
    clone.policies, clone.db = tmp_path / "shallow/policies", tmp_path / "shallow/kb.db"
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{kept.policies.parent}", "shallow")
    assert rows(clone, 'pointer, "after"', "1") == [("title", "A third order")]
    with contextlib.closing(sqlite3.connect(clone.db)) as connection:
        assert connection.execute("select value from kb_info where key = 'history'").fetchone() == (
            "partial",
        )
    assert compared(clone.policies, kept.db, "2026-08-03")[1] == []
    git(tmp_path / "shallow", "fetch", "--quiet", "--unshallow")
    assert rows(clone, "count(*)", "1") == [(10,)]


def test_same_commit_gives_the_same_bytes(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01")
    kept.load()
    first = kept.db.read_bytes()
    (kept.policies.parent / ".git" / log.CACHE).unlink()
    kept.load()
    assert kept.db.read_bytes() == first
    kept.load()
    assert kept.db.read_bytes() == first


@pytest.mark.slow
def test_damaged_cache_is_made_again(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01")
    whole = rows(kept)
    place = kept.policies.parent / ".git" / log.CACHE
    for content in (
        b"",
        b"no\n{}",
        place.read_bytes().replace(b"Another", b"Altered"),
        place.read_bytes()[:-9],
    ):
        place.write_bytes(content)
        assert rows(kept) == whole
        assert b"Another order" in place.read_bytes()


def test_cache_follows_a_history_that_was_rewritten(kept):
    for title in ("Another order", "A third order"):
        kept.action("an-order", [ISSUED], as_of="2026-06-15", title=title)
        commit(kept, "2026-08-01")
    assert len(rows(kept)) == 2
    git(kept.policies.parent, "reset", "--quiet", "--hard", "HEAD~2")
    assert rows(kept) == []
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="A fourth order")
    commit(kept, "2026-08-02")
    assert [after for *_, after, _ in rows(kept)] == ["A fourth order"]


def test_paths_and_messages_of_any_kind_are_read(kept):
    (kept.policies / "odd\nname\t:100644.toml").write_text("x")
    (kept.policies.parent / "other").mkdir()
    (kept.policies.parent / "other/file").write_text("x")
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01", "Über \x01 alles\x1f", ":100644 100644\n\nChange: ")
    (kept.policies / "odd\nname\t:100644.toml").unlink()
    assert rows(kept) == [
        ("an-order", "changed", "title", "An order", "Another order", "editorial")
    ]


def test_folder_of_the_knowledge_may_lie_deeper_in_the_checkout(tmp_path: Path):
    (tmp_path / "deep").mkdir()
    deep = Base(tmp_path / "deep")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "-m", "Import")
    assert len(rows(deep, "record", "change = 'added'")) == 8


def test_other_source_of_an_event_is_no_correction(kept):
    kept.record("documents", "b-source")
    kept.action(
        "an-order",
        [(*ISSUED[:2], ISSUED[2] | {"cite": [{"document": "b-source"}]})],
        as_of="2026-06-15",
    )
    commit(kept, "2026-08-01")
    assert rows(kept, "record, pointer, class") == [
        ("an-order", "events#issued.cite", "editorial"),
        ("b-source", "", "enrichment"),
    ]


def test_settings_of_git_change_nothing(kept):
    kept.action("an-order", [ISSUED], as_of="2026-06-15", title="Another order")
    commit(kept, "2026-08-01")
    whole = rows(kept)
    folder = kept.policies.parent
    for name, value in (
        ("log.showSignature", "true"),
        ("log.date", "relative"),
        ("diff.renames", "copies"),
        ("diff.relative", "true"),
        ("log.showRoot", "false"),
        ("log.diffMerges", "combined"),
        ("format.pretty", "fuller"),
        ("core.abbrev", "5"),
        ("trailer.separators", "%"),
        ("log.decorate", "full"),
    ):
        git(folder, "config", name, value)
    (folder / ".git" / log.CACHE).unlink()
    assert (
        rows(kept)
        == whole
        == [("an-order", "changed", "title", "An order", "Another order", "editorial")]
    )


def test_tables_of_fields_name_fields_that_exist():
    records = [record for record, _ in (*FOLDERS.values(), *TABLES.values())]
    fields = {name for record in records for part in parts(record) for name in describe(part)}
    tables = {*classify.OF_FIELD, *classify.WORDED, *diff.SECTION_OF, *diff.LINKS, *entries.NESTED}
    assert tables - fields == set()
    assert diff.SECTION_OF.keys() >= set(diff.LINKS)


def test_former_keys_of_older_commits_are_read():
    former = {key: value for key, value in ACTION.items() if key != "effect"}
    former |= {"openness": {"effect": "silent", "note": "Says nothing."}}
    file = FileRef("action", "an-order", "policies/actions/an-order.toml", "")
    (item,), problem = parse_content(file, rtoml.dumps(former).encode())
    assert (item.record.effect.kind, problem) == ("silent", "")


def test_a_topic_with_the_name_of_a_former_key_is_read_as_it_is():
    file = FileRef("topic", "", "policies/topics.toml", "")
    content = b'[openness]\nname = "Openness"\ndefinition = "Access to models."\n'
    (item,), problem = parse_content(file, content)
    assert (item.id, problem) == ("openness", "")
