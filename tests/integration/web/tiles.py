"""A server of images for the map."""

import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# 256 by 256 in one colour.
GREEN_TILE = (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 2, 0, 0, 0)) +
              _chunk(b"IDAT", zlib.compress((b"\0" + b"\x99\xcc\x99" * 256) * 256)) + _chunk(b"IEND", b""))


class Tiles:
    """Use as a context. `asked`: the paths of all requests; `gone`: there are no images any more."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gone = False
        tiles = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                tiles.asked.append(self.path)
                self.send_response(404 if tiles.gone else 200)
                self.send_header("Content-Type", "image/png")
                self.end_headers()
                if not tiles.gone:
                    self.wfile.write(GREEN_TILE)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/{{z}}/{{x}}/{{y}}.png"

    def __enter__(self) -> "Tiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
