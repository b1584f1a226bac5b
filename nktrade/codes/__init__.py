"""HS codes: reading them, walking up and down the tree, naming and classing them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
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
