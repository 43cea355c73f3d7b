"""Tables that say what the official wordings of actions on bills mean, one wording a line; the first that fits decides.

A meaning is a type of event, a step of the chambers (the constants below), or '' for an action that moves nothing.
The wordings of Congress are those of the Library of Congress, the Clerk of the House and the Secretary of the Senate.
"""

import re
from typing import NamedTuple

# What one chamber does. Which type of event it is depends on the measure and on what the other chamber did before.
PASSAGE = "passage"  # It passes the measure.
AGREEMENT = "agreement"  # It agrees to the amendments of the other chamber.
CONFERENCE = "conference"  # It agrees to the report of a conference of both chambers.
OVERRIDE = "override"  # It passes the measure over a veto.
COMPLETION = (
    "presentation"  # The measure goes to the President or governor, so both chambers agreed.
)
SUBSTITUTION = "substitution"  # It puts another text in place, on which it votes next.
RETURN = "return"  # It sends back the measure that it passed, with amendments.
STEPS = frozenset({PASSAGE, AGREEMENT, CONFERENCE, OVERRIDE, COMPLETION, SUBSTITUTION, RETURN})


class Wording(NamedTuple):
    """A wording and its meaning. `chamber` is who acts, if the wording shows it.

    A group of that name in the pattern goes before it.
    """

    pattern: re.Pattern
    meaning: str
    chamber: str = ""


def _table(*rows: tuple[str, ...]) -> tuple[Wording, ...]:
    return tuple(Wording(re.compile(row[0], re.IGNORECASE), *row[1:]) for row in rows)


# What the Library of Congress puts before the wording of a chamber that it repeats.
REPEATED = re.compile(
    r"^(?:(?:Passed/agreed to|Failed of passage/not agreed to|Conference report (?:dis)?agreed to"
    r"|Failed of passage|Senate amendment (?:proposed|agreed to))"
    r" (?:in (?:House|Senate)|\(on the floor\))(?: over veto)?(?:: *|(?= +On ))"
    r"|Resolving differences -- (?:House|Senate) actions: *"
    r"|(?:Passed (?:House|Senate) over veto|Conference committee actions|To conference): *"
    r"|Conference report filed: *) *(?=\S)"
)

# With these words a chamber changes the text that it agrees to, and the other chamber must agree once more.
AMENDED = re.compile(
    r"\bwith (?:(?:an?|committee|floor|further) )*(?:amendments?|substitutes?)\b|\bas amended\b|\bamended by\b",
    re.IGNORECASE,
)
UNAMENDED = re.compile(r"\bwithout amendments?\b", re.IGNORECASE)
# The same, in the parentheses after a passage.
SUBSTITUTED = re.compile(
    r"\((?:[^)]*\btext of (?:the )?amendments? in the nature of a substitute\b[^)]*|amended)\)",
    re.IGNORECASE,
)
# The number of a vote: two actions of one day with the same number are one.
VOTE = re.compile(r"\b(?:Roll no\.|Record Vote (?:Number|No\.?):?) *(\d+)", re.IGNORECASE)

CONGRESS = _table(
    # The end of the procedure.
    (r"^(?:Became )?(?:Public|Private) Law\b", "adopted"),
    (r"^Sent to Archivist of the United States unsigned", "adopted"),
    (r"^Signed by President", "signed"),
    (r"^(?:Pocket )?Vetoed by President", "vetoed"),
    (r"^Presented to President", COMPLETION),
    # A veto before the chambers.
    (r"^Passed (?P<chamber>House|Senate) over veto", OVERRIDE),
    (r"^Failed of passage in (?P<chamber>House|Senate) over veto", "rejected"),
    (
        r"objections of the President to the contrary notwithstanding\W+(?:Passed|Agreed to)",
        OVERRIDE,
        "House",
    ),
    (
        r"objections of the President to the contrary notwithstanding\W+Failed",
        "rejected",
        "House",
    ),
    (
        r"^Two-thirds of the Members present having voted in the affirmative,? the (?:bill|joint resolution) is passed",
        OVERRIDE,
        "House",
    ),
    # Agreement between the chambers.
    (
        r"^On (?:agreeing|motion to suspend the rules and agree) to the conference report\b.*?\bAgreed to",
        CONFERENCE,
        "House",
    ),
    (r"^On (?:agreeing|motion to .*agree) to the conference report\b", "", "House"),
    (r"^Senate agreed to (?:the )?conference report", CONFERENCE, "Senate"),
    (
        r"^On motion (?:that )?the House (?:suspend the rules and )?(?:agree|concur|recede)\b(?!.*\bdisagree).*?\bSenate amendments?\b.*?\bAgreed to",
        AGREEMENT,
        "House",
    ),
    (
        r"^House (?:agreed (?:to|in)|concurred in) (?:the )?Senate amendments?(?!.*\bdisagree)",
        AGREEMENT,
        "House",
    ),
    (
        r"^Senate (?:receded from its amendments? and )?(?:agreed (?:to|in)|concurred in) (?:the )?House amendments?(?!.*\bdisagree)",
        AGREEMENT,
        "Senate",
    ),
    (
        r"^Message on (?P<chamber>House|Senate) action received in (?:the )?(?:House|Senate)\b.*?: (?:House|Senate) amendments?\b",
        RETURN,
    ),
    (
        r"^The House struck all after the (?:enacting|resolving) clause and inserted",
        SUBSTITUTION,
        "House",
    ),
    (r"^The House adopted the amendments?\b", SUBSTITUTION, "House"),
    # Rejection.
    (
        r"^(?:Upon reconsideration, )?(?:Under the order of [^,]*, )?(?:not having achieved \d+ votes in the affirmative, )?failed of passage in (?:the )?(?P<chamber>House|Senate)",
        "rejected",
    ),
    (
        r"^(?:Resolution )?(?:disagreed|not agreed) to in (?:the )?(?P<chamber>House|Senate)",
        "rejected",
    ),
    (r"^Failed of passage\b", "rejected"),
    (r"^On passage\b.*?\b(?:Failed|Rejected)\b", "rejected", "House"),
    (
        r"^On motion to suspend the rules and (?:pass|agree)\b.*?\b(?:Failed|Rejected)\b",
        "rejected",
        "House",
    ),
    (r"^On agreeing to the resolution\b.*?\b(?:Failed|Rejected)\b", "rejected", "House"),
    (r"^On motion to table the (?:measure|bill|resolution) Agreed to", "rejected", "House"),
    (r"^Indefinitely postponed (?:by|in) (?:the )?(?P<chamber>House|Senate)", "rejected"),
    # Passage.
    (r"^(?:Measure )?passed (?:the )?(?P<chamber>House|Senate)\b", PASSAGE),
    (r"^On passage\b.*?\bPassed\b", PASSAGE, "House"),
    (
        r"^On motion to suspend the rules and (?:pass|agree to) the (?:bill|resolution|joint resolution|concurrent resolution)\b.*?\bAgreed to",
        PASSAGE,
        "House",
    ),
    (r"^On agreeing to the resolution\b.*?\bAgreed to", PASSAGE, "House"),
    (
        r"^(?:Introduced|Received|Submitted) in (?:the )?(?P<chamber>House|Senate), .*\b(?:passed|agreed to)\b",
        PASSAGE,
    ),
    (
        r"^(?:Resolution|Considered,? and) agreed to in (?:the )?(?P<chamber>House|Senate)",
        PASSAGE,
    ),
    (r"\bis considered passed (?P<chamber>House|Senate)\b", PASSAGE),
    (
        r"^Pursuant to\b.*\bthe following (?:bills?|measures?|resolutions?) passed under suspension of the rules",
        PASSAGE,
        "House",
    ),
    # Before the vote.
    (r"^(?:Introduced|Submitted) in (?:the )?(?P<chamber>House|Senate)\b", "introduced"),
    (
        r"^(?:Received in the (?:House|Senate) and )?(?:Read (?:twice|the first time) and )?referred (?:sequentially |jointly )?to\b",
        "referred",
    ),
    (r"^Received in the (?:House|Senate)\b", ""),
    (r"\bHearings? held\b", "hearing"),
    (
        r"\breported an original measure\b|\bOriginal measure reported to\b|\bOrdered to be reported\b"
        r"|^Reported (?:\(|by|to|original|with)|^Committee on .*\bReported by\b|\bForwarded by Subcommittee\b"
        r"|^Committee Agreed to Seek Consideration Under Suspension of the Rules",
        "committee_passed",
    ),
    # The Library of Congress itself, where the wording that it repeats is none of these.
    (r"^Conference report agreed to in (?P<chamber>House|Senate)", CONFERENCE),
    (r"^Passed/agreed to in (?P<chamber>House|Senate)", PASSAGE),
    (r"^Failed of passage/not agreed to in (?P<chamber>House|Senate)", "rejected"),
)

# Action codes of BILLSTATUS, for an action whose wording is none of these. Codes that the feed uses for
# several outcomes are left out.
CODES = {
    "1000": "introduced",
    "10000": "introduced",
    "Intro-H": "introduced",
    "Intro-S": "introduced",
    "2000": "referred",
    "11000": "referred",
    "H11100": "referred",
    "H11200": "referred",
    "5000": "committee_passed",
    "14000": "committee_passed",
    "H12100": "committee_passed",
    "H12200": "committee_passed",
    "13100": "hearing",
    "8000": PASSAGE,
    "17000": PASSAGE,
    "9000": "rejected",
    "18000": "rejected",
    "21000": CONFERENCE,
    "23000": CONFERENCE,
    "E20000": COMPLETION,
    "28000": COMPLETION,
    "32000": OVERRIDE,
    "34000": OVERRIDE,
}

# Wordings of legislatures of states, which go before the classification that Open States gives an action: those of one
# state by the code of its place, then those that say the same wherever they are used.
STATES: dict[str, tuple[Wording, ...]] = {
    "US-AK": _table(
        (r"^\([HS]\) READ THE FIRST TIME - REFERRALS", "referred"),
        (r"^\([HS]\) READ THE FIRST TIME\b", "introduced"),
        (r"^\([HS]\) Moved .* Out of Committee", "committee_passed"),
        (r"^\([HS]\) PASSED(?: ON RECONSIDERATION)?(?: Y\d| UC|$)", PASSAGE),
        (r"^\([HS]\) TRANSMITTED TO \([HS]\) AS AMENDED", RETURN),
        (r"^\([HS]\) CONCUR AM OF \([HS]\) (?:Y\d|UC)", AGREEMENT),
        (r"^\([HS]\) RECEDED? (?:FROM )?\([HS]\) AM (?:Y\d|UC)", AGREEMENT),
        (r"^\([HS]\) CC REPORT ADOPTED\b", CONFERENCE),
        (r"^\([HS]\) FAILED PASSAGE\b", "rejected"),
        (r"^\([HS]\) WITHDRAWN BY SPONSOR", "withdrawn"),
        # Both chambers vote on a veto in joint session.
        (r"^\([HS]\) GOVERNOR VETO OVERRIDDEN\b", "veto_overridden"),
        # Votes on motions, amendments and days of effect, and messages between the chambers.
        (r"^\([HS]\) (?:.*\b(?:FAILED|PASSED)\b|TRANSMITTED TO \([HS]\))", ""),
    ),
    "US-UT": _table(
        (r"^(?P<chamber>House|Senate)/ 1st reading \(Introduced\)", "introduced"),
        (r"^(?P<chamber>House|Senate)/ passed (?:2nd & )?3rd reading", PASSAGE),
        (r"^(?:House|Senate)/ signed by (?:President|Speaker)/ returned to", ""),
        (r"^(?:House|Senate)/ strike enacting clause", "lapsed"),
        (r"^(?:House|Senate)/ filed\b", ""),
    ),
    "US-WY": _table(
        (r"^[HS] Failed Introduction\b", "rejected"),
        (
            r"\bDid not consider for\b|^[HS] No report prior to CoW Cutoff|^[HS]:Died in Committee\b",
            "lapsed",
        ),
        (r"^[HS] postponed indefinitely", "rejected"),
        (r"^[HS] Received for Concurrence", RETURN),
        (r"^[HS] Concur:Passed\b", AGREEMENT),
        (r"^[HS] Adopted [HS][A-Z]\d+JCC\d+", CONFERENCE),
        (r"^Assigned Number [HS]E(?:A|JR) No", COMPLETION),
    ),
    "US-KY": _table((r"^(?:3rd reading, )?adopted (?:by voice vote|\d+-\d+)", PASSAGE)),
    "US-NE": _table(
        (r"^Adopted$", PASSAGE),
        (r"\b(?:AM|FA)\d+ adopted$", "amended"),
        (r"\b(?:AM|ER|FA|MO|ST)\d+\b", ""),
    ),
    "": _table(
        # The end of the procedure, and vetoes.
        (
            r"\bbec[ao]mes? law without\b|\blaw without (?:the )?(?:governor'?s? )?signature",
            "adopted",
        ),
        (r"^(?:\w+ )?(?:signed|approved)\b.*\bline[- ]item vet", "signed"),
        (r"\breturned by (?:the )?governor without approval", "vetoed"),
        (r"^(?:House|Senate) concurred in (?:the )?governor'?s recommendation", ""),
        (
            r"\b(?:re)?(?:passed|adopted)\b.*\b(?:over|notwithstanding)\b.*\b(?:veto|objections)\b|\bveto overridden\b|\boverrode\b.*\bveto\b",
            OVERRIDE,
        ),
        # Those who preside sign what both chambers passed.
        (
            r"\bsigned by (?:the )?(?:speaker|president)\b|^(?:president|speaker)(?:/speaker)?\b.*\bsigned\b",
            COMPLETION,
        ),
        # Agreement between the chambers.
        (r"\b(?:not|non-?|refused? to|refuses to|failed to) ?concur", RETURN),
        (
            r"\bconcurrence in .*amendments? pending|\bplaced on concurrence calendar|\breceived for concurrence|\bfor concurrence in\b|^(?:House|Senate)/ to (?:House|Senate) with amendments",
            RETURN,
        ),
        (
            r"^(?P<chamber>House|Senate|Assembly)/? (?:concurred in|concurs (?:in|with))\b|\b(?:assembly|house|senate) amendments? concurred in\b|\bresult was to concur\b(?!.*\bnot repassed)",
            AGREEMENT,
        ),
        (
            r"\bconference (?:committee )?report (?:agreed to|adopted) (?:by|in) (?:the )?(?P<chamber>House|Senate|Assembly)\b(?! and)",
            CONFERENCE,
        ),
        (r"^(?P<chamber>House|Senate) conference committee - final passage", CONFERENCE),
        (
            r"^(?P<chamber>House|Senate) consideration of .*\bconference committee report result was to adopt\b",
            CONFERENCE,
        ),
        # What is passed, adopted, filed or fails, and is not the measure.
        (r"^passed by indefinitely|\bpostpone indefinitely$", "rejected"),
        (
            r"^(?:bill (?:is |stands )?)?(?:indefinitely postponed|postponed indefinitely)\b",
            "rejected",
        ),
        (r"^passed (?:over|by for|by temporarily)\b|^bill text as passed\b", ""),
        (r"^action rescinded\b|^rescinds? action\b", ""),
        (r"\b(?:amendment|motion)s?\b.*\bfiled$", ""),
        (r"\b(?:amendments?|substitute|substitute adoption) failed\b", ""),
        (
            r"\bmotion to (?:adjourn|commit|discharge|instruct|postpone|recommend|recommit|reconsider|refer|rerefer|rescind|suspend|table|take|withdraw)\b.*\b(?:fail|lost|defeat|reject)",
            "",
        ),
        (r"^agreed to by (?:the )?(?P<chamber>House|Senate)\b", PASSAGE),
    ),
}
# A chamber that a wording of a state names where the feed does not say who acts.
NAMED = re.compile(r"\b(?:in|by|passed) (?:the )?(House|Senate|Assembly)\b", re.IGNORECASE)


def congress(wording: str, code: str = "") -> tuple[str | None, str]:
    """Return the meaning of an action of Congress and the chamber that its wording names ('' if none).

    The meaning is None if neither the wording nor the code is known.
    """
    for text in dict.fromkeys((REPEATED.sub("", wording), wording)):
        meaning, chamber = _read(CONGRESS, text)
        if meaning is not None:
            return meaning, chamber
    return CODES.get(code), ""


def state(wording: str, place: str, chamber: str = "") -> tuple[str | None, str]:
    """Return the meaning of an action of the legislature of `place` ('US-AK') and the chamber that acts.

    The meaning is None if the wording is not known. The chamber is that of a known wording, or else `chamber`, or else
    one that any wording names.
    """
    meaning, named = _read(STATES.get(place, ()), wording)
    if meaning is None:
        meaning, named = _read(STATES[""], wording)
    if not (named or chamber) and (match := NAMED.search(wording)):
        named = match[1].title()
    named = named or chamber
    return meaning, "House" if named == "Assembly" else named


def _read(table: tuple[Wording, ...], text: str) -> tuple[str | None, str]:
    """Return the meaning and the chamber of the first wording of `table` in `text`."""
    for pattern, meaning, chamber in table:
        match = pattern.search(text)
        if match:
            return meaning, (match.groupdict().get("chamber") or chamber).title()
    return None, ""


def amends(wording: str, meaning: str) -> bool:
    """Return whether a chamber that passes or agrees in these words changes the text."""
    sentence = re.sub(r"\([^)]*\)", "", wording)
    if AMENDED.search(UNAMENDED.sub("", sentence)):
        return True
    return (
        meaning == PASSAGE
        and not UNAMENDED.search(sentence)
        and SUBSTITUTED.search(wording) is not None
    )
