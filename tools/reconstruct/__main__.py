"""``python -m tools.reconstruct`` builds the panel again."""

from tools.reconstruct.panel import main

main()
