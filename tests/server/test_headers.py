"""The headers are one function without Django, for whoever answers."""

import subprocess
import sys

from isthmus.server.headers import security_headers


def test_headers_are_known_without_loading_django():
    code = "import sys; import isthmus.server.headers; sys.exit('django' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_answer_without_a_type_gets_the_headers_of_a_page():
    headers = security_headers("/lost/", content_type="", is_https=True)

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Permissions-Policy" in headers
    assert "Strict-Transport-Security" in headers
