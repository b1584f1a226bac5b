"""HS codes: reading them, walking up and down the tree, naming and classing them."""

from nktrade._lazily import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "hs": [
            "EDITIONS",
            "children",
            "codes_of",
            "edition_of_year",
            "editions_of",
            "exists",
            "level",
            "normalise",
            "normalise_series",
            "parents",
        ],
        "editions": ["check_code", "convert_codes", "correlate", "counterparts", "subheadings"],
        "conversion": ["convert", "find_family", "list_family"],
        "geography": ["list_places"],
        "names": ["label", "name"],
        "finder": ["search"],
        "card": ["describe"],
    },
)
