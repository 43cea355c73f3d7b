"""What a change does to the knowledge, in words: from real checkouts, with exact answers."""

import html
import json
import os
import re
import shutil
from pathlib import Path

import pytest
import rtoml
from checkouts import committed, git
from click.testing import CliRunner
from conftest import ANY, TODAY, Base
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from policykb.cli import cli
from policykb.contribute import lifecycle
from policykb.history import git as revisions
from policykb.history import report
from policykb.history.diff import SECTIONS, Difference, compare

ACTION, ARGUMENT, CLAIM, DOCUMENT = (
    "policies/actions/an-order.toml",
    "policies/arguments/it-should-stay.toml",
    "policies/claims/it-does-good.toml",
    "policies/documents/a-source.toml",
)
CITE = [{"document": "a-source"}]
ISSUED = ("2026-06-02", "issued")


def told(base: Base, before: str = "HEAD", after: str | None = None) -> list[tuple]:
    """The differences between two revisions, each without what is empty at its end."""
    repository = revisions.repository(base.policies)
    ends = [revisions.commit(repository, end) if end else None for end in (before, after)]
    found = []
    for one in compare(base.policies, revisions.differing(repository, *ends), TODAY):
        values = list(one)
        while values[-1] in (None, ""):
            values.pop()
        found.append(tuple(values))
    return found


def run(base: Base, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(
        cli, ["diff", *arguments, "--policies", str(base.policies), "--today", TODAY]
    )
    assert not result.exception or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def kept(base: Base) -> Base:
    """The small base, committed."""
    committed(base)
    return base


# Records


def test_nothing_changed(kept: Base):
    assert told(kept) == []
    assert run(kept) == (0, "nothing changes in the knowledge\n", "")


def test_new_records_are_told_with_what_they_link(kept: Base):
    kept.action(
        "a-bill",
        [("2026-01-01", "introduced"), ("2027-01-01", "deadline")],
        relations=[{"type": "amends", "action": "an-order"}],
    )
    kept.record(
        "documents",
        "b-source",
        mentions=[{"action": "an-order", "locator": "page 2", "portrayed_as": "feared"}],
    )
    kept.write(
        "topics.toml",
        rtoml.load(kept.policies / "topics.toml")
        | {"b-topic": {"name": "Another", "definition": "More."}},
    )
    action, document = (
        ("action", "a-bill", "policies/actions/a-bill.toml"),
        ("document", "b-source", "policies/documents/b-source.toml"),
    )
    assert told(kept) == [
        (
            "status",
            "added",
            *action,
            "",
            None,
            "Introduced, not yet in force",
            "2026-01-01 Introduced",
        ),
        ("deadlines", "added", *action, "2027-01-01 Deadline"),
        ("records", "added", *action, "An order", None, None, "2 events, 1 relation"),
        ("records", "added", *document, "A source", None, None, "1 mention"),
        ("records", "added", "topic", "b-topic", "policies/topics.toml", "Another"),
        ("events", "added", *action, "2026-01-01 Introduced"),
        ("events", "added", *action, "2027-01-01 Deadline"),
        ("relations", "added", *action, "amends an-order"),
        ("mentions", "added", *document, "an-order, page 2, portrayed as feared"),
    ]


def test_removed_argument_tells_the_stances_that_go_with_it(kept: Base):
    (kept.policies / "arguments/it-should-stay.toml").unlink()
    where = ("argument", "it-should-stay", ARGUMENT)
    assert told(kept) == [
        ("records", "removed", *where, "It should stay", None, None, "1 stance, 1 appearance"),
        ("stances", "removed", *where, "supports an-order"),
        ("mentions", "removed", *where, "a-source"),
    ]


def test_renaming_is_one_difference_although_many_files_change(kept: Base):
    kept.make(
        lifecycle.rename(kept.policies, TODAY, "an-order", "the-order", "Clearer").changes,
    )
    kept.make(
        lifecycle.rename(kept.policies, TODAY, "a-source", "the-source", "Clearer").changes,
    )
    kept.make(lifecycle.rename(kept.policies, TODAY, "us", "usa", "Clearer").changes)
    assert told(kept) == [
        (
            "records",
            "renamed",
            "action",
            "the-order",
            "policies/actions/the-order.toml",
            "An order",
            "an-order",
            "the-order",
            "Clearer",
        ),
        (
            "records",
            "renamed",
            "document",
            "the-source",
            "policies/documents/the-source.toml",
            "A source",
            "a-source",
            "the-source",
            "Clearer",
        ),
        (
            "records",
            "renamed",
            "jurisdiction",
            "usa",
            "policies/jurisdictions.toml",
            "United States",
            "us",
            "usa",
            "Clearer",
        ),
    ]


def test_merging_tells_what_the_kept_record_gained(base: Base):
    base.record("claims", "twin", note="More.")
    committed(base)
    base.make(
        lifecycle.merge(base.policies, TODAY, "twin", "it-does-good", "The same").changes,
    )
    assert told(base) == [
        (
            "records",
            "merged",
            "claim",
            "twin",
            "policies/claims/twin.toml",
            "It does good",
            "twin",
            "it-does-good",
            "The same",
        ),
        ("texts", "added", "claim", "it-does-good", CLAIM, "note", None, "More."),
    ]


def test_withdrawing_and_taking_it_back(kept: Base):
    kept.make(
        lifecycle.withdraw(kept.policies, TODAY, "a-topic", "Too broad").changes,
    )
    where = ("topic", "a-topic", "policies/topics.toml", "A topic")
    assert told(kept) == [("records", "withdrawn", *where, None, None, "Too broad")]
    committed(kept)
    assert told(kept, "HEAD", "HEAD~1") == [
        ("records", "restored", *where, None, None, "Too broad")
    ]


def test_redirects_by_hand_are_told(base: Base):
    base.write(
        "redirects.toml",
        {id: {"to": "us", "on": "2026-06-02", "reason": "A test"} for id in ("a-one", "a-two")},
    )
    committed(base)
    base.write(
        "redirects.toml",
        {
            id: {"to": to, "on": "2026-06-02", "reason": "A test"}
            for id, to in (("a-one", "us-ca"), ("a-three", "us"))
        },
    )
    where = "policies/redirects.toml", "leads to"
    assert told(base) == [
        ("redirects", "changed", "redirect", "a-one", *where, "us", "us-ca", "A test"),
        ("redirects", "added", "redirect", "a-three", *where, None, "us", "A test"),
        ("redirects", "removed", "redirect", "a-two", *where, "us"),
    ]


# Events and status


def test_new_event_changes_the_status_today(base: Base):
    base.action("an-order", [ISSUED])
    committed(base)
    base.action("an-order", [ISSUED, ("2026-11-01", "suspended", {"note": "By a court."})])
    where = ("action", "an-order", ACTION)
    assert told(base) == [
        (
            "status",
            "changed",
            *where,
            "",
            "Adopted, in force",
            "Adopted, suspended",
            "2026-11-01 Suspended: By a court.",
        ),
        ("events", "added", *where, "2026-11-01 Suspended: By a court."),
    ]


def test_moved_date_changes_the_days_ahead(base: Base):
    due = ("2027-08-02", "took_effect", {"id": "due"})
    base.action("an-order", [("2026-06-02", "entered_into_force"), due])
    committed(base)
    base.action(
        "an-order",
        [
            ("2026-06-02", "entered_into_force"),
            due,
            (
                "2028-08-02",
                "took_effect",
                {"supersedes": "due", "moved_on": "2026-10-01", "moved_by": "an-order"},
            ),
        ],
    )
    where = ("action", "an-order", ACTION)
    assert told(base) == [
        ("deadlines", "changed", *where, "2028-08-02 Took effect", "2027-08-02", "2028-08-02"),
        (
            "events",
            "moved",
            *where,
            "2028-08-02 Took effect",
            "2027-08-02",
            "2028-08-02",
            "moved on 2026-10-01 by an-order",
        ),
    ]


def test_event_whose_date_was_corrected_is_the_same_event(base: Base):
    base.action(
        "an-order",
        [
            ("2026-06-02", "issued", {"id": ..., "note": "Signed."}),
            ("2026-07-01", "amended", {"id": ...}),
            ("2026-07-02", "amended", {"id": ...}),
        ],
    )
    committed(base)
    base.action(
        "an-order",
        [
            ("2026-06-03", "issued", {"id": ..., "note": "Signed."}),
            ("2026-07-02", "amended", {"id": ...}),
            ("2026-07-01", "amended", {"id": ..., "note": "In two points."}),
        ],
    )
    where = ("action", "an-order", ACTION)
    assert told(base) == [
        (
            "events",
            "changed",
            *where,
            "2026-06-02 Issued: Signed.",
            "date: 2026-06-02",
            "date: 2026-06-03",
        ),
        ("events", "changed", *where, "2026-07-01 Amended", None, "note: In two points."),
    ]


def test_sources_of_an_event_are_told_apart_from_the_event(base: Base):
    base.record("documents", "b-source")
    committed(base)
    base.record(
        "actions",
        "an-order",
        events=[
            {
                "date": "2026-06-02",
                "type": "issued",
                "cite": [{"document": "a-source", "locator": "page 2"}, {"document": "b-source"}],
            }
        ],
    )
    where = ("action", "an-order", ACTION)
    assert told(base) == [
        ("citations", "added", *where, "b-source (for 2026-06-02 Issued)"),
        (
            "citations",
            "changed",
            *where,
            "a-source, page 2 (for 2026-06-02 Issued)",
            None,
            "locator: page 2",
        ),
    ]


# Links, findings, texts


def test_stance_mention_finding_and_grade_that_change(base: Base):
    base.record(
        "documents",
        "a-source",
        mentions=[{"action": "an-order", "locator": "page 1", "portrayed_as": "enacted"}],
    )
    committed(base)
    base.record(
        "arguments",
        "it-should-stay",
        stances=[{"action": "an-order", "stance": "warns"}],
        claims=["it-does-good"],
    )
    base.record(
        "claims",
        "it-does-good",
        finding="unsupported",
        evidence=[{"document": "a-source", "finding": "refutes", "note": "Not so."}],
    )
    base.record(
        "documents",
        "a-source",
        grade="relayed",
        mentions=[{"action": "an-order", "locator": "page 1", "portrayed_as": "feared"}],
    )
    assert told(base) == [
        (
            "stances",
            "changed",
            "argument",
            "it-should-stay",
            ARGUMENT,
            "warns an-order",
            "stance: supports",
            "stance: warns",
        ),
        ("relations", "added", "argument", "it-should-stay", ARGUMENT, "claims: it-does-good"),
        (
            "mentions",
            "changed",
            "document",
            "a-source",
            DOCUMENT,
            "an-order, page 1, portrayed as feared",
            "portrayed_as: enacted",
            "portrayed_as: feared",
        ),
        (
            "findings",
            "changed",
            "claim",
            "it-does-good",
            CLAIM,
            "finding",
            "contested",
            "unsupported",
        ),
        ("findings", "added", "claim", "it-does-good", CLAIM, "a-source: refutes"),
        ("citations", "changed", "document", "a-source", DOCUMENT, "grade", "primary", "relayed"),
    ]


def test_long_texts_are_shown_where_they_part(kept: Base):
    kept.record(
        "actions",
        "an-order",
        title="The order",
        summary="Binds agencies." + " And so on." * 30,
        identifiers={"eo": "14409"},
        aliases=["It", {"name": "That", "kind": "nickname"}],
    )
    where = ("action", "an-order", ACTION)
    assert told(kept) == [
        ("texts", "changed", *where, "title", "An order", "The order"),
        ("texts", "added", *where, "identifiers.eo", None, "14409"),
        ("texts", "added", *where, "aliases: It"),
        ("texts", "added", *where, "aliases: name: That; kind: nickname"),
        (
            "texts",
            "changed",
            *where,
            "summary",
            "Binds agencies.",
            "Binds agencies." + " And so on." * 9 + " And…",
        ),
    ]
    committed(kept)
    kept.record(
        "actions",
        "an-order",
        title="The order",
        summary="Binds agencies." + " And so on." * 20 + " But not here.",
        identifiers={"eo": "14409"},
        aliases=["It", {"name": "That", "kind": "nickname"}],
    )
    ((_, _, *_, before, after),) = told(kept)
    assert before == "… so on. And so on. And so on." + " And so on." * 8 + "…"
    assert after == "… so on. And so on. And so on. But not here."


def test_rules_of_about_are_told_one_by_one(kept: Base):
    about = rtoml.load(kept.policies / "about.toml")
    severities = {**about["severities"], "E851": "error"}
    del severities["E852"]
    kept.write(
        "about.toml",
        about | {"severities": severities, "longest_summary": 90, "shorthand": ["XX", "YY"]},
    )
    assert [one[1:2] + one[5:] for one in told(kept)] == [
        ("changed", "severities.E851", "off", "error"),
        ("removed", "severities.E852", "off"),
        ("changed", "longest_summary", "120", "90"),
        ("changed", "shorthand", "", "XX, YY"),
    ]


def test_about_and_layout_are_told_apart(kept: Base):
    kept.write(
        "about.toml",
        rtoml.load(kept.policies / "about.toml")
        | {"title": "Another", "expectations": {"actions": 1}},
    )
    (kept.policies / "claims/it-does-good.toml").write_text(
        "# A comment\n" + (kept.policies / "claims/it-does-good.toml").read_text()
    )
    assert told(kept) == [
        ("texts", "changed", "about", "", "policies/about.toml", "title", "Test base", "Another"),
        ("texts", "added", "about", "", "policies/about.toml", "expectations.actions", None, "1"),
        ("layout", "changed", "claim", "it-does-good", CLAIM),
    ]


# Files that cannot be read


@pytest.mark.parametrize(
    ("place", "content", "said"),
    [
        ("claims/it-does-good.toml", b"= broken", "after: column 1: "),
        ("claims/it-does-good.toml", b"caf\xe9 = 1", "after: byte 0xe9 is not UTF-8"),
        ("claims/it-does-good.toml", b"text = 1", "after: "),
        ("topics.toml", b"= broken", "after: column 1: "),
        ("claims/Evil Name.toml", b"", "is not a file of a knowledge base"),
        ("claims/bad\udcff.toml", b"", "is not a file of a knowledge base"),
    ],
)
def test_file_that_cannot_be_read_is_told_and_the_rest_goes_on(
    kept: Base, place: str, content: bytes, said: str
):
    Path(os.fsencode(kept.policies / place).decode("utf-8", "surrogateescape")).write_bytes(content)
    kept.record("documents", "a-source", title="Another")
    first, second = told(kept)
    assert first == (
        "texts",
        "changed",
        "document",
        "a-source",
        DOCUMENT,
        "title",
        "A source",
        "Another",
    )
    assert (second[:2], second[5][: len(said)]) == (("unread", "unreadable"), said)
    for form in ("text", "markdown", "json"):
        assert run(kept, "--format", form)[0] == 0


@pytest.mark.slow
def test_link_and_huge_file_in_a_revision_are_not_opened(kept: Base):
    (kept.policies / "claims/linked.toml").symlink_to("/etc/passwd")
    kept.write("claims/huge.toml", b"#" * (revisions.MOST_TABLE_BYTES + 1))
    expected = [
        ("claims/huge.toml", "after: has 33,554,433 bytes"),
        ("claims/linked.toml", "after: is a link"),
    ]
    assert [(one[4].removeprefix("policies/"), one[5]) for one in told(kept)] == expected
    committed(kept)
    assert [(one[4].removeprefix("policies/"), one[5]) for one in told(kept, "HEAD~1", "HEAD")] == [
        expected[0],
        ("claims/linked.toml", "after: is not a plain file"),
    ]


def test_files_beside_the_records_are_no_difference(kept: Base):
    kept.write("notes.txt", "")
    memory = kept.policies / ".imported/actions/an-order.json"
    memory.parent.mkdir(parents=True)
    memory.write_text("{}")
    (kept.policies / ".imported/feeds.json").write_text("{}")
    (kept.policies.parent / "README.md").write_text("")
    assert told(kept) == []
    committed(kept)
    assert told(kept, "HEAD~1", "HEAD") == []
    memory.write_text('{"a": {}}')
    assert told(kept) == []
    for form in ("text", "markdown", "json"):
        assert ".imported" not in kept.run("diff", "--format", form).stdout


# Revisions


def test_branch_is_compared_with_where_it_parted(kept: Base):
    folder = kept.policies.parent
    git(folder, "switch", "--quiet", "--create", "mine")
    kept.record("claims", "mine")
    committed(kept)
    git(folder, "switch", "--quiet", "main")
    kept.record("claims", "theirs")
    committed(kept)
    added, removed = (
        f"  {change} {id} It does good (1 appearance)"
        for change, id in (("added", "mine"), ("removed", "theirs"))
    )
    git(folder, "switch", "--quiet", "mine")
    assert run(kept, "main")[1].splitlines()[3:5] == [added, removed]
    assert run(kept, "main", "mine")[1] == run(kept, "main")[1]
    assert run(kept, "main", "--merge-base")[1].splitlines() == [
        "record: 1 added; mention or appearance: 1 added",
        "",
        "Records",
        added,
        "",
        "Mentions and appearances",
        "  added mine a-source",
    ]
    assert run(kept, "main", "mine", "--merge-base")[1] == run(kept, "main", "--merge-base")[1]


def test_untracked_ignored_and_staged_files_count_as_they_are(kept: Base):
    (kept.policies.parent / ".gitignore").write_text("secret.toml\n")
    kept.record("claims", "secret")
    kept.record("claims", "staged")
    git(kept.policies.parent, "add", "policies/claims/staged.toml")
    git(kept.policies.parent, "rm", "--quiet", "--cached", "policies/topics.toml")
    assert [(one[1], one[3]) for one in told(kept) if one[0] == "records"] == [
        ("added", "secret"),
        ("added", "staged"),
    ]


def test_policies_may_be_the_checkout_itself_or_lie_deep_in_one(base: Base, tmp_path: Path):
    git(base.policies, "init", "--quiet", "--initial-branch=main")
    git(base.policies, "add", "--all")
    git(base.policies, "commit", "--quiet", "--message", "State")
    base.record("claims", "new")
    expected = ["policies/claims/new.toml"] * 2
    assert [one[4] for one in told(base)] == expected
    (base.policies / "claims/new.toml").unlink()
    shutil.rmtree(base.policies / ".git")
    git(tmp_path.parent, "init", "--quiet", "--initial-branch=main", str(tmp_path))
    shutil.copytree(base.policies, tmp_path / "a/b c/knowledge")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "State")
    base.policies = tmp_path / "a/b c/knowledge"
    base.record("claims", "new")
    assert [one[4] for one in told(base)] == ["knowledge/claims/new.toml"] * 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mian"], "there is no revision 'mian'; did you mean 'main'?"),
        (["V1.0"], "there is no revision 'V1.0'; did you mean 'v1.0'?"),
        (
            ["v1.O"],
            "there is no revision 'v1.O'; `git branch -a` and `git tag` list them",
        ),
        (
            ["zzzzzz"],
            "there is no revision 'zzzzzz'; `git branch -a` and `git tag` list them",
        ),
        (["main", "mian"], "there is no revision 'mian'; did you mean 'main'?"),
        (
            ["HEAD:policies"],
            "there is no revision 'HEAD:policies'; `git branch -a` and `git tag` list them",
        ),
        (["main..HEAD"], "'main..HEAD' is a range; give two revisions, or --merge-base"),
        (
            ["--", "--output=evil"],
            "'--output=evil' cannot be a revision; give a branch, a tag or a commit",
        ),
        (["main", "--", "-x"], "'-x' cannot be a revision; give a branch, a tag or a commit"),
        ([""], "'' cannot be a revision; give a branch, a tag or a commit"),
        (["a\nb"], "'a\\nb' cannot be a revision; give a branch, a tag or a commit"),
        (
            ["main", "--link", "javascript:alert(1)"],
            "--link 'javascript:alert(1)': write it as https://github.com/OWNER/REPOSITORY/blob/COMMIT/",
        ),
        (
            ["main", "--link", "https://x/) ["],
            "--link 'https://x/) [': write it as https://github.com/OWNER/REPOSITORY/blob/COMMIT/",
        ),
        (
            ["main", "alone", "--merge-base"],
            "'main' and 'alone' share no commit here; fetch more of the history",
        ),
    ],
)
def test_revision_that_does_not_exist_gets_a_clear_message(
    kept: Base, arguments: list[str], said: str
):
    git(kept.policies.parent, "tag", "v1.0")
    git(kept.policies.parent, "switch", "--quiet", "--orphan", "alone")
    git(kept.policies.parent, "commit", "--quiet", "--allow-empty", "--message", "Alone")
    git(kept.policies.parent, "switch", "--quiet", "main")
    options, rest = (["--policies", str(kept.policies)], arguments)
    result = CliRunner().invoke(cli, ["diff", *options, *rest])
    assert (result.exit_code, result.stdout, result.stderr.splitlines()[-1]) == (
        2,
        "",
        f"Error: {said}",
    )


def test_repository_without_a_commit_is_said_to_have_none(base: Base):
    git(base.policies.parent, "init", "--quiet")
    code, _, err = run(base)
    assert (code, err.splitlines()[-1]) == (2, "Error: this repository has no commit yet")


def test_folder_that_is_no_checkout_gets_a_clear_message(base: Base):
    code, out, err = run(base)
    assert (code, out) == (2, "")
    assert (
        err.splitlines()[-1]
        == f"Error: {base.policies} is not in a git checkout, so there is no revision to read"
    )


def test_missing_git_gets_a_clear_message(kept: Base, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert (
        run(kept)[2].splitlines()[-1]
        == "Error: git is not installed; it is needed to read revisions"
    )


def test_git_dir_of_a_hook_does_not_mislead(kept: Base, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert run(kept) == (0, "nothing changes in the knowledge\n", "")


def test_git_writes_nothing_and_starts_no_program(kept: Base, tmp_path: Path):
    folder = kept.policies.parent
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "core.pager", "diff.x.textconv"):
        git(folder, "config", key, str(trap))
    (folder / ".gitattributes").write_text("*.toml diff=x\n")
    kept.record("claims", "new")
    index = (folder / ".git/index").read_bytes()
    assert len(told(kept)) == 2
    assert (folder / ".git/index").read_bytes() == index
    assert not (tmp_path / "sprung").exists()


# How it is shown


def test_json_has_the_documented_shape(kept: Base):
    kept.record("documents", "a-source", title="Another")
    answer = json.loads(run(kept, "--format", "json")[1])
    assert answer == {
        "before": "HEAD",
        "after": "the working tree",
        "today": TODAY,
        "counts": {"texts": {"changed": 1}},
        "differences": [
            {
                "section": "texts",
                "change": "changed",
                "kind": "document",
                "id": "a-source",
                "path": DOCUMENT,
                "what": "title",
                "before": "A source",
                "after": "Another",
                "because": "",
            }
        ],
    }


def test_markdown_counts_first_and_folds_the_rest(kept: Base):
    kept.action("an-order", [ISSUED, ("2026-11-01", "suspended")])
    kept.record("documents", "a-source", title="Another")
    link = "https://github.com/o/r/blob/abc/"
    assert (
        run(kept, "--format", "markdown", "--link", link)[1]
        == f"""\
### What changes in the knowledge

From HEAD to the working tree: status: 1 changed; event: 1 added; other keys: 2 changed.

**Status today**

- changed [an-order]({link}{ACTION}) Adopted, in force → Adopted, suspended (&#50;026-11-01 Suspended)

<details><summary>Events (1)</summary>

- added [an-order]({link}{ACTION}) &#50;026-11-01 Suspended

</details>

<details><summary>Other keys (2)</summary>

- changed [an-order]({link}{ACTION}) as&#95;of: &#50;026-06-02 → &#50;026-11-22
- changed [a-source]({link}{DOCUMENT}) title: A source → Another

</details>
"""
    )


HOSTILE = "@octocat #12 GH-12 o/r#3 <script>alert(1)</script> [x](https://evil.example) ![i](//e) `c` **b** www.evil.example https://github.com/o/r/issues/1 | $x$ </details> ~~s~~ - [ ] t"


def test_hostile_words_are_only_words_in_the_comment(kept: Base):
    kept.record("documents", "a-source", title=HOSTILE, note="- a list\n\n```\n# head")
    comment = run(kept, "--format", "markdown")[1]
    rendered = (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(comment)
    )
    assert set(re.findall(r"<(\w+)", rendered)) == {
        "h3",
        "p",
        "details",
        "summary",
        "ul",
        "li",
        "strong",
    }
    page = html.unescape(rendered)
    assert (
        HOSTILE[:100]
        .replace("@", "@\u200b")
        .replace("#", "#\u200b")
        .replace("GH-", "GH-\u200b")
        .replace(":/", ":\u200b/")
        in page
    )
    assert not re.search(r"@\w|#\d|(?i:gh)-\d|://|www\.", page)


@given(st.text(ANY, min_size=1, max_size=80))
def test_any_text_is_shown_as_it_is(text: str):
    from policykb.model.problems import shown

    rendered = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .render(f"- {report.plain('x' + text)}")
    )
    match = re.fullmatch(r"<ul>\n<li>(.*)</li>\n</ul>\n", rendered)
    assert match, rendered
    assert html.unescape(match[1]).replace("\u200b", "") == shown(
        " ".join(f"x{text}".split()), 1000
    )


@given(st.text(alphabet="-+*#>1.)=~`|\t [x]:", min_size=1, max_size=12))
def test_text_at_the_start_of_an_item_makes_no_structure(text: str):
    rendered = MarkdownIt("commonmark").enable("table").render(f"- {report.plain(text)}")
    assert set(re.findall(r"<(\w+)", rendered)) <= {"ul", "li"}


@pytest.mark.thorough
@pytest.mark.parametrize("number", [1, 500, 20_000])
def test_comment_is_bounded_and_says_what_it_leaves_out(number: int):
    found = [
        Difference(
            section,
            "added",
            "claim",
            f"claim-{place}",
            f"policies/claims/claim-{place}.toml",
            "<" * 80,
        )
        for section in SECTIONS
        for place in range(number)
    ]
    comment = report.markdown(
        found, "main", "HEAD", "https://github.com/owner/repository/blob/main/"
    )
    assert len(comment) <= 65_536
    shown = len(re.findall(r"^- added", comment, re.MULTILINE))
    left = sum(
        int(count.replace(",", ""))
        for count in re.findall(
            r"^- and ([\d,]+) more, left out here; `policykb diff` lists all$",
            comment,
            re.MULTILINE,
        )
    )
    assert shown + left == len(found)
    assert shown >= min(len(found), len(SECTIONS))
    assert comment.count("<details>") == comment.count("</details>")


def test_short_sections_are_whole_beside_a_long_one():
    long = [
        Difference("texts", "changed", "claim", f"claim-{place}", "", "x" * 100)
        for place in range(5000)
    ]
    short = [
        Difference("status", "changed", "action", f"action-{place}", "", "", "a", "b")
        for place in range(30)
    ]
    comment = report.markdown([*short, *long], "main", "HEAD")
    assert comment.count("action-") == 30
    assert 55_000 < len(comment) <= report.MOST_CHARACTERS
