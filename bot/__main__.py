"""`python -m bot` is `onnews`."""

from bot.cli import main

if __name__ == "__main__":
    main()
