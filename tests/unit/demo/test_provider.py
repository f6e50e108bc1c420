"""Which model the demo talks to, by what the environment says."""

import subprocess
import sys

import openai
import pytest

from burr_chat_widget import demo, offline

PLAIN_OPENAI = "https://api.openai.com/v1/"


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("empty", [{}, {"OPENAI_API_KEY": ""}, {"OPENAI_MODEL": "gpt-4o"}])
async def test_nothing_set_means_no_network(monkeypatch: pytest.MonkeyPatch, empty: dict[str, str]) -> None:
    for name, value in empty.items():
        monkeypatch.setenv(name, value)
    client = demo.default_client()
    assert str(client.base_url) == "http://offline.invalid/v1/"
    assert demo.model_of(client) == offline.MODEL
    assert demo.describe(client) == "offline-model (no network)"
    assert [model.id async for model in client.models.list()] == [offline.MODEL]


@pytest.mark.parametrize(
    ("environment", "key", "base_url", "model", "described"),
    [
        ({"OPENAI_API_KEY": "k"}, "k", PLAIN_OPENAI, "gpt-4o-mini", "gpt-4o-mini at api.openai.com"),
        (
            {"OPENAI_API_KEY": "k", "OPENAI_MODEL": "gpt-4o", "OPENAI_BASE_URL": ""},
            "k",
            PLAIN_OPENAI,
            "gpt-4o",
            "gpt-4o at api.openai.com",
        ),
        (
            {"OPENAI_BASE_URL": "http://localhost:11434/v1", "OPENAI_MODEL": "llama3"},
            "not-needed",
            "http://localhost:11434/v1/",
            "llama3",
            "llama3 at localhost",
        ),
        (
            {"OPENAI_BASE_URL": "http://localhost:8000/v1", "OPENAI_API_KEY": "k"},
            "k",
            "http://localhost:8000/v1/",
            "gpt-4o-mini",
            "gpt-4o-mini at localhost",
        ),
    ],
)
def test_what_the_environment_names_is_talked_to(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], key: str, base_url: str, model: str, described: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = demo.default_client()
    assert (client.api_key, str(client.base_url)) == (key, base_url)
    assert client.max_retries == openai.DEFAULT_MAX_RETRIES
    assert demo.model_of(client) == model
    assert demo.describe(client) == described


def test_a_client_that_is_given_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    client = offline.client()
    app = demo.application(client=client, model="my-model")
    (decide_mode,) = [action for action in app.graph.actions if action.name == "decide_mode"]
    assert decide_mode._bound_params == {"client": client, "model": "my-model"}  # type: ignore[attr-defined]


WITHOUT_OPENAI = """
import sys
sys.modules["openai"] = None  # importing it now raises ImportError
from burr_chat_widget import demo
demo.application(client=object(), model="any")
try:
    demo.application()
except ImportError as error:
    print(error.name, "|", error)
"""


def test_without_openai_the_error_says_what_to_install() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_OPENAI], capture_output=True, text=True, check=True)
    name, message = run.stdout.strip().split(" | ")
    assert name == "openai"
    assert message.endswith("pip install 'burr-chat-widget[demo]'")
