"""Faults in the program: an exception of a rule or a parser becomes a finding, so that the rest goes on."""

import os
import sys
import traceback
from pathlib import Path

from policykb.model.problems import Finding, shown

DEBUG = "POLICYKB_DEBUG"


def fault(error: Exception, task: str = "") -> Finding:
    """The finding of `error`, which no rule expects; `task` is what failed.

    Where the environment variable POLICYKB_DEBUG is set, the traceback goes to standard error too.
    """
    if os.environ.get(DEBUG):
        traceback.print_exception(error, file=sys.stderr)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {shown(str(error), 200)}"
    return Finding(
        "S108",
        (),
        f"{task or 'judging this file'} failed ({Path(frame.filename).name}:{frame.lineno}: {said})",
        expected=f"an answer; please report this fault ({DEBUG}=1 shows more of it)",
    )
