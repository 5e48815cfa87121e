"""All settings: each is an environment variable with the prefix ``OCEANKG_``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a user may set; read when a command starts, never at import."""

    model_config = SettingsConfigDict(env_prefix="OCEANKG_", frozen=True)

    host: Annotated[str, Field(description="address to listen on")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="port to listen on; 0 takes a free one")
    ] = 8000
    data: Annotated[
        Path,
        Field(
            default_factory=lambda: user_data_path("oceankg", appauthor=False),
            description="folder of snapshots, harvested files and own mapping sets",
        ),
    ]
    workers: Annotated[int, Field(ge=1, le=64, description="processes that answer SPARQL")] = 2
    query_seconds: Annotated[float, Field(gt=0, description="time limit of one SPARQL query")] = 30
    query_mebibytes: Annotated[
        int, Field(ge=256, description="memory limit of one SPARQL worker, in MiB")
    ] = 2048
    answer_mebibytes: Annotated[
        int, Field(ge=1, description="size limit of one SPARQL answer, in MiB")
    ] = 256
    annotate_mebibytes: Annotated[
        int, Field(ge=1, description="size limit of a file to annotate, in MiB")
    ] = 64
    keep: Annotated[int, Field(ge=1, description="snapshots kept, the one in service included")] = 5
    contact: Annotated[
        str, Field(description="e-mail or page named in the user agent of a harvest")
    ] = ""
