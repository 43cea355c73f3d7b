"""The environment of the pages for people: Datasette's, made quick for rows.

Datasette's awaits every call and every piece of a page; ours never need to wait. Rows are dicts, and Jinja looks
for an attribute of a dict, fails and catches that, before it looks for the key.
"""

from functools import cache
from types import FunctionType
from typing import TYPE_CHECKING

from jinja2.runtime import Context

if TYPE_CHECKING:
    from jinja2 import Environment

_METHODS = frozenset(dir(dict))
_FUNCTIONS = (FunctionType, type(cache(print)))


class _Calls(Context):
    """A context that calls a function of ours without asking first what it wants to be passed: nothing."""

    def call(self, called, *args, **kwargs):
        if type(called) in _FUNCTIONS and not hasattr(called, "jinja_pass_arg"):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


def quick(env: "Environment") -> "Environment":
    """An environment with the templates, filters and functions of `env` that renders rows quickly and never waits."""
    made = env.overlay(enable_async=False, auto_reload=False)
    slowly = made.getattr

    def found(value: object, name: str) -> object:
        if type(value) is dict and name in value and name not in _METHODS:
            return value[name]
        return slowly(value, name)

    made.getattr = found
    made.context_class = _Calls
    return made
