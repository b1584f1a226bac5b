"""Teaching: lessons with planted data, exercises that answer, and what a class is given.

In a lesson a student writes ``from nktrade import teach`` and has `plant` (data whose truth is
known), `check` (an exercise's answer), `Guess` (a prediction before the chart), `hide` and `seek`.
``nktrade teach`` writes a course from the lessons and from the collection (`teach.course`).
"""

from nktrade.teach.guessing import Guess
from nktrade.teach.hiding import hide, seek
from nktrade.teach.marking import check
from nktrade.teach.planted import plant

__all__ = ["Guess", "check", "hide", "plant", "seek"]


def __dir__():
    return sorted(__all__)
