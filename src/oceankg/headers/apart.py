"""Reading a stranger's file in a process of its own, with limits on memory and time.

The netCDF library is written in C: a hostile file may end the process that opens it, or keep it
for ever. So one process reads one file, answers in JSON and ends; it can open no other file,
which HDF5 would do on behalf of a file that links to one.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from oceankg import headers
from oceankg.errors import HeaderError, HeaderTooLargeError
from oceankg.headers import netcdf
from oceankg.headers.contract import Header, Limits, Variable

_ERRORS = {error.__name__: error for error in (HeaderError, HeaderTooLargeError)}


def read(name: str, content: bytes, limits: Limits | None = None) -> Header:
    """The header of a file in memory, read apart; a HeaderError says why there is none."""
    limits = limits or Limits()
    if len(content) > limits.content:
        raise HeaderTooLargeError(
            f"it has {len(content)} bytes, more than {limits.content}",
            file=name,
            remedy="send its header as CDL (ncdump -h)",
        )
    return _asked(name, {"name": name}, content, limits)


def read_path(path: Path, limits: Limits | None = None) -> Header:
    """The header of a file on disk, read apart; a netCDF file may be of any size.

    Raises the OSError of a file that is not there.
    """
    limits = limits or Limits()
    path.open("rb").close()
    question = {"name": path.name, "path": str(path.absolute())}
    return _asked(path.name, question, b"", limits)


def _asked(name: str, asked: Mapping[str, str], content: bytes, limits: Limits) -> Header:
    question = {**asked, "memory": limits.memory, "content": limits.content}
    command = [sys.executable, "-m", "oceankg.headers.apart"]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        # Its threads would take memory that the file may need.
        "OPENBLAS_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(  # noqa: S603  (our own module)
            command,
            input=json.dumps(question).encode() + b"\n" + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limits.seconds,
            check=False,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        raise HeaderTooLargeError(
            f"reading it took more than {limits.seconds:g} s and was ended",
            file=name,
            remedy="send its header as CDL (ncdump -h)",
        ) from None
    return _answer(name, done.stdout)


def _answer(name: str, answer: bytes) -> Header:
    try:
        found = json.loads(answer)
    except ValueError:
        # It ended without a word: the C library fell over the file.
        raise HeaderError(
            "the library that reads such files broke down on it",
            file=name,
            place="header",
            remedy="the file is broken: write it anew, or send its CDL (ncdump -h)",
        ) from None
    if error := found.get("error"):
        raise _ERRORS[error](**found["what"])
    return _header(found)


def _header(found: Mapping[str, Any]) -> Header:
    """A header from JSON, where a tuple has become a list."""
    return Header(
        found["format"],
        tuple(_variable(v) for v in found["variables"]),
        _tuples(found["attributes"]),
        found["dimensions"],
    )


def _variable(found: Mapping[str, Any]) -> Variable:
    dimensions = found["dimensions"]
    return Variable(
        found["name"],
        found["type"],
        None if dimensions is None else tuple(dimensions),
        _tuples(found["attributes"]),
        found["flag_of"],
    )


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


# ------------------------------------------------------------------ in the process apart


def _serve() -> None:
    """Answer one question from the input."""
    answer_to = os.dup(1)
    # What the C library prints must not come between.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    question = json.loads(sys.stdin.buffer.readline())
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(MemoryError), os.fdopen(answer_to, "wb") as pipe:
        pipe.write(json.dumps(_done(question)).encode())


def _done(question: Mapping[str, Any]) -> dict[str, Any]:
    path = question.get("path")
    try:
        content = b"" if path else sys.stdin.buffer.read()
        resource.setrlimit(resource.RLIMIT_DATA, (question["memory"], question["memory"]))
        if path:
            return asdict(headers.read_path(Path(path), question["content"]))
        if netcdf.is_netcdf(content):
            # The library comes in before the door is shut; what is open stays open.
            netcdf.load_library()
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        return asdict(headers.read(question["name"], content))
    except HeaderError as error:
        what = {k: getattr(error, k) for k in ("message", "file", "place", "remedy")}
        return {"error": type(error).__name__, "what": what}
    except MemoryError:
        what = {
            "message": "reading it takes too much memory",
            "file": question["name"],
            "remedy": "send its header as CDL (ncdump -h)",
        }
        return {"error": HeaderTooLargeError.__name__, "what": what}


if __name__ == "__main__":
    _serve()
