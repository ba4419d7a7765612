"""What stands between the connector and a self-hosted portal: certificates and proxies, with real sockets and real TLS."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import SHUT_RDWR, create_server, socket
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from emulator.app import App
from emulator.clock import PlayedClock
from emulator.server import PortalServer, serving
from emulator.store import sample_portal
from integration_tests.harness import Connector, errors
from integration_tests.test_run import catalog_of

TOKEN = "emu1ator0webh00k"
_NOW = datetime.datetime.now(datetime.UTC)
_DAY = datetime.timedelta(days=1)
_HERE = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def _pem_file(folder: Path, name: x509.GeneralName = _HERE, begins: int = -1, ends: int = 1) -> Path:
    """A key and its self-signed certificate. `begins`, `ends`: in days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    itself = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    builder = x509.CertificateBuilder().subject_name(itself).issuer_name(itself).public_key(key.public_key())
    builder = builder.not_valid_before(_NOW + begins * _DAY).not_valid_after(_NOW + ends * _DAY).serial_number(1)
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    formats = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "portal.pem"
    path.write_bytes(key.private_bytes(*formats) + certificate)
    return path


class _TlsServer(PortalServer):
    """The emulator behind TLS."""

    def __init__(self, app: App, pem_file: Path) -> None:
        super().__init__(app)
        app.origin = app.origin.replace("http://", "https://")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem_file)

    def get_request(self) -> tuple[socket, Any]:
        connection, address = super().get_request()
        return self.tls.wrap_socket(connection, server_side=True), address


@contextmanager
def _portal_behind_tls(folder: Path, pem_file: Path) -> Iterator[Connector]:
    app = App(sample_portal(PlayedClock(), deals=3))
    with serving(_TlsServer(app, pem_file)):
        yield Connector(app, folder, is_mounted=False)


@contextmanager
def _proxy_that_answers(status: str) -> Iterator[str]:
    """The address, with a password, of a proxy that answers every request alike."""

    def serve() -> None:
        with suppress(OSError):
            while True:
                with listening.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())

    with create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://me:pr0xyPassw0rd@127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(SHUT_RDWR)
        thread.join()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTPS_PROXY",
        "https_proxy",
        "NO_PROXY",
        "no_proxy",
        "ALL_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)


def _message(connector: Connector, command: str) -> str:
    """The message of a command that fails; of `read`, the error must be the user's to solve."""
    if command == "check":
        (status,) = [
            line["connectionStatus"] for line in connector.messages("check") if line["type"] == "CONNECTION_STATUS"
        ]
        return str(status.get("message", status["status"]))
    error = errors(connector.messages("read", catalog=catalog_of("deals")))[0]
    assert error["failure_type"] == "config_error"
    return str(error["message"])


@pytest.mark.parametrize("command", ["check", "read"])
@pytest.mark.parametrize(
    ("certificate", "is_trusted", "sentence", "reason"),
    [
        ({}, False, "The portal's certificate is not trusted here: set REQUESTS_CA_BUNDLE", "self-signed"),
        ({"name": x509.DNSName("other.test")}, True, "The portal's certificate is for another name", "127.0.0.1"),
        ({"begins": -3, "ends": -2}, True, "The portal's certificate has expired or is not valid yet", "has expired"),
        ({"begins": 2, "ends": 3}, True, "The portal's certificate has expired or is not valid yet", "not yet valid"),
    ],
    ids=["not trusted", "another name", "expired", "not valid yet"],
)
def test_a_certificate_that_is_not_accepted_is_said_at_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    certificate: dict[str, Any],
    is_trusted: bool,
    sentence: str,
    reason: str,
) -> None:
    pem_file = _pem_file(tmp_path, **certificate)
    if is_trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem_file))
    with _portal_behind_tls(tmp_path, pem_file) as connector:
        started = connector.app.portal.clock.monotonic()
        message = _message(connector, command)
        assert connector.app.portal.clock.monotonic() == started
    assert message.startswith(sentence)
    assert reason in message
    assert TOKEN not in message


def test_a_certificate_is_trusted_that_requests_ca_bundle_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem_file = _pem_file(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem_file))
    with _portal_behind_tls(tmp_path, pem_file) as connector:
        assert _message(connector, "check") == "SUCCEEDED"
        assert len(connector.read("deals")) > 3
        assert connector.exit_code == 0


@pytest.mark.parametrize("command", ["check", "read"])
@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_bundle_that_cannot_be_used_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, content: str | None
) -> None:
    bundle = tmp_path / "authority.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with _portal_behind_tls(tmp_path, _pem_file(tmp_path)) as connector:
        message = _message(connector, command)
    assert message.startswith(
        "The file that REQUESTS_CA_BUNDLE names cannot be used: give its path inside the container"
    )


@pytest.mark.parametrize("command", ["check", "read"])
@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden"])
def test_a_proxy_that_refuses_the_tunnel_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, status: str
) -> None:
    connector = Connector(App(sample_portal(PlayedClock(), deals=3)), tmp_path, is_mounted=False)
    with _proxy_that_answers(status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        started = connector.app.portal.clock.monotonic()
        message = _message(connector, command)
        assert connector.app.portal.clock.monotonic() == started
    assert message.startswith("The proxy on the way to the portal refuses: check the name and password in HTTPS_PROXY")
    assert f"the proxy answers {status[:3]}" in message
    assert "pr0xyPassw0rd" not in message


@pytest.mark.parametrize("proxy", ["http://", "socks5://127.0.0.1:1080"])
def test_a_proxy_that_cannot_be_one_is_said_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    connector = Connector(App(sample_portal(PlayedClock(), deals=3)), tmp_path, is_mounted=False)
    message = _message(connector, "read")
    assert message.startswith("The proxy on the way to the portal refuses")
    assert "HTTPS_PROXY is no address of an HTTP proxy" in message


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable"])
def test_a_proxy_that_does_not_reach_the_portal_is_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    connector = Connector(App(sample_portal(PlayedClock(), deals=3)), tmp_path, is_mounted=False)
    with _proxy_that_answers(status) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        message = _message(connector, "check")
    assert message.startswith("The portal cannot be reached")
    assert f"the proxy answers {status[:3]}" in message
    assert connector.app.portal.clock.monotonic() > 10
