"""A lean crowd of HTTP clients: one thread, raw sockets kept open, each sends as it is answered."""

import random
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson
from market_measures.auctions import START, Told

Request = Callable[[int, int, str], bytes]
"""Makes the request of a client: its number, the price, the key of the offer."""


@dataclass
class _Client:
    """One connection, and what it waits for."""

    number: int
    wire: socket.socket
    dice: random.Random
    least: int = START
    turn: int = field(default_factory=time.time_ns)
    began: float = 0.0
    came: bytearray = field(default_factory=bytearray)

    def send(self, request: Request, *, among: int) -> None:
        """Send the next offer."""
        self.turn += 1
        price = self.least + self.dice.randrange(among)
        self.began = time.perf_counter()
        self.wire.sendall(request(self.number, price, f"{self.number}-{self.turn}"))

    def answer(self) -> tuple[int, dict[str, int]] | None:
        """Return the status and the body once all of it is there."""
        self.came += self.wire.recv(65_536)
        head, found, body = self.came.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return None
        self.came = bytearray()
        return int(head[9:12]), orjson.loads(body)


def bid_over_http(port: int, request: Request, clients: int, seconds: float) -> Told:
    """Let clients bid for so long, each from what it was last told on; refused ones count too."""
    cpu, waits, taken = time.process_time(), [], 0
    with selectors.DefaultSelector() as ready:
        crowd = [
            _Client(n, socket.create_connection(("127.0.0.1", port)), random.Random(n))
            for n in range(clients)
        ]
        began = time.perf_counter()
        for each in crowd:
            each.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.register(each.wire, selectors.EVENT_READ, each)
            each.send(request, among=clients)
        while time.perf_counter() < began + seconds:
            for key, _ in ready.select(1):
                each = key.data
                answer = each.answer()
                if answer is None:
                    continue
                waits.append(time.perf_counter() - each.began)
                status, said = answer
                if status not in {200, 201, 409, 422}:
                    raise RuntimeError(f"{status} {said}")
                taken += status in {200, 201}
                each.least = said.get("least_fen_per_t") or said["price_fen_per_t"] + 1
                each.send(request, among=clients)
        wall = time.perf_counter() - began
        for each in crowd:
            each.wire.close()
    return Told(waits, taken, wall, time.process_time() - cpu)
