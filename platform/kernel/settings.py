"""One frozen Settings, read once from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from remelt.platform.kernel.codes import fits_gs1


class BadSetting(Exception):
    """A setting cannot be used; the message names it and says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. Each field is read from `REMELT_<FIELD>`.

    home: folder of database, files, log, keys and run state.
    database_url: empty for SQLite in `home`, else `postgresql+psycopg://...`.
    base_url: address that tags carry; fixed once the first label is printed.
    province: adcode of the province, two digits (52 is Guizhou); ids start at `province << 43`.
    host, port: where `remelt serve` listens.
    threads: blocking threads of the server.
    workers: server processes; one on SQLite.
    streams: live streams a process holds before it answers 503; unsaid, half its threads at most.
    gtin: GS1 class key, 14 digits, when the operator has a company prefix; else empty.
    gs1_prefix: GS1 company prefix, 4 to 12 digits, from which loads are numbered; else empty.
    secure_cookies: cookies only over HTTPS; off on loopback.
    proxies: reverse proxies in front whose X-Forwarded headers are believed; 0 believes none.
    broker_url: Redis of the Celery workers that solve cells of large days; empty for none.
    roads_engine, roads_url: osrm or valhalla, and the address of the operator's own engine; without
        an address distances are geodesic.
    roads_edition: which map the engine holds, such as 2026-11; named beside each distance.
    nominatim_url: the operator's Nominatim, asked for what the catalogue does not know; else none.
    retention_days: days after their last event that the law keeps a person's trade records.
    stripe_key, stripe_webhook_secrets: of the operator's Stripe account; without a key that rail is
        off. Two secrets with a comma between while one is changed.
    stripe_url: where its API is, for a twin; empty for the service itself.
    auction_from_kg: lots of less are sold at a fixed price, answered with board prices.
    decide_hours: how long a seller that decides by hand may take after the close.
    demo: mark every page and label as demonstration.
    """

    home: Path = Path(".remelt")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    province: int = 52
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 64
    workers: int = 1
    streams: int = 32
    gtin: str = ""
    gs1_prefix: str = ""
    secure_cookies: bool = False
    proxies: int = 0
    broker_url: str = ""
    roads_engine: str = "osrm"
    roads_url: str = ""
    roads_edition: str = ""
    nominatim_url: str = ""
    retention_days: int = 1_096
    stripe_key: str = ""
    stripe_webhook_secrets: str = ""
    stripe_url: str = ""
    auction_from_kg: int = 1_000
    decide_hours: int = 72
    demo: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `REMELT_*`; one that is set to nothing has its default.

        Raises `BadSetting` for an unknown name or a value that does not fit.
        """
        given = os.environ if environ is None else environ
        known = {f"REMELT_{field.name.upper()}": field for field in fields(cls)}
        outside = {"REMELT_SHARED", "REMELT_BROWSER"}
        unknown = sorted(
            n for n in given if n.startswith("REMELT_") and n not in known and n not in outside
        )
        if unknown:
            raise BadSetting(f"{unknown[0]} is no setting; see docs/settings.md")
        values = {
            field.name: _read(name, given[name], field.type)
            for name, field in known.items()
            if given.get(name)
        }
        made = cls(**values)  # type: ignore[arg-type]
        if "streams" not in values:
            made = replace(made, streams=min(made.streams, made.threads // 2))
        _check_gs1(made)
        _check_market(made)
        return made

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite:///{self.home / 'remelt.db'}"


def _check_gs1(made: Settings) -> None:
    if made.gtin and not (re.fullmatch(r"[0-9]{14}", made.gtin) and fits_gs1(made.gtin)):
        raise BadSetting("REMELT_GTIN is a key of 14 digits, and its last digit checks the others")
    if made.gs1_prefix and not re.fullmatch(r"[0-9]{4,12}", made.gs1_prefix):
        raise BadSetting("REMELT_GS1_PREFIX is 4 to 12 digits")


def _check_market(made: Settings) -> None:
    for name, least, most in (("auction_from_kg", 1, 10_000_000), ("decide_hours", 1, 720)):
        if not least <= getattr(made, name) <= most:
            raise BadSetting(f"REMELT_{name.upper()} is from {least} to {most}")


def _read(name: str, text: str, kind: object) -> object:
    if kind is bool:
        if text not in {"0", "1"}:
            raise BadSetting(f"{name} is 0 or 1, not {text!r}")
        return text == "1"
    if kind is int:
        if not text.isascii() or not text.isdigit():
            raise BadSetting(f"{name} is a whole number, not {text!r}")
        return int(text)
    return Path(text) if kind is Path else text
