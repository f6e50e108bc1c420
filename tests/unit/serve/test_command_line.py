"""What `python -m burr_chat_widget serve` is given: what is wrong with it is said, with the remedy."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from apps.kept import chatbot
from burr_chat_widget import __main__ as command
from burr_chat_widget import serve
from burr_chat_widget.errors import NotABuilder
from burr_chat_widget.serve import command_line
from burr_chat_widget.serve.command_line import SETTINGS, factory, load_build, main


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module with things to serve and things that cannot be."""
    name = "served_by_a_test"
    (tmp_path / f"{name}.py").write_text(
        "from apps.kept import chatbot\n"
        "builder = chatbot()\n"
        "class Inner:\n"
        "    build = staticmethod(chatbot)\n"
        "built = chatbot().build()\n"
        "def application():\n"
        "    return chatbot().build()\n"
        "def needs_more(text):\n"
        "    return chatbot()\n"
        "number = 7\n"
        "def returns_a_number():\n"
        "    return number\n"
    )
    (tmp_path / "broken_by_a_test.py").write_text("import there_is_no_such_module\n")
    (tmp_path / "raising_by_a_test.py").write_text("raise RuntimeError('cannot be imported')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


@pytest.mark.parametrize("name", ["builder", "chatbot", "Inner.build"])
def test_a_builder_or_what_returns_one_is_found(module: str, name: str) -> None:
    try:
        assert load_build(f"{module}:{name}") is not None
    finally:
        del sys.modules[module]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nothing", "write module:build, such as burr_chat_widget.demo:builder"),
        (":builder", "write module:build"),
        ("module:", "write module:build"),
        ("./mine.py:build", "write mine:build, in the folder of mine.py"),
        ("in/a/folder:build", "write folder:build, in the folder of folder.py"),
        ("no_such_module_at_all:builder", "there is no module 'no_such_module_at_all'"),
        ("burr_chat_widget.no_such_module:builder", "there is no module 'burr_chat_widget.no_such_module'"),
        ("burr_chat_widget.demo:bilder", "'burr_chat_widget.demo' has no 'bilder'; did you mean 'builder'"),
        ("burr_chat_widget.demo:builder.nothing_like_it", "has no 'nothing_like_it'"),
        ("served_by_a_test:needs_more", "it is called without arguments"),
        ("raising_by_a_test:builder", "the module 'raising_by_a_test' cannot be imported: see above"),
        ("broken_by_a_test:builder", "the module 'broken_by_a_test' cannot be imported: see above"),
    ],
)
@pytest.mark.usefixtures("module")
def test_what_is_not_there_is_said(target: str, said: str) -> None:
    with pytest.raises(SystemExit, match=said.replace("?", r"\?")):
        load_build(target)


def test_a_modules_own_error_is_shown(module: str, capsys: pytest.CaptureFixture[str]) -> None:
    del module
    with pytest.raises(SystemExit):
        load_build("raising_by_a_test:builder")
    assert "RuntimeError: cannot be imported" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("built", r"leave out \.build\(\)"),
        ("application", r"leave out \.build\(\)"),
        ("number", "7 is no application builder.*pass a function that returns ApplicationBuilder"),
        ("returns_a_number", "has returned 7, which is no application builder.*pass a function"),
    ],
)
def test_what_is_no_builder_is_refused_with_the_remedy(module: str, name: str, remedy: str) -> None:
    with pytest.raises(NotABuilder, match=remedy):
        load_build(f"{module}:{name}")
    with pytest.raises(SystemExit, match=remedy):
        main([f"{module}:{name}", "--port", "0"])
    del sys.modules[module]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "chat.example.com"])
def test_the_network_is_not_let_in_without_a_token(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(command_line.TOKEN, raising=False)
    with pytest.raises(SystemExit) as caught:
        main(["burr_chat_widget.demo:builder", "--host", host])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert f"--host {host}" in said
    assert "--token" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_store_that_cannot_be_opened_is_said_once(workers: str, tmp_path: Path) -> None:
    store = str(tmp_path / "no such folder" / "chats.sqlite")
    with pytest.raises(SystemExit, match="there is no folder"):
        main(["apps.kept:chatbot", "--port", "0", "--workers", workers, "--store", store])


def test_an_option_that_is_none_is_named_when_the_application_is_made(tmp_path: Path) -> None:
    for name in ("colour", "runner", "coalesce", "turns"):
        with pytest.raises(TypeError, match=f"there is no option '{name}'; there are .*prompt"):
            serve.app(chatbot, store=tmp_path / "chats.sqlite", **{name: "x"})


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--token", "two words"], "without spaces"),
        (["--token", ""], "--token is empty"),
        (["--allow-origin", "example.com"], "'example.com' is no origin: name its scheme"),
        (["--allow-origin", "https://example.com/chat"], "is no origin"),
        (["--workers", "0"], "at least one"),
        (["--port", "65536"], "a port is from 0 to 65535"),
        (["--workers", "x"], "invalid"),
        (["--expose", "secrets"], "invalid choice: 'secrets'"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
)
def test_a_wrong_option_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["burr_chat_widget.demo:builder", *arguments])
    assert said in capsys.readouterr().err


def test_workers_make_the_application_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "target": "burr_chat_widget.demo:builder",
        "store": str(tmp_path / "chats.sqlite"),
        "expose": ["state"],
        "token": "secret",
        "hosts": [],
        "origins": ["https://front.example"],
        "title": "Rivers",
    }
    monkeypatch.setenv(SETTINGS, json.dumps(settings))
    made = factory()
    assert made.title == "Rivers"
    assert "/chats/{project_id}/{app_id}" in made.openapi()["paths"]


def test_what_is_not_installed_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name in ("fastapi", "uvicorn") else found(name, *more)
    )
    with pytest.raises(SystemExit, match=r"Serving needs fastapi and uvicorn.*pip install 'burr-chat-widget\[serve\]'"):
        command.serve(["burr_chat_widget.demo:builder"])


def test_help_says_what_there_is(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["burr_chat_widget", "serve", "--help"])
    with pytest.raises(SystemExit) as caught:
        command.main()
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert "module:build" in said
    assert "--workers" in said
