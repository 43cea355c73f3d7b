"""Web addresses: how two of them are compared, what only tracks readers, and what misleads them."""

import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

# Scripts with letters that look like those of another.
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
_TRACKING = ("utm_", "fbclid", "gclid", "mc_", "ref_src")


def cleaned(url: str) -> str:
    """Return `url` without the parameters that only track readers."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    own = [(name, value) for name, value in parameters if not name.startswith(_TRACKING)]
    return url if own == parameters else urlunsplit(parts._replace(query=urlencode(own)))


def address(url: str) -> str:
    """Return `url` in the form for comparisons.

    The form has no scheme, leading www, fragment, closing slash or tracking parameters, and the host is in lower case.
    """
    url = cleaned(url) if "?" in url else url  # parsing costs most
    rest = (url.partition("://")[2] or url).partition("#")[0]
    site, slash, path = rest.partition("/")
    return site.lower().removeprefix("www.") + (slash + path).rstrip("/")


def host(url: str) -> str:
    """Return the host of `url` in lower case, without a leading www; '' if it has none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def mixes_scripts(host: str) -> bool:
    """Return whether a part of `host` has letters of scripts that look alike, so that it can pass for another host."""
    if host.isascii() and "xn--" not in host.lower():
        return False
    return any(len(_scripts(label) & _ALIKE) > 1 for label in host.split("."))


def _scripts(label: str) -> set[str]:
    """Return the scripts of the letters of a part of a host, which may be in Punycode."""
    if label.lower().startswith("xn--"):
        try:
            label = label[4:].encode("ascii").decode("punycode")
        except UnicodeError:
            return set()
    return {unicodedata.name(char, "").partition(" ")[0] for char in label if char.isalpha()}
