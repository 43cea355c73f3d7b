"""Make a knowledge base of N records of realistic size: python tests/bench/generate.py FOLDER N

Three in ten records are actions, three documents, a quarter arguments, the rest claims. The same N gives the
same files. Texts are made of invented words in several scripts.
"""

import random
import sys
from pathlib import Path

SYLLABLES = [
    "re",
    "gu",
    "la",
    "tion",
    "mo",
    "del",
    "o",
    "pen",
    "weight",
    "zen",
    "tra",
    "le",
    "sé",
    "cu",
    "ri",
    "té",
    "für",
    "ma",
    "ño",
    "ção",
    "škola",
    "дан",
    "ные",
    "模型",
    "開源",
    "ai",
    "po",
    "li",
    "cy",
    "no",
    "va",
    "ri",
    "on",
    "te",
    "sta",
]
EVENTS = [
    ("proposed", 0),
    ("referred", 60),
    ("passed_chamber", 200),
    ("adopted", 300),
    ("entered_into_force", 330),
    ("took_effect", 700),
]


def words(rng: random.Random, count: int) -> str:
    """`count` invented words."""
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(1, 4))) for _ in range(count))


def day(start: int) -> str:
    """A day some days after the first of 2018."""
    import datetime

    return (datetime.date(2018, 1, 1) + datetime.timedelta(days=start)).isoformat()


def generate(folder: Path, number: int) -> None:
    """Write `number` records and the tables they need under `folder`/policies."""
    rng = random.Random(number)
    policies = folder / "policies"
    actions, documents, arguments = number * 3 // 10, number * 3 // 10, number // 4
    claims = number - actions - documents - arguments
    for place in ("actions", "documents", "arguments", "claims"):
        (policies / place).mkdir(parents=True, exist_ok=True)
    (policies / "about.toml").write_text(
        'title = "Bench"\ndescription = "d"\nscope = "s"\nmethod = "m"\nlicense = "CC BY 4.0"\n'
        'license_url = "https://creativecommons.org/licenses/by/4.0/"\n'
        '[effects]\non = "openness"\n'
        + "".join(
            f'[[effects.kinds]]\nid = "{kind}"\nlabel = "{kind}"\nmark = "-"\ndefinition = "d"\n'
            for kind in ("silent", "exempts")
        )
        + "[expectations]\n"
        "[severities]\n"  # what random words get wrong
         + "".join(f'{code} = "off"\n' for code in ("E852", "E857", "E859", "E862"))
    )
    (policies / "jurisdictions.toml").write_text(
        "".join(f'[j-{i}]\nname = "{words(rng, 2)}"\nkind = "country"\n' for i in range(40))
    )
    (policies / "topics.toml").write_text(
        "".join(
            f'[t-{i}]\nname = "{words(rng, 2)}"\ndefinition = "{words(rng, 8)}"\n'
            for i in range(30)
        )
    )
    (policies / "organizations.toml").write_text(
        "".join(
            f'[o-{i}]\nname = "{words(rng, 3)}"\nkind = "government"\n'
            for i in range(max(20, number // 100))
        )
    )

    def document() -> str:
        return f"doc-{rng.randrange(documents)}"

    def cite(count: int) -> str:
        return (
            "cite = ["
            + ", ".join(
                f'{{ document = "{document()}", locator = "page {rng.randint(1, 300)}" }}'
                for _ in range(count)
            )
            + "]"
        )

    for i in range(actions):
        start = rng.randrange(2500)
        events = "\n".join(
            f'[[events]]\nid = "{kind.replace("_", "-")}"\ndate = {day(start + after)}\ntype = "{kind}"\nnote = "{words(rng, 12)}"\n{cite(rng.randint(1, 2))}\n'
            for kind, after in EVENTS[: rng.randint(3, 6)]
        )
        topics = ", ".join(f'"t-{topic}"' for topic in rng.sample(range(30), 2))
        (policies / "actions" / f"act-{i}.toml").write_text(f'''title = "{words(rng, 9)}"
short_title = "{words(rng, 3)}"
instrument = "bill"
bindingness = "binding"
jurisdiction = "j-{rng.randrange(40)}"
bodies = [{{ organization = "o-{rng.randrange(20)}", role = "issuer" }}]
aliases = ["{words(rng, 3)}"]
topics = [{topics}]
as_of = 2026-01-01
confidence = "high"
summary = """
{words(rng, 40)}
{words(rng, rng.randint(10, 90))}
"""
open_questions = ["{words(rng, 9)}"]

[identifiers]
us_bill = "hr{i % 99999}-{100 + i // 99999}"

[effect]
kind = "silent"
note = "{words(rng, 20)}"
{cite(1)}

{events}
[[relations]]
type = "amends"
action = "act-{(i + 1 + rng.randrange(actions - 1)) % actions}"
''')
    for i in range(documents):
        (policies / "documents" / f"doc-{i}.toml").write_text(f'''type = "report"
title = "{words(rng, 9)}"
authors = [{{ family = "{words(rng, 1)}", given = "{words(rng, 1)}" }}, {{ organization = "o-{rng.randrange(20)}" }}]
issued = {day(rng.randrange(3000))}
publisher = "{words(rng, 2)}"
url = "https://example.org/{i}"
abstract = """
{words(rng, rng.randint(30, 120))}
"""
grade = "{rng.choice(["primary", "established", "relayed"])}"

[[mentions]]
action = "act-{rng.randrange(actions)}"
locator = "paragraph {rng.randint(1, 40)}"
words = "{words(rng, 5)}"
portrayed_as = "enacted"
''')
    for i in range(arguments):
        stances = "\n".join(
            f'[[stances]]\naction = "act-{rng.randrange(actions)}"\nstance = "{rng.choice(["supports", "opposes", "warns"])}"\n'
            for _ in range(2)
        )
        relation = f'[[relations]]\ntype = "rebuts"\nargument = "arg-{(i + 1 + rng.randrange(arguments - 1)) % arguments}"\n'
        premises = ", ".join(f'"{words(rng, 14)}"' for _ in range(2))
        (policies / "arguments" / f"arg-{i}.toml").write_text(f'''title = "{words(rng, 12)}"
premises = [{premises}]
scheme = "consequences"
values = ["innovation", "security"]
claims = ["claim-{rng.randrange(claims)}"]

[[appearances]]
document = "{document()}"
locator = "paragraph {rng.randint(1, 40)}"
words = "{words(rng, 5)}"

{stances}
{relation}''')
    for i in range(claims):
        evidence = "\n".join(
            f'[[evidence]]\ndocument = "{document()}"\nfinding = "supports"\nnote = "{words(rng, 20)}"\n'
            for _ in range(rng.randint(2, 4))
        )
        (policies / "claims" / f"claim-{i}.toml").write_text(f'''text = "{words(rng, 14)}"
kind = "empirical"
finding = "supported"
as_of = 2026-01-01

[[appearances]]
document = "{document()}"

{evidence}''')


if __name__ == "__main__":
    generate(Path(sys.argv[1]), int(sys.argv[2]))
