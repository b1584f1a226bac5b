"""One question's trade: what a page asks of the rows, how each answer is known, and its words.

`question` holds the `Study` of a page; `evidence` and `known` ask print and records how well a sum
is known, `amount` carries the answer; `notes` and `wording` write it, `refusals` what there is none
of.
"""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "question": ["Study", "name_country"],
        "amount": ["Amount"],
        "notes": ["Folded", "Note", "finding", "say", "say_change", "spell_range"],
        "wording": ["name_inside"],
    },
)
