"""What the events of one action give, for all who need it of the same record: rules, facts and rows."""

from functools import cached_property

from policykb.model.event_ids import Names, happenings, names
from policykb.model.records import Action
from policykb.model.status import Happening, Period, periods


class Course:
    """The events of one action on the way to its status; each part is computed once, when it is first needed."""

    def __init__(self, id: str, action: Action) -> None:
        self.id, self.action = id, action

    @cached_property
    def names(self) -> list[Names]:
        """The names of the events."""
        return names(self.action.events)

    @cached_property
    def happenings(self) -> list[Happening]:
        """The events as the status needs them."""
        return happenings(self.id, self.action.events)

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each event, from 0, by its key."""
        return {happening.key: place for place, happening in enumerate(self.happenings)}

    @cached_property
    def periods(self) -> list[Period]:
        """The periods of the action."""
        return periods(self.happenings, self.action.instrument, self.action.bindingness)
