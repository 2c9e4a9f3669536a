"""A small WSGI server on a loopback port: keeps connections open, and can drop them."""

import io
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

from tools.stripe_twin.faults import Dropped

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Handler(BaseHTTPRequestHandler):
    """Turns one request into a WSGI call."""

    protocol_version = "HTTP/1.1"
    app: ClassVar[App]
    server: ThreadingHTTPServer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request of any method."""
        length = int(self.headers.get("Content-Length") or 0)
        path, _, query = self.path.partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.rfile.read(length)),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        try:
            body = b"".join(type(self).app(environ, self._start))
        except Dropped:
            self._drop()
            return
        self.wfile.write(self._head + body)

    do_POST = do_DELETE = do_GET  # noqa: N815  names of the standard library

    def _start(self, status: str, headers: list[tuple[str, str]], _failed: Any = None) -> None:
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
        self._head = ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_said: Any) -> None:
        """Say nothing: the state of the twin can be read."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_said: Any) -> None:
        """A client that went away is no news."""


@contextmanager
def serving(app: App, *, port: int = 0) -> Iterator[str]:
    """Serve a WSGI application on the loopback; yields its address, ends with the block."""
    handler = type("AppHandler", (Handler,), {"app": staticmethod(app)})
    with _Server(("127.0.0.1", port), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
