"""JupyterLab's files, so that a notebook is not changed by being opened.

JupyterLab writes into each notebook it opens which Python runs it, to the last digit, and marks it
as changed. Here it is told so on opening, and on saving the file keeps what it said before.
`make lab` starts JupyterLab with this class.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

#: The kernel of the collection.
_NAME = "python3"
_KEYS = ("kernelspec", "language_info")


class QuietContents(AsyncLargeFileManager):
    """Jupyter's own manager of files; notebooks keep what they say of their kernel."""

    async def get(self, path: str, content: bool = True, *rest: Any, **named: Any) -> Any:
        """Return a file; a notebook as JupyterLab would complete it."""
        model = await super().get(path, content, *rest, **named)
        if content and model["type"] == "notebook":
            metadata = model["content"]["metadata"]
            if metadata.get("kernelspec", {}).get("name") == _NAME:
                metadata |= describe_kernel()
        return model

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save a file; a notebook says of its kernel what the file said before."""
        if (
            model.get("type") == "notebook"
            and model.get("content")
            and await self.file_exists(path)
        ):
            metadata = model["content"]["metadata"]
            before = (await super().get(path))["content"]["metadata"]
            if all(metadata.get(key) == told for key, told in describe_kernel().items()):
                for key in _KEYS:
                    metadata.pop(key, None)
                metadata |= {key: before[key] for key in _KEYS if key in before}
        return await super().save(model, path)


@cache
def describe_kernel() -> dict[str, Any]:
    """Return what JupyterLab writes of the kernel into a notebook's metadata."""
    from ipykernel.ipkernel import IPythonKernel
    from jupyter_client.kernelspec import KernelSpecManager

    spec = KernelSpecManager().get_kernel_spec(_NAME)
    told = {"display_name": spec.display_name, "language": spec.language, "name": _NAME}
    return {"kernelspec": told, "language_info": dict(IPythonKernel.language_info)}
