"""What follows from one action: its names and the course of its events, shared by the rules, facts and rows of its record."""

from functools import cached_property

from policykb.model.event_ids import Names, happenings, names
from policykb.model.identifiers import identifiers
from policykb.model.records import Action, Alias
from policykb.model.status import Happening, Period, periods


class Course:
    """The course of one action. Each part is computed when it is first needed."""

    def __init__(self, record_id: str, action: Action) -> None:
        self.id, self.action = record_id, action

    @cached_property
    def identifiers(self) -> list[tuple[tuple, str, str]]:
        """Return the pointer, scheme and value of each identifier."""
        return [*identifiers(self.action)]

    @cached_property
    def other_names(self) -> list[Alias]:
        """Return the aliases, each as a table."""
        return self.action.other_names

    @cached_property
    def names(self) -> list[Names]:
        """Return the names of the events."""
        return names(self.action.events)

    @cached_property
    def happenings(self) -> list[Happening]:
        """Return the events in the form that `status.periods` takes."""
        return happenings(self.id, self.action.events)

    @cached_property
    def places(self) -> dict[str, int]:
        """Return the place of each event, from 0, by its key."""
        return {happening.key: place for place, happening in enumerate(self.happenings)}

    @cached_property
    def periods(self) -> list[Period]:
        """Return the periods of the action."""
        return periods(self.happenings, self.action.instrument, self.action.bindingness)
