"""Changes to files: judged before they are written, made together or not at all, never outside policies/."""

import os
from pathlib import Path

import pytest
import rtoml
from conftest import ROOT, Base, changed_to
from policykb.contribute import changes
from policykb.files import toml_edit
from policykb.model import records as model

ORDER = "policies/actions/an-order.toml"
SOURCE = "policies/documents/a-source.toml"


def changed(base: Base, path: str, **values: object) -> changes.Change:
    content = rtoml.loads(changes.current(base.policies, path).decode()) | values
    return changed_to(base.policies, path, rtoml.dumps(content))


def test_change_is_written_and_its_warnings_are_told(base: Base):
    added = base.make([changed(base, ORDER, as_of="2026-06-01")])
    assert [problem.code for problem in added] == ["T404"]
    assert rtoml.load(base.policies / "actions/an-order.toml")["as_of"] == "2026-06-01"
    assert base.codes() == ["T404"]


def test_change_that_adds_an_error_writes_nothing_at_all(base: Base):
    before = {path: path.read_bytes() for path in base.policies.rglob("*.toml")}
    with pytest.raises(changes.ConflictError) as refused:
        base.make(
            [
                changed(base, SOURCE, title="Another title"),
                changed(base, ORDER, jurisdiction="usa"),
            ]
        )
    assert [problem.text() for problem in refused.value.problems] == [
        f"{ORDER}:4: R301 jurisdiction: there is no jurisdiction 'usa'; expected the id of a jurisdiction, such as us; `policykb list jurisdiction` lists all"
    ]
    assert {
        path: path.read_bytes() for path in base.policies.rglob("*") if path.is_file()
    } == before


def test_errors_that_were_there_before_do_not_stand_in_the_way(base: Base):
    base.record("actions", "broken", jurisdiction="nowhere")
    assert base.make([changed(base, SOURCE, title="Another title")]) == []
    assert base.codes() == ["R301"]


def test_error_caused_in_another_file_refuses_the_change(base: Base):
    gone = changed_to(base.policies, SOURCE, None)
    with pytest.raises(changes.ConflictError) as refused:
        base.make([gone])
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {
        (ORDER, "R301"),
        ("policies/arguments/it-should-stay.toml", "R301"),
        ("policies/claims/it-does-good.toml", "R301"),
    }
    assert (base.policies / "documents/a-source.toml").exists()


def test_file_that_changed_meanwhile_is_not_overwritten(base: Base):
    late = changed(base, ORDER, title="Mine")
    theirs = base.record("actions", "an-order", title="Theirs")
    with pytest.raises(changes.ConflictError) as refused:
        base.make([late])
    assert (
        refused.value.problems[0].text()
        == f"{ORDER}: S101 was changed meanwhile; expected the file as it was read; try again"
    )
    assert rtoml.load(theirs)["title"] == "Theirs"


def test_when_one_file_cannot_be_written_all_are_as_before(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    before = {path: path.read_bytes() for path in base.policies.rglob("*.toml")}
    real, calls = os.replace, []

    def replace(source: object, target: object) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="No space left"):
        base.make([changed(base, SOURCE, title="One"), changed(base, ORDER, title="Two")])
    assert len(calls) == 3  # the second fails, the first is put back
    assert {
        path: path.read_bytes() for path in base.policies.rglob("*") if path.is_file()
    } == before


def test_when_somebody_stops_it_midway_all_are_as_before(
    base: Base, monkeypatch: pytest.MonkeyPatch
):
    before = {path: path.read_bytes() for path in base.policies.rglob("*.toml")}
    real, calls = os.replace, []

    def replace(source: object, target: object) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        base.make([changed(base, SOURCE, title="One"), changed(base, ORDER, title="Two")])
    assert {
        path: path.read_bytes() for path in base.policies.rglob("*") if path.is_file()
    } == before


@pytest.mark.parametrize(
    "path",
    [
        "policies/actions/../../evil.toml",
        "policies/actions/.toml",
        "policies/actions/a/b.toml",
        "/etc/evil.toml",
        "policies/evil.toml",
        "other/actions/evil.toml",
        "policies/actions/Evil.toml",
        "policies/actions/evil.json",
        "policies/actions/evil\0.toml",
        "policies/actions/evil\n.toml",
        "",
    ],
)
def test_path_that_no_record_has_is_refused(base: Base, path: str):
    with pytest.raises(ValueError, match="is not a file of a knowledge base"):
        changed_to(base.policies, path, "")


def test_link_in_place_of_a_folder_or_file_is_not_followed(base: Base, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "target.toml").write_text("secret = true\n")
    (base.policies / "actions" / "linked.toml").symlink_to(outside / "target.toml")
    with pytest.raises(changes.ConflictError) as refused:
        changed_to(base.policies, "policies/actions/linked.toml", "")
    assert (
        refused.value.problems[0].text()
        == "policies/actions/linked.toml: S101 is a link; expected the file itself"
    )
    (base.policies / "actions" / "linked.toml").unlink()
    (base.policies / "claims" / "it-does-good.toml").unlink()
    (base.policies / "claims").rmdir()
    (base.policies / "claims").symlink_to(outside)
    with pytest.raises(changes.ConflictError):
        changes.write(base.policies, [changes.Change("policies/claims/evil.toml", None, b"")])
    assert sorted(os.listdir(outside)) == ["target.toml"]


def test_diff_shows_what_changes_and_nothing_else(base: Base):
    same = changed_to(
        base.policies, SOURCE, (base.policies / "documents/a-source.toml").read_text()
    )
    new = changes.Change("policies/topics.toml", b"a = 1\nb = 2", b"a = 1\n")
    assert changes.diff([same, new]) == (
        "--- policies/topics.toml\n+++ policies/topics.toml\n@@ -1,2 +1 @@\n a = 1\n-b = 2\n\\ No newline at end of file\n"
    )


# Layout


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "place"), list(model.FOLDERS.values()), ids=list(model.FOLDERS))
def test_shipped_records_written_anew_say_the_same(kind: type, place: str):
    """Text may be broken into other lines; every other value is the same."""

    def told(value: object) -> object:
        if isinstance(value, dict):
            return {key: told(inner) for key, inner in value.items() if inner not in ([], {})}
        return (
            [told(inner) for inner in value]
            if isinstance(value, list)
            else " ".join(value.split())
            if isinstance(value, str)
            else value
        )

    files = sorted((ROOT / "policies" / place).glob("*.toml"))[:60]
    assert files
    for file in files:
        assert told(rtoml.loads(toml_edit.compose(kind, rtoml.load(file)))) == told(
            rtoml.load(file)
        )


def test_new_record_is_written_in_the_order_of_its_type(base: Base):
    content = {
        "events": [
            {"cite": [{"document": "a-source"}], "type": "issued", "date": "2026-06-02"},
            {"date": "2026-06~", "type": "other", "unconfirmed": True},
        ],
        "effect": {"kind": "silent", "note": "Nothing."},
        "summary": "First paragraph.\n\n- a list\n- of two",
        "identifiers": {"eo": "14409"},
        "as_of": "2026-06-02",
        "bodies": [{"role": "issuer", "organization": "an-office"}],
        "title": 'The "order"',
        "aliases": [],
    }
    assert (
        toml_edit.compose(model.Action, content)
        == '''\
title = "The \\"order\\""
bodies = [{ organization = "an-office", role = "issuer" }]
as_of = 2026-06-02
summary = """
First paragraph.

- a list
- of two
"""

[identifiers]
eo = "14409"

[effect]
kind = "silent"
note = "Nothing."

[[events]]
id = "issued"
date = 2026-06-02
type = "issued"
cite = [{ document = "a-source" }]

[[events]]
id = "other"
date = "2026-06~"
type = "other"
unconfirmed = true
'''
    )


def test_layout_ignores_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "tombi.toml").write_text("[format.rules]\nindent-width = 8\n")
    (tmp_path / "tombi").mkdir()
    (tmp_path / "tombi" / "config.toml").write_text("[format.rules]\nindent-width = 8\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert toml_edit.canonical({"": "a = [\n 1,\n]\n"})[""] == "a = [\n  1,\n]\n"


@pytest.mark.parametrize("text", ["a = ", "\0", "a = 1\na = 2\n", "[" * 5000])
def test_text_that_is_not_toml_is_left_as_it_is(text: str):
    assert toml_edit.canonical({"": text}) == {"": text}


@pytest.mark.slow
def test_every_shipped_file_is_in_the_canonical_layout():
    texts = {
        str(file.relative_to(ROOT)): file.read_text()
        for file in (ROOT / "policies").rglob("*.toml")
    }
    assert [path for path, text in toml_edit.canonical(texts).items() if text != texts[path]] == []
