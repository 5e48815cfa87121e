"""One polite HTTP client: named, patient, bounded, and asking only for what changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tenacity import RetryCallState

from helpers import Reply, loopback
from oceankg import __version__
from oceankg.errors import FetchError
from oceankg.http import Again, Client, Fetched, patient, retry_after

OK = Reply(body=b"whole", headers={"Content-Type": "text/turtle; charset=utf-8"})


def client(**settings):
    return Client(**{"wait": 0.01, "timeout": 0.5, "attempts": 3} | settings)


def fetch(*replies, path="/a/list.ttl", known=None, **settings):
    """The answer to one fetch, and the requests that it took."""
    with loopback({path: replies}) as server, client(**settings) as http:
        return http.get(server.url + path, known), server.requests


def failure(*replies, **settings):
    """The message of a fetch that fails, and the number of requests that it took."""
    path = "/a/list.ttl"
    with loopback({path: replies}) as server, client(**settings) as http:
        with pytest.raises(FetchError) as caught:
            http.get(server.url + path)
        assert server.url + path in str(caught.value)
        return str(caught.value), len(server.requests)


def test_a_whole_answer_comes_with_its_name_type_and_version():
    marks = {"ETag": '"1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
    answer, _ = fetch(Reply(body=b"whole", headers={**OK.headers, **marks}))
    assert answer == Fetched(
        "list.ttl", b"whole", "text/turtle", '"1"', "Thu, 01 Jan 2026 00:00:00 GMT"
    )


@pytest.mark.parametrize("contact", ["", "ocean@example.org"])
def test_the_client_says_who_it_is(contact):
    _, [(_, headers)] = fetch(OK, contact=contact)
    assert headers["user-agent"].startswith(f"oceankg/{__version__}")
    assert contact in headers["user-agent"]


@pytest.mark.parametrize(
    "passing",
    [
        *(Reply(status) for status in (429, 500, 502, 503, 504)),
        Reply(body=b"wh", length=5),
        Reply(stall=True),
    ],
    ids=["429", "500", "502", "503", "504", "cut off", "stalled"],
)
def test_a_fault_that_passes_is_waited_out(passing):
    answer, requests = fetch(passing, OK)
    assert answer.content == b"whole"
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("lasting", "message"),
    [
        (Reply(503), "status 503"),
        (Reply(body=b"wh", length=5), "received 2 bytes, expected 5"),
        (Reply(stall=True), "timed out"),
    ],
    ids=["503", "cut off", "stalled"],
)
def test_a_fault_that_lasts_is_reported_after_the_last_attempt(lasting, message):
    text, requests = failure(lasting, attempts=2, timeout=0.2)
    assert message in text
    assert requests == 2


@pytest.mark.parametrize("status", [400, 403, 404, 410, 204, 206])
def test_a_final_answer_is_not_asked_for_again(status):
    text, requests = failure(Reply(status))
    assert f"status {status}" in text
    assert requests == 1


def test_too_much_is_refused():
    text, requests = failure(Reply(body=b"x" * 2000), max_bytes=1000)
    assert "larger than 1000 bytes" in text
    assert requests == 1


def test_exactly_as_much_as_allowed_is_taken():
    answer, _ = fetch(Reply(body=b"x" * 1000), max_bytes=1000)
    assert len(answer.content) == 1000


def test_what_is_known_is_asked_for_conditionally():
    known = {"etag": '"1"', "last_modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
    answer, [(_, headers)] = fetch(Reply(304), known=known)
    assert answer.unchanged
    assert headers["if-none-match"] == '"1"'
    assert headers["if-modified-since"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_first_fetch_is_unconditional():
    _, [(_, headers)] = fetch(OK, known={"etag": "", "last_modified": ""})
    assert not {"if-none-match", "if-modified-since"} & headers.keys()


def test_a_redirect_is_followed():
    replies = {"/old": [Reply(301, headers={"Location": "/new"})], "/new": [OK]}
    with loopback(replies) as server, client() as http:
        assert http.get(server.url + "/old").content == b"whole"


def test_a_redirect_in_a_circle_is_reported():
    text, _ = failure(Reply(302, headers={"Location": "/a/list.ttl"}))
    assert "redirect" in text


def test_an_address_without_a_name_is_called_index():
    answer, _ = fetch(OK, path="/")
    assert answer.name == "index"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "gopher://127.0.0.1/", "http://[", "x"])
def test_an_address_that_cannot_be_reached_is_reported(url):
    with client() as http, pytest.raises(FetchError) as caught:
        http.get(url)
    assert str(caught.value).startswith(f"{url}: ")


# ------------------------------------------------------------------ manners


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "application/xhtml+xml"])
def test_a_page_for_people_is_no_data(kind):
    text, requests = failure(Reply(body=b"<html>sorry</html>", headers={"Content-Type": kind}))
    assert "answered with a page" in text
    assert requests == 1


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 01 Jan 2026 00:02:00 GMT", 120),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0),
        ("soon", 0),
        ("-5", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_the_time_to_wait_is_read_as_seconds_or_as_a_date(header, seconds):
    assert retry_after(header, NOW) == seconds


def test_a_server_that_asks_to_wait_is_not_asked_sooner():
    state = RetryCallState(None, None, (), {})
    state.set_exception((Again, Again("status 503", after=7.0), None))
    assert patient(3, 0.01).wait(state) == 7.0
    state.set_exception((Again, Again("status 503"), None))
    assert patient(3, 0.01).wait(state) < 1


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_to_wait_for_long_is_left_alone(status):
    text, requests = failure(Reply(status, headers={"Retry-After": "3600"}))
    assert "asks to wait 3600 s" in text
    assert requests == 1


def test_the_page_that_follows_is_named_in_full():
    answer, _ = fetch(Reply(body=b"x", headers={"Link": '<list.ttl?page=2>; rel="next"'}))
    assert answer.following.endswith("/a/list.ttl?page=2")
    answer, _ = fetch(Reply(body=b"x", headers={"Link": '<other>; rel="license"'}))
    assert answer.following == ""
