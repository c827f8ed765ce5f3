"""A time-stamp authority of our own: ``openssl ts`` behind HTTP on the loopback interface."""

from __future__ import annotations

import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = Test authority
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def make_authority(folder: Path) -> Path:
    """Root and stamping certificate; returns the root's PEM file."""
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    root = ["-x509", "-days", "30", "-config", "openssl.cnf", "-extensions", "root"]
    _openssl(folder, "req", *root, *key, "-keyout", "root.key", "-out", "root.pem")
    _openssl(folder, "req", "-new", "-config", "openssl.cnf", *key, "-keyout", "tsa.key", "-out", "tsa.csr")
    signing = ["-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "2", "-days", "30"]
    extensions = ["-extfile", "openssl.cnf", "-extensions", "stamper"]
    _openssl(folder, "x509", "-req", "-in", "tsa.csr", *signing, *extensions, "-out", "tsa.pem")
    return folder / "root.pem"


@contextmanager
def serve_authority(folder: Path) -> Iterator[str]:
    """The authority's address while the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            (folder / "query.tsq").write_bytes(query)
            signer = ["-signer", "tsa.pem", "-inkey", "tsa.key"]
            _openssl(folder, "ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query.tsq", *signer,
                     "-out", "reply.tsr")  # fmt: skip
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply.tsr").read_bytes())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607
