"""A real pygeoapi over the GeoJSON records of a folder, on a port of the loopback.

Run by the tests with the Python of an environment of its own:
``python serve_pygeoapi.py FOLDER PORT PAGE``. It answers OGC API Records at
``/collections/main/items``, with at most PAGE records on a page. The pycsw of the package index
(2.6.2) has no OGC API Records yet, so this one stands beside it.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import yaml  # noqa: E402
from tinydb import TinyDB  # noqa: E402


def settings(folder: Path, port: int, page: int) -> dict[str, object]:
    """The configuration of pygeoapi: one collection of records in a TinyDB."""
    address = f"http://127.0.0.1:{port}"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": page, "max_items": page},
            "map": {"url": address, "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Records of the tests",
                "description": "Records of the tests",
                "keywords": ["tests"],
                "terms_of_service": "none",
                "url": address,
            },
            "license": {"name": "none"},
            "provider": {"name": "Tests"},
            "contact": {"name": "Tests"},
        },
        "resources": {
            "main": {
                "type": "collection",
                "title": "Records of the tests",
                "description": "Records of the tests",
                "keywords": ["tests"],
                "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
                "providers": [
                    {
                        "type": "record",
                        "name": "TinyDBCatalogue",
                        "data": str(folder / "records.db"),
                        "id_field": "externalId",
                        "title_field": "title",
                    }
                ],
            }
        },
    }


def main(folder: Path, port: int, page: int) -> None:
    """Load the records and serve them until the process is ended."""
    records = [json.loads(f.read_bytes()) for f in sorted(folder.glob("*.json"))]
    with TinyDB(folder / "records.db") as database:
        database.insert_multiple(records)
    config, openapi = folder / "pygeoapi.yml", folder / "openapi.yml"
    config.write_text(yaml.safe_dump(settings(folder, port, page)), "utf-8")
    openapi.write_text("openapi: 3.0.2\n", "utf-8")
    os.environ |= {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    from pygeoapi.flask_app import APP
    from werkzeug.serving import WSGIRequestHandler, run_simple

    class Quiet(WSGIRequestHandler):
        """Keep the output of the tests clean."""

        def log(self, *_: object) -> None:
            """Say nothing."""

    run_simple("127.0.0.1", port, APP, request_handler=Quiet)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
