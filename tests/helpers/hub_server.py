"""A loopback stand-in of the Hugging Face hub: the part of its interface that downloads use."""

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

ROUTE = re.compile(
    r"/(?:api/(?P<kind>datasets|models)/(?P<api>[^/]+/[^/]+)"
    r"(?:/(?P<verb>revision|tree|paths-info)/(?P<rev>[^/]+)(?:/(?P<path>.*))?)?"
    r"|(?P<data>datasets/)?(?P<name>[^/]+/[^/]+)/resolve/(?P<at>[^/]+)/(?P<file>.*))$"
)


@dataclass
class Repository:
    """One commit of a repository: its files by path, and the branch that points at it."""

    files: dict[str, bytes]
    commit: str
    branch: str = "main"


class Error(Exception):
    """What the hub does not have, by the code that it answers with."""


def entry(path, content):
    return {"type": "file", "path": path, "size": len(content), "oid": oid(content)}


def oid(content):
    return hashlib.sha1(content).hexdigest()


def tree(files, folder, recursive):
    """Return the files and folders below `folder`, as /tree answers them."""
    prefix = f"{folder}/" if folder else ""
    inside = {path: content for path, content in files.items() if path.startswith(prefix)}
    if folder and not inside:
        raise Error("EntryNotFound")
    parts = {path: path.removeprefix(prefix).split("/") for path in inside}
    depths = {prefix + "/".join(p[:n]) for p in parts.values() for n in range(1, len(p))}
    folders = [{"type": "directory", "path": path, "size": 0, "oid": "0"} for path in depths]
    rows = folders + [entry(path, content) for path, content in inside.items()]
    return [row for row in rows if recursive or "/" not in row["path"].removeprefix(prefix)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {unquote(self.path)}")
        try:
            status, headers, content = 200, *self.answer(body)
        except Error as error:
            status, headers, content = 404, {"X-Error-Code": str(error)}, b"{}"
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if asked and status == 200:
            first, last = int(asked[1]), int(asked[2] or len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            status, content = 206, content[first : last + 1]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_POST = do_GET

    def answer(self, body):
        url = urlsplit(self.path)
        route = ROUTE.match(url.path)
        if not route:
            raise Error("RepoNotFound")
        kind = route["kind"] or ("datasets" if route["data"] else "models")
        name = route["api"] or route["name"]
        if (kind, name) not in self.server.repositories:
            raise Error("RepoNotFound")
        repository = self.server.repositories[kind, name]
        revision = unquote(route["rev"] or route["at"] or repository.branch)
        if revision not in (repository.commit, repository.branch):
            raise Error("RevisionNotFound")
        if route["file"]:
            content = repository.files.get(unquote(route["file"]))
            if content is None:
                raise Error("EntryNotFound")
            return {"ETag": f'"{oid(content)}"', "X-Repo-Commit": repository.commit}, content
        return {"Content-Type": "application/json"}, json.dumps(
            self.describe(route, name, repository, url.query, body)
        ).encode()

    def describe(self, route, name, repository, query, body):
        if route["verb"] == "tree":
            folder = unquote(route["path"] or "")
            return tree(repository.files, folder, "recursive=true" in query.lower())
        if route["verb"] == "paths-info":
            paths = json.loads(body)["paths"] if body[:1] == b"{" else []
            return [entry(p, repository.files[p]) for p in paths if p in repository.files]
        siblings = [{"rfilename": path} for path in repository.files]
        return {"id": name, "sha": repository.commit, "siblings": siblings, "tags": []}

    def log_message(self, *args):
        pass


@contextmanager
def serve(repositories):
    """Serve repositories by (kind, name); yield the endpoint and the list of what is asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.repositories, server.asked, server.daemon_threads = repositories, [], True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
