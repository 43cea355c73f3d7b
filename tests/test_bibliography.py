"""BibTeX, RIS and CSL-JSON become proposed documents, and nothing that is broken or hostile becomes anything else than a message."""

import dataclasses
import json
import sqlite3
from pathlib import Path

import bibtexparser
import pytest
import rispy
from conftest import ANY, TODAY, examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutations import answer, mutated
from policykb.contribute import ids as record_ids
from policykb.contribute import reading
from policykb.contribute.proposal import Proposal
from policykb.model.problems import SourceError
from policykb.model.records import Document
from policykb.model.vocabulary import CSL_TYPES, DOCUMENT_TYPES, ids
from policykb.references import bibtex, bibtex_reader, citation, interchange, languages, ris
from policykb.references import csl_json as csl
from policykb.references.entry import MOST_ENTRIES, Entry, Name, document_fields, doi, partial_date

BIBTEX = rb"""% exported by hand
@comment{not an entry}
@string{jip = "Journal of Imaginary Policy"}

@article{doe2026,
  author = {Doe, Jane and {Readers' Union} and van der Berg, Jr, Hans},
  title = {Weights for {Schools}: 50\% of \emph{what} M{\"u}ller says},
  journal = jip, volume = 7, number = 2, pages = {101--102},
  year = 2026, month = jun,
  doi = {https://doi.org/10.5555/Weights.2026.7},
  url = {https://journal.example.org/a\_b?x=1\&y=2},
  abstract = {Other people's words.},
  langid = {ngerman}, keywords = {open weights, schools}, urldate = {2026-10-01}, license = {CC BY 4.0}
}

@techreport{survey,
  author = {Jane Q. Doe and others},
  title = {Survey of schools},
  institution = {Readers' Union},
  number = {24-038},
  date = {2025-11/2025-12},
  editor = {Roe, Richard}
}
"""
RIS = b"""TY  - JOUR
AU  - Doe, Jane
AU  - Berg, Hans, Jr
AU  - Readers' Union
TI  - Weights for Schools
 and libraries
JO  - Journal of Imaginary Policy
VL  - 7
IS  - 2
SP  - 101
EP  - 102
PY  - 2026
DA  - 2026/06//
DO  - doi:10.5555/Weights.2026.7
UR  - https://journal.example.org/a;b
KW  - open weights
KW  - schools
LA  - German
AB  - Other people's words.
Y2  - 2026/10/01/
ER  - 

TY  - RPRT
TI  - Survey of schools
PB  - Readers' Union
PY  - 2025
A2  - Roe, Richard
ER  - 
"""  # noqa: W291
CSL = json.dumps(
    [
        {
            "id": "doe",
            "type": "article-journal",
            "title": "Weights for <i>Schools</i>",
            "container-title": "Journal of Imaginary Policy",
            "volume": 7,
            "issue": "2",
            "page": "101\u2013102",
            "DOI": "10.5555/WEIGHTS.2026.7",
            "URL": "https://journal.example.org/weights",
            "language": "de-DE",
            "keyword": "open weights, schools",
            "author": [
                {"family": "Doe", "given": "Jane"},
                {
                    "family": "Berg",
                    "given": "Hans",
                    "non-dropping-particle": "van der",
                    "suffix": "Jr",
                },
                {"literal": "Readers' Union"},
            ],
            "issued": {"date-parts": [["2026", 6]]},
            "accessed": {"date-parts": [[2026, 10, 1]]},
            "abstract": "Other people's words.",
            "custom": {"grade": "primary"},
        },
        {
            "type": "thesis",
            "title": "Survey of schools",
            "publisher": "University of Examplia",
            "issued": {"date-parts": [[2025]], "circa": True},
            "editor": [{"family": "Roe"}],
        },
    ]
).encode()
READERS = {"BibTeX": (bibtex.read, BIBTEX), "RIS": (ris.read, RIS), "CSL-JSON": (csl.read, CSL)}


def one(read, data: str | bytes) -> Proposal:
    (found,) = read(data if isinstance(data, bytes) else data.encode(), "file")
    return found


def bib(fields: str, kind: str = "misc") -> Proposal:
    return one(bibtex.read, f"@{kind}{{key, title = {{A title}}, {fields}}}")


def item(**fields: object) -> Proposal:
    return one(csl.read, json.dumps({"type": "report", "title": "A title", **fields}))


# What each form gives


def test_bibtex_becomes_documents():
    article, report = bibtex.read(BIBTEX, "file.bib")
    assert article == Proposal(
        "document",
        (("doi", "10.5555/weights.2026.7"), ("url", "https://journal.example.org/a_b?x=1&y=2")),
        "doe-readers-union-van-der-berg-2026-weights-for-schools",
        {
            "type": "article-journal",
            "title": "Weights for Schools: 50% of what Müller says",
            "authors": [
                {"family": "Doe", "given": "Jane"},
                {"organization": "name:Readers' Union"},
                {"family": "van der Berg", "given": "Hans, Jr"},
            ],
            "issued": "2026-06",
            "container": "Journal of Imaginary Policy",
            "volume": "7(2)",
            "page": "101-102",
            "doi": "10.5555/weights.2026.7",
            "url": "https://journal.example.org/a_b?x=1&y=2",
            "language": "de",
            "keywords": ["open weights", "schools"],
            "license": "CC BY 4.0",
            "accessed": "2026-10-01",
            "grade": "relayed",
        },
    )
    assert report == Proposal(
        "document",
        (),
        "doe-2025-survey-schools",
        {
            "type": "report",
            "title": "Survey of schools",
            "authors": [{"family": "Doe", "given": "Jane Q."}],
            "issued": "2025",
            "publisher": "Readers' Union",
            "number": "24-038",
            "grade": "relayed",
        },
        (
            "authors: 'and others' means authors who are not named",
            "editor: 'Roe, Richard'",
            "issued: '2025-11/2025-12' is not one date; read as '2025'",
        ),
    )


def test_ris_becomes_documents():
    article, report = ris.read(RIS, "file.ris")
    assert article == Proposal(
        "document",
        (("doi", "10.5555/weights.2026.7"), ("url", "https://journal.example.org/a;b")),
        "doe-berg-readers-union-2026-weights-for-schools-and-libraries",
        {
            "type": "article-journal",
            "title": "Weights for Schools and libraries",
            "authors": [
                {"family": "Doe", "given": "Jane"},
                {"family": "Berg", "given": "Hans, Jr"},
                {"family": "Readers' Union"},
            ],
            "issued": "2026-06",
            "container": "Journal of Imaginary Policy",
            "volume": "7(2)",
            "page": "101-102",
            "doi": "10.5555/weights.2026.7",
            "url": "https://journal.example.org/a;b",
            "language": "de",
            "keywords": ["open weights", "schools"],
            "accessed": "2026-10-01",
            "grade": "relayed",
        },
    )
    assert report == Proposal(
        "document",
        (),
        "readers-union-2025-survey-schools",
        {
            "type": "report",
            "title": "Survey of schools",
            "issued": "2025",
            "publisher": "Readers' Union",
            "grade": "relayed",
        },
        ("A2: 'Roe, Richard'",),
    )


def test_csl_json_becomes_documents():
    article, thesis = csl.read(CSL, "file.json")
    assert article == Proposal(
        "document",
        (("doi", "10.5555/weights.2026.7"), ("url", "https://journal.example.org/weights")),
        "doe-van-der-berg-readers-union-2026-weights-for-schools",
        {
            "type": "article-journal",
            "title": "Weights for Schools",
            "authors": [
                {"family": "Doe", "given": "Jane"},
                {"family": "van der Berg", "given": "Hans, Jr"},
                {"organization": "name:Readers' Union"},
            ],
            "issued": "2026-06",
            "container": "Journal of Imaginary Policy",
            "volume": "7(2)",
            "page": "101-102",
            "doi": "10.5555/weights.2026.7",
            "url": "https://journal.example.org/weights",
            "language": "de-DE",
            "keywords": ["open weights", "schools"],
            "accessed": "2026-10-01",
            "grade": "primary",
        },
    )
    assert thesis == Proposal(
        "document",
        (),
        "university-of-examplia-2025-survey-schools",
        {
            "type": "report",
            "title": "Survey of schools",
            "issued": "2025~",
            "publisher": "University of Examplia",
            "grade": "relayed",
        },
        ("editor: [{'family': 'Roe'}]",),
    )


@pytest.mark.parametrize(("read", "sample"), READERS.values(), ids=READERS)
def test_abstracts_are_never_taken(read, sample: bytes):
    assert b"Other people's words" in sample
    assert "Other people" not in repr(list(read(sample, "file")))


@pytest.mark.parametrize(("read", "sample"), READERS.values(), ids=READERS)
def test_byte_order_mark_and_line_ends_make_no_difference(read, sample: bytes):
    plain = list(read(sample, "file"))
    assert list(read(b"\xef\xbb\xbf" + sample.replace(b"\n", b"\r\n"), "file")) == plain
    assert list(read(sample.replace(b"\n", b"\r"), "file")) == plain


@pytest.mark.parametrize("module", [bibtex, ris, csl], ids=READERS)
def test_each_form_is_recognised_and_no_other(module):
    assert [name for name, (_, sample) in READERS.items() if module.is_it(sample)] == [
        name for name, (read, _) in READERS.items() if read is module.read
    ]


def test_types_lead_to_types_that_exist():
    for module in (bibtex, ris, csl):
        assert set(module.TYPES.values()) <= set(ids(DOCUMENT_TYPES))
        assert module.FIELDS.keys() <= {part.name for part in dataclasses.fields(Entry)}
        read = document_fields(module.FIELDS)
        assert read.keys() <= Document.model_fields.keys()
        assert not {field for names in read.values() for field in names} & module.IGNORED


def test_unknown_type_is_told():
    assert bib("", "patent").content["type"] == "webpage"
    assert bib("", "patent").unresolved == ("type: 'patent' is unknown; read as 'webpage'",)


# Dates


@pytest.mark.parametrize(
    ("said", "date", "left"),
    [
        ("2026", "2026", ""),
        ("2026-06", "2026-06", ""),
        ("2026-06-19", "2026-06-19", ""),
        ("2026-06~", "2026-06~", ""),
        ("2026?", "2026?", ""),
        ("June 2026", "2026-06", ""),
        ("19 June 2026", "2026-06-19", ""),
        ("c. 2026", "2026~", ""),
        ("circa June 2026", "2026-06~", ""),
        ("ca. 2026", "2026~", ""),
        ("[2026]", "2026", ""),
        ("2026///", "2026", ""),
        ("2026/06/19/", "2026-06-19", ""),
        ("2026/06/19/Spring", "2026-06-19", "2026/06/19/Spring"),
        ("2026-06-19T10:00:00Z", "2026-06-19", ""),
        ("2026-05/2026-06", "2026", "2026-05/2026-06"),
        ("2026-06-01/2026-06-30", "2026-06", "2026-06-01/2026-06-30"),
        ("2024--2026", None, "2024--2026"),
        ("Spring 2026", "2026", "Spring 2026"),
        ("2026-21", "2026", "2026-21"),
        ("2026-02-30", "2026", "2026-02-30"),
        ("06/07/2026", "2026", "06/07/2026"),
        ("forthcoming", None, "forthcoming"),
        ("n.d.", None, "n.d."),
        ("", None, ""),
        ("12", None, "12"),
        ("9999-99-99", None, "9999-99-99"),
        ("0000", None, "0000"),
        ("2-5 June 2024", "2024", "2-5 June 2024"),
        ("-2024", None, "-2024"),
        ("-44-03-15", None, "-44-03-15"),
        ("54-10-13", None, "54-10-13"),
        ("2024-06/", None, "2024-06/"),
    ],
)
def test_date_is_as_precise_as_it_was_said(said: str, date: str | None, left: str):
    assert partial_date(said) == (date, left)


@pytest.mark.parametrize(
    ("fields", "date"),
    [
        ("year = 2026", "2026"),
        ("year = 2026, month = 6", "2026-06"),
        ("year = 2026, month = {June}", "2026-06"),
        ("year = 2026, month = jun, day = 9", "2026-06-09"),
        ("year = {2026}, month = {June 19}", "2026-06-19"),
        ("date = {2026-06-19}, year = 1999", "2026-06-19"),
        ("year = {2026}, month = {Spring}", "2026"),
        ("year = {in press}", None),
    ],
)
def test_year_month_and_day_of_bibtex_are_one_date(fields: str, date: str | None):
    assert bib(fields).content.get("issued") == date


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ({"date-parts": [[2026, 6, 19]]}, "2026-06-19"),
        ({"date-parts": [["2026", "06"]]}, "2026-06"),
        ({"date-parts": [[2026, 6], [2026, 6]]}, "2026-06"),
        ({"date-parts": [[2026, 5], [2026, 6]]}, "2026"),
        ({"date-parts": [[2026]], "season": 2}, "2026"),
        ({"raw": "19 June 2026"}, "2026-06-19"),
        ({"literal": "Summer 2026"}, "2026"),
        ("2026-06", "2026-06"),
        (2026, "2026"),
        ({"date-parts": [[2026]], "circa": 1}, "2026~"),
        ({"date-parts": [[2026]], "circa": "false"}, "2026"),
        ({"date-parts": []}, None),
        ({"date-parts": [[]]}, None),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": "x"}, None),
        ([], None),
        ({}, None),
    ],
)
def test_dates_of_csl(date: object, expected: str | None):
    assert item(issued=date).content.get("issued") == expected


def test_season_is_told():
    assert item(issued={"date-parts": [[2026]], "season": 2}).unresolved == (
        "issued: 'summer 2026' is not one date; read as '2026'",
    )


def test_entry_with_a_key_of_another_is_read_like_the_others():
    first, second = bibtex.read(
        rb"""@misc{k, author = {Doe, John}, title = {First}}
        @misc{k, author = {Roe, Jane and {An {\'E}cole}}, title = {Sec{\"o}nd}, year = {2024}}""",
        "file",
    )
    assert second.content["authors"] == [
        {"family": "Roe", "given": "Jane"},
        {"organization": "name:An École"},
    ]
    assert (second.content["title"], second.content["issued"]) == ("Secönd", "2024")
    assert second.unresolved == ("file:2: duplicate entry key 'k'",)


def test_month_with_more_than_a_day_is_named():
    found = bib("year = {2013}, month = {June 2--5}")
    assert found.content["issued"] == "2013-06"
    assert found.unresolved == ("month: 'June 2–5' is more than a month; read as '06'",)


RIS_ENTRY = "TY  - RPRT\nTI  - A title\n{}ER  - \n"


def test_authors_of_ris_keep_their_order_whatever_their_tags():
    found = one(ris.read, RIS_ENTRY.format("A1  - First, A.\nAU  - Second, B.\nA1  - Third, C.\n"))
    assert [author["family"] for author in found.content["authors"]] == [
        "First",
        "Second",
        "Third",
    ]


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        ("Y1  - 2005/03/14\nPY  - 2005\n", "2005-03-14"),
        ("PY  - 2005\nDA  - 2005/03\n", "2005-03"),
        ("PY  - 2005///\nDA  - March 14\n", "2005-03-14"),
        ("PY  - 2005\nY1  - 2006/01/02\n", "2005"),
        ("Y2  - 2019/03/27\n", None),
    ],
)
def test_date_of_ris_is_the_one_that_says_most(lines: str, date: str | None):
    assert one(ris.read, RIS_ENTRY.format(lines)).content.get("issued") == date


@pytest.mark.parametrize(
    "text",
    [
        "1.\n" + RIS_ENTRY.format(""),
        "Record #1 of 2\n" + RIS_ENTRY.format(""),
        RIS_ENTRY.format("").replace("  -", " -"),
        "\ufeff" + RIS_ENTRY.format(""),
    ],
)
def test_ris_with_numbered_entries_or_one_blank_is_recognized_and_read(text: str):
    assert ris.is_it(text.encode())
    assert one(ris.read, text).content["title"] == "A title"


@pytest.mark.parametrize(
    ("kind", "line", "number"),
    [
        ("BILL", "M1  - 42", "42"),
        ("RPRT", "SN  - TR-7", "TR-7"),
        ("RPRT", "SN  - 1234-567X", None),
        ("STAT", "M1  - 2023-24283", "2023-24283"),
    ],
)
def test_number_of_ris_is_read_where_its_type_keeps_it(kind: str, line: str, number: str | None):
    text = RIS_ENTRY.replace("RPRT", kind).format(line + "\n")
    assert one(ris.read, text).content.get("number") == number


def test_ris_takes_the_full_title_of_a_journal_and_lines_without_a_tag():
    lines = "JO  - J. Imag. Pol.\nT2  - Journal of\n Imaginary Policy\nKW  - weights\nschools\nC9  - x\n"
    entry = one(ris.read, RIS_ENTRY.format(lines))
    assert entry.content["container"] == "Journal of Imaginary Policy"
    assert entry.content["keywords"] == ["weights", "schools"]
    assert entry.unresolved == ("C9: 'x'",)


def test_name_of_a_field_is_shown_on_one_line():
    entry = one(bibtex.read, "@misc{a, title = {T}, 'y\nz' = undefined}")
    reason = "joins texts, or names one that the file does not define"
    assert entry.unresolved == (f"'y\\nz': 'undefined' {reason}",)


# What is exported is read back


@pytest.mark.parametrize("form", [bibtex, ris, csl], ids=READERS)
def test_entry_is_read_back_as_it_was_written(form):
    entry = Entry(
        type="article-journal",
        title="Weights {for} 50% of $chools & \\others_",
        authors=[Name("van der Berg", "Hans"), Name(literal="Readers' Union and Friends")],
        issued="2026-06",
        container="Journal of Imaginary Policy",
        volume="7",
        page="101-102",
        doi="10.5555/weights.2026.7",
        url="https://journal.example.org/a_b?x=1&y=2",
        language="de",
        keywords=["open weights", "schools"],
        accessed="2026-10-01",
    )
    (read,) = form.parse(form.format([entry]).encode(), "file")
    if form is bibtex:
        assert read.page == "101–102"  # made a hyphen with the document
        read.page = entry.page
    if form is ris:
        assert read.authors.pop() == Name("Readers' Union and Friends")
        assert (read.issued, read.accessed) == ("2026-06", "2026/10/01")
        entry.authors, entry.accessed = entry.authors[:1], read.accessed
    assert read == entry


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["bibtex", "biblatex", "ris", "csl-json"])
def test_shipped_documents_are_read_back_from_every_export(shipped: Path, form: str):
    connection = sqlite3.connect(f"{shipped.as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    day = citation.Day(TODAY, False, TODAY)
    documents = {row["id"]: row for row in connection.execute("select * from documents")}
    cited = [citation.cite(connection, id, day) for id in documents]
    own = [cite for cite in cited if cite.parts[0].entry.id in documents]
    reader = {"ris": ris, "csl-json": csl}.get(form, bibtex)
    text = interchange.encode([cite._replace(parts=cite.parts[:1]) for cite in own], form)
    for found, cite in zip(reader.read(text.encode(), "file"), own, strict=True):
        row = documents[cite.parts[0].entry.id]
        keys = ("title", "container", "volume", "number", "page", "publisher", "url")
        # Cases go out by their docket and court, which managers keep apart.
        for key in keys if CSL_TYPES[row["type"]] != "legal_case" else ("title", "url"):
            expected = row[key] or (row["archive_url"] if key == "url" else None)
            assert found.content.get(key) == expected, (row["id"], key)
        assert found.content.get("doi") == (row["doi"] and row["doi"].lower())
        assert found.content.get("language", "en") == row["language"]
        assert (found.content.get("issued") or "").rstrip("~?") == (row["issued"] or "").rstrip(
            "~?"
        )


# Names, identifiers, addresses, languages


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Jane Doe", {"family": "Doe", "given": "Jane"}),
        ("Doe, Jane", {"family": "Doe", "given": "Jane"}),
        ("Ludwig van Beethoven", {"family": "van Beethoven", "given": "Ludwig"}),
        ("de la Cruz, Ana", {"family": "de la Cruz", "given": "Ana"}),
        ("{European Commission}", {"organization": "name:European Commission"}),
        ("Plato", {"family": "Plato"}),
        (r"{\"O}z, A. B.", {"family": "Öz", "given": "A. B."}),
        (r"{\'E}mile Zola", {"family": "Zola", "given": "Émile"}),
    ],
)
def test_names_of_bibtex(name: str, author: dict):
    assert bib(f"author = {{{name}}}").content["authors"] == [author]


def test_authors_with_semicolons_are_named_and_not_mixed_up():
    found = bib("author = {Doe, Jane; Roe, Richard}")
    assert "authors" not in found.content
    assert found.unresolved == (
        "authors: 'Doe, Jane; Roe, Richard' has semicolons; BibTeX puts 'and' between names",
    )


def test_name_that_cannot_be_split_is_told():
    found = bib("author = {a,b,c,d,e and Doe, Jane}")
    assert found.content["authors"] == [{"family": "Doe", "given": "Jane"}]
    assert found.unresolved == ("authors: 'a,b,c,d,e' is not a name: too many commas",)


def test_an_author_without_a_family_name_is_named():
    found = bib("author = {, Jane and Roe, Richard}")
    assert found.content["authors"] == [{"family": "Roe", "given": "Richard"}]
    assert found.unresolved == ("authors: 'Jane' has no family name",)
    found = one(ris.read, RIS_ENTRY.format("AU  - , Jane\n"))
    assert "authors" not in found.content
    assert "authors: 'Jane' has no family name" in found.unresolved


@pytest.mark.parametrize(
    "said",
    [
        "10.5555/Ab.1",
        "doi:10.5555/ab.1",
        "https://doi.org/10.5555/AB.1",
        "http://dx.doi.org/10.5555%2Fab.1",
        " DOI: 10.5555/ab.1. ",
    ],
)
def test_doi_is_brought_to_one_form(said: str):
    assert doi(said) == "10.5555/ab.1"


def test_address_of_a_doi_gives_the_doi():
    assert bib("url = {https://doi.org/10.5555/AB.1}").keys == (
        ("doi", "10.5555/ab.1"),
        ("url", "https://doi.org/10.5555/AB.1"),
    )


def test_address_may_be_broken_over_lines():
    found = bib("url = {https://a.example/\n    x-\n  y}")
    assert (found.content["url"], found.unresolved) == ("https://a.example/x-y", ())


def test_preprint_of_arxiv_has_number_and_address():
    found = bib("eprint = {2403.07918}, archivePrefix = {arXiv}, primaryClass = {cs.CY}")
    assert (found.content["number"], found.content["url"], found.unresolved) == (
        "arXiv:2403.07918",
        "https://arxiv.org/abs/2403.07918",
        (),
    )


@pytest.mark.parametrize(
    ("fields", "unresolved"),
    [
        ("url = {htp:/x}", "url: 'htp:/x' is not a web address"),
        ("doi = {11.5/x}", "doi: '11.5/x' has the wrong form"),
        ("grade = {good}", "grade: 'good' is not in the vocabulary"),
        ("langid = {klingon}", "language: 'klingon' is not known"),
        (
            "journal = undefined",
            "journal: 'undefined' joins texts, or names one that the file does not define",
        ),
        ("series = {A series}", "series: 'A series'"),
        ("url = {https:/example.org}", "url: 'https:/example.org' is not a web address"),
        ("url = {HTTPS:example.org}", "url: 'HTTPS:example.org' is not a web address"),
        ("url = {javascript:alert(1)}", "url: 'javascript:alert(1)' is not a web address"),
        ("url = {https://a.example/x y}", "url: 'https://a.example/x y' is not a web address"),
        (
            r"url = {\url{https://a.example/x y}}",
            "url: 'https://a.example/x y' is not a web address",
        ),
        ("doi = {10.5555/x y}", "doi: '10.5555/x y' has the wrong form"),
    ],
)
def test_value_that_is_not_valid_is_told_and_left_out(fields: str, unresolved: str):
    found = bib(fields)
    assert found.unresolved == (unresolved,)
    assert found.content == {"type": "webpage", "title": "A title", "grade": "relayed"}


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("English", "en"),
        ("eng", "en"),
        ("ngerman", "de"),
        ("de-AT", "de-AT"),
        ("en_US", "en-US"),
        ("zho", "zh"),
        ("vi", "vi"),
        ("he", "he"),
        ("sr-Latn", "sr-Latn"),
        ("pt_br", "pt-BR"),
        ("Klingon", None),
        ("x", None),
        ("en-", None),
        ("", None),
    ],
)
def test_language_is_known_by_its_names(said: str, tag: str | None):
    assert languages.tag(said) == tag


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"50\% & 50% of \$5, #1", "50% & 50% of $5, #1"),
        (r"{\'E}cole na{\"\i}ve \v{C} \ss{} \o", "École naïve Č ß ø"),
        ("``a'' -- b", "“a” – b"),
        (r"\textbf{bold} {\em it}", "bold it"),
        ("plain_text", "plain_text"),
        (r"$x^2$", "$x^2$"),
        (r"17 U.S.C. \S 107, \pounds 5, \copyright\ 2020", "17 U.S.C. § 107, £ 5, © 2020"),
        (r"On \href{https://a.example}{a link} and {\bf bold} words", "On a link and bold words"),
        (r"an \unknown{odd} macro", "an odd macro"),
        (r"broken {\bf words", "broken words"),
        ("a~b", "a\xa0b"),
        ("{" * 3000 + "a" + "}" * 3000, "a"),
    ],
)
def test_latex_is_decoded(latex: str, text: str):
    assert bibtex_reader.decode(latex) == text


# Ids


def test_ids_are_like_those_that_exist():
    assert (
        record_ids.document_id(
            ["Lambert", "Xu"], "2026-06-19", "Banning Open Source AI Would Be A Mistake", {}
        )
        == "lambert-xu-2026-banning-open-source-ai-mistake"
    )
    assert (
        record_ids.document_id(
            ["A", "B", "C", "D"], "2024~", "The Value of Open Source Software", {}
        )
        == "a-2024-value-open-source-software"
    )
    assert (
        record_ids.document_id(["Müller-Łukasz"], None, "Über «Straßen»: ein Bericht", {})
        == "muller-lukasz-uber-strassen"
    )
    assert record_ids.document_id([""], None, "中国", {}) == "zhong-guo"
    assert record_ids.document_id([""], None, "???", {}) == "record"


def test_ids_are_short_and_used_once():
    taken: dict[str, int] = {}
    found = [record_ids.document_id(["x" * 100], "2026", "y" * 200, taken) for _ in range(12)]
    assert len(set(found)) == 12
    assert all(len(id) <= 80 for id in found)


def test_same_entry_twice_has_two_ids():
    found = list(
        bibtex.read(b"@misc{a, title={T}, year=2026}\n@misc{a, title={T}, year=2026}", "file.bib")
    )
    assert [proposal.id for proposal in found] == ["2026-t", "2026-t-2"]
    assert found[1].unresolved == ("file.bib:2: duplicate entry key 'a'",)


# Round trips with the libraries' own writers

WORD = st.text(
    st.characters(categories=["L", "Nd"], include_characters=":?,", max_codepoint=0x24F),
    min_size=1,
    max_size=12,
).filter(lambda word: word.strip(":?,"))
LINES = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
FAMILY = st.text(st.characters(categories=["Lu"], max_codepoint=0x17F), min_size=2, max_size=10)


@given(title=LINES, families=st.lists(FAMILY, min_size=1, max_size=4), year=st.integers(1900, 2090))
@settings(max_examples=examples(60), deadline=None)
def test_what_bibtexparser_writes_is_read_back(title: str, families: list[str], year: int):
    fields = {
        "author": " and ".join(f"{family}, Jane" for family in families),
        "title": title,
        "year": str(year),
        "journal": "J",
    }
    text = bibtexparser.write_string(
        bibtexparser.Library(
            [
                bibtexparser.model.Entry(
                    "article",
                    "key",
                    [bibtexparser.model.Field(key, value) for key, value in fields.items()],
                )
            ]
        )
    )
    content = one(bibtex.read, text).content
    assert content == {
        "type": "article-journal",
        "title": title,
        "authors": [{"family": family, "given": "Jane"} for family in families],
        "issued": str(year),
        "container": "J",
        "grade": "relayed",
    }


@given(title=LINES, families=st.lists(FAMILY, min_size=1, max_size=4), year=st.integers(1900, 2090))
@settings(max_examples=examples(60), deadline=None)
def test_what_rispy_writes_is_read_back(title: str, families: list[str], year: int):
    text = rispy.dumps(
        [
            {
                "type_of_reference": "RPRT",
                "title": title,
                "authors": [f"{family}, Jane" for family in families],
                "year": str(year),
            }
        ]
    )
    assert one(ris.read, text).content == {
        "type": "report",
        "title": title,
        "authors": [{"family": family, "given": "Jane"} for family in families],
        "issued": str(year),
        "grade": "relayed",
    }


# Broken and hostile files

DEEP = 100_000


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (
            bibtex.read,
            b"",
            "file: is empty; expected records in one of the forms that can be imported",
        ),
        (
            bibtex.read,
            b"just text",
            "file: has no entry; expected BibTeX, such as @article{key, title = {...}}",
        ),
        (
            bibtex.read,
            b"@misc{a,\n title = {x}}\n@misc{b, title = {unfin",
            "file:3: unexpectedly reached end of file; expected a whole entry @type{key, field = {value}}",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {x}}\n@misc{b, title = {c\n@misc{d, title = {e}}",
            "file:2: unexpected block start: `@misc`. Was still looking for field-value closing `}`; "
            "expected a whole entry @type{key, field = {value}}",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {x}}\n@misc",
            "file:2: '@misc' is not an entry; expected @type{key, field = {value}}",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {caf\xe9}}",
            "file:1: byte 0xe9 is not UTF-8; expected a text file saved as UTF-8",
        ),
        (
            bibtex.read,
            "\n\n@misc{a, title = {x\u202ey}}".encode(),
            "file:3: has the character U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be shown safely; expected plain text",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {x\x00y}}",
            "file:1: has the character U+0000 (a control character), which cannot be shown safely; expected plain text",
        ),
        (
            bibtex.read,
            "@misc{a, title = {x}}".encode("utf-16"),
            "file: is UTF-16; expected a text file saved as UTF-8; in Excel choose the type 'CSV UTF-8', elsewhere the encoding UTF-8",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {x}}\n" * (MOST_ENTRIES + 1),
            "file: has 5,001 entries; expected at most 5,000 in one file",
        ),
        (
            bibtex.read,
            b" " * (reading.MOST_STRICT_BYTES + 1),
            "file: has 8,388,609 bytes; expected at most 8,388,608",
        ),
        (
            bibtex.read,
            b"@misc{a, title = {x}}\n@misc{b, abstract = {" + b"x" * 100_000 + b"}}",
            "file:2: the entry that begins here has more than 100,000 characters",
        ),
        (
            ris.read,
            b"just text",
            "file: has no entry; expected RIS, an entry from 'TY  - ' to 'ER  - '",
        ),
        (
            ris.read,
            b"TY  - JOUR\nTI  - x\nER  - \n\nTY  - JOUR\nTI  - y\n",
            "file:5: the entry that begins here has no end; expected an entry from 'TY  - ' to 'ER  - '",
        ),
        (
            ris.read,
            b"TY  - JOUR\nTI  - x\nTY  - JOUR\nTI  - y\nER  - \n",
            "file:3: an entry begins inside that of line 1; expected an entry from 'TY  - ' to 'ER  - '",
        ),
        (
            ris.read,
            b"TI  - x\nER  - \n",
            "file:1: 'TI  - x' is outside an entry; expected an entry from 'TY  - ' to 'ER  - '",
        ),
        (
            ris.read,
            b"TY  - JOUR\nTI  - x\xff\n",
            "file:2: byte 0xff is not UTF-8; expected a text file saved as UTF-8",
        ),
        (
            ris.read,
            b"TY  - JOUR\nER  - \n" * (MOST_ENTRIES + 1),
            "file: has 5,001 entries; expected at most 5,000 in one file",
        ),
        (
            ris.read,
            b"TY  - JOUR\nAB  - x\n" + b"a\n" * 60_000 + b"ER  - \n",
            "file:1: the entry that begins here has more than 100,000 characters",
        ),
        (
            csl.read,
            b"",
            "file: is empty; expected records in one of the forms that can be imported",
        ),
        (
            csl.read,
            b'[{"type": "report",\n "title": "x"',
            "file:2: not JSON in column 14: Expecting ',' delimiter (the file seems to be cut off); expected complete JSON",
        ),
        (
            csl.read,
            b"[]",
            "file: has no item; expected CSL-JSON, a list of items with type and title",
        ),
        (
            csl.read,
            b'"text"',
            "file: has no item; expected CSL-JSON, a list of items with type and title",
        ),
        (
            csl.read,
            b'[{"type": "report"}, 7]',
            "file: item 2 is not an entry; expected CSL-JSON, a list of items with type and title",
        ),
        (csl.read, b"[" * DEEP, "file: is nested too deeply; expected at most 60 levels"),
        (
            csl.read,
            b'{"type": "x", "a": ' * 20_000,
            "file: is nested too deeply; expected at most 60 levels",
        ),
        (
            csl.read,
            b'[{"type": "report", "title": "x\\u202ey"}]',
            "file: has the character U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be shown safely; expected plain text",
        ),
        (
            csl.read,
            b'[{"type": "report", "title": "x\\ud800"}]',
            "file: has the character U+D800 (a control character), which cannot be shown safely; expected plain text",
        ),
        (
            csl.read,
            b'[{"type": "report", "volume": ' + b"9" * 5000 + b"}]",
            "file: has a number with too many digits; expected JSON with numbers of usual size",
        ),
        (
            csl.read,
            json.dumps([{"type": "report", "title": "x"}] * (MOST_ENTRIES + 1)).encode(),
            "file: has 5,001 items; expected at most 5,000 in one file",
        ),
    ],
)
def test_broken_file_is_one_message(read, data: bytes, message: str):
    with pytest.raises(SourceError) as refused:
        list(read(data, "file"))
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "broken",
    [
        "TY  - JOUR\nTI  - Cut\n",
        "TY  - JOUR\nno tag\nTI  - Cut\nER  - \n",
        "TI  - Cut\nER  - \n",
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_broken_entry_of_ris_leaves_the_others(broken: str, place: int):
    whole = [f"TY  - JOUR\nTI  - Number {number}\nER  - \n" for number in (1, 2)]
    refused = []
    data = "".join([*whole[:place], broken, *whole[place:]]).encode()
    proposals = list(ris.read(data, "file", lambda *refusal: refused.append(refusal)))
    assert [proposal.content["title"] for proposal in proposals] == ["Number 1", "Number 2"]
    assert [name for name, _ in refused] == [f"the entry in line {3 * place + 1}"]


@pytest.mark.parametrize(
    "data",
    [
        b"@a{" * 4000,
        b"@misc{a, title = {" + b"{" * 40_000 + b"}" * 40_000 + b"}}",
        b"@misc{a, title = {" + b"\\emph{" * 5000 + b"}" * 5000 + b"}}",
        b"@misc{a, title = {" + b"$" * 19_001 + b"}}",
        b"@misc{a, title = {" + b"\\begin{a}" * 2000 + b"}}",
        b"@misc{a, author = {" + b" and " * 15_000 + b"}}",
        b"@misc{a, author = {" + b"A B and " * 5000 + b"C D}}",
        b"@misc{a," + b"a = 1," * 10_000 + b"}",
        b"@misc{../../etc/passwd, title = {../../etc/passwd}}",
        b"@misc{a, title = {\\input{/etc/passwd} \\include{x}}}",
    ],
)
def test_hostile_bibtex_ends_soon(data: bytes):
    found = answer(bibtex.read, data)
    assert "root:" not in repr(found)
    assert isinstance(found, str) or len(found[0].content.get("authors", [])) <= 200


def test_more_than_a_hundred_remarks_are_counted():
    found = bib(",".join(f"strange{n} = {{x}}" for n in range(150)))
    assert (len(found.unresolved), found.unresolved[-1]) == (101, "and 50 more")


def test_path_tricks_in_keys_and_titles_leave_an_id():
    assert one(bibtex.read, "@misc{../../x, title = {../../etc/passwd}}").id == "etc-passwd"
    assert item(id="../../x", title="/etc/../passwd").id == "etc-passwd"


def test_library_writes_nothing_to_the_terminal(capfd: pytest.CaptureFixture):
    answer(bibtex.read, b"@a{" * 50)
    assert capfd.readouterr() == ("", "")


@pytest.mark.thorough
@pytest.mark.parametrize("name", READERS)
def test_any_mutation_gives_proposals_or_a_message(name: str):
    read, sample = READERS[name]

    @given(mutated(sample))
    @settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
    def holds(data: bytes) -> None:
        answer(read, data)

    holds()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(ANY, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["family", "given", "literal", "date-parts", "raw", "season", "circa", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@pytest.mark.thorough
@given(
    st.dictionaries(
        st.sampled_from(
            [field for fields in csl.FIELDS.values() for field in fields]
            + ["type", "custom", "editor", "x"]
        ),
        JSON,
        max_size=8,
    )
)
@settings(max_examples=examples(300), deadline=None)
def test_any_json_gives_proposals_or_a_message(entry: dict):
    answer(csl.read, json.dumps([{"title": "T", **entry}]).encode())
