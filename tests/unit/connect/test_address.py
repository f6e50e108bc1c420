"""What an address names: a server, or one of its conversations."""

from __future__ import annotations

from typing import Any

import pytest

from burr_chat_widget.connect import Address, address_of


@pytest.mark.parametrize(
    ("url", "options", "expected"),
    [
        ("http://127.0.0.1:8000", {"app_id": "a"}, ("http://127.0.0.1:8000", "notebook", "a")),
        ("http://127.0.0.1:8000/", {"app_id": "a", "project_id": "p"}, ("http://127.0.0.1:8000", "p", "a")),
        ("https://example.com/bot/", {"app_id": "a"}, ("https://example.com/bot", "notebook", "a")),
        ("http://h/chats/p/a", {}, ("http://h", "p", "a")),
        ("http://h/chat/p/a/", {}, ("http://h", "p", "a")),
        ("http://h/chat/chats/p/a", {"app_id": "a", "project_id": "p"}, ("http://h/chat", "p", "a")),
        ("http://h/chat", {"app_id": "a"}, ("http://h/chat", "notebook", "a")),
        ("  http://[::1]:80/x?y=z#part ", {"app_id": "a"}, ("http://[::1]:80/x", "notebook", "a")),
    ],
)  # fmt: skip
def test_what_is_meant(url: str, options: dict[str, Any], expected: tuple[str, str, str]):
    address, token = address_of(url, **options)
    assert (address.base, address.project_id, address.app_id) == expected
    assert token is None


def test_a_new_conversation_has_a_name_of_its_own():
    names = {address_of("http://h")[0].app_id for _ in range(3)}
    assert len(names) == 3
    assert all(name.startswith("notebook-") for name in names)


def test_a_token_in_the_address_is_taken_out_of_it():
    address, token = address_of("http://h/chat/p/a?token=se%2Fcret&x=1")
    assert (token, address.url) == ("se/cret", "http://h/chats/p/a")


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://h", "http://", "http://h:99999", "http://[::1", "/chats/p/a"]
)
def test_what_is_no_address(url: str):
    with pytest.raises(ValueError, match="is no address of a server; it is like 'http://127"):
        address_of(url)


def test_a_token_in_what_is_no_address_is_not_shown():
    with pytest.raises(ValueError, match=r"url='127\.0\.0\.1:8000/' is no address") as refused:
        address_of("127.0.0.1:8000/?token=secret")
    assert "secret" not in str(refused.value)


def test_a_password_is_not_taken():
    with pytest.raises(ValueError, match=r"pass token=\.\.\.") as refused:
        address_of("http://me:secret@h")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "a/b", "..", "-a", "a b", "é", "x" * 129])
def test_what_is_no_name(name: str):
    with pytest.raises(ValueError, match="is no name: it begins with a letter or a digit"):
        address_of("http://h", project_id=name or "/")
    with pytest.raises(ValueError, match="is no name"):
        address_of("http://h", app_id=name)


@pytest.mark.parametrize("named", [{"app_id": "other"}, {"project_id": "other"}])
def test_two_conversations_cannot_be_meant(named: dict[str, str]):
    with pytest.raises(ValueError, match="='other' is not the conversation of the address"):
        address_of("http://h/chats/p/a", **named)


@pytest.mark.parametrize(
    ("base", "here"),
    [
        ("http://127.0.0.1:1", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("http://a.localhost", True),
        ("http://example.com", False),
        ("http://10.0.0.1", False),
    ],
)
def test_whether_it_is_on_this_machine(base: str, here: bool):
    assert Address(base, "p", "a").is_here is here
