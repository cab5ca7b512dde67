"""What lies in deploy/, run: nginx with TLS before the site, and Varnish that is told what changed."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests import database
from tests.served import Institute, Serving, until, with_slack

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX, VARNISH = shutil.which("nginx"), shutil.which("varnishd")
# A release is seen within a second on a rested machine, and within ten on any.
_SEEN_WITHIN_S = 10
_RELEASE = """
from isthmus.publications import actions
from isthmus.publications.models import Publication
piece = Publication(title=sys.argv[1], body=[("text", "<p>Quillon.</p>")])
actions.save_draft(piece)
actions.release(piece)
print(piece.path, flush=True)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(database.POSTGRES_URL), reason="the proxies before it are the same on SQLite"),
]


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def made(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Institute:
    return Institute.new(tmp_path_factory.mktemp("deployed") / "institute")


@pytest.fixture
def institute(made: Institute, tmp_path: Path) -> Callable[..., Institute]:
    return lambda **options: made.copied_to(tmp_path / "institute", **options)


@contextmanager
def started(command: list[str], *, port: int) -> Iterator[None]:
    """A server of others, until its port answers."""
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def answers() -> bool:
        assert running.poll() is None, running.stdout.read() if running.stdout else ""
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        until(answers, within_s=with_slack(20))
        yield
    finally:
        running.terminate()
        running.communicate(timeout=30)


class Behind:
    """What a browser gets from whatever stands before the site, over TLS or not."""

    def __init__(self, port: int, *, tls: Path | None = None) -> None:
        self._port, self._tls = port, tls

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body of one request."""
        link: http.client.HTTPConnection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        if self._tls:
            trusting = ssl.create_default_context(cafile=str(self._tls))
            link = http.client.HTTPSConnection("institute.example", self._port, timeout=60, context=trusting)
            link.sock = trusting.wrap_socket(
                socket.create_connection(("127.0.0.1", self._port), timeout=60), server_hostname="institute.example"
            )
        with closing(link):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            link.request(method, path, body or None, {"Host": "institute.example", **named})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()


def certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for institute.example that only these tests believe, and its key."""
    certificate, key = directory / "fullchain.pem", directory / "privkey.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=institute.example",
         "-addext", "subjectAltName=DNS:institute.example", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.fixture
def nginx(institute: Callable[..., Institute], tmp_path: Path) -> Iterator[tuple[Behind, Behind, Institute]]:
    """The site of deploy/nginx.conf: over TLS, in the clear, and the institute behind it."""
    if NGINX is None or shutil.which("openssl") is None:
        pytest.skip("needs nginx and openssl: apt install nginx openssl")
    own = institute(public_url="https://institute.example", trusted_proxies="127.0.0.1")
    (tmp_path / "tls").mkdir()
    chain, key = certificate(tmp_path / "tls")
    with own.served() as serving:
        clear, tls = free_port(), free_port()
        site = (DEPLOY / "nginx.conf").read_text()
        for written, here in [
            ("listen 80;", f"listen 127.0.0.1:{clear};"), ("listen [::]:80;", ""),
            ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"), ("listen [::]:443 ssl http2;", ""),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{serving.port};"),
            ("/etc/letsencrypt/live/institute.example/fullchain.pem", str(chain)),
            ("/etc/letsencrypt/live/institute.example/privkey.pem", str(key)),
        ]:  # fmt: skip
            assert written in site, written
            site = site.replace(written, here)
        whole = tmp_path / "whole.conf"
        places = "".join(
            f"{name}_temp_path {tmp_path / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole.write_text(
            f"pid {tmp_path}/nginx.pid; error_log {tmp_path}/error.log; daemon off; events {{}}\n"
            f"http {{ access_log off; {places}\n{site}\n}}\n"
        )
        with started([NGINX, "-c", str(whole), "-p", str(tmp_path)], port=tls):
            yield Behind(tls, tls=chain), Behind(clear), own


def test_nginx_serves_the_site_over_tls_and_nothing_that_is_not_the_sites(nginx: tuple[Behind, Behind, Institute]):
    site, clear, _ = nginx

    status, headers, page = site.ask("/")
    refused = {path: site.ask(path)[0] for path in ("/data/isthmus.db", "/media/", "/isthmus.toml", "/../isthmus.toml")}

    assert status == 200
    assert b"Total Index: 0 publications." in page
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert len(headers.get_all("Strict-Transport-Security") or []) == 1
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert site.ask("/", If_None_Match=headers["ETag"])[0] == 304
    assert set(refused.values()) <= {400, 404}
    assert clear.ask("/people/")[:1] == (301,)
    assert clear.ask("/people/")[1]["Location"] == "https://institute.example/people/"


def test_behind_nginx_nobody_says_who_he_is_but_nginx(nginx: tuple[Behind, Behind, Institute]):
    site, _, own = nginx
    _, headers, page = site.ask("/admin/login/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    cookies = "; ".join(said.split(";")[0] for said in headers.get_all("Set-Cookie") or [])
    form = b"username=dan@stranger.example&password=wrong&csrfmiddlewaretoken=" + token[1]

    status, _, _ = site.ask(
        "/admin/login/", "POST", form, Cookie=cookies, Origin="https://institute.example",
        Content_Type="application/x-www-form-urlencoded", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="http",
    )  # fmt: skip

    assert status == 200
    assert all("secure" in said.lower() for said in headers.get_all("Set-Cookie") or [])
    assert own.rows("SELECT network FROM isthmus_audit_entry WHERE what LIKE '%login%' AND network <> ''") == [
        ("127.0.0.1",)
    ]


@pytest.fixture
def varnish(institute: Callable[..., Institute], tmp_path: Path) -> Iterator[tuple[Behind, Institute, Serving]]:
    """Varnish with deploy/varnish.vcl, and the institute behind it, which tells it what changed."""
    if VARNISH is None:
        pytest.skip("needs Varnish: apt install varnish")
    port = free_port()
    own = institute(
        public_url="http://institute.example", trusted_proxies="127.0.0.1", cache_purge_url=f"http://127.0.0.1:{port}"
    )
    with own.served() as serving:
        vcl = tmp_path / "site.vcl"
        vcl.write_text((DEPLOY / "varnish.vcl").read_text().replace('.port = "8000"', f'.port = "{serving.port}"'))
        # No jail: as root it would become another user, who may not read this directory.
        command = [VARNISH, "-j", "none", "-F", "-n", str(tmp_path / "varnish"), "-a", f"127.0.0.1:{port}",
                   "-f", str(vcl), "-s", "malloc,32m"]  # fmt: skip
        with started(command, port=port):
            yield Behind(port), own, serving


def released(own: Institute, title: str) -> str:
    out, error = own.start(_RELEASE, title).communicate(timeout=120)
    assert out, error
    return out.strip()


def test_varnish_keeps_pages_and_is_told_what_changed(varnish: tuple[Behind, Institute, Serving]):
    site, own, _ = varnish
    released(own, "The First Letter")

    def is_kept() -> bool:
        return len(site.ask("/")[1]["X-Varnish"].split()) == 2

    until(lambda: b"The First Letter" in site.ask("/")[2], within_s=with_slack(_SEEN_WITHIN_S))
    until(is_kept, within_s=with_slack(_SEEN_WITHIN_S))
    path = released(own, "The Second Letter")

    def shows_it() -> bool:
        _, headers, page = site.ask("/")
        return (
            b"The Second Letter" in page and b"Total Index: 2 publications." in page and "Surrogate-Key" not in headers
        )

    until(shows_it, within_s=with_slack(_SEEN_WITHIN_S))
    assert site.ask(path)[0] == 200
    assert site.ask("/search/?q=letter")[1]["X-Varnish"].count(" ") == 0
    assert site.ask("/", "PURGE", Surrogate_Key='x" || obj.status == 200')[0] == 400


def test_varnish_goes_on_while_the_site_is_away(varnish: tuple[Behind, Institute, Serving]):
    site, own, serving = varnish
    path = released(own, "The First Letter")
    # Told twice after a start and after a release: what is kept from then on is kept for good.
    time.sleep(3)
    until(
        lambda: site.ask(path)[0] == 200 and len(site.ask(path)[1]["X-Varnish"].split()) == 2, within_s=with_slack(10)
    )

    serving.kill_all()

    assert b"The First Letter" in site.ask(path)[2]
