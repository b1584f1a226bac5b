"""ipywidgets, where it is installed: nothing else of nktrade needs it."""

from __future__ import annotations

from typing import Any

from nktrade.errors import InputError


def load_widgets() -> Any:
    """Return the module ipywidgets.

    Raises
    ------
    InputError
        If it is not installed, with how to install it.
    """
    try:
        import ipywidgets
    except ImportError:
        raise InputError(
            "forms and the explorer in JupyterLab need ipywidgets",
            hint="Install it with: pip install 'nktrade[widgets]', and start JupyterLab anew.",
        ) from None
    return ipywidgets
