"""Small official records in the form of the real ones, invented: a Federal Register document, a bill status, a bill of Open States."""

import json
from xml.sax.saxutils import escape

ACTIONS = (  # (day, text, type, code, system), the last one first, as the feed has them
    (
        "2026-03-02",
        "Passed House with an amendment by voice vote.",
        "Floor",
        "H37300",
        "House floor actions",
    ),
    (
        "2026-03-02",
        "Passed/agreed to in House: Passed House with an amendment by voice vote.(text: CR H1)",
        "Floor",
        "8000",
        "Library of Congress",
    ),
    (
        "2026-02-10",
        "Sponsor introductory remarks on measure. (CR E1)",
        "IntroReferral",
        "B00100",
        "Library of Congress",
    ),
    (
        "2026-02-03",
        "Referred to the House Committee on Small Things.",
        "IntroReferral",
        "H11100",
        "House floor actions",
    ),
    ("2026-02-03", "Introduced in House", "IntroReferral", "Intro-H", "House floor actions"),
    ("2026-02-03", "Introduced in House", "IntroReferral", "1000", "Library of Congress"),
)


def document(**changes: object) -> dict:
    """A Federal Register document: an executive order, with some keys changed."""
    number = str(changes.get("document_number", "2026-01234"))
    return {
        "abstract": "Somebody's summary.",
        "action": None,
        "agencies": [
            {
                "raw_name": "EXECUTIVE OFFICE OF THE PRESIDENT",
                "name": "Executive Office of the President",
                "id": 538,
                "parent_id": None,
            }
        ],
        "citation": "91 FR 1234",
        "comments_close_on": None,
        "correction_of": None,
        "dates": None,
        "disposition_notes": None,
        "docket_ids": [],
        "document_number": number,
        "effective_on": None,
        "end_page": 1236,
        "executive_order_notes": None,
        "executive_order_number": "14500",
        "html_url": f"https://www.federalregister.gov/documents/2026/03/05/{number}/ordering-things",
        "pdf_url": f"https://www.govinfo.gov/content/pkg/{number}.pdf",
        "presidential_document_number": "14500",
        "proclamation_number": None,
        "publication_date": "2026-03-05",
        "regulation_id_numbers": [],
        "signing_date": "2026-03-01",
        "start_page": 1234,
        "subtype": "Executive Order",
        "title": "Ordering\nThings",
        "type": "Presidential Document",
        "volume": 91,
    } | changes


def rule(**changes: object) -> dict:
    """A final rule of an agency."""
    agencies = [
        {"name": "Commerce Department", "id": 54, "parent_id": None},
        {
            "name": "An Office",
            "id": 55,
            "parent_id": 54,
            "url": "https://www.federalregister.gov/agencies/an-office",
        },
    ]
    return document(
        type="Rule",
        subtype=None,
        executive_order_number=None,
        presidential_document_number=None,
        signing_date=None,
        agencies=agencies,
        action="Final rule; request for comments.",
        effective_on="2026-04-01",
        dates="This rule is effective April 1, 2026.",
        comments_close_on="2026-05-01",
        regulation_id_numbers=["0694-AJ91"],
        docket_ids=["Docket No. 260301-0001"],
        **changes,
    )


def packed(*records: dict, **top: object) -> bytes:
    """Records as a search result."""
    return json.dumps({"count": len(records), "results": list(records), **top}).encode()


def bill_status(
    actions: tuple = ACTIONS,
    number: str = "77",
    kind: str = "HR",
    laws: str = "",
    updated: str = "2026-03-05T15:15:27Z",
    more: str = "",
    congress: int = 119,
) -> bytes:
    """A bill status, of the 119th Congress if no other is named."""
    items = "".join(
        f"<item><actionDate>{day}</actionDate><text>{escape(text)}</text><type>{type}</type><actionCode>{code}</actionCode>"
        f"<sourceSystem><code>9</code><name>{system}</name></sourceSystem></item>"
        for day, text, type, code, system in actions
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<billStatus><version>3.0.0</version><bill>
<number>{number}</number><type>{kind}</type><congress>{congress}</congress><originChamber>House</originChamber><updateDate>{updated}</updateDate>
<committees><item><name>Small Things Committee</name><chamber>House</chamber></item></committees>
<relatedBills><item><number>12</number><type>S</type><congress>119</congress><relationshipDetails>
<item><type>Identical bill</type><identifiedBy>CRS</identifiedBy></item></relationshipDetails></item>
<item><number>13</number><type>S</type><congress>119</congress><relationshipDetails>
<item><type>Related bill</type><identifiedBy>House</identifiedBy></item></relationshipDetails></item></relatedBills>
<actions>{items}<actionTypeCounts><x>1</x></actionTypeCounts></actions>
<sponsors><item><fullName>Rep. Doe, Jane Q. [D-CA-1]</fullName><firstName>Jane</firstName><lastName>Doe</lastName><party>D</party><state>CA</state></item></sponsors>
<cosponsors><item><fullName>Rep. Left, Was [R-TX-2]</fullName><firstName>Was</firstName><lastName>Left</lastName><sponsorshipWithdrawnDate>2026-02-05</sponsorshipWithdrawnDate></item></cosponsors>
<laws>{laws}</laws><summaries><summary><text>Somebody's summary.</text></summary></summaries>
<title>Small Things Act</title><titles><item><titleType>Short Title(s) as Introduced</titleType><title>Very Small Things Act</title></item></titles>{more}
</bill></billStatus>""".encode()


def state_bill(**changes: object) -> dict:
    """A bill of California as API v3 of Open States has it."""
    return {
        "id": "ocd-bill/1",
        "session": "20252026",
        "identifier": "SB 99",
        "title": "Large Things Act",
        "classification": ["bill"],
        "jurisdiction": {
            "id": "ocd-jurisdiction/country:us/state:ca/government",
            "name": "California",
            "classification": "state",
        },
        "from_organization": {"classification": "upper"},
        "openstates_url": "https://openstates.org/ca/bills/20252026/SB99/",
        "updated_at": "2026-03-04T10:00:00+00:00",
        "abstracts": [{"abstract": "Somebody's summary."}],
        "other_titles": [],
        "related_bills": [
            {"identifier": "AB 98", "legislative_session": "20252026", "relation_type": "companion"}
        ],
        "sponsorships": [
            {
                "name": "Roe",
                "classification": "primary",
                "primary": True,
                "entity_type": "person",
                "person": {"name": "Richard Roe", "party": "Democratic"},
            }
        ],
        "actions": [
            {
                "description": "Introduced.",
                "date": "2026-01-05",
                "classification": ["introduction"],
                "organization": {"classification": "upper"},
            },
            {
                "description": "Read third time. Passed.",
                "date": "2026-02-01",
                "classification": ["passage", "reading-3"],
                "organization": {"classification": "upper"},
            },
            {
                "description": "Held at desk.",
                "date": "2026-02-02",
                "classification": [],
                "organization": {"classification": "lower"},
            },
            {
                "description": "Read third time. Passed.",
                "date": "2026-03-01",
                "classification": ["passage"],
                "organization": {"classification": "lower"},
            },
            {
                "description": "Chaptered by Secretary of State.",
                "date": "2026-03-03",
                "classification": ["became-law"],
                "organization": {"classification": "executive"},
            },
        ],
    } | changes


def scraped_bill(**changes: object) -> dict:
    """A bill of the Congress as a scraper of Open States writes it, the last action first."""
    return {
        "legislative_session": "119",
        "identifier": "HR 77",
        "title": "Small Things Act",
        "from_organization": '~{"classification": "lower"}',
        "classification": ["bill"],
        "actions": [
            {
                "description": "Referred to the House Committee on Small Things.",
                "date": "2026-02-03T05:00:00+00:00",
                "organization_id": '~{"classification": "lower"}',
                "classification": ["referral-committee"],
            },
            {
                "description": "Introduced in House",
                "date": "2026-02-04T01:30:00+00:00",
                "organization_id": '~{"classification": "lower"}',
                "classification": ["introduction"],
            },
        ],
        "sponsorships": [
            {
                "name": "Jane Doe",
                "classification": "primary",
                "primary": True,
                "entity_type": "person",
            }
        ],
        "related_bills": [],
        "other_titles": [],
        "sources": [
            {"url": "https://www.govinfo.gov/bulkdata/BILLSTATUS/119/hr/BILLSTATUS-119hr77.xml"},
            {"url": "https://congress.gov/bill/119th-congress/house-bill/77"},
        ],
        "jurisdiction": {"id": "ocd-jurisdiction/country:us/government", "name": "United States"},
        "_processing": {"logs_latest_update": "2026-03-04T10:00:00Z"},
    } | changes
