"""A conversation as a page of its own."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from apps import scripted
from burr_chat_widget import BurrChat
from support.scripts import script, words

HOSTILE = "</script><script>alert(1)</script></noscript><!--<script>"


@pytest.fixture
async def chat():
    made = BurrChat(scripted.application(), title=f"A chat {HOSTILE}")
    yield made
    made.close()


def data(page: str, name: str):
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


async def test_all_that_it_needs_is_in_it(chat: BurrChat, tmp_path: Path):
    await chat.send(script(deltas=3, text=f"{HOSTILE} {{n}} "))
    path = tmp_path / "chat.html"
    assert chat.to_html(path) == path
    page = path.read_text("utf-8")
    assert HOSTILE not in page
    assert len(re.findall("<script", page)) == 3
    assert "src=" not in page.replace('src="data:', "").replace("src='data:", "").partition("<script")[0]
    assert data(page, "chat")["view"]["messages"][-1]["text"].startswith(HOSTILE)
    modules = data(page, "modules")
    assert {*modules} == {"saved", "code", "inspector", "timeline"}
    assert b"mountSaved" in gzip.decompress(base64.b64decode(modules["saved"]))
    ((script_text),) = re.findall(r'<script type="module">(.*?)</script>', page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script_text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}' blob:" in page
    assert "default-src 'none'" in page


async def test_formulas_bring_what_draws_them(chat: BurrChat, tmp_path: Path):
    await chat.send(script(deltas=1, text="It is $x^2$."))
    assert "math" in data(chat.to_html(tmp_path / "chat.html").read_text("utf-8"), "modules")


async def test_a_page_keeps_to_its_size(chat: BurrChat, tmp_path: Path):
    await chat.send(script(deltas=30))
    path = chat.to_html(str(tmp_path / "chat.html"))
    assert words(30).strip() in path.read_text("utf-8")
    assert path.stat().st_size <= 400_000


@pytest.mark.parametrize("name", ["no/such/folder/chat.html", "."])
def test_where_it_cannot_be_written_the_error_names_the_path(name: str, tmp_path: Path):
    chat = BurrChat(scripted.application())
    with pytest.raises((FileNotFoundError, IsADirectoryError)) as raised:
        chat.to_html(tmp_path / name)
    chat.close()
    assert str(tmp_path / name) in str(raised.value)


def test_half_of_a_surrogate_pair_is_replaced(tmp_path: Path):
    chat = BurrChat(scripted.application(), title="half \ud83c")
    path = tmp_path / "chat.html"
    path.write_text("precious")
    page = chat.to_html(path).read_text("utf-8")
    chat.close()
    assert "<title>half \ufffd</title>" in page


def test_what_is_saved_is_one_of_three():
    with pytest.raises(ValueError, match="save='all' is none of 'replay', 'transcript', 'nothing'"):
        BurrChat(scripted.application(), save="all")  # pyright: ignore[reportArgumentType]
