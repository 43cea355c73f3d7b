"""The files of the vocabularies: they are valid, an invalid one is refused by line, and they are all that a new term needs."""

import ast
import re
import shutil
import sqlite3
import string
from pathlib import Path

import pytest
from conftest import AVOIDED, ROOT, Base, nodes
from policykb.model import vocabulary
from policykb.model.fields import describe, parts
from policykb.model.records import FOLDERS, TABLES
from policykb.model.vocabulary import terms

CODE = ROOT / "scripts" / "policykb"
BESIDE = {
    "us_legislatures",
    "container_abbreviations",
    "proper_words",
    "synonyms",
    "running_forms",
    "person_ids",
    "official_domains",
    "state_abbreviations",
    "language_names",
}


def test_every_file_is_a_vocabulary_or_beside_them() -> None:
    files = {path.stem for path in terms.FOLDER.glob("*.toml")}
    assert files == vocabulary.VOCABULARIES.keys() | BESIDE


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_labels_and_definitions_are_distinct(name: str) -> None:
    vocabulary_terms = vocabulary.VOCABULARIES[name]
    assert len({term.label.casefold() for term in vocabulary_terms}) == len(vocabulary_terms)
    assert len({term.definition.casefold() for term in vocabulary_terms}) == len(vocabulary_terms)


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_definitions_are_sentences(name: str) -> None:
    for term in vocabulary.VOCABULARIES[name]:
        assert term.label == term.label.strip() and term.label[0].isupper(), term.id
        assert re.fullmatch(r"[A-Z][^\n]*[^.\s]\.|[A-Z].*\)\.", term.definition), term.id


@pytest.mark.parametrize("name", vocabulary.VOCABULARIES)
def test_definitions_avoid_words_that_make_readers_stumble(name: str) -> None:
    for term in vocabulary.VOCABULARIES[name]:
        words = re.findall(r"[a-z]+", f"{term.label} {term.definition}".lower())
        assert not AVOIDED & set(words), term.id


@pytest.mark.parametrize("scheme", vocabulary.IDENTIFIER_SCHEMES, ids=lambda scheme: scheme.id)
def test_scheme_has_matching_parts(scheme: vocabulary.IdentifierScheme) -> None:
    match = vocabulary.identifier_match(scheme.id, scheme.example)
    assert match
    known = {"value", *match.groupdict(), *scheme.by_kind}
    known |= {"session"} if "congress" in match.groupdict() else set()
    known |= {"marked"} if "sections" in match.groupdict() else set()
    known |= {"abbreviation", "laws", "in_code"} if "state" in match.groupdict() else set()
    used = {
        name
        for text in (scheme.display, scheme.url)
        for _, name, *_ in string.Formatter().parse(text)
        if name
    }
    assert used <= known
    kinds = [set(values) for values in scheme.by_kind.values()]
    for kind in kinds:
        assert kind == kinds[0]
        group = re.search(r"\(\?P<kind>([^)]*)\)", scheme.pattern)[1]
        assert kind == set(group.replace("\\", "").split("|"))


@pytest.mark.parametrize("form", vocabulary.RUNNING_FORMS, ids=lambda form: form.pattern[:20])
def test_running_form_shows_its_groups(form: vocabulary.RunningForm) -> None:
    groups = re.compile(form.pattern, re.IGNORECASE).groupindex.keys()
    assert groups == {name for _, name, *_ in string.Formatter().parse(form.shown) if name}


# Vocabularies whose terms other standards and formats name too.
NAMED_ELSEWHERE = {
    "identifier_schemes": "code that reads or makes numbers of one scheme names the scheme",
    "locator_labels": "styles of citations and markup of pages use the same words",
    "document_types": "they are types of CSL, which the formats of references name",
}
# Plain words that are terms too, and what they are in code; names of fields of records are others.
PLAIN_WORDS = {
    "announced": "a column of the events of feeds",
    "author": "a key of CSL",
    "authority": "a key of CSL",
    "court": "a parameter of a template of Wikipedia",
    "legislature": "a parameter of a template of Wikipedia",
    "editors": "the people who edit the knowledge base",
    "enacted": "a word of legal citation",
    "correction": "the form by which readers report errors",
    "description": "a column, a key and a feature of many things",
    "former": "an earlier id",
    "official": "a mark of sources and numbers",
    "union": "the kind of the European Union, for which ISO 3166 keeps a code",
    "short": "a small amount of anything",
    "whole": "all of anything",
    "example": "a field of schemes of identifiers",
    "international": "the id of a jurisdiction",
    "medium": "a key of CSL",
    "none": "the absence of anything",
    "option": "an element of HTML",
    "other": "the rest of anything",
    "position": "a column of tables",
    "recipient": "a key of CSL",
}
# Statements with a column for each stance.
BY_STANCE = {"build/derived.sql", "build/views.sql"}


def _strings(path: Path) -> set[str]:
    """Return the strings of a module or a statement, without docstrings and comments."""
    if path.suffix == ".sql":
        text = path.read_text(encoding="utf-8")
        return set(re.findall(r"'([^']*)'", re.sub(r"--.*", "", text)))
    docs = {id(node.value) for node in nodes(path) if isinstance(node, ast.Expr)}
    constants = (
        node for node in nodes(path) if isinstance(node, ast.Constant) and id(node) not in docs
    )
    return {node.value for node in constants if isinstance(node.value, str)}


def _spelled() -> list[Path]:
    """Return the modules and statements that may spell no term.

    Importers map the words of official registers to terms, and a question asks about terms.
    """
    free = {CODE / "model" / "vocabulary", CODE / "sources", CODE / "queries"}
    return sorted(
        path
        for path in CODE.rglob("*")
        if path.suffix in (".py", ".sql") and not free & set(path.parents)
    )


def _homes() -> dict[str, set[str]]:
    """Return the vocabularies of every term that is not spelled like a field."""
    homes: dict[str, set[str]] = {}
    for name, vocabulary_terms in vocabulary.VOCABULARIES.items():
        for term in vocabulary_terms:
            homes.setdefault(term.id, set()).add(name)
    fields = {
        name
        for record, _ in (FOLDERS | TABLES).values()
        for part in parts(record)
        for name in describe(part)
    }
    return {term: names for term, names in homes.items() if term not in fields}


def test_terms_are_spelled_only_in_their_files() -> None:
    homes, spelled = _homes(), {}
    for path in _spelled():
        free, name = set(NAMED_ELSEWHERE), str(path.relative_to(CODE))
        if name in BY_STANCE:
            free.add("stance_types")
        terms = {text for text in _strings(path) if not free & homes.get(text, free)}
        if terms := terms - PLAIN_WORDS.keys():
            spelled[name] = terms
    assert spelled == {}, "use a flag of the terms or a name of model/vocabulary"


@pytest.mark.parametrize("word", PLAIN_WORDS)
def test_plain_words_are_terms(word: str) -> None:
    assert any(word in vocabulary.ids(terms) for terms in vocabulary.VOCABULARIES.values())


@pytest.mark.parametrize("instrument", vocabulary.INSTRUMENTS, ids=lambda term: term.id)
def test_official_texts_are_dated_by_kinds_of_events(
    instrument: vocabulary.kinds.Instrument,
) -> None:
    assert set(instrument.dated_by) <= set(vocabulary.ids(vocabulary.EVENT_TYPES))


VALID = '[started]\nlabel = "Started"\ndefinition = "It starts."\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[started", "event_types.toml: "),
        ("", "event_types.toml: has no term; expected a table for each term"),
        ("started = 1\n", "event_types.toml:1: [started] is 1; expected a table"),
        (
            VALID + '\n["Not an id"]\n',
            "event_types.toml:1: [Not an id] is not an id; expected lower-case letters, digits, '_' and '-'",
        ),
        (
            VALID + '\n[ended]\nlabel = "Ended"\n',
            "event_types.toml:5: [ended] definition: is missing",
        ),
        (
            VALID + 'legal_fource = "ended"\n',
            "event_types.toml:1: [started] legal_fource: is not a field; "
            "expected one of label, definition, stage, legal_force, foreseeable",
        ),
        (
            VALID + 'legal_force = "over"\n',
            "event_types.toml:1: [started] legal_force: 'over' is unknown; expected one of in_force, ended",
        ),
        (VALID + "stage = true\n", "event_types.toml:1: [started] stage: True is not text"),
        (VALID + 'stage = ""\n', "event_types.toml:1: [started] stage: '' is not text"),
    ],
)
def test_invalid_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "event_types.toml"
    path.write_text(text)
    with pytest.raises(terms.VocabularyError) as refused:
        terms.read(path, terms.EventType, legal_force=("in_force", "ended"))
    assert str(refused.value).startswith(message)


def test_flag_of_a_term_is_true_or_false(tmp_path: Path) -> None:
    path = tmp_path / "document_types.toml"
    path.write_text(VALID + 'official = "yes"\n')
    with pytest.raises(terms.VocabularyError, match="official: 'yes' is not true or false"):
        terms.read(path, terms.DocumentType)


@pytest.mark.thorough
def test_new_event_type_is_one_table_of_one_file(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "scripts" / "policykb"
    shutil.copytree(CODE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "model" / "vocabulary" / "event_types.toml").open("a") as file:
        file.write(
            '\n[crowned]\nlabel = "Crowned"\ndefinition = "A crown is put on it."\n'
            'stage = "adopted"\nlegal_force = "in_force"\nforeseeable = "yes"\n'
        )
    base.action("crowned-act", [("2026-01-05", "introduced"), ("2026-02-05", "crowned")])
    monkeypatch.setenv("PYTHONPATH", str(copy.parent))
    result = base.run_process("load")
    assert result.returncode == 0, result.stdout + result.stderr
    with sqlite3.connect(base.db) as database:
        assert database.execute(
            "select t.label, t.legal_force, p.stage, p.legal_force from event_types t, periods p "
            "where t.id = 'crowned' and p.action = 'crowned-act' order by p.from_date desc"
        ).fetchone() == ("Crowned", "in_force", "adopted", "in_force")


@pytest.mark.parametrize(
    ("host", "official"),
    [
        ("www.congress.gov", True),
        ("eur-lex.europa.eu", True),
        ("www.cac.gov.cn", True),
        ("www.law.go.kr", True),
        ("www.legislation.gov.uk", True),
        ("shop.go.it", False),  # the province of Gorizia
        ("gov.example", False),
        ("openparliament.ca", False),
        ("notgov.uk", False),
    ],
)
def test_host_of_a_public_body_is_known(host: str, official: bool) -> None:
    assert bool(vocabulary.OFFICIAL_HOST.fullmatch(host)) is official
