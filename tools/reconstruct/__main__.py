"""``python -m tools.reconstruct [--leave-one-out]`` builds the panel again."""

from tools.reconstruct.panel import main

main()
