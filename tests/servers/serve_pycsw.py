"""A real pycsw over the ISO records of a folder, on a port of the loopback.

Run by the tests with the Python of an environment of its own, because pycsw wants older versions
of what oceankg uses: ``python serve_pycsw.py FOLDER PORT PAGE``. It answers CSW 2.0.2, CSW 3.0.0
and, with ``mode=oaipmh``, OAI-PMH, with at most PAGE records on a page.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

warnings.simplefilter("ignore")

from pycsw import wsgi  # noqa: E402
from pycsw.core import admin, config  # noqa: E402

SETTINGS = """
[server]
home={folder}
url=http://127.0.0.1:{port}/
profiles=apiso
mimetype=application/xml; charset=UTF-8
encoding=UTF-8
language=en-US
maxrecords={page}
[manager]
transactions=false
allowed_ips=127.0.0.1
[metadata:main]
identification_title=Records of the tests
identification_abstract=Records of the tests
identification_keywords=tests
identification_keywords_type=theme
identification_fees=None
identification_accessconstraints=None
provider_name=Tests
provider_url=http://127.0.0.1/
contact_name=Tests
contact_position=Tests
contact_address=Tests
contact_city=Tests
contact_stateorprovince=Tests
contact_postalcode=0
contact_country=Tests
contact_phone=0
contact_fax=0
contact_email=tests@example.org
contact_url=http://127.0.0.1/
contact_hours=0
contact_instructions=0
contact_role=pointOfContact
[repository]
database={database}
table=records
[metadata:inspire]
enabled=false
"""


class Quiet(WSGIRequestHandler):
    """Keep the output of the tests clean."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(folder: Path, port: int, page: int) -> None:
    """Load the records and serve them until the process is ended."""
    database = f"sqlite:///{folder / 'records.db'}"
    settings = folder / "pycsw.cfg"
    text = SETTINGS.format(folder=folder, port=port, page=page, database=database)
    settings.write_text(text, "utf-8")
    os.environ["PYCSW_CONFIG"] = str(settings)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        admin.setup_db(database, "records", str(folder))
        admin.load_records(config.StaticContext(), database, "records", str(folder))
        with make_server("127.0.0.1", port, wsgi.application, handler_class=Quiet) as server:
            server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
