"""The address of an inbound webhook, which is also the secret."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

# soft hyphen, zero-width characters, marks of direction, variation selectors, the BOM, line breaks; as a part of a class
_INVISIBLE = (
    r"\x00-\x1f\x7f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
)
_PASTED_INSIDE = re.compile(f"[{_INVISIBLE}]")
_PASTED_AROUND = re.compile(r"^[^A-Za-z0-9]+|[^A-Za-z0-9/]+$")
_ENDINGS = ("", "/", ".json", ".json/")  # of a method (P7.8)
_DEFAULT_PORTS = {"https": 443, "http": 80}
_PATH = re.compile(r"/rest/(?P<user>[1-9][0-9]*)/(?P<token>[A-Za-z0-9]+)(?:/.*)?", re.IGNORECASE)
_USUAL_PORTS = {"https": 443, "http": 80}
_IPV6 = 6


class NotAWebhook(ValueError):
    """The text is no address of an inbound webhook; the message says what is wrong, without quoting it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """`https://HOST/rest/USER/TOKEN/`: the portal, the user, and the secret token. Its repr shows no token."""

    origin: str
    user: int
    token: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Webhook":
        """Parse an address as people paste it: with a method behind it, capitals in the host (P7.8), spaces, quotes or
        brackets around it, and characters that nobody sees anywhere in it.

        Raises NotAWebhook, also for plain http to anything but this machine and for an address with a user name in it.
        """
        try:
            url = urlsplit(_PASTED_AROUND.sub("", _PASTED_INSIDE.sub("", text)))
            host, port = url.hostname, url.port
        except ValueError:
            raise NotAWebhook("it is no web address") from None
        if host and re.search(r"\s", host):
            raise NotAWebhook("there is a space in the portal's name")
        if url.scheme.lower() not in ("https", "http") or not host:
            raise NotAWebhook("it does not start with https:// and the portal's name")
        if url.username is not None or url.password is not None:
            raise NotAWebhook("it contains a user name or password")
        if url.scheme.lower() == "http" and not _is_this_machine(host):
            raise NotAWebhook("it starts with http:// and would send the token unprotected; use https://")
        match = _PATH.fullmatch(url.path)
        if not match:
            raise NotAWebhook("after the portal's name it must continue with /rest/, the user's number and the token")
        return cls(_origin(url.scheme.lower(), host, port), int(match["user"]), match["token"])

    @property
    def portal(self) -> str:
        """The host as all spellings of the address have it in common; see portal_at."""
        return portal_at(self.origin)

    @property
    def host(self) -> str:
        """The portal's name, safe to show."""
        return self.origin.partition("://")[2]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed, longest first."""
        return (f"{self.user}/{self.token}", self.token)

    @property
    def base(self) -> str:
        """The address under which methods are called, with its last slash. It holds the token."""
        return f"{self.origin}/rest/{self.user}/{self.token}/"

    def moved_to(self, location: str, method: str, ending: str = "") -> tuple["Webhook", str]:
        """Return the webhook, and the ending of the method, where a redirect of `base + method + ending` points (P7.12).

        A server behind a proxy that speaks https for it can redirect to plain http. Where that only changes the ending,
        https is kept. Raises NotAWebhook if the redirect leads to something other than this very webhook.
        """
        try:
            url = urlsplit(urljoin(self.base + method + ending, location))
            is_same_host = url.hostname == urlsplit(self.origin).hostname
        except ValueError:
            raise NotAWebhook("the redirect leads to no web address") from None
        there = next((one for one in _ENDINGS if url.path.lower().endswith(f"/{method}{one}".lower())), None)
        loses_https = url.scheme == "http" and self.origin.startswith("https://")
        keeps_https = loses_https and is_same_host and there not in (None, ending)
        webhook = Webhook.parse(self.origin + url.path if keeps_https else url.geturl())
        if (webhook.user, webhook.token) != (self.user, self.token):
            raise NotAWebhook("the redirect leads to another webhook")
        return replace(self, origin=webhook.origin), there or ""


def _origin(scheme: str, host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + (f":{port}" if port and port != _DEFAULT_PORTS[scheme] else "")


def portal_at(address: str) -> str:
    """Return the host at a web address, with a port that is not the usual one: the same for all spellings of it.

    Letters are lowercase, punycode is decoded. Raises ValueError.
    """
    url = urlsplit(address)
    host, port = url.hostname or "", url.port
    try:
        ip = ip_address(host)
        name = f"[{ip.compressed}]" if ip.version == _IPV6 else ip.compressed
    except ValueError:
        plain = unicodedata.normalize("NFKC", host).replace("\u3002", ".").rstrip(".")
        name = ".".join(map(_decoded, plain.lower().split(".")))
    return name if port in (None, _USUAL_PORTS.get(url.scheme)) else f"{name}:{port}"


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
