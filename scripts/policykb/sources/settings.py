"""How the official sources are reached: addresses, keys and limits, from the environment and a TOML file. Keys are never shown."""

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

APP = "policykb"
FILE = "track.toml"
# A key becomes a header field: printable ASCII without spaces, or it could smuggle in another field.
Key = Secret[Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]]


def _plain(address: AnyHttpUrl) -> AnyHttpUrl:
    if address.username or address.password or address.query or address.fragment:
        raise ValueError(
            "write it without a name, password, query or fragment; a key has a setting of its own"
        )
    return address


Address = Annotated[AnyHttpUrl, AfterValidator(_plain)]


class Misconfigured(Exception):
    """The settings cannot be used. The message names the setting, never its value."""


class Reached(BaseModel):
    """How one source is reached; what is left out is as `sources.py` has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    address: Address | None = None
    """Where its interface begins."""
    key: Key | None = None
    """The key it gave you."""
    seconds_between: Annotated[float, Field(ge=0, le=3600)] | None = None
    """The least time between two requests."""


class Limits(BaseModel):
    """What one answer may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    answer_seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    """The longest that one answer may take."""
    answer_bytes: Annotated[int, Field(gt=0, le=1 << 30)] = 20_000_000
    """The most bytes of one answer, as sent and as unpacked."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 4
    """How often a request is made before it counts as failed."""
    allow_loopback: bool = False
    """Whether a source may be at an address of this machine, without encryption: for tests only."""


class Settings(BaseModel):
    """All settings; the sections of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    federal_register: Reached = Reached()
    congress: Reached = Reached()
    openstates: Reached = Reached()
    limits: Limits = Limits()


# What the environment may say, and where it belongs; it is asked before the file.
ENVIRONMENT = {
    "POLICYKB_CONGRESS_KEY": ("congress", "key"),
    "POLICYKB_OPENSTATES_KEY": ("openstates", "key"),
    "POLICYKB_FEDERAL_REGISTER_ADDRESS": ("federal_register", "address"),
    "POLICYKB_CONGRESS_ADDRESS": ("congress", "address"),
    "POLICYKB_OPENSTATES_ADDRESS": ("openstates", "address"),
}


def default_file() -> Path:
    """Where the file is looked for if none is named."""
    return platformdirs.user_config_path(APP) / FILE


def settings(file: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of `file`, or of the user's own one if there is one, and of the environment.

    :raises Misconfigured: if they cannot be used.
    """
    place = file or default_file()
    held: dict = {}
    if file or place.is_file():
        try:
            held = values(place.read_bytes()[:1_000_000].decode())
        except (OSError, UnicodeError) as error:
            raise Misconfigured(
                f"{place} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"
            ) from None
        except ValueError:
            # The parser's own words quote the line, which may hold a key.
            raise Misconfigured(f"{place} is not TOML") from None
    for name, (section, setting) in ENVIRONMENT.items():
        if value := environment.get(name):
            part = held.setdefault(section, {})
            if isinstance(part, dict):
                part[setting] = value
    try:
        return Settings.model_validate(held)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        setting = ".".join(str(part) for part in first["loc"])
        named = next(
            (
                f" ({name})"
                for name, place_of in ENVIRONMENT.items()
                if ".".join(place_of) == setting and environment.get(name)
            ),
            "",
        )
        raise Misconfigured(
            f"{place if not named else 'the environment'}: {setting}{named}: {first['msg']}"
        ) from None
