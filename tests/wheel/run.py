"""Build the wheel, install it away from the checkout, and use it: files missing from it fail here.

Run by `make wheel-test`; prints one line for each thing shown.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, **more: object) -> str:
    """A command's output; its failure is ours."""
    done = subprocess.run(
        [str(part) for part in command], check=True, capture_output=True, text=True, **more
    )
    return done.stdout


def main() -> None:
    """Build, install, ask."""
    with tempfile.TemporaryDirectory() as scratch:
        away = Path(scratch)
        run(sys.executable, "-m", "build", "--wheel", "--outdir", away / "dist", ROOT)
        wheel = next((away / "dist").glob("*.whl"))
        # The locked libraries are those of the running environment; only oceankg is new.
        venv.create(away / "env", with_pip=True, system_site_packages=False)
        python = away / "env" / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
        run(*pip, "--no-deps", wheel)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        address = f"http://127.0.0.1:{port}"
        environment = dict(os.environ, OCEANKG_DATA=str(away / "data"), OCEANKG_PORT=port)
        environment.pop("PYTHONPATH", None)
        oceankg = away / "env" / "bin" / "oceankg"
        run(oceankg, "build", cwd=away, env=environment)
        print("wheel: the starter graph builds")  # noqa: T201
        found = json.loads(run(oceankg, "resolve", "sst", cwd=away, env=environment))
        best = found["results"][0]["essential_variable"]["label"]
        assert best == "Sea-surface temperature", best
        print(f"wheel: sst is {best}")  # noqa: T201
        served = subprocess.Popen([oceankg, "serve"], cwd=away, env=environment)
        try:
            print("wheel: /health says", ask(f"{address}/health"))  # noqa: T201
            ask(f"{address}/")
            print("wheel: the start page is there")  # noqa: T201
            ask(f"{address}/candidates?recipe=balanced&form=csv")
            print("wheel: the recipes are there")  # noqa: T201
            leads = ask(f"{address}/redirects?form=csv&confidence=0.9")
            assert leads.startswith("record,"), leads
            print("wheel: the relations are there")  # noqa: T201
        finally:
            served.terminate()
            served.wait(30)


def ask(url: str, seconds: float = 60.0) -> str:
    """The body at an address, once the server is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.read().decode()[:80]
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main()
