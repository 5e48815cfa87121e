"""All settings: each is an environment variable with the prefix ``OCEANKG_``."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a user may set; read when a command starts, never at import."""

    model_config = SettingsConfigDict(env_prefix="OCEANKG_", frozen=True)

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    data: Path = Field(
        default_factory=lambda: user_data_path("oceankg", appauthor=False),
        description="folder of snapshots and harvested files",
    )
    workers: int = Field(2, ge=1, le=64, description="processes that answer SPARQL")
    query_seconds: float = Field(30.0, gt=0, description="time limit of one SPARQL query")
    query_mebibytes: int = Field(
        2048, ge=256, description="memory limit of one SPARQL worker, in MiB"
    )
    answer_mebibytes: int = Field(256, ge=1, description="size limit of one SPARQL answer, in MiB")
    keep: int = Field(5, ge=1, description="snapshots kept on disk, the current one included")
    contact: str = Field("", description="e-mail or page named in the user agent of a harvest")
