# SPDX-License-Identifier: Apache-2.0
"""Values that JSON carries as text: how each is written and read. The rows of ``protocol/values.md``."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import zoneinfo

_DURATION = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<days>[-+]?\d+)D)?"
    r"(?:T(?=[-+\d])(?:(?P<hours>[-+]?\d+)H)?(?:(?P<minutes>[-+]?\d+)M)?"
    r"(?:(?P<whole>[-+]?\d*)(?:[.,](?P<fraction>\d{1,9}))?S)?)?",
    re.IGNORECASE | re.ASCII,
)
_ZONE = re.compile(r"(?P<time>[^\[]+)\[(?P<zone>[A-Za-z0-9_+\-/]+)\]", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+", re.ASCII)


def write_timedelta(value: dt.timedelta) -> str:
    """``value`` as ``java.time.Duration.toString`` writes it: ``PT49H0.25S``, ``PT-1.5S``."""
    total = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
    if total == 0:
        return "PT0S"
    sign = "-" if total < 0 else ""
    seconds, micros = divmod(abs(total), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = "PT"
    if hours:
        text += f"{sign}{hours}H"
    if minutes:
        text += f"{sign}{minutes}M"
    if seconds or micros:
        fraction = f".{micros:06d}".rstrip("0") if micros else ""
        text += f"{sign}{seconds}{fraction}S"
    return text


def read_timedelta(text: str) -> dt.timedelta:
    """Reads an ISO-8601 duration of days, hours, minutes and seconds; nanoseconds are cut to microseconds."""
    match = _DURATION.fullmatch(text)
    if match is None or len(text) < 3 or text[-1] in "PTpt":
        raise ValueError("not an ISO-8601 duration")
    whole = match["whole"] or ""
    if match["whole"] is not None and not whole.strip("+-") and match["fraction"] is None:
        raise ValueError("not an ISO-8601 duration")
    micros = int((match["fraction"] or "0").ljust(6, "0")[:6])
    result = dt.timedelta(
        days=int(match["days"] or 0),
        hours=int(match["hours"] or 0),
        minutes=int(match["minutes"] or 0),
        seconds=int(whole) if whole.strip("+-") else 0,
        microseconds=-micros if whole.startswith("-") else micros,
    )
    return -result if match["sign"] == "-" else result


def read_datetime(text: str) -> dt.datetime:
    """Reads ISO-8601 with or without offset; ``…[Europe/Berlin]`` gives a ``ZoneInfo`` time zone."""
    if len(text) < 11:  # a bare date is a date
        raise ValueError("not a date and time")
    zone = _ZONE.fullmatch(text)
    if zone is None:
        return dt.datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    read = dt.datetime.fromisoformat(_FRACTION.sub(r"\1", zone["time"]))
    if zone["zone"] in ("Z", "UTC"):
        return read
    try:
        return read.astimezone(zoneinfo.ZoneInfo(zone["zone"])) if read.tzinfo else read
    except zoneinfo.ZoneInfoNotFoundError:
        return read  # the offset is there and says the same instant


def read_date(text: str) -> dt.date:
    """Reads ``2026-11-21``."""
    if len(text) != 10:
        raise ValueError("not a date")
    return dt.date.fromisoformat(text)


def read_time(text: str) -> dt.time:
    """Reads ``07:46``, ``07:46:06.25`` and the same with an offset."""
    return dt.time.fromisoformat(_FRACTION.sub(r"\1", text))


def write_bytes(value: bytes | bytearray | memoryview) -> str:
    """Standard Base64 with padding."""
    return base64.b64encode(value).decode("ascii")


def read_bytes(text: str) -> bytes:
    """Reads standard Base64 with padding, refusing anything else."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not Base64") from error
