"""What happened for a choice as a letter: text, HTML, and a message that a mail program sends as it is."""

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple

from sqlite_utils import Database

from policykb.exports import following as follow
from policykb.exports.brief import template
from policykb.exports.feeds import masthead
from policykb.text import date, plural


class Digest(NamedTuple):
    """A letter: its subject, and its text in two forms."""

    subject: str
    text: str
    html: str


def digest(db: Database, choice: follow.Choice, today: str, base: str) -> Digest:
    """Return the digest of `choice` up to the day `today`; addresses begin with `base`."""
    content = follow.following(db, choice, today)
    about = masthead(db, base)
    number = sum(len(entries) for kind, entries in content.entries.items() if kind != "upcoming")
    subject = f"{about.title}: {plural(number, 'change')} since {date(content.since)}"
    context = {
        "about": about,
        "subject": subject,
        "choice": follow.described(db, choice),
        "content": content,
        "headings": follow.KINDS,
        "rest": {
            kind: (number, base.rstrip("/") + f"/following{choice._replace(kinds=(kind,)).query}")
            for kind, number in content.left_out.items()
        },
        "base": base.rstrip("/"),
        "page": f"{base.rstrip('/')}/following{choice.query}",
    }
    text, html = (template(f"digest.{form}").render(context) for form in ("txt", "html"))
    return Digest(subject, text, html)


def message(letter: Digest, today: str, sender: str, to: tuple[str, ...]) -> bytes:
    """Return a letter as a message (RFC 5322) of the day `today` with both forms."""
    mail = EmailMessage()
    mail["Subject"] = letter.subject
    mail["From"] = sender
    mail["To"] = ", ".join(to)
    mail["Date"] = format_datetime(datetime.fromisoformat(today).replace(tzinfo=UTC))
    mail.set_content(letter.text)
    mail.add_alternative(letter.html, subtype="html")
    mail.set_boundary(f"policykb-{hashlib.sha256(letter.html.encode()).hexdigest()[:32]}")
    return mail.as_bytes()
