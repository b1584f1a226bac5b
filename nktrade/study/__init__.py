"""One question's trade: what a page asks of the rows, how each answer is known, and its words.

`question` holds the `Study` of a page and shows it; `holdings` asks the data, `printed` the
documents, `evidence` and `known` how well a sum is known, which an `amount` carries; `notes`,
`spelling` and `wording` write it, `refusals` what the data cannot answer.
"""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "question": ["Study"],
        "amount": ["Amount"],
        "notes": ["Folded", "Note", "finding", "say"],
        "spelling": ["say_change", "spell_range"],
        "wording": ["name_country", "name_inside"],
    },
)
