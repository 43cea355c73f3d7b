"""Addresses, keys and limits of the official sources, from the environment and a TOML file. Messages never show a key."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    Secret,
    StringConstraints,
    ValidationError,
)

from policykb.files.toml_edit import values
from policykb.model.problems import InvalidInputError

APP = "policykb"
FILE = "track.toml"
# A key becomes a header field: printable ASCII without spaces, or it could smuggle in another field.
Key = Secret[Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]]


def _plain(address: AnyHttpUrl) -> AnyHttpUrl:
    if address.username or address.password or address.query or address.fragment:
        parts = "a name, password, query or fragment"
        raise ValueError(f"write it without {parts}; a key has a setting of its own")
    return address


Address = Annotated[AnyHttpUrl, AfterValidator(_plain)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SourceSettings(_Section):
    """How to reach a source; defaults are in `official.py`."""

    address: Address | None = None
    """Where its interface begins."""
    key: Key | None = None
    """The key that the source gave you."""
    seconds_between: Annotated[float, Field(ge=0, le=3600)] | None = None
    """The least time between two requests."""


class Limits(_Section):
    """The limits of an answer."""

    answer_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    """The longest that one answer may take."""
    answer_bytes: Annotated[int, Field(gt=0, le=1 << 30)] = 20_000_000
    """The most bytes of one answer, as sent and as unpacked."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 4
    """How often a request is made before it counts as failed."""
    allow_loopback: bool = False
    """Whether a source may be at an address of this machine, without encryption: for tests only."""


class Settings(_Section):
    """All settings, by section of the file."""

    federal_register: SourceSettings = SourceSettings()
    congress: SourceSettings = SourceSettings()
    openstates: SourceSettings = SourceSettings()
    limits: Limits = Limits()


# Variables of the environment -> section and setting. They take precedence over the file.
ENVIRONMENT = {
    "POLICYKB_CONGRESS_KEY": ("congress", "key"),
    "POLICYKB_OPENSTATES_KEY": ("openstates", "key"),
    "POLICYKB_FEDERAL_REGISTER_ADDRESS": ("federal_register", "address"),
    "POLICYKB_CONGRESS_ADDRESS": ("congress", "address"),
    "POLICYKB_OPENSTATES_ADDRESS": ("openstates", "address"),
}


def settings(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings in `file` (default: the user's file, if it exists) and in the environment.

    :raises InvalidInputError: if they cannot be used.
    """
    place = file or platformdirs.user_config_path(APP) / FILE
    content = _content(place) if file or place.is_file() else {}
    used = {name: where for name, where in ENVIRONMENT.items() if environment.get(name)}
    for name, (section, setting) in used.items():
        part = content.setdefault(section, {})
        if isinstance(part, dict):
            part[setting] = environment[name]
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = tuple(map(str, first["loc"]))
        name = next((name for name, where in used.items() if where == path), "")
        key = ".".join(path)
        where = f"the environment: {key} ({name})" if name else f"{place}: {key}"
        raise InvalidInputError(f"{where}: {first['msg']}") from None


def _content(place: Path) -> dict:
    """Return the content of a file of settings. Messages do not quote it, as it may hold a key."""
    try:
        return values(place.read_bytes()[:1_000_000].decode())
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidInputError(f"{place} cannot be read: {reason}") from None
    except ValueError:
        raise InvalidInputError(f"{place} is not TOML") from None
