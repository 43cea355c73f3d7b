"""Jurisdictions: the list, and one with its actions."""

from policykb.site.views import places


async def index(datasette, request):
    """All jurisdictions."""
    return await places.listing(datasette, request, "jurisdiction")


async def show(datasette, request):
    """The page of a jurisdiction."""
    return await places.one(datasette, request, "jurisdiction")
