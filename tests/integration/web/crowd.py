"""Many clients of the event stream at once, and when each of them has heard an event."""

import selectors
import socket
import time

from host import DEADLINE_S, Host


class Crowd:
    """Use as a context: `count` clients that follow the events and have got their greeting."""

    def __init__(self, host: Host, count: int):
        self._host = host
        self._selector = selectors.DefaultSelector()
        self._sockets = []
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", host.port), timeout=DEADLINE_S)
            one.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{host.port}\r\n"
                        f"Authorization: Bearer {host.token}\r\n\r\n".encode())
            self._sockets.append(one)
            self._selector.register(one, selectors.EVENT_READ)
        # The greeting ends with the position.
        self._until_all_have(b"event: gps")

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for one in self._sockets:
            one.close()

    def _until_all_have(self, word: bytes) -> list[float]:
        """When each of them had it (time.monotonic()), in the order in which they got it."""
        text = {one: b"" for one in self._sockets}
        heard = []
        end = time.monotonic() + DEADLINE_S
        while text:
            ready = self._selector.select(end - time.monotonic())
            if not ready:
                raise AssertionError(f"{len(text)} of {len(self._sockets)} clients did not hear {word!r}")
            for key, _ in ready:
                got = key.fileobj.recv(65536)
                if not got:
                    raise AssertionError("a stream has ended")
                if key.fileobj not in text:
                    continue
                text[key.fileobj] += got
                if word in text[key.fileobj]:
                    heard.append(time.monotonic())
                    del text[key.fileobj]
        return heard

    def hear(self, word: str, **told: object) -> list[float]:
        """Tells the controller something and gives the seconds after which each client has the event with `word`."""
        begin = time.monotonic()
        self._host.tell_without_waiting(**told)
        heard = self._until_all_have(word.encode())
        self._host.told()
        return [at - begin for at in heard]
