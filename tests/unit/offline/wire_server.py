"""The offline model behind a real socket on the loopback interface."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import h11

from burr_chat_widget.offline import Dropped, OfflineServer


class WireServer:
    """Serves an `OfflineServer` over HTTP/1.1, one request per connection.

    Attributes:
        base_url: where it listens.
        abandoned: set when a client went away before its response was complete.
    """

    def __init__(self, server: OfflineServer) -> None:
        self.base_url = ""
        self.abandoned = asyncio.Event()
        self._server = server

    @asynccontextmanager
    async def running(self) -> AsyncIterator["WireServer"]:
        listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            self.base_url = f"http://127.0.0.1:{port}/v1"
            yield self

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
        except Dropped:
            # The connection ends here, in the middle of the response or before it.
            pass
        except ConnectionError:
            self.abandoned.set()
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        request, body = None, b""
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                connection.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            else:
                return  # the client went away without a request
        assert request is not None
        reply = await self._server.handle(request.method.decode(), request.target.decode().partition("?")[0], body)
        headers = [*reply.headers.items(), ("connection", "close")]
        writer.write(connection.send(h11.Response(status_code=reply.status, headers=headers)) or b"")
        gone = asyncio.ensure_future(reader.read(1))
        gone.add_done_callback(lambda gone: gone.cancelled() or gone.exception())  # seen, whoever else sees it
        try:
            async with aclosing(reply.body) as parts:
                while True:
                    part = asyncio.ensure_future(anext(parts, None))
                    await asyncio.wait({part, gone}, return_when=asyncio.FIRST_COMPLETED)
                    if gone.done():
                        part.cancel()
                        await asyncio.wait({part})
                        raise gone.exception() or ConnectionResetError("the client closed the connection")
                    data = part.result()
                    if data is None:
                        break
                    writer.write(connection.send(h11.Data(data)) or b"")
                    await writer.drain()
            writer.write(connection.send(h11.EndOfMessage()) or b"")
            await writer.drain()
        finally:
            gone.cancel()
