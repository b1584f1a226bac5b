"""What is done around other libraries still does what it is there for."""

import importlib.util
import subprocess
import sys

import pytest


@pytest.mark.skipif(not importlib.util.find_spec("rfc3987_syntax"), reason="it is not installed")
@pytest.mark.parametrize("kept_out", [True, False])
def test_the_grammar_of_addresses_is_kept_out_and_would_be_loaded_otherwise(kept_out):
    """If the second case fails, the line at the head of `render/run.py` can go."""
    script = f"""
        import sys
        {"import nktrade.render.run" if kept_out else ""}
        import nbformat
        nbformat.validate(nbformat.v4.new_notebook())
        sys.exit(sys.modules.get("rfc3987_syntax") is not None)
    """
    lines = [line.strip() for line in script.splitlines()]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False)
    assert done.returncode == (not kept_out)
