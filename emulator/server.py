"""The portal on a socket of this machine."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .app import App
from .faults import ConnectionFault
from .messages import Request

_HANG_SECONDS = 3600.0


class PortalServer(ThreadingHTTPServer):
    """Serves an App on 127.0.0.1 with a thread for each connection; stops after `end_after` seconds without a request."""

    daemon_threads = True

    def __init__(self, app: App, port: int = 0, end_after: float = 600.0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.app = app
        app.origin = f"http://127.0.0.1:{self.server_address[1]}"
        self._end_after = end_after
        self._requested = threading.Event()

    def run(self) -> None:
        """Serve until it stops or `shutdown` is called."""
        threading.Thread(target=self._watch, daemon=True).start()
        with self:
            self.serve_forever(poll_interval=0.1)

    def keep_alive(self) -> None:
        """Note that there was a request."""
        self._requested.set()

    def _watch(self) -> None:
        while self._requested.wait(self._end_after):
            self._requested.clear()
        self.shutdown()


@contextlib.contextmanager
def serving(server: PortalServer) -> Iterator[PortalServer]:
    """Run a server in a thread while a block lasts."""
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PortalServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _serve(self) -> None:
        self.server.keep_alive()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, self.path, {**self.headers}, body)
        try:
            response = self.server.app.handle(request)
        except ConnectionFault as fault:
            self._break(fault)
            return
        head = [f"HTTP/1.1 {response.status} {self.responses.get(response.status, ('',))[0]}"]
        head += [f"{name}: {value}" for name, value in response.headers.items()]
        head += [f"Content-Length: {len(response.body)}", "", ""]
        with contextlib.suppress(ConnectionError):
            self.wfile.write("\r\n".join(head).encode("latin-1") + response.body)

    do_GET = do_POST = _serve  # noqa: N815  # the names are the base class's

    def _break(self, fault: ConnectionFault) -> None:
        """Play a fault as far as a server can. Faults before the connection is made become a reset."""
        self.close_connection = True
        if fault.kind == "hang":
            threading.Event().wait(_HANG_SECONDS)
        elif fault.kind == "cut_connection":
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(fault.body)}\r\n\r\n"
            self.wfile.write(head.encode() + fault.body[: len(fault.body) // 2])
        else:
            # to close with a linger of zero sends a reset
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Print nothing; the app keeps the log."""
