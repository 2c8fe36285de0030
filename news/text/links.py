"""Links: made absolute, canonical and comparable. Schemes other than http(s) are refused."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

LINK_LIMIT = 2000
"""Most characters of a link; a longer one is refused."""
_WRITTEN_LIMIT = 20_000
"""Most characters of a link as written, with entities and line breaks."""

_TRACKING = re.compile(
    r"(?:utm_.*|mtm_.*|pk_(?:campaign|kwd|source|medium)|hsa_.*|_hs(?:enc|mi)|vero_.*|oly_.*|"
    r"wt[._](?:mc|zmc).*|at_(?:campaign|medium|custom.*)|fb_(?:action_.*|source|ref)|"
    r"fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|"
    r"mc_cid|mc_eid|mkt_tok|ml_subscriber(?:_hash)?|cmpid|ncid|ito|xtor|spm|sc_cid|s_cid|s_kwcid|"
    r"_ga|_gl|_openstat|ref_src|ref_url|rss|feature=rss|__twitter_impression|guccounter|"
    r"guce_referrer(?:_sig)?|srsltid|cvid|smid|trk|wickedid|zanpid)",
    re.IGNORECASE,
)
_FROM_FEED = ("source=rss", "feature=rss", "ref=rss")
"""Beginnings of query parameters that only say that the reader came from a feed."""
# Host and path of a redirector → parameters that may hold the target.
_REDIRECTORS = {
    ("www.google.com", "/url"): ("url", "q"),
    ("google.com", "/url"): ("url", "q"),
    ("news.url.google.com", "/url"): ("url", "q"),
    ("www.bing.com", "/news/apiclick.aspx"): ("url",),
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("www.youtube.com", "/redirect"): ("q",),
    ("out.reddit.com", "/"): ("url",),
}
_REDIRECTING = frozenset(host for host, _ in _REDIRECTORS)
_PATH_SAFE = "/:@!$&'()*+,;=~-._%"
_QUERY_SAFE = _PATH_SAFE + "?"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[^\s/?#@\[\]\\<>\"'%|^`{}]+|\[[0-9A-Fa-f:.]+\]")
# Repeated or malformed schemes: `https://https://x`, `http:/x`, `https:\\/\\/x`.
_SCHEME = re.compile(
    r"(?:(?P<first>https?):[\\/]+)(?:(?P<then>https?):?[\\/]+)*(?=[^\\/])", re.IGNORECASE
)
_SAME_PAGE = re.compile(r"/(?:amp|index\.(?:html?|php))/?$")
_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\ud800-\udfff\u200b\ufeff]")
# Matches other schemes: `tag:`, `urn:`, `data:`, `javascript:`, `mailto:`.
_OTHER_SCHEME = re.compile(r"\s*(?![Hh][Tt][Tt][Pp][Ss]?:)[A-Za-z][A-Za-z0-9+.-]*:")
# Matches links that need no resolving, encoding or cleaning.
_PLAIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?!80/|443/)[1-9]\d{1,3}|:[1-5]\d{4})?/"
    r"[A-Za-z0-9/_~.-]*(\?[A-Za-z0-9_=&~.-]+)?"
)


def absolute(link: str, base: str = "") -> str | None:
    """Return `link` resolved against `base` and percent-encoded, or None if it is not http(s)."""
    if (
        len(link) <= LINK_LIMIT
        and _PLAIN.fullmatch(link)
        and "/." not in link
        and not link.startswith(("http://http", "https://http"))
    ):
        return link
    if _OTHER_SCHEME.match(link):
        return None
    text = _stripped(link, base)
    if not text or len(text) > LINK_LIMIT:
        return None
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    host = _host(parts.hostname or "")
    if scheme not in {"http", "https"} or not host:
        return None
    default = {"http": 80, "https": 443}[scheme]
    netloc = host if port in {None, default} else f"{host}:{port}"
    path = quote(_STRAY_PERCENT.sub("%25", parts.path), safe=_PATH_SAFE) or "/"
    query = quote(_STRAY_PERCENT.sub("%25", parts.query), safe=_QUERY_SAFE)
    fragment = quote(_STRAY_PERCENT.sub("%25", parts.fragment), safe=_QUERY_SAFE)
    whole = urlunsplit((scheme, netloc, path, query, fragment))
    return whole if len(whole) <= LINK_LIMIT else None


def canonical_link(link: str, base: str = "", *, fragment: bool = False) -> str | None:
    """Return the link that readers get: absolute, without tracking; None if it is not http(s).

    A fragment that is part of the address is kept (`#!/…` and `#/…`), and any with `fragment`.
    Redirectors that carry the target in a parameter (Google Alerts, Facebook) are replaced by the
    target.
    """
    whole = absolute(link, base)
    if whole is None or ("?" not in whole and "#" not in whole):
        return whole
    for _ in range(3):
        target = _seen_through(whole)
        if target is None:
            break
        whole = absolute(target)
        if whole is None:
            return None
    address, _, place = whole.partition("#")
    page, _, query = address.partition("?")
    kept = [
        piece
        for piece in query.split("&")
        if piece
        and not _TRACKING.fullmatch(unquote(piece.partition("=")[0]))
        and not piece.startswith(_FROM_FEED)
    ]
    if kept:
        page += "?" + "&".join(kept)
    return f"{page}#{place}" if place and (fragment or place.startswith(("!", "/"))) else page


def link_key(link: str) -> str:
    """Return what spellings of one address share: no scheme, `www.`, `/amp` or trailing slash."""
    if "?" not in link and _PLAIN.fullmatch(link):
        host, _, path = link.partition("://")[2].partition("/")
        path, query, fragment = f"/{path}", "", ""
    else:
        parts = urlsplit(link)
        host, path, fragment = parts.netloc, parts.path, parts.fragment
        pieces = parts.query.split("&")
        query = "&".join(sorted(piece for piece in pieces if piece not in {"", "amp=1", "amp"}))
    host = host.removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    path = _SAME_PAGE.sub("", path).rstrip("/")
    return f"{host}{path}?{query}#{fragment}" if query or fragment else host + path


def spellings(typed: str) -> tuple[str, ...]:
    """Return the links that a typed text may mean, the likeliest first.

    First comes the text as typed, then its canonical form, then forms with the other scheme, with
    or without `www.` and a trailing slash. The result is () if the text is not a link.
    """
    text = typed.strip()
    link = canonical_link(text if "://" in text else f"https://{text}")
    if link is None:
        return ()
    parts = urlsplit(link)
    bare = parts.netloc.removeprefix("www.")
    path = parts.path.rstrip("/")
    others = (
        urlunsplit((scheme, host, end, parts.query, parts.fragment))
        for host in (parts.netloc, bare, f"www.{bare}")
        for end in (parts.path, path or "/", f"{path}/")
        for scheme in (parts.scheme, "https", "http")
    )
    return tuple(dict.fromkeys((text, link, *others)))


def bare(link: str) -> str:
    """Return a link without its query, fragment and trailing slashes."""
    return link.split("#", 1)[0].split("?", 1)[0].rstrip("/")


def host_of(link: str) -> str:
    """Return the host and port of an absolute http(s) link; empty for other texts."""
    return link.split("/", 3)[2] if link.startswith(("http://", "https://")) else ""


def signs_in(address: str) -> bool:
    """Return whether an address contains a user name or password, which readers must not get."""
    try:
        return "@" in urlsplit(address.strip()).netloc
    except ValueError:
        return False


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses have the same host, or one host is a subdomain of the other."""
    first = (urlsplit(one).hostname or "").removeprefix("www.")
    second = (urlsplit(other).hostname or "").removeprefix("www.")
    return bool(first and second) and (
        first == second or first.endswith("." + second) or second.endswith("." + first)
    )


def names_a_host(text: str, base: str) -> bool:
    """Return whether a link without a scheme begins with a host: `www.…`, or the base's own."""
    host = text.split("/", 1)[0].lower()
    if "." not in host or host.startswith(".") or ":" in host:
        return False
    own = (urlsplit(base).hostname or "").removeprefix("www.") if "//" in base else ""
    return host.startswith("www.") or (bool(own) and host == own)


def _stripped(link: str, base: str) -> str:
    text = link.strip()
    if len(text) > _WRITTEN_LIMIT:
        return ""
    if "&amp;" in text or "&#" in text:
        text = html.unescape(text.replace("&amp;amp;", "&amp;"))
    # Like browsers, drop control characters: "java\nscript:" is javascript. Feeds break long links
    # over several indented lines.
    text = "".join(line.strip() for line in text.splitlines()).replace("\t", "")
    scheme = _SCHEME.match(text)
    if scheme is not None:
        rest = text[scheme.end() :].replace("\\/", "/").replace("\\", "/")
        text = f"{scheme['then'] or scheme['first']}://{rest}"
    elif names_a_host(text, base):
        text = f"https://{text}"
    return _CONTROL.sub("", text.replace(" ", "%20"))


def _host(name: str) -> str | None:
    host = name.rstrip(".").lower()
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        try:
            # IDNA maps other full stops to `.`, so strip it again.
            host = host.encode("idna").decode("ascii").rstrip(".")
        except UnicodeError:
            return None
    return host if _HOST.fullmatch(host) else None


def _seen_through(link: str) -> str | None:
    if host_of(link) not in _REDIRECTING:
        return None
    parts = urlsplit(link)
    names = _REDIRECTORS.get((parts.netloc, parts.path), ())
    if not names:
        return None
    found = dict(parse_qsl(parts.query))
    return next((found[name] for name in names if found.get(name, "").startswith("http")), None)
