"""Tables of records: every cell is read as its header says, as text, or refused with its line and column."""

import csv
import io

import pytest
import rtoml
from conftest import ANY, Base, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import answer, mutated
from policykb.contribute.proposal import Proposal
from policykb.model import records as model
from policykb.model.problems import SourceError
from policykb.model.vocabulary import SCHEMES, Term, with_declared
from policykb.sources import table

ACTIONS = """\
id,title,short_title,instrument,bindingness,jurisdiction,as_of,confidence,summary,aliases,topics,identifier.eo,effect.kind,effect.note,event.date,event.type,event.note,event.document,event.locator,body.organization,body.role,relation.type,relation.action
xe-weights-order,Order on weights,Weights order,executive_order,binding,code:XE,2026-10-01,high,"Binds developers.
Schools need not.","order on open weights; weights decree",open-weights,14409,silent,Says nothing.,2026-05-04,signed,"Signed, at last",url:https://example.org/gazette,page 31,name:Digital Office,issuer,revokes,eo:13771
xe-weights-order,,,,,,,,,,,,,,2027-01,took_effect,,xe-gazette,section 8,,,,
,Another idea,,policy_option,,no-jurisdiction,,,,,,,,,,,,,,,,,
"""
DOCUMENTS = """\
title,type,authors,issued,doi,url,keywords,grade
Weights for Schools,article-journal,"Doe, Jane; organization:readers-union; name:European Commission; Plato",2026-06,https://doi.org/10.5555/Weights.7,https://example.org/a,open weights; schools,primary
Survey,report,,,,,,
"""


def rows(text: str | bytes) -> list[Proposal]:
    return list(table.read(text if isinstance(text, bytes) else text.encode(), "table.csv"))


def refused(text: str | bytes) -> str:
    with pytest.raises(SourceError) as error:
        rows(text)
    return str(error.value)


def test_rows_with_one_id_are_one_action():
    first, second = rows(ACTIONS)
    assert first == Proposal(
        "action",
        (("eo", "14409"),),
        "xe-weights-order",
        {
            "title": "Order on weights",
            "short_title": "Weights order",
            "instrument": "executive_order",
            "bindingness": "binding",
            "jurisdiction": "code:XE",
            "as_of": "2026-10-01",
            "confidence": "high",
            "summary": "Binds developers.\nSchools need not.",
            "aliases": ["order on open weights", "weights decree"],
            "topics": ["open-weights"],
            "identifiers": {"eo": "14409"},
            "effect": {"kind": "silent", "note": "Says nothing."},
            "events": [
                {
                    "date": "2026-05-04",
                    "type": "signed",
                    "note": "Signed, at last",
                    "cite": [{"document": "url:https://example.org/gazette", "locator": "page 31"}],
                },
                {
                    "date": "2027-01",
                    "type": "took_effect",
                    "cite": [{"document": "xe-gazette", "locator": "section 8"}],
                },
            ],
            "bodies": [{"organization": "name:Digital Office", "role": "issuer"}],
            "relations": [{"type": "revokes", "action": "eo:13771"}],
        },
    )
    assert second == Proposal(
        "action",
        (),
        "no-jurisdiction-another-idea",
        {"title": "Another idea", "instrument": "policy_option", "jurisdiction": "no-jurisdiction"},
    )


def test_table_of_documents():
    assert rows(DOCUMENTS) == [
        Proposal(
            "document",
            (("doi", "10.5555/weights.7"), ("url", "https://example.org/a")),
            "doe-2026-weights-for-schools",
            {
                "title": "Weights for Schools",
                "type": "article-journal",
                "issued": "2026-06",
                "doi": "10.5555/weights.7",
                "url": "https://example.org/a",
                "authors": [
                    {"family": "Doe", "given": "Jane"},
                    {"organization": "readers-union"},
                    {"organization": "name:European Commission"},
                    {"family": "Plato"},
                ],
                "keywords": ["open weights", "schools"],
                "grade": "primary",
            },
        ),
        Proposal(
            "document", (), "survey", {"title": "Survey", "type": "report", "grade": "relayed"}
        ),
    ]


ARGUMENTS = """\
id,title,premises,scheme,appearance.document,appearance.locator,appearance.by,stance.action,stance.stance,stance.inherited,relation.type,relation.argument
it-should-go,It should go,It does harm.; Harm is bad.,consequences,a-source,page 3,,an-order,opposes,yes,rebuts,it-should-stay
it-should-go,,,,url:https://example.org/b-source,,Doe; an-office,,,,,
"""


def test_table_of_arguments():
    assert rows(ARGUMENTS) == [
        Proposal(
            "argument",
            (),
            "it-should-go",
            {
                "title": "It should go",
                "premises": ["It does harm.", "Harm is bad."],
                "scheme": "consequences",
                "appearances": [
                    {"document": "a-source", "locator": "page 3"},
                    {"document": "url:https://example.org/b-source", "by": ["Doe", "an-office"]},
                ],
                "stances": [{"action": "an-order", "stance": "opposes", "inherited": True}],
                "relations": [{"type": "rebuts", "argument": "it-should-stay"}],
            },
        )
    ]


def imported(base: Base, text: str, *options: str) -> str:
    """Import a table; what the command prints."""
    place = base.policies.parent / "table.csv"
    place.write_text(text)
    done = base.run("import", str(place), "--yes", *options)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("instrument", "cells", "questions"),
    [
        ("bill", "Binds agencies.,high,introduced", []),
        ("bill", ",high,introduced", ["What does it say"]),
        ("statute", "Binds agencies.,high,took_effect", []),
        ("statute", "Binds agencies.,high,signed", ["From which day does it bind"]),
    ],
)
def test_questions_ask_for_what_a_row_does_not_say(
    base: Base, instrument: str, cells: str, questions: list[str]
):
    head = "id,title,instrument,jurisdiction,summary,confidence,event.type,event.date"
    imported(base, f"{head}\nan-act,An act,{instrument},us,{cells},2026-06-02\n")
    action = rtoml.load(base.policies / "actions" / "an-act.toml")
    assert [
        text.split("?")[0].split(",")[0] for text in action.get("open_questions", [])
    ] == questions


def test_arguments_are_imported_with_their_links(base: Base):
    base.record("documents", "b-source", authors=[{"family": "Doe"}, {"organization": "an-office"}])
    imported(base, ARGUMENTS)
    argument = rtoml.load(base.policies / "arguments" / "it-should-go.toml")
    assert argument["stances"] == [{"action": "an-order", "stance": "opposes", "inherited": True}]
    assert argument["appearances"][1] == {"document": "b-source", "by": ["Doe", "an-office"]}
    assert base.codes() == []
    assert "1 unchanged" in imported(base, ARGUMENTS)


@pytest.mark.parametrize(
    ("text", "place", "key", "value"),
    [
        (
            "id,stance.action,stance.stance,stance.note\nit-should-stay,url-order,opposes,Too wide\n",
            "arguments/it-should-stay",
            "stances",
            {"action": "url-order", "stance": "opposes", "note": "Too wide"},
        ),
        (
            "id,evidence.document,evidence.finding,evidence.note\n"
            "it-does-good,url:https://example.org/b-source,supports,It counts 12.\n",
            "claims/it-does-good",
            "evidence",
            {"document": "b-source", "finding": "supports", "note": "It counts 12."},
        ),
        (
            "id,mention.action,mention.portrayed_as\na-source,an-order,proposed\n",
            "documents/a-source",
            "mentions",
            {"action": "an-order", "portrayed_as": "proposed"},
        ),
    ],
    ids=["stance", "evidence", "mention"],
)
def test_table_of_parts_adds_them_to_records(
    base: Base, text: str, place: str, key: str, value: dict
):
    base.record("actions", "url-order")
    base.record("documents", "b-source")
    before = (base.policies / f"{place}.toml").read_text()
    message = imported(base, text)
    content = rtoml.load(base.policies / f"{place}.toml")
    assert content[key][-1] == value, message
    assert {**content, key: ...} == {**rtoml.loads(before), key: ...}
    assert "1 unchanged" in imported(base, text)


NAMED = """\
id,title,premises,scheme,appearance.document,stance.action,stance.stance
,Permits cost much,One.;Two.,consequences,http://www.example.org/a-source/,EO 14409,opposes
,Permits help,One.;Two.,consequences,A SOURCE,An order,supports
"""


def test_cells_name_records(base: Base):
    base.record("actions", "an-order", identifiers={"eo": "14409"})
    message = imported(base, NAMED)
    for name in ("permits-cost-much", "permits-help"):
        argument = rtoml.load(base.policies / "arguments" / f"{name}.toml")
        assert argument["stances"][0]["action"] == "an-order", message
        assert argument["appearances"] == [{"document": "a-source"}]
    assert base.codes() == [] and "2 unchanged" in imported(base, NAMED)


def test_a_cell_names_a_record_of_the_same_import(base: Base):
    rows = "title,type,grade,authors,url\nLetter of schools,report,primary,organization:An office,https://example.org/letter\n"
    other = base.policies.parent / "documents.csv"
    other.write_text(rows)
    message = imported(
        base,
        NAMED.replace("A SOURCE", "letter of schools").replace("EO 14409", "An order"),
        str(other),
    )
    argument = rtoml.load(base.policies / "arguments/permits-help.toml")
    assert argument["appearances"][0]["document"].endswith("letter-schools"), message


def test_a_cell_that_names_no_record_or_several_writes_nothing(base: Base):
    for record_id in ("an-act", "another-act"):
        base.action(record_id, [("2026-01-05", "introduced")], title="The Act")
    text = NAMED.replace("EO 14409", "The Act").replace("A SOURCE", "A sourse")
    message = imported(base, text)
    assert (
        "argument 'permits-cost-much': stances[0].action: 'The Act' can mean an-act (The Act); "
        "another-act (The Act); write the id" in message
    )
    assert "there is no document 'A sourse'; did you mean 'a-source'?" in message
    assert not (base.policies / "arguments/permits-help.toml").exists()


def test_a_table_of_parts_is_no_later_version_of_the_table_of_records(base: Base):
    base.record("documents", "b-source", authors=[{"family": "Doe"}, {"organization": "an-office"}])
    base.record("actions", "b-order")
    imported(base, ARGUMENTS)
    place = base.policies.parent / "stances.csv"
    place.write_text("id,stance.action,stance.stance\nit-should-go,b-order,warns\n")
    done = base.run("import", str(place), "--yes")
    assert "gone:" not in done.stderr
    argument = rtoml.load(base.policies / "arguments" / "it-should-go.toml")
    assert [stance["action"] for stance in argument["stances"]] == ["an-order", "b-order"]
    assert "1 unchanged" in imported(base, ARGUMENTS)


def test_parts_of_an_action_do_not_move_the_day_for_which_it_is_known(base: Base):
    text = "id,body.organization,body.role\nan-order,an-office,enforcer\n"
    imported(base, text)
    base.today = "2027-01-05"
    imported(base, text)
    order = rtoml.load(base.policies / "actions" / "an-order.toml")
    assert order["bodies"] == [{"organization": "an-office", "role": "enforcer"}]
    assert str(order["as_of"]) == "2026-06-02"


def test_parts_of_a_record_that_is_not_here_are_skipped_with_a_reason(base: Base):
    text = "id,stance.action,stance.stance\nit-shoud-stay,an-order,supports\n"
    message = imported(base, text)
    assert "there is no argument 'it-shoud-stay'; did you mean 'it-should-stay'?" in message
    assert "the source gives no title for a new one" in message


def test_event_without_a_source_is_unconfirmed():
    (found,) = rows("title,instrument,event.date,event.type\nA,bill,2026,introduced\n")
    assert found.content["events"] == [{"date": "2026", "type": "introduced", "unconfirmed": True}]


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x","y")',
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "'=1",
        "%TMP%",
        "\\x41",
        "&lt;",
        "<script>",
    ],
)
def test_formula_is_text(cell: str):
    out = io.StringIO()
    csv.writer(out).writerows([["title", "type"], [cell, "report"]])
    assert rows(out.getvalue())[0].content["title"] == cell


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n\n" + text + "\n,,\n\n",
        lambda text: text.replace("title,type", " Title , TYPE ,,,").replace(" ,,,", ""),
        lambda text: text.rstrip("\n"),
    ],
)
def test_what_spreadsheets_add_makes_no_difference(change):
    assert rows(change(DOCUMENTS)) == rows(DOCUMENTS)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_read(separator: str):
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(csv.reader(io.StringIO(DOCUMENTS)))
    assert table.is_it(out.getvalue().encode())
    assert rows(out.getvalue()) == rows(DOCUMENTS)


def test_every_scheme_of_identifiers_has_a_column():
    for scheme in SCHEMES:
        example = table.identifier_example(scheme)
        (found,) = rows(f'title,instrument,identifier.{scheme}\nA,bill,"{example}"\n')
        assert found.content["identifiers"] == {scheme: example}
        assert found.keys == (() if scheme in table.LOCAL_SCHEMES else ((scheme, example),))


def test_several_identifiers_of_a_scheme():
    (found,) = rows(
        "title,instrument,identifier.celex\nA,regulation,32024R1689; 02024R1689-20260727\n"
    )
    assert found.content["identifiers"] == {"celex": ["32024R1689", "02024R1689-20260727"]}
    assert found.keys == (("celex", "32024R1689"), ("celex", "02024R1689-20260727"))


def test_columns_are_keys_of_the_records():
    assert set(table.EFFECT) <= model.Effect.model_fields.keys()
    for kind, parts in table.PARTS.items():
        record, _ = model.FOLDERS[kind]
        assert {*table.LINES[kind], *table.LISTS[kind]} <= record.model_fields.keys()
        for field in parts.values():
            assert field.name in record.model_fields
            known = field.part.model_fields.keys()
            assert set(table.keys_of(field)) - {"document", "locator"} <= known


NO_SUCH = "expected one of id, type, title, original_title, issued, container, volume, page, publisher, number, doi, url, archive_url, language, license, accessed, grade, interests, note, authors, keywords, mention.action, mention.locator, mention.words, mention.portrayed_as, mention.note"
KINDS = "expected one: 'instrument' for actions, 'type' for documents, 'scheme' for arguments, 'finding' for claims"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "table.csv: is empty; expected records in one of the forms that can be imported",
        ),
        (
            "title,instrumnt\n",
            f"table.csv:1: the header has none of the columns that name a kind of record; {KINDS}; did you mean 'instrument'?",
        ),
        (
            "title,instrument,type\n",
            f"table.csv:1: the header has several of the columns that name a kind of record; {KINDS}",
        ),
        (
            "title,type,keyword\n",
            f"table.csv:1: column 'keyword' is not known; {NO_SUCH}; did you mean 'keywords'?",
        ),
        (
            "title,type,type\n",
            "table.csv:1: column 'type' appears twice",
        ),
        (
            "title,type,abstract\n",
            "table.csv:1: column 'abstract' is not read; expected it in the editors' own words, in the file of the document",
        ),
        (
            "text,finding,evidence.document\nA,contested,a-source\n",
            "table.csv:2: evidence.finding: is missing; expected it beside evidence.document",
        ),
        (
            "id,stance.action,stance.stance\n,an-order,supports\n",
            "table.csv:2: id: is missing; expected the id of the record that the parts belong to",
        ),
        (
            "id,stance.action,stance.stance\na,an-order,supprts\n",
            "table.csv:2: stance.stance: 'supprts' is not in the vocabulary; expected ",
        ),
        (
            "id,appearance.document\na,a-source\n",
            f"table.csv:1: the header has several of the columns that name a kind of record; {KINDS}",
        ),
        ("title,type\n", "table.csv: has no rows; expected a header and a row for each document"),
        ("title,type\nA,report,x\n", "table.csv:2: has 3 cells; expected 2, as the header has"),
        (
            "title,,type\nA,x,report\n",
            "table.csv:2: 'x' is in a column without a name; expected a name in the header",
        ),
        (
            "title,type\n,report\n",
            "table.csv:2: title: is missing; expected it in the first row of each document",
        ),
        (
            'title,type,authors\nA,report,", Jane"\n',
            "table.csv:2: authors: ', Jane' has no family name; expected 'Family, Given'",
        ),
        (
            'title,type\n"A\nB",report\nC,\n',
            "table.csv:2: title: has a line break; expected one line",
        ),
        (
            "title,type\nA,report\nB,\n",
            "table.csv:3: type: is missing; expected it in the first row of each document",
        ),
        (
            'title,type\nA,report\n"B,report\nC,report\n',
            "table.csv:3: a quotation mark that opens here is not closed; expected rows of cells with ',' between them",
        ),
        (
            'title,type\n"A"B,report\n',
            "table.csv:2: ',' expected after '\"'; expected rows of cells with ',' between them",
        ),
        (
            "title,type\nA,reprot\n",
            "table.csv:2: type: 'reprot' is not in the vocabulary; expected a term of document_types; `policykb list document_types` lists all; did you mean 'report'?",
        ),
        (
            "title,type,issued\nA,report,06/02/2026\n",
            "table.csv:2: issued: '06/02/2026' can be 2026-02-06 (Friday 6 February 2026) or 2026-06-02 (Tuesday 2 June 2026); write the one that is meant",
        ),
        (
            "title,type,issued\nA,report,last Friday\n",
            "table.csv:2: issued: 'last Friday' is not a date here; expected 2026-06-02, ",
        ),
        (
            "title,type,issued,event.date\nA,reprot,soon\n",
            "table.csv:1: column 'event.date' is not known",
        ),
        (
            "title,type,url\nA,report,htp://x\n",
            "table.csv:2: url: 'htp://x' is not a web address; expected https://host/path",
        ),
        (
            "id,title,type\n../../x,A,report\n",
            "table.csv:2: id: '../../x' is not an id; expected lower-case letters, digits and single hyphens, at most 80; did you mean 'x'?",
        ),
        (
            "id,title,type\na,A,report\na,B,report\n",
            "table.csv:3: title: 'B' differs from line 2 with the same id; expected 'A' or nothing",
        ),
        (
            "title,instrument,identifier.eo\nA,bill,EO 14409\n",
            "table.csv:2: identifier.eo: 'EO 14409' has the wrong form; expected one such as '14409'",
        ),
        (
            "title,instrument,event.date\nA,bill,2026\n",
            "table.csv:2: event.type: is missing; expected it beside event.date",
        ),
        (
            "title,instrument,event.date,event.type,event.locator\nA,bill,2026,signed,page 1\n",
            "table.csv:2: event.document: is missing; expected it beside event.locator",
        ),
        (
            "title,instrument,event.date,event.type\nA,bill,2026,sinned\n",
            "table.csv:2: event.type: 'sinned' is not in the vocabulary; expected a term of event_types; `policykb list event_types` lists all; did you mean 'signed'?",
        ),
        (
            "title,instrument,relation.type,relation.action\nA,bill,amends,eo:x\n",
            "table.csv:2: relation.action: 'eo:x' is not an id; expected lower-case letters, digits and single hyphens; did you mean 'eo-x'?",
        ),
        (
            "title,instrument,effect.kind\nA,bill,quiet\n",
            "table.csv:2: effect.kind: 'quiet' is not in the vocabulary; expected one of silent",
        ),
        (
            b"title,type\nA,report\ncaf\xe9,report\n",
            "table.csv:3: byte 0xe9 is not UTF-8; expected a text file saved as UTF-8",
        ),
        (
            "title,type\nA,report\n".encode("utf-16"),
            "table.csv: is UTF-16; expected a text file saved as UTF-8",
        ),
        (
            "title,type\nA\u202eB,report\n",
            "table.csv:2: has the character U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be shown safely; expected plain text",
        ),
        (
            "title,type\nA\x00B,report\n",
            "table.csv:2: has the character U+0000 (a control character), which cannot be shown safely; expected plain text",
        ),
        (
            ",".join(f"c{n}" for n in range(100_000)),
            "table.csv:1: has 100,000 columns; expected at most 200",
        ),
        (
            "title,type\nA,report" + ",x" * 1_000_000,
            "table.csv:2: has 1000002 cells; expected 2, as the header has",
        ),
        (
            'title,type\n"' + "x" * 200_000 + '",report\n',
            "table.csv:2: a cell has more than 100,000 characters; expected rows of cells with ',' between them",
        ),
        (
            "title,type\n" + "x" * 4001 + ",report\n",
            "table.csv:2: title: is longer than 4,000 characters",
        ),
        (
            "id,title,instrument,event.date,event.type\n"
            + "a,A,bill,2026,other\n"
            + "".join(f"a,,,{1000 + n},other\n" for n in range(1001)),
            "table.csv:1002: events: a record has more than 1,000 of them",
        ),
        (
            "title,type\n" + "A,report\n" * 20_001,
            "table.csv:20002: has more than 20,000 rows; split the table into several files",
        ),
    ],
)
def test_broken_table_is_one_message(text: str | bytes, message: str):
    with with_declared({"effects": (Term("silent", "Silent", "It says nothing."),)}):
        assert refused(text).startswith(message)


def test_all_errors_of_a_row_are_reported_together():
    text = "id,title,instrument,jurisdiction,event.date,event.type\nA B,,bil,us,soon,signed\n"
    assert [line.partition(":")[2].partition(" '")[0] for line in refused(text).splitlines()] == [
        "2: id:",
        "2: instrument:",
        "2: event.date:",
        "2: title: is missing; expected it in the first row of each action",
    ]


@pytest.mark.parametrize(
    ("typed", "date"),
    [("June 2 2026", "2026-06-02"), ("June 2026", "2026-06"), ("about 2026", "2026~")],
)
def test_date_in_words_is_read_where_it_has_one_meaning(typed: str, date: str):
    cells = f"title,instrument,as_of,event.date,event.type\nA,bill,2 June 2026,{typed},signed\n"
    (proposal,) = answer(table.read, cells.encode())
    assert proposal.content["events"][0]["date"] == date
    assert proposal.content["as_of"] == "2026-06-02"


def test_table_is_recognised():
    assert table.is_it(ACTIONS.encode()) and table.is_it(("\ufeff" + DOCUMENTS).encode())
    assert not table.is_it(b"a,b\n1,2\n")


@pytest.mark.parametrize(
    "sample", [ACTIONS, DOCUMENTS, ARGUMENTS], ids=["actions", "documents", "arguments"]
)
def test_any_mutation_gives_proposals_or_a_message(sample: str):
    @given(mutated(sample.encode()))
    @settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
    def holds(data: bytes) -> None:
        answer(table.read, data)

    holds()


@given(st.lists(st.text(ANY, max_size=30), min_size=23, max_size=23), st.data())
@settings(max_examples=examples(200), deadline=None)
def test_any_cells_give_proposals_or_a_message(cells: list[str], data: st.DataObject):
    good = next(csv.reader(io.StringIO(ACTIONS.split("\n", 1)[1])))
    kept = data.draw(st.sets(st.integers(0, 22)))
    out = io.StringIO()
    csv.writer(out).writerow([good[n] if n in kept else cell for n, cell in enumerate(cells)])
    answer(
        table.read, (ACTIONS.split("\n", 1)[0] + "\n" + out.getvalue()).encode("utf-8", "replace")
    )
