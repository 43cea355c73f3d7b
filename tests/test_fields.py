"""What the program knows of the fields of records, which every command, page and check asks for."""

import pytest
from policykb.model import records, vocabulary
from policykb.model.fields import Part, describe, parts, references

RECORDS = [record for record, _ in (records.FOLDERS | records.TABLES).values()] + [records.About]
TYPES = sorted(
    {part for record in RECORDS for part in parts(record)}, key=lambda part: part.__name__
)


@pytest.mark.parametrize("part", TYPES, ids=lambda part: part.__name__)
def test_every_field_is_described(part: type[Part]) -> None:
    assert part.__doc__ and part.__doc__.endswith(".")
    for field in describe(part).values():
        assert field.description.endswith((".", "(Markdown).")), field.name


@pytest.mark.parametrize("part", TYPES, ids=lambda part: part.__name__)
def test_keys_of_parts_are_fields(part: type[Part]) -> None:
    assert {name for keys in part.keys for name in keys} <= describe(part).keys()


@pytest.mark.parametrize("part", TYPES, ids=lambda part: part.__name__)
def test_lists_of_parts_have_keys(part: type[Part]) -> None:
    for field in describe(part).values():
        assert not (field.part and field.many) or field.part.keys, field.name


@pytest.mark.parametrize(
    ("record", "name", "kind", "many"),
    [
        (records.Event, "date", "date", False),
        (records.Action, "as_of", "day", False),
        (records.Action, "summary", "text", False),
        (records.Action, "aliases", "long line", True),
        (records.Action, "identifiers", "table", True),
        (records.Action, "events", "part", True),
        (records.Action, "withdrawn", "part", False),
        (records.Argument, "values", "term", True),
        (records.Event, "unconfirmed", "flag", False),
        (records.Mention, "words", "words", False),
        (records.Document, "url", "address", False),
        (records.Document, "doi", "form", False),
    ],
)
def test_kind_of_a_field(record: type[Part], name: str, kind: str, many: bool) -> None:
    field = describe(record)[name]
    assert (field.kind, field.many) == (kind, many)


def test_field_of_a_record_has_its_terms_references_and_option() -> None:
    action = describe(records.Action)
    assert action["instrument"].terms is vocabulary.INSTRUMENTS
    assert action["topics"].reference == ("topic",)
    options = {name: field.option for name, field in action.items() if field.many}
    assert options["topics"] == "topic" and options["bodies"] == "body"
    assert options["open_questions"] == "question" and options["cite"] == "cite"
    assert describe(records.Document)["language"].default == "en"


def test_references_of_a_record_are_found_with_their_places() -> None:
    argument = records.Argument(
        title="T",
        premises=["P"],
        scheme="consequences",
        claims=["a-claim"],
        appearances=[{"document": "a-document"}],
        stances=[{"action": "an-action", "stance": "supports"}],
    )
    assert list(references(argument)) == [
        (("claims", 0), "a-claim", ("claim",)),
        (("appearances", 0, "document"), "a-document", ("document",)),
        (("stances", 0, "action"), "an-action", ("action",)),
    ]
