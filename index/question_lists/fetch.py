"""Reads a page or file of the public web: public hosts only, within limits of size and time."""

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

SECONDS = 30.0
"""For everything, redirects included."""
LARGEST = 20 * 2**20
MOST_REDIRECTS = 5
_KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


class Refused(Exception):
    """An address that is not read; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address holds; `url` is the one that it led to."""

    raw: bytes
    ending: str
    url: str


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def fetch(url: str, allowed: Callable[[str], bool] = is_public) -> Fetched:
    """The content of an http(s) address; `allowed` says which IP addresses may be asked. Raises Refused."""
    import httpx

    until = time.monotonic() + SECONDS
    with httpx.Client(follow_redirects=False, trust_env=False, timeout=10.0) as client:
        for _ in range(MOST_REDIRECTS + 1):
            parts = urlsplit(url)
            try:
                ip = _address_of(url, allowed)
                target = httpx.URL(url).copy_with(host=ip)
                headers = {"Host": parts.netloc, "User-Agent": "Clusterlotse import", "Accept-Encoding": "identity"}
                named = {"sni_hostname": parts.hostname}
                with client.stream("GET", target, headers=headers, extensions=named) as answer:
                    if answer.is_redirect:
                        url = urljoin(url, answer.headers.get("location", ""))
                        continue
                    if not answer.is_success:
                        raise Refused(f"{url} answers with status {answer.status_code}")
                    raw = _limited(answer.iter_bytes(), url, until)
                    return Fetched(*_told(raw, answer.headers.get("content-type", ""), parts.path), url)
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                raise Refused(f"{url} cannot be read: {str(error) or type(error).__name__}") from error
    raise Refused(f"{url}: more than {MOST_REDIRECTS} redirects")


def _address_of(url: str, allowed: Callable[[str], bool]) -> str:
    """The IP address to ask, looked up once, so that it cannot become another one after the check."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"{url[:200]} is no web address (http:// or https://)")
    if parts.username or parts.password:
        raise Refused(f"{parts.hostname}: addresses with a user name are not read")
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Refused(f"{parts.hostname} is not known (no such host)") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(allowed(address) for address in addresses):
        raise Refused(f"{parts.hostname} is a private address; only public ones are read")
    return addresses[0]


def _limited(parts: Iterable[bytes], url: str, until: float) -> bytes:
    raw = bytearray()
    for part in parts:
        raw += part
        if len(raw) > LARGEST:
            raise Refused(f"{url} is larger than {LARGEST >> 20} MB")
        if time.monotonic() > until:
            raise Refused(f"{url} takes longer than {SECONDS:.0f} seconds")
    return bytes(raw)


def _told(raw: bytes, content_type: str, path: str) -> tuple[bytes, str]:
    """The content, in UTF-8 where its type names another encoding, and its ending."""
    kind = content_type.partition(";")[0].strip().lower()
    ending = _KINDS.get(kind) or PurePosixPath(path).suffix.lower()
    ending = ending if ending in (".csv", ".xlsx", ".xlsm", ".txt") else ".html"
    named = re.search(r"charset=[\"']?([\w-]+)", content_type, re.IGNORECASE)
    if named and ending in (".html", ".csv") and named.group(1).lower() not in ("utf-8", "utf8"):
        try:
            return raw.decode(named.group(1)).encode("utf-8-sig"), ending
        except (LookupError, UnicodeDecodeError):
            pass
    return raw, ending
