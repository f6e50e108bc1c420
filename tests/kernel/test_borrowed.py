"""What is made in cells and used by actions works on the chat's own loop, or fails with a message that names the way out.

On the kernel's loop (`runner="kernel"`) everything works.
"""

from __future__ import annotations

import pytest

from support.kernel import Kernel, KernelPage

pytestmark = pytest.mark.parametrize("shared_kernel", ["python3", "ipykernel-6.31"], indirect=True)

both = pytest.mark.parametrize("runner", ["thread", "kernel"])


def chat(kernel: Kernel, runner: str, source: str) -> KernelPage:
    """Run a cell that defines `use`, and show a chat whose action calls it."""
    kernel.run(source)
    kernel.run(f"chat = BurrChat(borrowed.application(use), runner={runner!r})")
    return KernelPage.show(kernel)


def failure(page: KernelPage) -> tuple[str, str]:
    """The last message's error: what, and what to do."""
    assert page.view is not None
    error = page.view.messages[-1].error
    assert error is not None
    return error.message, error.remedy or ""


@both
def test_a_lock_that_a_cell_holds(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
lock = asyncio.Lock()
waiting = asyncio.Event()
async def use(prompt):
    waiting.set()
    async with lock:
        return "had it"
async def hold():
    async with lock:
        await waiting.wait()
""",
    )
    cell = kernel.start("holder = asyncio.create_task(hold()); await asyncio.sleep(0)")
    kernel.finish(cell)
    assert page.ask("hello") == "had it"
    kernel.run("await holder")
    assert page.ask("once more") == "had it"


@both
def test_a_lock_that_an_action_holds(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
lock, held, leave = asyncio.Lock(), asyncio.Event(), asyncio.Event()
async def use(prompt):
    async with lock:
        held.set()
        await leave.wait()
    return "let go"
async def ask_for_it():
    await held.wait()
    leave.set()
    async with lock:
        return "mine"
""",
    )
    kernel.run("asked = asyncio.create_task(ask_for_it())")
    assert page.ask("hello") == "let go"
    assert kernel.evaluate("await asked") == "'mine'"


@both
def test_queues_between_a_cell_and_an_action(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
questions, answers = asyncio.Queue(1), asyncio.Queue(1)
async def use(prompt):
    for n in range(20):
        await questions.put(n)
        assert await answers.get() == -n
    return "twenty"
async def serve():
    for _ in range(20):
        await answers.put(-await questions.get())
""",
    )
    kernel.run("server = asyncio.create_task(serve())")
    assert page.ask("hello") == "twenty"
    kernel.run("await server")


@both
def test_a_semaphore_for_one(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
one, began = asyncio.Semaphore(1), asyncio.Event()
async def use(prompt):
    began.set()
    async with one:
        return "in"
async def hold():
    async with one:
        await began.wait()
""",
    )
    kernel.run("holder = asyncio.create_task(hold()); await asyncio.sleep(0)")
    assert page.ask("hello") == "in"
    kernel.run("await holder")


BOUND = {
    "lock": """
taken = asyncio.Lock()
async def bind():
    await taken.acquire()
    waits = asyncio.create_task(taken.acquire())
    await asyncio.sleep(0)  # now it belongs to this loop
    waits.cancel()
await bind()
async def use(prompt):
    if taken.locked():
        asyncio.get_running_loop().call_later(0.05, taken.release)
    async with taken:
        return "fine"
""",
    "task": """
async def forever():
    while not stop:
        await asyncio.sleep(0.01)
    return "fine"
stop = []
task = asyncio.create_task(forever())
async def use(prompt):
    stop.append(prompt)
    return await task
""",
    "sqlite": """
import sqlite3
database = sqlite3.connect(":memory:")
def use(prompt):
    return database.execute("select 'fine'").fetchone()[0]
""",
    "create_task": """
async def work():
    return "later"
def use(prompt):
    asyncio.get_running_loop().create_task(work())
    return "fine"
""",
    "timeout": """
async def use(prompt):
    raise RuntimeError("Timeout context manager should be used inside a task")  # as aiohttp says
""",
}


@pytest.mark.parametrize("what", BOUND)
def test_what_is_bound_to_the_kernels_loop_says_what_helps(kernel: Kernel, what: str):
    page = chat(kernel, "thread", BOUND[what])
    page.ask("hello")
    _, remedy = failure(page)
    assert 'runner="kernel"' in remedy
    if what != "timeout":
        page = chat(kernel, "kernel", BOUND[what])
        assert page.ask("hello") == "fine"


@both
def test_aiosqlite(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
import aiosqlite
database = await aiosqlite.connect(":memory:")
await database.execute("create table said (text)")
async def use(prompt):
    await database.execute("insert into said values (?)", (prompt,))
    async with database.execute("select count(*) from said") as rows:
        return (await rows.fetchone())[0]
""",
    )
    assert [page.ask("one"), page.ask("two")] == ["1", "2"]
    kernel.run("await database.close()")


@both
def test_context_variables_of_the_cell_that_asks(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
import contextvars
who = contextvars.ContextVar("who", default="nobody")
async def use(prompt):
    return who.get()
""",
    )
    kernel.run("who.set('a cell')\nturn = await chat.send('hello')")
    assert kernel.evaluate("turn.text") == "'a cell'"
    page.until(lambda view: view.messages[-1].text == "a cell", "the answer")


@both
def test_an_openai_client_over_the_offline_transport(kernel: Kernel, runner: str):
    page = chat(
        kernel,
        runner,
        """
from burr_chat_widget import offline
client = offline.client(rate=1000, first_token=0)
async def use(prompt):
    stream = await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": prompt}], stream=True
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
first = await use("What is Burr?")
""",
    )
    first = kernel.evaluate("first")
    assert repr(page.ask("What is Burr?")) == first
    assert repr(page.ask("What is Burr?")) == first
    assert kernel.evaluate("await use('What is Burr?')") == first


SERVER = """
import threading
import openai
from burr_chat_widget import offline
from burr_chat_widget.offline._http import http
from unit.offline.wire_server import WireServer

async def serve():
    async with WireServer(offline.OfflineServer(tempo=offline.Tempo(rate=1000, first_token=0))).running() as running:
        address.append(running.base_url)
        ready.set()
        await asyncio.Event().wait()

address, ready = [], threading.Event()
threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
ready.wait()
"""


@both
def test_clients_over_a_socket(kernel: Kernel, runner: str):
    """Made and used in a cell, then by actions, then in a cell."""
    page = chat(
        kernel,
        runner,
        SERVER
        + """
client = openai.AsyncOpenAI(base_url=address[0], api_key="none")
plain = http.AsyncClient()
async def use(prompt):
    stream = await client.chat.completions.create(
        model=offline.MODEL, messages=[{"role": "user", "content": prompt}], stream=True
    )
    said = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
    body = {"model": offline.MODEL, "messages": [{"role": "user", "content": prompt}]}
    whole = (await plain.post(f"{address[0]}/chat/completions", json=body)).json()
    assert whole["choices"][0]["message"]["content"] == said
    return said
first = await use("What is Burr?")
""",
    )
    first = kernel.evaluate("first")
    assert repr(page.ask("What is Burr?")) == first
    assert kernel.evaluate("await use('What is Burr?')") == first
    assert repr(page.ask("What is Burr?")) == first


KEPT_ALIVE = """
import http.server, threading
from burr_chat_widget.offline._http import http as httpx

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    connections = set()
    def do_GET(self):
        self.connections.add(self.client_address)
        time.sleep(0.02)
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"fine")
    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
client = httpx.AsyncClient(limits=httpx.Limits(keepalive_expiry=None))  # however long the machine takes
async def use(prompt):
    return (await client.get(url, timeout=60)).text
assert await use("here") == "fine"
assert await use("here again") == "fine"
assert len(Handler.connections) == 1, "the connection was kept"
"""


@both
def test_a_client_with_an_open_connection(kernel: Kernel, runner: str):
    page = chat(kernel, runner, KEPT_ALIVE)
    answer = page.ask("hello")
    if runner == "kernel":
        assert answer == "fine"
        assert [page.ask("again"), kernel.evaluate("await use('here')")] == ["fine", "'fine'"]
    elif answer != "fine":
        assert 'runner="kernel"' in failure(page)[1]
