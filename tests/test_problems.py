"""Every code has a fixture: a valid knowledge base broken in the one way that the code means, and the exact text of what is then said."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator

import pytest
from checkouts import committed
from conftest import ABOUT, TABLES, TODAY, Base, mostly_thorough
from policykb.build import parallel as chunks
from policykb.checks import base_rules, record_rules
from policykb.contribute import fix
from policykb.history import diff as difference
from policykb.history import git as revisions
from policykb.history import log, states
from policykb.model import records as model
from policykb.model import vocabulary
from policykb.model.problems import CODES, Fault, Problem, nearest_id, similar

ACTION, ARGUMENT, CLAIM, DOCUMENT = (
    "actions/an-order.toml",
    "arguments/it-should-stay.toml",
    "claims/it-does-good.toml",
    "documents/a-source.toml",
)
CITE = [{"document": "a-source"}]
EVENT = {"date": "2026-06-02", "type": "issued", "cite": CITE}
DUTY = {
    "who": "Developers",
    "rule": "must",
    "type": "registration",
    "what": "register a model",
    "cite": CITE,
}
MOVED = {**EVENT, "id": "second", "supersedes": "first", "moved_on": "2026-06-01"}
TEXT = "One fox runs.\nTwo hens sit and two hens sleep.\n"


def action(**changes: object) -> Callable[[Base], object]:
    """A change to the action of the base."""
    return lambda base: base.record("actions", "an-order", **changes)


def argument(**changes: object) -> Callable[[Base], object]:
    """A change to its argument."""
    return lambda base: base.record("arguments", "it-should-stay", **changes)


def document(**changes: object) -> Callable[[Base], object]:
    """A change to its document."""
    return lambda base: base.record("documents", "a-source", **changes)


def appears(words: str, locator: str = "paragraph 1", text: str = TEXT) -> Callable[[Base], object]:
    """Words that the argument quotes from its document, whose text is at hand as `text`."""

    def change(base: Base) -> None:
        rule = {
            "text_sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
            "text_rule": {"blocks": "lines", "skip": []},
        }
        base.record("documents", "a-source", **rule)
        base.record(
            "arguments",
            "it-should-stay",
            appearances=[{"document": "a-source", "locator": locator, "words": words}],
        )
        (base.policies.parent / "texts").mkdir()
        (base.policies.parent / "texts" / "a-source.txt").write_text(text)

    return change


def jurisdiction(**values: object) -> Callable[[Base], object]:
    """Another jurisdiction beside those of the base."""
    return lambda base: base.write(
        "jurisdictions.toml", TABLES["jurisdictions"] | {"us-tx": {"name": "Texas", **values}}
    )


def events(*listed: dict, **changes: object) -> Callable[[Base], object]:
    """The events of the action, instead of the valid one."""
    return action(events=list(listed), as_of=TODAY, **changes)


def several(*changes: Callable[[Base], object]) -> Callable[[Base], object]:
    """One change after another."""
    return lambda base: [change(base) for change in changes]


def editorial(
    code: str, *changes: Callable[[Base], object], **settings: object
) -> Callable[[Base], object]:
    """Changes to a base whose about.toml looks for `code` and no other editorial problem, with `settings`."""
    severities = ABOUT["severities"] | {code: "warning"}
    return several(
        *changes,
        lambda base: base.write("about.toml", ABOUT | settings | {"severities": severities}),
    )


def support_each_other(base: Base) -> None:
    """Two arguments, each of which supports the other."""
    for id, other in (("one", "two"), ("two", "one")):
        base.record("arguments", id, relations=[{"type": "supports", "argument": other}])


# code -> (what is done to the valid base, what is said: all of it, with the folder policies/ left out)
def interrupt(base: Base) -> None:
    """Leave the plan of a change of files, as a kill does."""
    (base.policies / ".pending").mkdir()
    (base.policies / ".pending" / "plan.json").write_text("[]")


def rule_with_a_fault(claim: model.Claim, course: None) -> Iterator[Fault]:
    """S108: a rule that fails on a claim that asks for it."""
    yield from ()
    if claim.text == "Fail":
        raise ZeroDivisionError("no answer")


FAULT = rule_with_a_fault.__code__.co_firstlineno + 4


@pytest.fixture(autouse=True)
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apply a rule with a fault too."""
    monkeypatch.setitem(record_rules.RECORD_RULES, "claim", (rule_with_a_fault,))


FIXTURES: dict[str, tuple[Callable[[Base], object], list[str]]] = {
    "S101": (
        lambda base: (
            (base.policies / "topics.toml").unlink()
            or (base.policies / "topics.toml").symlink_to("/etc/passwd")
        ),
        ["topics.toml: S101 is a link; expected the file itself"],
    ),
    "S102": (
        lambda base: base.write(CLAIM, b"#" * 1_048_577),
        [f"{CLAIM}: S102 has 1,048,577 bytes; expected at most 1,048,576"],
    ),
    "S103": (
        lambda base: base.write(CLAIM, b'# fine\ntext = "caf\xe9"\n'),
        [f"{CLAIM}:2: S103 byte 0xe9 is not UTF-8; expected a text file saved as UTF-8"],
    ),
    "S104": (
        lambda base: base.write(CLAIM, "# fine\ntext = It does good\n"),
        [
            f"{CLAIM}:2: S104 column 8: 'It does good' has no quotes; expected text in quotes, such as title = \"An order\"; did you mean 'text = \"It does good\"'?"
        ],
    ),
    "S105": (
        action(summary="Binds \u202eseicnega\u202c."),
        [
            f"{ACTION}:7: S105 summary: has U+202E, a control character or one that hides or reorders text; expected plain text"
        ],
    ),
    "S106": (
        lambda base: base.write("actions/draft.txt", ""),
        [
            "actions/draft.txt: S106 warning: is not part of the knowledge base and is not read; expected files named <id>.toml"
        ],
    ),
    "S109": (
        lambda base: (base.policies / CLAIM).rename(base.policies / "documents/a-claim.toml"),
        [
            "documents/a-claim.toml:1: S109 has the keys of a record of kind claim, in the folder of documents; expected policies/claims/a-claim.toml"
        ],
    ),
    "S107": (
        lambda base: interrupt(base),
        [
            ".pending/plan.json: S107 a change of several files was interrupted; some may be as before it and some as after it; "
            "expected all files as before it or all as after it; without policies/.pending they stay as they are now"
        ],
    ),
    "S108": (
        lambda base: base.record("claims", "it-does-good", text="Fail"),
        [
            f"{CLAIM}: S108 checking this file failed (test_problems.py:{FAULT}: ZeroDivisionError: no answer); "
            "expected an answer; please report this fault (POLICYKB_DEBUG=1 shows more of it)"
        ],
    ),
    "K201": (
        action(events=[{**EVENT, "cite": [{"document": "a-source", "locater": "page 1"}]}]),
        [
            f"{ACTION}:16: K201 events[0].cite[0].locater: is not a key of this table; expected one of document, locator, note; did you mean 'locator'?"
        ],
    ),
    "K202": (
        action(effect={"kind": "silent"}),
        [f"{ACTION}:17: K202 effect.note: is missing"],
    ),
    "K203": (
        argument(premises="It does good."),
        [
            f"{ARGUMENT}:2: K203 premises: 'It does good.' is not a list; expected a list in brackets; did you mean '[\"It does good.\"]'?"
        ],
    ),
    "K204": (
        lambda base: base.record("claims", "It_Does Good"),
        [
            "claims/It_Does Good.toml:1: K204 'It_Does Good' is not an id; expected lower-case letters, digits and single hyphens, at most 80; "
            "did you mean 'it-does-good'?"
        ],
    ),
    "K205": (
        lambda base: base.record("claims", "an-order"),
        [
            "claims/an-order.toml:1: K205 the id 'an-order' is also that of action policies/actions/an-order.toml; expected an id that no other record has"
        ],
    ),
    "K206": (
        action(title="x" * 4001),
        [f"{ACTION}:1: K206 title: is longer than 4,000 characters"],
    ),
    "K207": (
        action(aliases=["Order", {"name": "Kind Order", "not_near": ["kind"]}]),
        [
            "actions/an-order.toml:8: K207 aliases[1].not_near[0]: 'kind' is in the name 'Kind Order', so the name would "
            "never count; expected words beside the name"
        ],
    ),
    "R301": (
        argument(stances=[{"action": "an-ordre", "stance": "supports"}]),
        [
            f"{ARGUMENT}:9: R301 stances[0].action: there is no action 'an-ordre'; expected the id of an action; did you mean 'an-order'?"
        ],
    ),
    "R302": (
        action(topics=["us"]),
        [f"{ACTION}:8: R302 topics[0]: 'us' is a jurisdiction; expected the id of a topic"],
    ),
    "R303": (
        action(part_of="an-order"),
        [
            f"{ACTION}:8: R303 part_of: 'an-order' is part of itself, directly or through others; expected a record that is not part of this one"
        ],
    ),
    "R304": (
        events({**EVENT, "id": "first"}, {**MOVED, "supersedes": "frist"}),
        [
            f"{ACTION}:21: R304 events[1].supersedes: this action has no event with id 'frist'; expected the `id` of an event of this action; did you mean 'first'?"
        ],
    ),
    "R305": (
        several(
            document(authors=[{"family": "Lambert"}, {"family": "Xu"}]),
            argument(appearances=[{"document": "a-source", "by": ["Lambart"]}]),
        ),
        [
            f"{ARGUMENT}:7: R305 appearances[0].by[0]: 'Lambart' is not an author of 'a-source'; expected one of Lambert, Xu; did you mean 'Lambert'?"
        ],
    ),
    "T401": (
        action(as_of="2 June 2026"),
        [
            f"{ACTION}:5: T401 as_of: '2 June 2026' is not a day; expected a full date such as 2026-06-02; did you mean '2026-06-02'?"
        ],
    ),
    "T402": (
        action(as_of="2026-11-23"),
        [
            f"{ACTION}:5: T402 as_of: 2026-11-23 is in the future (today is {TODAY}); expected today or an earlier day"
        ],
    ),
    "T403": (
        events({**EVENT, "date": "2025"}, {**EVENT, "date": "2025-06", "type": "revoked"}),
        [
            f"{ACTION}:{line}: T403 warning: events[{place}].date: '{date}' leaves open whether this came before or after another event that moves the status; "
            "expected a fuller date, if one is known"
            for place, line, date in ((0, 10, "2025"), (1, 18, "2025-06"))
        ],
    ),
    "T404": (
        action(as_of="2026-06-01"),
        [
            f"{ACTION}:10: T404 warning: events[0].date: an event of type 'issued' on 2026-06-02 cannot be known on 2026-06-01, the day of as_of; "
            "expected as_of on or after the day of the event"
        ],
    ),
    "T405": (
        events({**EVENT, "id": "first"}, {**EVENT, "supersedes": "first"}),
        [
            f"{ACTION}:17: T405 events[1]: an event that moves or sets a date needs `moved_on` too; expected the day on which the new date became law"
        ],
    ),
    "T406": (
        action(events=[]),
        [
            f"{ACTION}:2: T406 instrument: an action of instrument 'executive_order' has no [[events]]; "
            "expected at least one event (only policy_option, private_policy may have none)"
        ],
    ),
    "T410": (
        lambda base: base.record(
            "actions",
            "later-order",
            events=[{**EVENT, "date": "2026-07-01"}],
            as_of=TODAY,
            relations=[{"type": "revokes", "action": "an-order"}],
        ),
        [
            "actions/later-order.toml:19: T410 warning: relations[0].action: 'an-order' is still in force on 2026-07-01, the day from which this action binds and ends it; "
            "expected an event of 'an-order' that ends it by that day, or another type of relation"
        ],
    ),
    "T411": (
        events(
            EVENT,
            {**EVENT, "date": "2026-07-01", "type": "revoked"},
            {**EVENT, "date": "2026-08-01", "type": "launched"},
        ),
        [
            f"{ACTION}:27: T411 warning: events[2].type: 'launched' on 2026-08-01 comes after 'revoked' on 2026-07-01, which ended the action; "
            "expected one of resumed, resumed_in_part, veto_overridden if it goes on, or an action of its own for what came after"
        ],
    ),
    "T412": (
        events({**EVENT, "date": "2026-05-01", "type": "took_effect"}, {**EVENT, "type": "signed"}),
        [
            f"{ACTION}:10: T412 warning: events[0].date: 'took_effect' on 2026-05-01 lies before 'signed' on 2026-06-02, which must come first; "
            "expected the day that the source gives; or another type, if something else happened then"
        ],
    ),
    "T413": (
        events({**EVENT, "type": "published"}, {**EVENT, "type": "other"}),
        [
            f"{ACTION}:9: T413 warning: events: no event of type other, published gives a stage, so the status cannot say how far the action has come; "
            "expected an event that says how far it has come, such as proposed, introduced, adopted or issued"
        ],
    ),
    "T414": (
        action(
            duties=[
                {**DUTY, "applies_from": "2026-06-02", "applies_until": "2026-05"},
            ]
        ),
        [
            f"{ACTION}:23: T414 duties[0].applies_until: the duty ends on 2026-05, before it begins on 2026-06-02; "
            "expected a day on or after applies_from"
        ],
    ),
    "K208": (
        action(duties=[{**DUTY, "exemption": "None: it is silent"}]),
        [
            f"{ACTION}:22: K208 duties[0].exemption: the text explains an exemption or the lack of one, but the duty has no treatment; "
            "expected treatment with one of exempt, partly_exempt, not_exempt, unclear; did you mean 'not_exempt'?"
        ],
    ),
    "T415": (
        action(duties=[{**DUTY, "deadline": "issued"}]),
        [
            f"{ACTION}:22: T415 duties[0].deadline: event 'issued' has the type 'issued'; "
            "expected an event of type applies_in_part, deadline, entered_into_force, took_effect"
        ],
    ),
    "T416": (
        action(duties=[{**DUTY, "applies_from": "2027-01-01"}]),
        [
            f"{ACTION}:22: T416 warning: duties[0].applies_from: no event moves the legal force on 2027-01-01, when the duty begins to apply; "
            "expected an event such as applies_in_part or took_effect on that day"
        ],
    ),
    "T420": (
        action(
            instrument="bill",
            identifiers={"us_bill": "hr77-118"},
            events=[{**EVENT, "type": "introduced"}],
        ),
        [
            f"{ACTION}:22: T420 warning: identifiers.us_bill: Congress 118 ended on 2025-01-03 and no event completes or ends 'hr77-118'; "
            "expected an event of type 'lapsed' on 2025-01-03, or what became of it"
        ],
    ),
    "T430": (
        events({**EVENT, "id": ...}, {**EVENT, "date": "2026-07-01", "type": "published"}),
        [
            f"{ACTION}:9: T430 warning: events[0]: the issued event of 2026-06-02 has no id; "
            'expected id = "issued"; `policykb check --fix` writes it'
        ],
    ),
    "C501": (
        events({"date": "2026-06-02", "type": "issued"}, cite=CITE),
        [
            f'{ACTION}:9: C501 events[0]: the event of 2026-06-02 has no source; expected cite = [{{ document = "..." }}] or unconfirmed = true'
        ],
    ),
    "C502": (
        argument(appearances=[{"document": "a-source", "locator": "pg 12"}]),
        [
            f"{ARGUMENT}:7: C502 appearances[0].locator: 'pg 12' is not a locator; expected a label and a value, such as 'page 12' or 'article 53(2)'; did you mean 'page 12'?"
        ],
    ),
    "C503": (
        argument(appearances=[{"document": "a-source", "words": "a b c d e f g h i j k l m"}]),
        [
            f"{ARGUMENT}:7: C503 appearances[0].words: 'a b c d e f g h i j k l m' has 13 words; expected at most 12 words that find the place"
        ],
    ),
    "C504": (
        appears("two hens sit"),
        [
            f"{ARGUMENT}:8: C504 appearances[0].words: 'two hens sit' does not occur in paragraph 1; expected words of the text, exactly"
        ],
    ),
    "C505": (
        appears("wo hens", "paragraph 2"),
        [
            f"{ARGUMENT}:8: C505 appearances[0].words: 'wo hens' occurs 2 times in paragraph 2; expected words that occur there once"
        ],
    ),
    "C506": (
        appears("One fox", text="another\n"),
        [
            f"{DOCUMENT}:5: C506 text_sha256: a-source.txt has another SHA-256, {hashlib.sha256(b'another' + bytes([10])).hexdigest()}; "
            "expected the hash of the text that was read"
        ],
    ),
    "C507": (
        appears("One fox", "paragraph 3"),
        [
            f"{ARGUMENT}:7: C507 appearances[0].locator: a-source has no paragraph 3; expected a paragraph up to 2"
        ],
    ),
    "C509": (
        several(
            lambda base: base.record("documents", "another-source"),
            action(official_text="another-source", no_official_text="None is known."),
        ),
        [
            f"{ACTION}:8: C509 official_text: 'another-source' is not a source of this action; expected a document that this record cites",
            f"{ACTION}:9: C509 no_official_text: the action names its official text and says that there is none; expected either `official_text` or `no_official_text`",
        ],
    ),
    "C508": (
        lambda base: base.record("documents", "unused"),
        [
            "documents/unused.toml:1: C508 warning: nothing cites this document and it mentions no action; expected a record that cites it"
        ],
    ),
    "U601": (
        document(url="example.org/a"),
        [
            f"{DOCUMENT}:4: U601 url: 'example.org/a' is not a web address; expected https://host/path"
        ],
    ),
    "V701": (
        argument(stances=[{"action": "an-order", "stance": "suports"}]),
        [
            f"{ARGUMENT}:10: V701 stances[0].stance: 'suports' is not in the vocabulary; "
            "expected one of supports, opposes, supports_if, warns, neutral; did you mean 'supports'?"
        ],
    ),
    "V702": (
        action(identifiers={"eo": "EO-14409"}),
        [
            f"{ACTION}:22: V702 identifiers.eo: 'EO-14409' does not have the form of scheme 'eo'; expected a value like '14409'"
        ],
    ),
    "V703": (
        action(instrument="provision", identifiers={"us_bill": "hr77-119"}),
        [
            f"{ACTION}:22: V703 warning: identifiers.us_bill: 'hr77-119' is the number of a whole act, and this is a part of one; expected the number on a record of the act, and here `part_of` with that record, and `provision`"
        ],
    ),
    "A801": (
        argument(stances=[]),
        [
            f"{ARGUMENT}:1: A801 warning: the argument takes no stance on any action; expected at least one [[stances]]"
        ],
    ),
    "A802": (
        argument(appearances=[]),
        [
            f"{ARGUMENT}:1: A802 warning: the argument appears in no document; expected at least one [[appearances]]"
        ],
    ),
    "A803": (
        support_each_other,
        [
            f"arguments/{id}.toml:12: A803 warning: relations: '{id}' supports itself through the arguments it supports"
            for id in ("one", "two")
        ],
    ),
    "D901": (
        several(
            action(identifiers={"eo": "14409"}),
            lambda base: base.record("actions", "the-order", identifiers={"eo": "14409"}),
        ),
        [
            "actions/the-order.toml:22: D901 identifiers.eo: 'an-order' has the same identifier '14409'; expected an identifier that no other record has, or one record for both"
        ],
    ),
    "D902": (
        lambda base: base.record(
            "documents",
            "b-source",
            url="http://www.example.org/a-source/#top",
            mentions=[{"action": "an-order", "portrayed_as": "enacted"}],
        ),
        [
            "documents/b-source.toml:4: D902 warning: url: document 'a-source' has the same address; expected one record for one document"
        ],
    ),
    "L001": (
        lambda base: base.write(
            "redirects.toml",
            {"a-source": {"to": "an-order", "on": "2026-06-02", "reason": "Renamed."}},
        ),
        [
            "redirects.toml:1: L001 a-source: 'a-source' is still the id of a record; expected an id that is no longer used"
        ],
    ),
    "L002": (
        lambda base: (
            base.record(
                "claims", "it-does-good", withdrawn={"on": "2026-06-02", "reason": "A test."}
            )
            and base.record("arguments", "it-should-stay", claims=["it-does-good"])
        ),
        [
            f"{ARGUMENT}:4: L002 warning: claims[0]: claim 'it-does-good' was withdrawn; expected a record that is not withdrawn"
        ],
    ),
    "L003": (
        lambda base: base.write("about.toml", ABOUT | {"expectations": {"claims": 2}}),
        ["about.toml:9: L003 expectations.claims: there are 1 claims; expected at least 2"],
    ),
    "L004": (
        several(
            lambda base: base.record("claims", "unused"),
            committed,
            lambda base: (base.policies / "claims/unused.toml").unlink(),
        ),
        [
            "claims/unused.toml:1: L004 claim 'unused' existed in main and is missing now; "
            "expected `policykb withdraw`, or a redirect as `policykb rename` and `policykb merge` leave it"
        ],
    ),
    "E851": (
        editorial("E851", action(instrument="policy_option", events=[])),
        [
            'actions/an-order.toml:1: E851 warning: the action cites no document and no document mentions it; expected cite = [{ document = "..." }], in the record or in one of its events'
        ],
    ),
    "E852": (
        editorial("E852", action(summary="Binds all agencies."), longest_summary=2),
        [
            "actions/an-order.toml:7: E852 warning: summary: has 3 words; expected at most 2 words; details belong to events and notes"
        ],
    ),
    "E853": (
        editorial("E853"),
        [
            "actions/an-order.toml:1: E853 warning: the action was adopted, but it has no official identifier and cites no official text; expected [identifiers], a citation of the official text, or an open question that says why there is none"
        ],
    ),
    "E854": (
        editorial("E854"),
        [
            "claims/it-does-good.toml:3: E854 warning: finding: 'contested' needs evidence, but the claim lists none; expected at least one [[evidence]], or another finding"
        ],
    ),
    "E855": (
        editorial("E855"),
        [
            "claims/it-does-good.toml:1: E855 warning: the claim has neither a note nor evidence; expected a note that says why the finding is what it is, or [[evidence]]"
        ],
    ),
    "E856": (
        editorial("E856", action(instrument="recital")),
        [
            "actions/an-order.toml:2: E856 warning: instrument: a recital belongs to an act, but this action has no part_of; expected part_of with the id of the act"
        ],
    ),
    "E857": (
        editorial("E857", jurisdiction(kind="country")),
        [
            "jurisdictions.toml:14: E857 warning: us-tx.kind: a country needs its ISO 3166 code; expected code, such as US or US-CA"
        ],
    ),
    "E858": (
        editorial("E858", jurisdiction(kind="subdivision", code="US-CA")),
        [
            "jurisdictions.toml:14: E858 warning: us-tx.kind: a subdivision belongs to a country, but this one has no part_of; expected part_of with the id of the country"
        ],
    ),
    "E859": (
        editorial(
            "E859",
            action(topics=["a-topic"], bodies=[{"organization": "an-office", "role": "issuer"}]),
        ),
        [
            "jurisdictions.toml:6: E859 warning: us-ca: no record refers to this jurisdiction; expected a record that needs it, or no such jurisdiction"
        ],
    ),
    "E860": (
        editorial(
            "E860", document(url="https://www.news.example.org/a"), distrusted=["example.org"]
        ),
        [
            "documents/a-source.toml:4: E860 warning: url: about.toml lists 'example.org' as distrusted; expected a source that can be trusted"
        ],
    ),
    "E861": (
        editorial("E861", action(summary="Binds\nXX12 agencies."), shorthand=[r"\bXX\d\d\b"]),
        [
            "actions/an-order.toml:9: E861 warning: 'XX12' matches '\\bXX\\d\\d\\b', a pattern of shorthand in about.toml; expected words that every reader knows"
        ],
    ),
    "E863": (
        editorial(
            "E863",
            lambda base: base.record(
                "claims",
                "it-does-good",
                appearances=[{"document": "a-source"}],
                evidence=[{"document": "a-source", "finding": "supports", "note": "It says so."}],
            ),
        ),
        [
            f"{CLAIM}:9: E863 warning: evidence: all evidence is in documents that make the claim, so it supports itself; expected evidence in another document, or another finding"
        ],
    ),
    "E862": (
        editorial("E862", document(issued="2026-05")),
        [
            "actions/an-order.toml:9: E862 warning: events[0]: an event of type 'issued' on 2026-06-02 cannot be known from a source of 2026-05; expected a source of 2026-06-02 or later"
        ],
    ),
    "E864": (
        editorial("E864", action(confidence="high"), document(grade="relayed")),
        [
            "actions/an-order.toml:6: E864 warning: confidence: the confidence is high, but all sources are reposts or known through others; expected a source that was read and is no repost, or less confidence"
        ],
    ),
}


def said(base: Base) -> list[str]:
    """All problems of the base as text, with the folder policies/ left out."""
    texts = base.policies.parent / "texts"
    earlier = (
        states.earlier(base.policies, "main") if (base.policies.parent / ".git").exists() else None
    )
    return [
        problem.text().removeprefix("policies/")
        for problem in base.check(texts=texts if texts.exists() else None, earlier=earlier).problems
    ]


def test_document_cited_by_a_record_that_cannot_be_read_is_not_called_unused(base: Base):
    base.record("documents", "b-source")
    base.record("actions", "other-order", cite=[{"document": "b-source"}], as_of="some day")
    assert base.codes() == ["T401"]


def test_every_code_has_one_fixture() -> None:
    assert FIXTURES.keys() == CODES.keys()


@pytest.mark.parametrize("code", CODES)
def test_code_is_explained_with_an_example(code: str) -> None:
    severity, title, explanation, example = CODES[code]
    assert severity in ("error", "warning")
    assert title and not title.endswith(".")
    sentences = re.findall(r"[.?](?=\s|$)", explanation.strip())
    assert 2 <= len(sentences) <= 5, explanation
    assert re.fullmatch(rf"policies/\S+: {code} (warning: )?\S.+", example)
    assert (f" {code} warning: " in example) == (severity == "warning")


def test_the_base_that_the_fixtures_break_is_valid(base: Base) -> None:
    assert said(base) == []


@pytest.mark.parametrize("code", FIXTURES)
def test_code_says_what_is_wrong_and_where(base: Base, code: str) -> None:
    change, expected = FIXTURES[code]
    change(base)
    assert said(base) == expected
    assert {problem.split(": ")[1].split()[0] for problem in expected} == {code}


ORDERS, STAYS = ("actions", "an-order"), ("arguments", "it-should-stay")


@pytest.mark.parametrize(
    ("place", "id", "key", "value", "pointer"),
    [
        (
            *ORDERS,
            "relations",
            [{"type": "amends", "action": "an-order"}],
            "19: R303 relations[0].action",
        ),
        (
            *ORDERS,
            "events",
            [{**EVENT, "moved_on": "2026-06-01", "moved_by": "an-order"}],
            "13: R303 events[0].moved_by",
        ),
        *(
            (
                *STAYS,
                "relations",
                [{"type": type, "argument": "it-should-stay"}],
                "14: R303 relations[0].argument",
            )
            for type in ("rebuts", "supports")
        ),
    ],
)
def test_record_does_not_refer_to_itself(
    base: Base, place: str, id: str, key: str, value: list, pointer: str
) -> None:
    base.record(place, id, **{key: value})
    expected = f"the id of another {place.removesuffix('s')}"
    assert said(base) == [
        f"{place}/{id}.toml:{pointer}: '{id}' refers to itself; expected {expected}"
    ]


@pytest.mark.parametrize("code", mostly_thorough(FIXTURES))
def test_errors_stop_a_load_and_warnings_do_not(base: Base, code: str) -> None:
    FIXTURES[code][0](base)
    beside = code in (
        "C504",
        "C505",
        "C506",
        "C507",
        "L004",
    )  # found only by `check`, with texts or an earlier revision
    base.load()
    assert base.db.exists() is (CODES[code][0] == "warning" or beside)


@pytest.mark.parametrize(
    ("days", "codes"),
    [
        ([("2026-06-02", "issued"), ("2026-07-01", "revoked")], []),
        ([("2026-06-02", "issued"), ("2026-07-01", "revoked"), ("2026-07-05", "resumed")], []),
        (
            [("2026-06-02", "issued"), ("2026-07-01", "out_of_force"), ("2026-07-05", "suspended")],
            ["T411"],
        ),
        ([("2026-06-02", "signed"), ("2026-07-01", "revoked"), ("2026-07-05", "took_effect")], []),
        (
            [("2026-06-02", "introduced"), ("2026-06-05", "vetoed"), ("2026-06-09", "adopted")],
            ["T411"],
        ),
        (
            [
                ("2026-06-02", "introduced"),
                ("2026-06-05", "vetoed"),
                ("2026-06-09", "veto_overridden"),
            ],
            [],
        ),
        (
            [("2026-06-02", "introduced"), ("2026-06-05", "lapsed"), ("2026-06-09", "introduced")],
            ["T411"],
        ),
        ([("2026-06-02", "adopted"), ("2026-06-01", "passed")], []),
        ([("2026-06-02", "adopted"), ("2026-06-03", "passed")], ["T412"]),
        ([("2026-06-02", "adopted"), ("2026-06", "applies_in_part")], ["T403", "T403"]),
        ([("2026-06-02", "entered_into_force"), ("2026-06-03", "adopted")], []),
        ([("2026-06-02", "revoked"), ("2026-06-03", "issued")], ["T412", "T411"]),
        ([("2026-06-02", "other")], ["T413"]),
        ([("2026-06-02", "other"), ("2026-06-03", "reported")], []),
    ],
)
def test_events_that_contradict_each_other_are_questioned(base: Base, days: list, codes: list):
    base.action("an-order", sorted(days))
    assert base.codes() == codes


@pytest.mark.parametrize(
    ("relation", "days", "codes"),
    [
        ("revokes", [("2026-07-01", "issued")], ["T410"]),
        ("replaces", [("2026-07-01", "signed"), ("2026-08-01", "took_effect")], ["T410"]),
        ("replaces", [("2026-07-01", "signed")], []),
        ("amends", [("2026-07-01", "issued")], []),
        ("revokes", [("2026-05-01", "issued")], []),
    ],
)
def test_action_that_another_one_ends_is_questioned_while_it_binds(
    base: Base, relation: str, days: list, codes: list
):
    base.action("later", days, relations=[{"type": relation, "action": "an-order"}])
    assert base.codes() == codes
    base.action("an-order", [("2026-06-02", "issued"), (days[-1][0], "revoked")])
    assert "T410" not in base.codes()


BROKEN_ADDRESSES = (
    "https:/example.org",
    "http:example.org",
    "HTTPS:example.org",
    "https:///example.org",
    "https:\\\\example.org",
    "https:/\\example.org",
    "https://exa\u2100mple.org/a",
    "https://[example.org/a",
    "https://[v1.x]/a",
    "https://example.org:99999/a",
    "https://example.org:a/",
    "https://.",
    "https://?a.b",
    "https://#a.b",
    "https://@example.org",
    "//example.org",
    "://",
    "https://",
)


@pytest.mark.parametrize("url", BROKEN_ADDRESSES)
def test_broken_address_is_named_with_file_and_line(base: Base, url: str) -> None:
    for change in (document(url=url), document(archive_url=url)):
        change(base)
        found = [(problem.path, problem.code) for problem in base.check().problems]
        assert found == [("policies/documents/a-source.toml", "U601")]
        assert base.load().errors == 1
    document()(base)
    organization = TABLES["organizations"]["an-office"] | {"url": url}
    base.write("organizations.toml", {"an-office": organization})
    assert base.codes() == ["U601"]


@pytest.mark.parametrize("url", ["HTTPS://Example.org/A", "http://example.org:8080/a?b=c://d#e"])
def test_unusual_address_is_accepted(base: Base, url: str) -> None:
    document(url=url)(base)
    assert said(base) == []


# Faults in the program


def fail(*_: object, **__: object) -> Iterator:
    """Fail, as a rule or parser with a fault does."""
    raise AttributeError("\u202ewhat\n")


def faults(base: Base) -> list[tuple[str, str]]:
    """The paths and codes of the problems of the base."""
    return [
        (problem.path.removeprefix("policies/"), problem.code) for problem in base.check().problems
    ]


def test_fault_of_a_rule_over_all_records_leaves_the_other_rules(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base_rules, "BASE_RULES", (fail, *base_rules.BASE_RULES[1:]))
    base.record("actions", "an-order", jurisdiction="nowhere")
    assert faults(base) == [("about.toml", "S108"), (ACTION, "R301")]
    (said,) = (problem.text() for problem in base.check().problems if problem.code == "S108")
    assert "the rule fail failed" in said
    assert said.isprintable()
    base.policies.joinpath("about.toml").unlink()
    assert "S108" in base.codes()


@pytest.mark.parametrize("step", ["parse", "facts", "add_rows", "locate"])
def test_fault_in_a_step_of_reading_is_a_problem_of_the_file(
    base: Base, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    real = getattr(chunks, step)

    def fails(*arguments: object) -> object:
        if "it-does-good" in str(arguments):
            fail()
        return real(*arguments)

    monkeypatch.setattr(chunks, step, fails)
    base.record("documents", "unused")
    if step == "locate":
        base.record("claims", "it-does-good", appearances=[])
        monkeypatch.setitem(
            record_rules.RECORD_RULES, "claim", (lambda claim, course: [Fault("A802", (), "x")],)
        )
    result = base.load()
    assert f"policies/{CLAIM}" in [
        problem.path for problem in result.problems if problem.code == "S108"
    ]
    assert not {problem.code for problem in result.problems} - {"S108", "C508"}
    assert ((CLAIM, "S108") in faults(base)) == (step != "add_rows")  # a check makes no rows
    assert result.errors == 1
    assert not base.db.exists()


def test_fault_in_one_of_many_files_read_by_several_processes(base: Base) -> None:
    for number in range(600):
        base.record("claims", f"claim-{number}", text="Fail" if number == 300 else "Holds")
    found = base.check(processes=2).problems
    assert [(problem.path, problem.code) for problem in found] == [
        ("policies/claims/claim-300.toml", "S108")
    ]


def test_traceback_is_shown_only_to_those_who_ask(
    base: Base, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    base.record("claims", "it-does-good", text="Fail")
    base.check()
    assert capfd.readouterr().err == ""
    monkeypatch.setenv("POLICYKB_DEBUG", "1")
    base.check()
    said = capfd.readouterr().err
    assert "Traceback" in said and "ZeroDivisionError: no answer" in said


def test_fault_in_the_history_stops_a_load_with_a_problem(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "read", fail)
    result = base.load()
    assert [(problem.path, problem.code) for problem in result.problems] == [("policies", "S108")]
    assert not base.db.exists()


def test_fault_while_records_are_compared_leaves_the_other_records(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(base)
    base.record("claims", "it-does-good", text="Other")
    base.record("arguments", "it-should-stay", title="Other")
    for step in ("_compare_values", "parse_content"):
        real = getattr(difference, step)

        def fails(*arguments: object, real: Callable = real) -> object:
            if "it-does-good" in str(arguments):
                fail()
            return real(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(difference, step, fails)
            repository = revisions.repository(base.policies)
            differing = revisions.differing(repository, revisions.commit(repository, "HEAD"))
            found = difference.compare(base.policies, differing, TODAY)
        assert {(one.section, one.id) for one in found} == {
            ("texts", "it-should-stay"),
            ("unread", "it-does-good"),
        }


def test_fault_while_one_file_is_corrected_leaves_the_others(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fix.apply

    def fails(text: str, *arguments: object) -> object:
        return real(text, *arguments) if "Fail" not in text else fail()

    monkeypatch.setattr(fix, "apply", fails)
    base.record("claims", "it-does-good", kind="casual", note="Fail")
    base.record("claims", "other", kind="casual")
    changes, solved = fix.fixes(base.policies, TODAY)
    assert [problem.path for problem in solved] == ["policies/claims/other.toml"]
    assert [change.path for change in changes] == ["policies/claims/other.toml"]


def test_all_problems_of_a_run_are_reported_at_once_and_sorted(base: Base) -> None:
    base.record("actions", "an-order", as_of="2026-11-23", topics=["a-topik", "us"], titel="x")
    base.record("claims", "it-does-good", kind="casual", as_of="June 2026")
    base.write("topics.toml", TABLES["topics"] | {"B": {"name": "B"}})
    base.write("notes.txt", "")
    assert [(problem.path, problem.line, problem.code) for problem in base.check().problems] == [
        ("policies/actions/an-order.toml", 5, "T402"),
        ("policies/actions/an-order.toml", 8, "K201"),
        ("policies/actions/an-order.toml", 9, "R301"),
        ("policies/actions/an-order.toml", 9, "R302"),
        ("policies/claims/it-does-good.toml", 2, "V701"),
        ("policies/claims/it-does-good.toml", 4, "T401"),
        ("policies/notes.txt", 0, "S106"),
        ("policies/topics.toml", 5, "K202"),
        ("policies/topics.toml", 5, "K204"),
    ]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"confidence": "hgh", "jurisdiction": "nowhere"}, ["R301", "V701"]),
        (
            {"events": [EVENT | {"type": "isued", "cite": [{"document": "nowhere"}]}]},
            ["R301", "V701"],
        ),
        ({"events": [EVENT | {"cite": [], "id": "one"}], "effect": 1}, ["C501", "K203"]),
        # A rule that needs a wrong key says nothing.
        ({"events": ..., "event": [EVENT]}, ["K201"]),
        ({"events": [EVENT | {"date": "soon"}]}, ["T401"]),
        ({"instrument": "bil", "events": []}, ["V701"]),
    ],
)
def test_wrong_value_hides_no_problem_of_other_keys(
    base: Base, changes: dict, codes: list[str]
) -> None:
    base.record("actions", "an-order", **changes)
    assert sorted({problem.code for problem in base.check().problems}) == codes


@pytest.mark.parametrize(
    ("value", "names", "listed"),
    [
        ("bil", vocabulary.labels(vocabulary.INSTRUMENTS), ["bill"]),  # its begin
        ("blog", vocabulary.labels(vocabulary.DOCUMENT_TYPES), ["post-weblog"]),  # of its label
        ("usa", {"us": "", "eu": "", "us-ca": ""}, ["us"]),
        ("open-weights", {"open-weight-release": "", "open-data": "", "liability": ""}, ...),
        ("us-eo-1409", {"us-eo-14409": "", "us-eo-14110": "", "eu-ai-act": ""}, ...),
        ("zzz", vocabulary.labels(vocabulary.INSTRUMENTS), []),
        ("act", {f"act-{number}": "" for number in range(9)}, [f"act-{n}" for n in range(5)]),
    ],
)
def test_unknown_value_is_answered_with_at_most_five_similar_ones(
    value: str, names: dict[str, str], listed: object
) -> None:
    expected = [*names][:2] if listed is ... else listed
    assert similar(value, names) == expected


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("an-act.toml", "expected policies/claims/an-act.toml"),
        ("claims/an-act.TOML", "expected policies/claims/an-act.toml"),
        ("claims/2026/an-act.toml", "is not read here; expected files named <id>.toml"),
        ("claim/an-act.toml", "expected a folder of a kind of record; did you mean 'claims'?"),
        ("documents/an-act.toml", "expected policies/claims/an-act.toml"),
    ],
)
def test_record_in_the_wrong_place_is_one_error_that_says_where_it_belongs(
    base: Base, place: str, said: str
) -> None:
    (base.policies / place).parent.mkdir(exist_ok=True)
    (base.policies / CLAIM).rename(base.policies / place)
    (problem,) = base.check().problems
    assert (problem.code, problem.severity) == ("S109", "error")
    assert problem.sentence().endswith(said)


@pytest.mark.parametrize("copy", ["a-copy", "the-copy"])
def test_copy_of_a_record_is_one_problem_of_the_copy(base: Base, copy: str) -> None:
    numbers = {"eo": "14409", "fr_document": "2026-11415"}
    base.record("actions", "an-order", identifiers=numbers)
    base.record("actions", copy, identifiers=numbers)
    (problem,) = base.check().problems
    assert (problem.code, problem.path) == ("D901", f"policies/actions/{copy}.toml")
    assert "'an-order' has the same identifiers '14409', '2026-11415'" in problem.message


def test_misspelled_file_of_a_table_is_an_error(base: Base) -> None:
    base.write("topic.toml", TABLES["topics"])
    (problem,) = base.check().problems
    assert problem.sentence() == "is not read here; did you mean 'topics.toml'?"


def test_invalid_document_does_not_make_its_speakers_strangers(base: Base) -> None:
    base.record("documents", "a-source", type="reprot")
    base.record(
        "arguments", "it-should-stay", appearances=[{"document": "a-source", "by": ["Doe"]}]
    )
    assert base.codes() == ["V701"]


ACTION_TEXT = """\
# An action as a person writes it.
title = "An order"
instrument = "executive_order"
bindingness = "binding"
jurisdiction = "us"
as_of = 2026-06-02
confidence = "high"
summary = \"""
Binds
agencies.\"""
topics = [
  "a-topic",  # the first
]
bodies = [{ organization = "an-office", role = "issuer" }]

[effect]
kind = "silent"
note = "Says nothing."

[[events]]
id = "first"
date = 2026-06-01
type = "announced"
cite = [{ document = "a-source" }]

[[events]]
id = "issued"
date = 2026-06-02
type = "issued"
[[events.cite]]
document = "a-source"
[[events.cite]]
document = "a-source"
locator = "page 2"

[[relations]]
type = "affects"
action = "other-order"
"""


def test_the_text_in_which_lines_are_sought_is_valid(base: Base) -> None:
    base.record("actions", "other-order")
    base.write(ACTION, ACTION_TEXT)
    assert said(base) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "key", "line"),
    [
        (
            '  "a-topic",  # the first',
            '  "a-topic",\n  # another\n  "b-topic",',
            "R301",
            "topics[1]",
            '  "b-topic",',
        ),
        (
            'role = "issuer" }]',
            'role = "issuer" },\n{ organization = "an-office", role = "isuer" }]',
            "V701",
            "bodies[1].role",
            '{ organization = "an-office", role = "isuer" }]',
        ),
        ("date = 2026-06-01", "date = '1 June'", "T401", "events[0].date", "date = '1 June'"),
        (
            'locator = "page 2"',
            "locator = 'pag 2'",
            "C502",
            "events[1].cite[1].locator",
            "locator = 'pag 2'",
        ),
        (
            'locator = "page 2"',
            "lokator = 'page 2'",
            "K201",
            "events[1].cite[1].lokator",
            "lokator = 'page 2'",
        ),
        (
            'date = 2026-06-02\ntype = "issued"',
            'type = "issued"  # 2',
            "K202",
            "events[1].date",
            "[[events]]",
        ),
        (
            'action = "other-order"',
            "action = 'a-source'",
            "R302",
            "relations[0].action",
            "action = 'a-source'",
        ),
        ('agencies."""', 'agencies.\x7f"""', "S104", "column 10", 'agencies.\x7f"""'),
        (
            "[effect]",
            "[identifiers]\neo = [\n  '14409',\n  'x',\n]\n[effect]",
            "V702",
            "identifiers.eo[1]",
            "  'x',",
        ),
        (
            "[[relations]]",
            "[opennes.note]\ntext = 'x'\n[[relations]]",
            "K201",
            "opennes",
            "[opennes.note]",
        ),
        (
            "[[relations]]",
            "[withdrawn]\non = 2026-06-02\nreason.is = 'x'\n[[relations]]",
            "K203",
            "withdrawn.reason",
            "reason.is = 'x'",
        ),
    ],
)
def test_line_is_that_of_the_wrong_value(
    base: Base, old: str, new: str, code: str, key: str, line: str
) -> None:
    text = ACTION_TEXT.replace(old, new)
    base.record("actions", "other-order")
    base.write(ACTION, text)
    assert [
        (problem.code, problem.key, text.split("\n")[problem.line - 1])
        for problem in base.check().problems
    ] == [(code, key, line)]


def test_line_is_right_in_a_table_of_many_records(base: Base) -> None:
    base.write(
        "organizations.toml",
        "# The organizations.\n\n[an-office]\nname = 'An office'\nkind = 'government'\n\n"
        "[b-office]\nname = 'B office'\npart_of = 'an-ofice'\nkind = 'goverment'\n\n[c-office]\nname = 'C'\n",
    )
    assert [(problem.line, problem.code, problem.key) for problem in base.check().problems] == [
        (9, "R301", "b-office.part_of"),
        (10, "V701", "b-office.kind"),
        (12, "K202", "c-office.kind"),
    ]


@pytest.mark.parametrize(
    ("breaks", "nearest"),
    [
        (action(events=[{**EVENT, "type": "singed"}]), ("V701", "singed", "signed")),
        (action(sumary="x"), ("K201", "sumary", "summary")),
        (action(events=[{**EVENT, "type": "Took effect"}]), ("V701", "Took effect", "took_effect")),
        (
            action(events=[{**EVENT, "type": "Passed committee"}]),
            ("V701", "Passed committee", "committee_passed"),
        ),
        (action(jurisdiction="us-cal"), ("R301", "us-cal", "")),
        (action(jurisdiction="us-wa"), ("R301", "us-wa", "")),
        (
            action(bodies=[{"organization": "an-ofice", "role": "issuer"}]),
            ("R301", "an-ofice", "an-office"),
        ),
        (
            action(bodies=[{"organization": "office", "role": "issuer"}]),
            ("R301", "office", "an-office"),
        ),
        (
            action(bodies=[{"organization": "my-office", "role": "issuer"}]),
            ("R301", "my-office", ""),
        ),
        (action(as_of="2 June 2026"), ("T401", "2 June 2026", "2026-06-02")),
        (action(events=[{**EVENT, "date": "June 2026"}]), ("T401", "June 2026", "2026-06")),
        (action(events=[{**EVENT, "date": "2026-6-2~"}]), ("T401", "2026-6-2~", "2026-06-02~")),
        (action(as_of="June 2026"), ("T401", "June 2026", "")),
        (action(topics=["A topic"]), ("K204", "A topic", "a-topic")),
        (action(as_of="soon"), ("T401", "soon", "")),
    ],
)
def test_the_nearest_valid_value_is_suggested(
    base: Base, breaks: Callable[[Base], object], nearest: tuple[str, str, str]
) -> None:
    breaks(base)
    assert [
        (problem.code, problem.value, problem.nearest) for problem in base.check().problems
    ] == [nearest]


MEANT = [
    ("enacted", "what the source says: 'signed', 'issued', 'adopted' or 'took_effect'"),
    ("annulled", "what the source says: 'struck_down' or 'revoked'"),
    ("Comment period", "what the source says: 'consultation_opened' or 'consultation_closed'"),
    ("revised", "what the source says: 'amended'"),
]


@pytest.mark.parametrize(("word", "expected"), MEANT)
def test_a_word_with_a_meaning_gets_choices_and_no_correction(
    base: Base, word: str, expected: str
) -> None:
    action(events=[{**EVENT, "type": word}])(base)
    assert [(p.code, p.nearest, p.expected) for p in base.check().problems] == [
        ("V701", "", expected)
    ]


def test_synonyms_lead_to_terms_and_are_never_corrected() -> None:
    for name, words in vocabulary.synonyms().items():
        terms = vocabulary.VOCABULARIES[name]
        for word, synonym in words.items():
            assert set(synonym["terms"]) <= set(vocabulary.ids(terms)), (name, word)
            assert vocabulary.corrected(terms, word) == "", (
                name,
                word,
            )


@pytest.mark.parametrize(
    ("value", "known", "expected"),
    [
        ("don-beyer", ["josh-becker"], ""),
        ("us-ut", ["us-tx"], ""),
        ("josh-decker", ["josh-becker"], ""),
        ("josh-bekcer", ["josh-becker"], "josh-becker"),
        ("us-eo-14490", ["us-eo-14409"], ""),
        ("us-hr9925-2026", ["us-hr9952-2026"], ""),
        ("US EO 14409", ["us-eo-14409"], "us-eo-14409"),
        ("us-ca-sb52", ["us-ca-sb53", "us-ca-ab52"], ""),
        ("eo-14409", ["us-eo-14409", "us-eo-14410"], "us-eo-14409"),
        ("frontier-act", ["us-frontier-act-2026", "eu-frontier-act-2026"], ""),
        ("replaced", ["revoked"], ""),
        ("hearing", ["ruling"], ""),
        ("eu-ai-acts", ["eu-ai-act"], "eu-ai-act"),
        ("uss-ut", ["us-ut"], ""),
    ],
)
def test_only_a_slip_or_a_unique_part_of_an_id_is_suggested(
    value: str, known: list[str], expected: str
) -> None:
    assert nearest_id(value, known) == expected


def test_a_renamed_record_is_found_under_its_new_id(base: Base) -> None:
    base.write(
        "redirects.toml",
        {"old-order": {"to": "an-order", "on": "2026-06-02", "reason": "Renamed."}},
    )
    base.record(
        "arguments", "it-should-stay", stances=[{"action": "old-order", "stance": "supports"}]
    )
    assert said(base) == [
        f"{ARGUMENT}:9: R301 stances[0].action: 'old-order' was renamed; expected the id of an action; did you mean 'an-order'?"
    ]


def test_json_form_has_every_part_of_a_problem(base: Base) -> None:
    FIXTURES["V701"][0](base)
    assert json.loads(base.run("check", "--format", "json").stdout) == [
        {
            "path": f"policies/{ARGUMENT}",
            "line": 10,
            "code": "V701",
            "key": "stances[0].stance",
            "message": "'suports' is not in the vocabulary",
            "value": "suports",
            "expected": "one of supports, opposes, supports_if, warns, neutral",
            "nearest": "supports",
            "severity": "error",
            "title": "value that the vocabulary does not have",
        }
    ]


def test_github_form_escapes_what_would_end_a_command() -> None:
    problem = Problem("policies/a:b,c%.toml", 0, "S106", "", "one\r\ntwo: 100%, done")
    assert (
        problem.github()
        == "::warning file=policies/a%3Ab%2Cc%25.toml,line=1,title=S106::warning: one%0D%0Atwo: 100%25, done"
    )


@pytest.mark.parametrize(
    "redirects, suggestion",
    [
        ({"old": "older", "older": "old"}, ""),
        ({"old": "old"}, ""),
        ({"old": "older", "older": "an-order"}, "an-order"),
    ],
    ids=["a circle", "itself", "a chain"],
)
def test_a_suggestion_leads_to_a_record_and_never_round_a_circle(base, redirects, suggestion):
    base.record("arguments", "it-should-stay", stances=[{"action": "old", "stance": "supports"}])
    base.write(
        "redirects.toml",
        {id: {"to": to, "on": "2026-06-02", "reason": "Renamed."} for id, to in redirects.items()},
    )
    found = [problem for problem in base.check().problems if problem.code == "R301"]
    ours = [problem for problem in found if "it-should-stay" in problem.path]
    assert [problem.nearest for problem in ours] == [suggestion]
    assert all(problem.nearest in ("", "an-order") for problem in found), found
