"""`python -m oceankg.cli` is `oceankg`."""

from oceankg.cli import main

if __name__ == "__main__":
    main()
