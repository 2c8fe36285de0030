"""Links: made absolute, canonical and comparable; anything but http(s) is refused."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit, urlunsplit

LINK_LIMIT = 2000
"""Characters; a longer link is refused."""
_WRITTEN_LIMIT = 20_000
"""Characters of a link as it is written, entities and folds included; a longer one is not read."""

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
"""How parameters begin that say no more than that a feed was read."""
# Their value is a page; the other parameters are theirs alone.
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
# `https://https://x`, `http:/x`, `https:\\/\\/x`: what is meant is plain.
_SCHEME = re.compile(
    r"(?:(?P<first>https?):[\\/]+)(?:(?P<then>https?):?[\\/]+)*(?=[^\\/])", re.IGNORECASE
)
_SAME_PAGE = re.compile(r"/(?:amp|index\.(?:html?|php))/?$")
_CONTROL = re.compile("[\x00-\x20\x7f-\x9f\ud800-\udfff\u200b\ufeff]")
# Identifiers (`tag:`, `urn:`), pictures written out (`data:`), programs, mail.
_OTHER_SCHEME = re.compile(r"\s*(?![Hh][Tt][Tt][Pp][Ss]?:)[A-Za-z][A-Za-z0-9+.-]*:")
# Nothing in such a link is to be joined, encoded or left out.
_PLAIN = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(?!80/|443/)[1-9]\d{1,3}|:[1-5]\d{4})?/"
    r"[A-Za-z0-9/_~.-]*(\?[A-Za-z0-9_=&~.-]+)?"
)


def absolute(link: str, base: str = "") -> str | None:
    """`link` made absolute by `base` and safely encoded; None unless it is http or https."""
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
    """The link that readers get: absolute, without tracking parameters or fragment.

    A fragment stays where it is the address (`#!/…` and `#/…`). Redirectors that carry the
    page's address in a parameter (Google's alerts, Facebook's) are seen through.

    Args:
        link: As the source wrote it; relative links are resolved.
        base: The address it is relative to.
        fragment: Whether to keep its fragment, whatever it is.

    Returns:
        None for what is not http(s): `javascript:`, `data:`, `file:`, `mailto:`, nonsense.
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
    """What two spellings of one address share: without scheme, `www.`, `/amp`, last slash."""
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
    """The links that somebody who typed this may mean, the likeliest first.

    As it was typed; then canonical; then of the other scheme, with or without `www.` and the last
    slash.
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
    """A link without its query, fragment and last slashes."""
    return link.split("#", 1)[0].split("?", 1)[0].rstrip("/")


def host_of(link: str) -> str:
    """The host of an absolute link, with its port: whose connection it takes."""
    return link.split("/", 3)[2] if link.startswith(("http://", "https://")) else ""


def signs_in(address: str) -> bool:
    """Whether an address carries a name or a password: a link that readers get must not."""
    try:
        return "@" in urlsplit(address.strip()).netloc
    except ValueError:
        return False


def same_site(one: str, other: str) -> bool:
    """Whether two addresses belong to one site: equal hosts, or one beneath the other."""
    first = (urlsplit(one).hostname or "").removeprefix("www.")
    second = (urlsplit(other).hostname or "").removeprefix("www.")
    return bool(first and second) and (
        first == second or first.endswith("." + second) or second.endswith("." + first)
    )


def names_a_host(text: str, base: str) -> bool:
    """Whether a link without a scheme begins with a host: `www.x.com/a`, or the site's own."""
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
    # A browser drops control characters inside an address: "java\nscript:" is javascript.
    # So it does with line breaks; a feed's are followed by blanks that set the address in.
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
            # Some dots that end a name are others than ours until now.
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
