"""Topics: the list, and one with its actions."""

from policykb.site.views import places


async def index(datasette, request):
    """All topics."""
    return await places.listing(datasette, request, "topic")


async def show(datasette, request):
    """The page of a topic."""
    return await places.one(datasette, request, "topic")
