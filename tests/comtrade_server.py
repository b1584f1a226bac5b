"""A local server that speaks UN Comtrade's documented service, and fails when told to."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from nktrade.codes.hs import codes_of

KEY = "0123456789abcdefSECRET"
ISOS = {156: "CHN", 408: "PRK", 410: "KOR", 0: "W00"}
#: An answer's row, field by field as the service gives it.
ROW = {
    "typeCode": "C", "freqCode": "M", "refPeriodId": 20200601, "refYear": 2020, "refMonth": 6,
    "period": "202006", "reporterCode": 156, "reporterISO": "CHN", "reporterDesc": "China",
    "flowCode": "X", "flowDesc": "Export", "partnerCode": 408, "partnerISO": "PRK",
    "partnerDesc": "Dem. People's Rep. of Korea", "partner2Code": 0, "partner2ISO": "W00",
    "partner2Desc": "World", "classificationCode": "H5", "classificationSearchCode": "HS",
    "isOriginalClassification": True, "cmdCode": "010121", "cmdDesc": "Goods", "aggrLevel": 6,
    "isLeaf": True, "customsCode": "C00", "customsDesc": "TOTAL CPC", "mosCode": "0", "motCode": 0,
    "motDesc": "TOTAL MOT", "qtyUnitCode": 8, "qtyUnitAbbr": "kg", "qty": 10.0,
    "isQtyEstimated": False, "altQtyUnitCode": -1, "altQtyUnitAbbr": "N/A", "altQty": None,
    "isAltQtyEstimated": False, "netWgt": 10.0, "isNetWgtEstimated": False, "grossWgt": None,
    "isGrossWgtEstimated": False, "cifvalue": None, "fobvalue": 100.0, "primaryValue": 100.0,
    "legacyEstimationFlag": 0, "isReported": True, "isAggregate": False,
}  # fmt: skip
#: What the service answers beside the total of a line when the breakdowns are not ruled out.
BREAKDOWNS = {"customsCode": "C01", "motCode": 2100, "partner2Code": 410}


def make_trade(months, lines=30, flows=("X", "M")):
    """Values by month, flow and six-digit code: `lines` of them, spread over the nomenclature."""
    trade = {}
    for number, month in enumerate(months):
        every = codes_of("HS2022" if month >= "2022" else "HS2017", 6)
        step = max(1, len(every) // lines)
        for way in flows:
            trade[month, way] = {
                code: 1000.0 + 10 * number + place + (0.5 if way == "M" else 0.25)
                for place, code in enumerate(every[::step][:lines])
            }
    return trade


class ComtradeServer(ThreadingHTTPServer):
    """Serves `trade`; `faults` are used up one a request, `asked` notes every request."""

    daemon_threads = True

    def __init__(self, trade, most=500):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.trade, self.most = trade, most
        self.faults, self.asked, self.last = [], [], None
        self.lost = 0.0  # value in every total that no line has

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def rows(self, said):
        """The rows that the parameters of a request ask for."""
        found = []
        for month in said["period"].split(","):
            for way in said["flowCode"].split(","):
                lines = self.trade.get((month, way), {})
                for reporter in said.get("reporterCode", "156,643").split(","):
                    rows = self._lines(said, month, way, lines)
                    found += [row | {"reporterCode": int(reporter)} for row in rows]
        return found

    def _lines(self, said, month, way, lines):
        wanted, sums = said["cmdCode"].split(","), {}
        for code, value in lines.items():
            for cut in (2, 4, 6):
                sums[code[:cut]] = sums.get(code[:cut], 0.0) + value
        if lines:
            sums["TOTAL"] = sum(lines.values()) + self.lost
        for code, value in sums.items():
            if code in wanted or (f"AG{len(code)}" in wanted and code != "TOTAL"):
                yield from self._row(said, month, way, code, value)

    def _row(self, said, month, way, code, value):
        row = ROW | {
            "period": month, "refYear": int(month[:4]), "refMonth": int(month[4:] or 52),
            "freqCode": "M" if month[4:] else "A",
            "refPeriodId": int(f"{month}01"), "flowCode": way, "cmdCode": code,
            "flowDesc": {"X": "Export", "M": "Import"}[way], "aggrLevel": len(code) % 5,
            "classificationCode": "H6" if month >= "2022" else "H5", "primaryValue": value,
            "cifvalue": value if way == "M" else None, "fobvalue": None if way == "M" else value,
        }  # fmt: skip
        if said.get("includeDesc") != "true":
            row = {name: None if name.endswith(("ISO", "Desc")) else v for name, v in row.items()}
        yield row
        for name, part in BREAKDOWNS.items():
            if name not in said:
                yield row | {name: part}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append({"path": parts.path, "headers": dict(self.headers), **said})
        fault = self.server.faults.pop(0) if self.server.faults else ""
        often = "M" if said.get("period", "")[4:] else "A"
        keyed = parts.path == f"/data/v1/get/C/{often}/HS"
        if keyed and self.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return self._send(401, {"statusCode": 401, "message": "Access denied"})
        if not keyed and parts.path != f"/public/v1/preview/C/{often}/HS":
            return self._send(404, b"<html>Resource not found</html>", kind="text/html")
        if len(self.path) > 4096:
            return self._send(414, b"Request URL Too Long", kind="text/plain")
        if len(said["period"].split(",")) > (12 if keyed else 1):
            return self._send(400, {"error": "too many periods"})
        most = self.server.most if not keyed else 100_000
        rows = self.server.rows(said)
        if said.get("countOnly") == "true":
            answer = {"elapsedTime": "0.1 secs", "count": len(rows), "data": [], "error": ""}
        else:
            rows = rows[: min(most, int(said.get("maxRecords", most)))]
            answer = {"elapsedTime": "0.1 secs", "count": len(rows), "data": rows, "error": ""}
        self._answer(answer, fault)

    def _answer(self, answer, fault):
        last = self.server.last
        if fault != "duplicate":
            self.server.last = answer
        echo = f"for key {self.headers.get('Ocp-Apim-Subscription-Key')}"
        match fault:
            case "429":
                self._send(429, {"statusCode": 429, "message": echo}, after="7")
            case "403 quota":
                self._send(403, {"statusCode": 403, "message": f"Out of quota {echo}"}, "40000")
            case "400":
                self._send(400, {"error": f"a wrong parameter {echo}"})
            case "500":
                self._send(500, b"<html>Server Error</html>", kind="text/html")
            case "truncated":
                body = json.dumps(answer).encode()
                self._send(200, body[: len(body) // 2], length=len(body))
            case "half":
                body = json.dumps(answer).encode()
                self._send(200, body[: len(body) // 2])
            case "html":
                self._send(200, b"<html>maintenance</html>", kind="text/html; charset=utf-8")
            case "slow":
                time.sleep(0.6)
                self._send(200, answer)
            case "duplicate":
                self._send(200, last)
            case "twice":
                self._send(200, answer | {"data": answer["data"] + answer["data"][:1],
                                          "count": answer["count"] + 1})  # fmt: skip
            case "short":
                self._send(200, answer | {"data": answer["data"][:-1]})
            case "silently short":
                rows = answer["data"][:-1]
                self._send(200, answer | {"data": rows, "count": len(rows)})
            case "deep":
                self._send(200, b'{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}")
            case "bomb":  # a megabyte that unpacks to a gigabyte
                self._send(200, self.server.bomb, packed=True)
            case "long refusal":
                self._send(400, b"no " * 1_000_000, kind="text/plain")
            case "redirect":
                self._send(302, b"", to="http://127.0.0.1:1/elsewhere")
            case _:
                self._send(200, answer)

    def _send(
        self,
        status,
        body,
        after=None,
        *,
        kind="application/json; charset=utf-8",
        length=None,
        to="",
        packed=False,
    ):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length or len(raw)))
            if packed:
                self.send_header("Content-Encoding", "gzip")
            if after:
                self.send_header("Retry-After", after)
            if to:
                self.send_header("Location", to)
            self.end_headers()
            self.wfile.write(raw)
            if length:
                self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@contextmanager
def serving(trade, most=500):
    """Run the server beside the test."""
    server = ComtradeServer(trade, most)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
