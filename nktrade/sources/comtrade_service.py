"""Asking UN Comtrade: one call at a time, slowly, again where it failed, nothing asked twice.

What was looked up, in the official Python package comtradeapicall 1.3 and the R package comtradr
1.0: the addresses (``public/v1/preview/C/M/HS`` without a key, 500 rows a call;
``data/v1/get/C/M/HS`` with one), the key's header, the envelope of an answer (``count``, ``data``,
``error``), status 429 and 403 with ``Retry-After``. ``countOnly`` tells the true count only to
those with a key; without one it stops at 500 like the rows do, so there the row limit is the proof.
The rows a keyed call can give are 100,000 or 250,000 by subscription; the smaller is kept to. How
many calls a second are allowed is not written down; the pauses here are on the slow side.

This module was tried against a local server that behaves like that, never against the service.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from nktrade.errors import InputError, ServiceError
from nktrade.files.parsing import load_json
from nktrade.files.writing import replace_bytes
from nktrade.sources.comtrade import KEYED_ROWS, PREVIEW_ROWS
from nktrade.sources.comtrade_calls import frequency_of

ADDRESS = "https://comtradeapi.un.org"
#: Azure API Management, which the service runs on, also takes the key in the address; there it
#: would end up in logs.
KEY_HEADER = "Ocp-Apim-Subscription-Key"
KEY_VARIABLE, ADDRESS_VARIABLE = "COMTRADE_API_KEY", "COMTRADE_URL"
#: Seconds between two calls, without a key and with one.
PAUSES = (1.5, 1.0)
#: The longest that is waited when the service asks for patience: a spent daily quota is longer.
LONGEST_WAIT = 300
_TRIES, _TIMEOUT = 6, (15, 120)
#: Bytes of an answer, unpacked: twice what the most rows of a call take; and of a refusal.
LARGEST, _LARGEST_REFUSAL = 500_000_000, 65_536
#: Seconds in which a whole answer must have come, piece by piece.
LONGEST_ANSWER = 1800
_RESUME = "Run the same command again later: it goes on where it stopped."


class _Passing(Exception):
    """What went wrong may go right the next time."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Service:
    """The service, with a key or without.

    Parameters
    ----------
    key : str, optional
        A subscription key. It is sent as a header and kept nowhere.
    address : str
        Where the service is; https, or this machine.
    pause : float, optional
        Seconds between calls.
    tries : int
        How often a call is made before it is given up.
    timeout : (float, float)
        Seconds to wait for a connection, and for each piece of an answer.
    sleep, clock : callable
        `time.sleep` and `time.monotonic`; others in tests.

    Raises
    ------
    InputError
        For a key that cannot be one, or an address that would send it in the open.
    """

    def __init__(
        self,
        key: str | None = None,
        address: str = ADDRESS,
        *,
        pause: float | None = None,
        tries: int = _TRIES,
        timeout: tuple[float, float] = _TIMEOUT,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = (key or "").strip()
        if self._key and not re.fullmatch(r"[\w-]+", self._key, re.ASCII):
            raise InputError(f"{KEY_VARIABLE} is no key", expected="letters and digits alone")
        parts = urlsplit(address.rstrip("/"))
        # A name and password in the address are for the service alone, never for a message.
        self._auth = (unquote(parts.username or ""), unquote(parts.password or ""))
        place = parts.netloc.rpartition("@")[2]
        self.address = urlunsplit((parts.scheme, place, parts.path, parts.query, parts.fragment))
        near = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and near):
            raise InputError(
                "the service's address is not safe", expected="https://", got=self.address
            )
        self.keyed = bool(self._key)
        self.rows = KEYED_ROWS[0] if self.keyed else PREVIEW_ROWS
        self.pause = PAUSES[self.keyed] if pause is None else pause
        self._tries, self._timeout = tries, timeout
        self._sleep, self._clock = sleep, clock
        self._last: float | None = None

    @classmethod
    def from_environment(cls) -> Service:
        """Return the service as ``COMTRADE_API_KEY`` and ``COMTRADE_URL`` name it."""
        address = os.environ.get(ADDRESS_VARIABLE) or ADDRESS
        return cls(os.environ.get(KEY_VARIABLE), address)

    def url(self, query: str) -> str:
        """Return the whole address of a call."""
        path = "data/v1/get" if self.keyed else "public/v1/preview"
        return f"{self.address}/{path}/C/{frequency_of(query)}/HS?{query}"

    def ask(self, query: str, fault: Callable[[dict], str] = lambda answer: "") -> dict:
        """Make one call and return the answer.

        Parameters
        ----------
        query : str
            As `Call.query` gives it.
        fault : callable
            Says what is wrong with an answer, or "" for a good one. A bad one is asked for again.

        Raises
        ------
        ServiceError
            If the service refuses the call, or has not answered it well in several tries.
        """
        import tenacity

        tries = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._tries),
            retry=tenacity.retry_if_exception_type(_Passing),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return tries(self._try, query, fault)
        except _Passing as error:
            raise ServiceError(
                f"UN Comtrade did not answer well in {self._tries} tries",
                where=self._shown(query),
                got=str(error),
                hint=_RESUME,
            ) from None

    def _try(self, query: str, fault: Callable[[dict], str]) -> dict:
        import requests

        if self._last is not None:
            self._sleep(max(0.0, self._last + self.pause - self._clock()))
        headers = {"Accept": "application/json", "User-Agent": "nktrade"}
        if self._key:
            headers[KEY_HEADER] = self._key
        try:
            got = requests.get(
                self.url(query),
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                auth=self._auth if any(self._auth) else None,
                stream=True,
            )
            with got:
                good = got.status_code == 200
                body = self._read_body(query, got, LARGEST if good else _LARGEST_REFUSAL)
        except requests.RequestException as error:
            raise _Passing(f"no whole answer ({type(error).__name__})") from None
        finally:
            self._last = self._clock()
        if not good:
            text = body.decode("utf-8", "replace")
            self._refuse_status(query, got.status_code, got.headers.get("Retry-After"), text)
        answer = _read_answer(got.headers.get("Content-Type", ""), body)
        if answer.get("error"):
            self._refuse(query, self._hide(str(answer["error"])))
        reason = fault(answer)
        if reason:
            raise _Passing(reason)
        return answer

    def _read_body(self, query: str, got: Any, largest: int) -> bytes:
        """Read an answer as it comes, no more than an answer can be; of a refusal the start."""
        parts, size, began = [], 0, self._clock()
        for part in got.iter_content(1 << 16):
            parts.append(part)
            size += len(part)
            if self._clock() - began > LONGEST_ANSWER:
                raise _Passing(f"an answer that was not whole after {LONGEST_ANSWER // 60} minutes")
            if size > largest and got.status_code == 200:
                self._refuse(query, f"an answer of more than {largest / 1e6:,.0f} MB")
            if size > largest:
                break
        return b"".join(parts)

    def _refuse_status(self, query: str, status: int, after: str | None, text: str) -> None:
        wait = _seconds(after)
        told = f"status {status}: {self._hide(text)}" if text.strip() else f"status {status}"
        if wait is not None and wait > LONGEST_WAIT:
            self._refuse(query, f"{told} (to be asked again in {wait / 3600:.1f} hours)", _RESUME)
        if status in (408, 429) or status >= 500 or (status == 403 and wait is not None):
            raise _Passing(told, wait)
        self._refuse(query, told, f"Is {KEY_VARIABLE} right?" if status in (401, 403) else "")

    def _refuse(self, query: str, got: str, hint: str = "") -> None:
        raise ServiceError("UN Comtrade refused", where=self._shown(query), got=got, hint=hint)

    def _wait(self, state) -> float:
        """Wait as long as the service asks, or 2, 4, 8 … seconds."""
        asked = state.outcome.exception().wait
        return asked if asked is not None else min(2.0**state.attempt_number, 60.0)

    def _shown(self, query: str) -> str:
        url = self.url(query)
        return url if len(url) <= 240 else f"{url[:240]}…"

    def _hide(self, text: str) -> str:
        """Shorten what the service said, and take the key out should it have said that."""
        plain = " ".join(text.split())
        return (plain.replace(self._key, "(key)") if self._key else plain)[:200]


def _read_answer(kind: str, body: bytes) -> dict:
    if "json" not in kind.lower():
        raise _Passing(f"an answer of the type {kind or 'unsaid'!r}, not JSON")
    try:
        answer = load_json(body, "an answer", "UN Comtrade")
    except InputError as error:
        raise _Passing(f"an answer that is not whole JSON ({error.subject})") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("data", []), list):
        raise _Passing("an answer without the field 'data'")
    return answer


def _seconds(after: str | None) -> float | None:
    """Read ``Retry-After``: seconds, or a moment."""
    if after is None:
        return None
    if after.strip().isascii() and after.strip().isdecimal():
        return float(after)
    try:
        moment = email.utils.parsedate_to_datetime(after)
    except ValueError:
        return None
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


class Answers:
    """The answers so far, one file a call, so that nothing is asked twice.

    Parameters
    ----------
    folder : path
        Made with the first answer.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, query: str) -> dict | None:
        """Return the answer kept for a call, None if there is none or it is damaged."""
        try:
            kept = load_json(self._path(query).read_bytes(), "an answer", "the answers so far")
            return kept["answer"] if kept["asked"] == query else None
        except (OSError, InputError, KeyError, TypeError):
            return None

    def keep(self, query: str, answer: dict) -> None:
        """Write an answer, whole or not at all."""
        text = json.dumps({"asked": query, "answer": answer}, ensure_ascii=False)
        replace_bytes(self._path(query), text.encode(), parents=True)

    def _path(self, query: str) -> Path:
        return self.folder / "calls" / f"{hashlib.sha256(query.encode()).hexdigest()[:24]}.answer"
