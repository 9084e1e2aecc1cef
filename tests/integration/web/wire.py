"""A wire between a client and the sensor that a test can cut, silence and mend."""

import socket
import threading


class Wire:
    def __init__(self, port: int):
        self._to = port
        self._whole = True
        self.asked: list[str] = []
        self.refused = 0
        self._held: bytes | None = None
        self._refuses: bytes | None = None
        self._flows = threading.Event()
        self._flows.set()
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self) -> None:
        """Ends what goes over it and lets nobody on."""
        with self._lock:
            self._whole = False
            for end in self._ends:
                self._shut(end)

    def silence(self) -> None:
        """Nothing gets through any more, and nobody is told: a sensor without power, or out of reach."""
        self._flows.clear()

    def refuse(self, beginning: bytes | None) -> None:
        """Ends each connection on which a request begins so; `refused` counts them."""
        self._refuses = beginning

    def hold(self, beginning: bytes | None) -> None:
        """Keeps each request back that begins so, until it is told otherwise. `asked` has the paths of all requests."""
        with self._changed:
            self._held = beginning
            self._changed.notify_all()

    def mend(self, port: int | None = None) -> None:
        """With another port it leads to another sensor."""
        with self._lock:
            self._to = port or self._to
            self._whole = True
        self._flows.set()

    def close(self) -> None:
        self.cut()
        self.hold(None)
        self._flows.set()
        self._shut(self._listener)
        self._listener.close()

    @staticmethod
    def _shut(end: socket.socket) -> None:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:  # it has ended by itself
            pass

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:  # closed
                return
            with self._lock:
                if not self._whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends |= {near, far}
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._flows.wait()
                if data.startswith(b"GET "):
                    self.asked.append(data.split(b" ", 2)[1].decode())
                with self._changed:
                    self._changed.wait_for(lambda data=data: not (self._held and data.startswith(self._held)))
                if self._refuses and data.startswith(self._refuses):
                    self.refused += 1
                    break
                sink.sendall(data)
        except OSError:  # the other end is gone
            pass
        self._shut(source)
        self._shut(sink)
        with self._lock:
            self._ends.discard(source)
