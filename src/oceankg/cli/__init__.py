"""The command line: `oceankg harvest | build | publish | serve | query | resolve | …`.

Exit codes: 0 done; 1 refused or failed, with the reason; 2 wrong usage; 3 done, but a source or
mapping set was left out or kept stale, with the reason.
"""

from __future__ import annotations

import sys

from pydantic import ValidationError

# Each of these modules puts its commands on the application.
from oceankg.cli import (  # noqa: F401
    annotate,
    ask,
    candidates,
    changes,
    compare,
    coverage,
    graph,
    network,
    redirects,
)
from oceankg.cli.terminal import app, err
from oceankg.errors import OceankgError, ShapesError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; every error of ours is one message and exit code 1."""
    try:
        app()
    except ShapesError as error:
        err.print(f"[red]refused:[/] {error}", highlight=False)
        err.print(error.report, markup=False, highlight=False)
        sys.exit(1)
    except ValidationError as error:
        for fault in error.errors():
            name = f"OCEANKG_{'_'.join(map(str, fault['loc'])).upper()}"
            err.print(f"error: {name}: {fault['msg']}", markup=False, highlight=False)
        sys.exit(1)
    except (OceankgError, OSError) as error:
        # An OSError is the disk's: full, read-only, not ours.
        err.print("[red]error:[/]", end=" ")
        err.print(str(error), markup=False, highlight=False)
        sys.exit(1)
