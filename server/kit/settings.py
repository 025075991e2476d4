"""Settings, from environment variables ``VARDRUM_…``. The README's table is made from here."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.kit import database_url
from server.kit.database_url import DatabaseUrl

PREFIX = "VARDRUM_"
_ORIGIN = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?")
_REDIS_URL = re.compile(r"(rediss?|unix)://\S+")
_CONTROL = re.compile(r"tcp://(\[[0-9a-fA-F:.]+\]|[\w.-]+):(\d{1,5})")
# A token of so many characters can't be guessed by trying, if it is random.
_TOKEN_LENGTH = 32
# RFC 7065, section 3.1.
_TURN_URL = re.compile(r"turns?:(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?")


class Settings(BaseSettings):
    """What an operator can choose. Lists are separated by commas."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="ignore",
        frozen=True,
        # A setting may be a secret, also one that is written wrongly.
        hide_input_in_errors=True,
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="Port for HTTP and sockets")
    data: Path = Field(default=Path("data"), description="Folder for the database and certificates")
    database_url: SecretStr = Field(
        default=SecretStr(""),
        description="PostgreSQL instead of the embedded database: "
        "`postgresql://user:password@host/name`",
    )
    redis_url: SecretStr = Field(
        default=SecretStr(""),
        description="Redis, over which several servers on one PostgreSQL ring for each other: "
        "`rediss://:password@host:6379`",
    )
    demo: bool = Field(default=False, description="Show demo logins and seed an empty database")
    allow_public_demo: bool = Field(
        default=False, description="Let the demo listen on an address that the internet may reach"
    )
    tls_cert: Path | None = Field(
        default=None, description="Certificate chain (PEM); turns on HTTPS"
    )
    tls_key: Path | None = Field(default=None, description="Private key (PEM) of the certificate")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Networks of reverse proxies whose `X-Forwarded-*` headers are believed",
    )
    public_url: str = Field(
        default="",
        description="Address of patients and guests, for links that staff copy, as "
        "`https://vard.example.se` (empty: the one that staff are at)",
    )
    region_name: str = Field(default="Region Mälarö", description="Name of the region, as shown")
    api_contact: str = Field(
        default="", description="E-mail or web address for questions about the API, as published"
    )
    media_address: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses that media is announced on (empty: those of this machine); "
        "behind NAT the public one and the machine's own, as `203.0.113.7/10.0.0.5`",
    )
    media_port: int = Field(
        default=0, ge=0, le=65535, description="UDP port for media (0: any free one)"
    )
    media_workers: int = Field(
        default=1, ge=0, le=64,
        description="Processes that forward media, on a port each from that one on (0: one a core)",
    )  # fmt: skip
    media_tcp_port: int | None = Field(
        default=None, ge=0, le=65535,
        description="TCP port for media from networks without UDP (empty: none; 0: any free one)",
    )  # fmt: skip
    media_tcp_announced: int = Field(
        default=0, ge=0, le=65535,
        description="TCP port that browsers are told instead, of a proxy that passes it on",
    )  # fmt: skip
    media_nodes: bool = Field(
        default=False, description="Media is on other machines (`vardrum media`) and not on this"
    )
    media_control: str = Field(
        default="",
        description="Where `vardrum media` takes its servers, as `tcp://10.0.0.5:9470`",
    )
    media_token: SecretStr = Field(
        default=SecretStr(""),
        description="The secret that servers and media nodes share, 32 random characters or more",
    )
    turn_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="TURN servers for networks without UDP, as `turns:turn.example.se:443`",
    )
    turn_secret: SecretStr = Field(
        default=SecretStr(""),
        description="The secret shared with them (coturn's `static-auth-secret`)",
    )
    metrics_port: int = Field(
        default=9464, ge=-1, le=65535,
        description="Loopback port for `/metrics` (0: any free one; -1: off)",
    )  # fmt: skip
    patient_idle_minutes: int = Field(
        default=60, ge=1, description="A patient's session ends after so long without use"
    )
    patient_absolute_hours: int = Field(
        default=12, ge=1, description="A patient's session ends after so long in any case"
    )
    staff_idle_minutes: int = Field(
        default=480, ge=1, description="A staff session ends after so long without use"
    )
    staff_absolute_hours: int = Field(
        default=8, ge=1, description="A staff session ends after so long in any case"
    )
    login_free_attempts: int = Field(
        default=5,
        ge=1,
        description="Wrong passwords for one account from one address before it must wait",
    )
    login_longest_wait: int = Field(
        default=60, ge=1, description="Longest wait in seconds between two attempts"
    )
    login_threads: int = Field(
        default=0, ge=0, description="Threads for password hashing (0: as many as cores)"
    )
    relation_days: int = Field(
        default=30,
        ge=1,
        description="A care relation that nothing closed before ends after so many days",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="Form of the logs"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that is logged"
    )
    log_sample: int = Field(
        default=100, ge=0, description="One of so many requests that went well is logged (0: none)"
    )

    @field_validator("trusted_proxies", "media_address", "turn_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("media_tcp_port", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)
        return value

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str) -> str:
        if value and not _ORIGIN.fullmatch(value.removesuffix("/")):
            raise ValueError(f"{value!r} is no address of a site, as https://vard.example.se is")
        return value.removesuffix("/")

    @field_validator("turn_urls")
    @classmethod
    def _turn(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            if not _TURN_URL.fullmatch(url):
                raise ValueError(f"{url!r} is no TURN address, as turns:turn.example.se:443 is")
        return value

    @model_validator(mode="after")
    def _turn_whole(self) -> Self:
        if self.turn_urls and not self.turn_secret.get_secret_value():
            raise ValueError("VARDRUM_TURN_URLS needs VARDRUM_TURN_SECRET")
        return self

    @model_validator(mode="after")
    def _tcp_whole(self) -> Self:
        if self.media_tcp_announced and self.media_tcp_port is None:
            raise ValueError("VARDRUM_MEDIA_TCP_ANNOUNCED needs VARDRUM_MEDIA_TCP_PORT")
        return self

    @field_validator("media_control")
    @classmethod
    def _control(cls, value: str) -> str:
        if value and not _CONTROL.fullmatch(value):
            raise ValueError("not an address, as tcp://10.0.0.5:9470 is")
        return value

    @model_validator(mode="after")
    def _nodes_whole(self) -> Self:
        needed = self.media_nodes or self.media_control
        if needed and len(self.media_token.get_secret_value()) < _TOKEN_LENGTH:
            raise ValueError(f"VARDRUM_MEDIA_TOKEN must have {_TOKEN_LENGTH} characters or more")
        return self

    @property
    def control_place(self) -> tuple[str, int] | None:
        """Host and port where a media node takes its servers."""
        found = _CONTROL.fullmatch(self.media_control)
        return (found[1].strip("[]"), int(found[2])) if found else None

    @model_validator(mode="after")
    def _redis_whole(self) -> Self:
        url = self.redis_url.get_secret_value()
        if url and not _REDIS_URL.fullmatch(url):
            raise ValueError("VARDRUM_REDIS_URL is no address of Redis, as redis://host:6379 is")
        if url and not self.database_url.get_secret_value():
            raise ValueError(
                "VARDRUM_REDIS_URL needs VARDRUM_DATABASE_URL: on the embedded database there is "
                "one server, which has nobody to ring for"
            )
        return self

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            database_url.parse(value.get_secret_value())
        return value

    @property
    def postgres(self) -> DatabaseUrl | None:
        """The PostgreSQL database; None: the embedded one."""
        text = self.database_url.get_secret_value()
        return database_url.parse(text) if text else None

    @property
    def database_shown(self) -> str:
        """The database, for a person. Tells no password."""
        return self.postgres.shown if self.postgres else str(self.database_file)

    @property
    def database_file(self) -> Path:
        """The SQLite file."""
        return self.data / "vardrum.db"

    @property
    def tls(self) -> bool:
        """Whether this process speaks HTTPS itself."""
        return self.tls_cert is not None


def settings_table() -> str:
    """The settings as a Markdown table, for the README."""
    lines = ["| variable | default | what |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, bool):
            shown = "1" if default else "0"
        elif default is None or default == ():
            shown = ""
        elif isinstance(default, SecretStr):
            shown = default.get_secret_value()
        else:
            shown = str(default)
        code = f"`{shown}`" if shown else ""
        lines.append(f"| `{PREFIX}{name.upper()}` | {code} | {field.description} |")
    return "\n".join(lines) + "\n"
