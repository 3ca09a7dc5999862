"""HTTP over a connection that is dropped when its browser keeps the station waiting: silent ones would use up all there are."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from screener.station.web.guard import UPLOADS

HEAD_S = 10.0
"""From the opening, or from the first byte of a further request, to the end of its head."""
FORM_S = 60.0
"""For the whole of a form."""
SILENCE_S = 30.0
"""Within an upload, which may last as long as it comes."""


class TimedProtocol(HttpToolsProtocol):
    """One connection. It is httptools that reads it, also because h11 lets a length pass beside chunks."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._wait(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for a head also after an empty line, which is the beginning of nothing."""
        super().data_received(data)
        if self._timer is None and self.cycle is not None and self.cycle.response_complete:
            self._wait(HEAD_S)

    def on_message_begin(self) -> None:
        """Begin to wait for the head of a further request; that of the first one is waited for already."""
        if self._timer is None:
            self._wait(HEAD_S)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to wait for the body."""
        super().on_headers_complete()
        self._wait(SILENCE_S if self._is_upload() else FORM_S)

    def on_body(self, body: bytes) -> None:
        """Wait anew within an upload."""
        super().on_body(body)
        if self._is_upload():
            self._wait(SILENCE_S)

    def on_message_complete(self) -> None:
        """Wait for nothing while it is answered."""
        self._stop()
        super().on_message_complete()

    def _is_upload(self) -> bool:
        return str(self.scope["path"]).startswith(UPLOADS)

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._timer = self.loop.call_later(seconds, self._drop, seconds)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _drop(self, seconds: float) -> None:
        if self.flow.read_paused:  # it is the station that takes its time
            self._wait(seconds)
        else:
            self.transport.abort()
