"""What the tests share: the recorded data, a snapshot of the starter graph, a running server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from hypothesis import settings

from oceankg import build
from oceankg.store import Snapshot, Snapshots

# No time limits, because machines are noisy; in CI always the same examples.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded data; the tests that need it are skipped where it is not at hand."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("OCEANKG_TEST_SHARED", beside))
    if not folder.is_dir():
        pytest.skip("needs the recorded data in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """A snapshot of the starter graph; tests only read it."""
    return build.build(Snapshots(tmp_path_factory.mktemp("starter"))).snapshot


@pytest.fixture(scope="session")
def server(starter: Snapshot) -> Iterator[str]:
    """The address of a real server over the starter graph, in a process of its own."""
    with serve(starter.folder.parents[1]) as address:
        yield address


@contextmanager
def serve(data: Path) -> Iterator[str]:
    """A real server over a data folder, in a process of its own; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "OCEANKG_DATA": str(data),
        "OCEANKG_PORT": str(port),
        "OCEANKG_QUERY_SECONDS": "3",
        "OCEANKG_ANNOTATE_MEBIBYTES": "1",
    }
    command = [sys.executable, "-m", "oceankg.cli", "serve"]
    with subprocess.Popen(command, env=os.environ | settings) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _await(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _await(address: str, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            httpx.get(f"{address}/health", timeout=30).raise_for_status()
        except httpx.TransportError:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server did not answer in time"
            time.sleep(0.1)
        else:
            return
