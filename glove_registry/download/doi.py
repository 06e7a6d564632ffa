"""Files of data sets that have a DOI: the opener of ``doi:``.

doi.org says which repository has the data set, and the repository's API whether it has
the file: that of Zenodo, of Figshare, or of the Dataverse that it is in. All requests
are made over https:, and none with credentials. Of what the answers say, only numbers
and the Dataverse's host become part of a URL.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from ..errors import FetchError
from ..registry import Source
from ..registry.urls import has_dots, redact
from .remote import Remote

if TYPE_CHECKING:
    from .http import Policy, Web

_RESOLVER = "https://doi.org/api/handles"
_ZENODO = "https://zenodo.org"
_FIGSHARE = "https://api.figshare.com/v2/articles"
_FIGSHARE_FILES = "https://ndownloader.figshare.com/files"
_DATAVERSE = "https://{}/api"
# A data set has thousands of files at most.
_MAX_BYTES = 1 << 24


def locate(source: Source, policy: "Policy") -> Remote:
    """Find the file in the repository to which its DOI leads."""
    from .http import Web

    connect = partial(Web, explain_refusal=_explain)
    web = connect(policy)
    try:
        url = _Finder(web, policy).find(*_read_url(source.url))
    # Of an answer that has another form.
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        url = None
    finally:
        web.close()
    if url is None:
        raise FetchError(
            f"{redact(source.url)}: no such file was found on Zenodo, Figshare or a "
            "Dataverse: check the DOI and the name, or write the https: URL of the file"
        )
    return Remote(url, source.url, connect)


def _read_url(url: str) -> tuple[str, str]:
    """Return the DOI, and the name of the file."""
    path = unquote(urlsplit(url).path)
    # Only on Zenodo do names have slashes; elsewhere DOIs do.
    found = re.fullmatch(r"(10\.[\d.]+/zenodo\.\d+)/(.+)", path, re.IGNORECASE)
    found = found or re.fullmatch(r"(10\.[\d.]+/.+)/([^/]+)", path)
    if found is None or has_dots(path):
        raise FetchError(f"{redact(url)}: expected doi:DOI/FILE")
    return found[1], found[2]


class _Finder:
    """Questions to the services that know where a file is."""

    def __init__(self, web: "Web", policy: "Policy") -> None:
        self._web = web
        self._policy = policy

    def find(self, doi: str, name: str) -> str | None:
        """Return the URL of a file; None if there is none.

        An answer of another form than expected can raise most built-in exceptions.
        """
        # https://www.doi.org/the-identifier/resources/factsheets/doi-resolution-documentation
        values = self._ask(f"{_RESOLVER}/{quote(doi)}?type=URL")["values"]
        page = urlsplit(values[0]["data"]["value"])
        host = str(page.hostname)
        if host == "zenodo.org":
            return self._find_on_zenodo(page.path, name)
        if f".{host}".endswith(".figshare.com"):
            return self._find_on_figshare(doi, name)
        return self._find_in_dataverse(page.netloc.rpartition("@")[2], doi, name)

    def _find_on_zenodo(self, page: str, name: str) -> str | None:
        # https://developers.zenodo.org/#records
        number = int(re.split(r"[/.]", page.rstrip("/"))[-1])
        record = self._ask(f"{_ZENODO}/api/records/{number}")
        for file in record["files"]:
            if name in (file.get("key"), file.get("filename")):
                found = f"{_ZENODO}/records/{int(record['id'])}/files"
                return f"{found}/{quote(name)}?download=1"
        return None

    def _find_on_figshare(self, doi: str, name: str) -> str | None:
        # https://docs.figshare.com/#public_article
        [article] = self._ask(f"{_FIGSHARE}?doi={quote(doi, safe='')}")
        url = f"{_FIGSHARE}/{int(article['id'])}"
        if version := re.search(r"\.v(\d+)$", doi):
            url += f"/versions/{version[1]}"
        for file in self._ask(url)["files"]:
            if file["name"] == name:
                return f"{_FIGSHARE_FILES}/{int(file['id'])}"
        return None

    def _find_in_dataverse(self, host: str, doi: str, name: str) -> str | None:
        # https://guides.dataverse.org/en/latest/api/native-api.html
        api = _DATAVERSE.format(host)
        query = f"persistentId={quote(f'doi:{doi}', safe='')}"
        found = self._ask(f"{api}/datasets/:persistentId?{query}")
        for file in found["data"]["latestVersion"]["files"]:
            if file["dataFile"]["filename"] == name:
                return f"{api}/access/datafile/{int(file['dataFile']['id'])}"
        return None

    def _ask(self, url: str) -> Any:
        """Return the JSON that is the answer to a request."""
        from .http import Facts, Refused, retrying

        def read() -> bytes:
            content = bytearray()
            with self._web.ask(url, None, Facts()) as answer:
                for piece in answer.read():
                    content += piece
                    if len(content) > _MAX_BYTES:
                        raise Refused(
                            url, f"its answer has more than {_MAX_BYTES:,} bytes"
                        )
            return bytes(content)

        return json.loads(retrying(url, self._policy, read))


def _explain(status: int, _: Mapping[str, str]) -> str | None:
    if status in (401, 403):
        return "it is not public, and no credentials are sent to doi: URLs"
    return None
