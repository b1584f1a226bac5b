"""`python -m nktrade` is the command line."""

from nktrade.cli import main

if __name__ == "__main__":
    main()
