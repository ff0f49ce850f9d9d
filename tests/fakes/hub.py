"""A Hugging Face hub on loopback that serves one model."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

COMMIT = "c" * 40


class Hub(ThreadingHTTPServer):
    """The model served, and the paths of its files that were handed out."""

    def __init__(self, name: str, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name = name
        self.files = files
        self.given: list[str] = []
        self.endpoint = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(is_body=False)

    def do_GET(self) -> None:
        self._answer(is_body=True)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, is_body: bool) -> None:
        path = self.path.partition("?")[0] + "/"
        kind, found, rest = path.partition(f"/{self.server.name}/")
        rest = rest.removesuffix("/")
        file = rest.split("/", 2)[-1]
        if found and kind == "/api/models":
            self._send(json.dumps(self._listing(rest.partition("/")[0])).encode(), "", True)
        elif kind == "" and file in self.server.files:
            body = self.server.files[file]
            self.server.given += [file] * is_body
            self._send(body, sha1(body).hexdigest(), is_body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.end_headers()

    def _listing(self, what: str) -> object:
        files = self.server.files
        if what == "tree":
            return [
                {"type": "file", "path": path, "size": len(body), "oid": sha1(body).hexdigest()}
                for path, body in files.items()
            ]
        return {
            "id": self.server.name,
            "sha": COMMIT,
            "siblings": [{"rfilename": path} for path in files],
        }

    def _send(self, body: bytes, etag: str, is_body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Repo-Commit", COMMIT)
        if etag:
            self.send_header("ETag", f'"{etag}"')
        self.end_headers()
        if is_body:
            self.wfile.write(body)


@contextmanager
def hub(name: str, files: Mapping[str, bytes]) -> Iterator[Hub]:
    """Serve `files` as model `name` on a free port."""
    server = Hub(name, files)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
