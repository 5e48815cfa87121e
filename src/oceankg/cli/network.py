"""The command that tells who is behind what."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter

from oceankg.cli.terminal import app, current
from oceankg.compare.network import (
    Centrality,
    Network,
    Questions,
    around,
    as_graphml,
    as_json,
    central,
    named_agent,
    named_parameter,
    network,
    questions,
)
from oceankg.read import load
from oceankg.resolve import Resolver
from oceankg.settings import Settings


class NetworkForm(StrEnum):
    """What is written of the network."""

    QUESTIONS = "questions"
    JSON = "json"
    GRAPHML = "graphml"


@app.command(name="network")
def network_command(
    parameter: Annotated[str | None, typer.Option(help="only around this parameter")] = None,
    agent: Annotated[str | None, typer.Option(help="only around this centre, project …")] = None,
    depth: Annotated[int, typer.Option(min=0, max=4, help="edges away, at most")] = 2,
    form: Annotated[
        NetworkForm, typer.Option(help="who is central and what is missing; or the graph")
    ] = NetworkForm.QUESTIONS,
    to: Annotated[Path | None, typer.Option(help="a file to write, instead of the output")] = None,
) -> None:
    """Say who is behind what: the network of agents, parameters and products."""
    if form is NetworkForm.QUESTIONS and agent is not None:
        raise typer.BadParameter("--agent goes with --form json or graphml")
    model = load(current(Settings()))
    found = network(model)
    about = named_parameter(found, Resolver(model), parameter) if parameter else None
    if form is NetworkForm.QUESTIONS:
        content = _answers(found, about)
    else:
        starts = [about] if about else []
        starts += [named_agent(found, agent)] if agent else []
        graph = around(found.graph, starts, depth) if starts else found.graph
        content = as_graphml(graph) if form is NetworkForm.GRAPHML else as_json(graph)
    _write(content, to)


def _answers(found: Network, parameter: str | None) -> bytes:
    """All answers, or who is central for one parameter."""
    if parameter is None:
        return TypeAdapter(Questions).dump_json(questions(found), indent=1) + b"\n"
    return TypeAdapter(Centrality).dump_json(central(found, parameter), indent=1) + b"\n"


def _write(content: bytes, to: Path | None) -> None:
    if to is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    # Under another name first, so that a full disk leaves no half of a file.
    beside = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(to)
    finally:
        beside.unlink(missing_ok=True)
