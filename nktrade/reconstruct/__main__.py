"""``python -m nktrade.reconstruct [--leave-one-out]`` builds the panel again."""

from nktrade.reconstruct.panel import main

main()
