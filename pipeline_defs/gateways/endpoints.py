"""The one place that decides where a provider is and which key goes there.

A provider whose key is set in the environment is the real one, at its address in the catalogue or
at the override. Otherwise the local provider server answers, where the embedded stack started one.
Nothing else in the code knows which of the two it talks to.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from pipeline_defs.domain.errors import Permanent
from pipeline_defs.gateways.catalog import Catalog, Model
from pipeline_defs.settings import Settings

LOCAL_PATHS: dict[str, str] = {
    "openai": "/openai/v1",
    "openrouter": "/openrouter/api/v1",
    "compatible": "/openai/v1",
    "perplexity": "/perplexity",
    "search": "/search",
    "elevenlabs": "/elevenlabs",
    "wordpress": "/wordpress",
    "twilio": "/twilio",
}
LOCAL_USER = "local"  # WordPress wants a user's name beside the password
LOCAL_TWILIO_ACCOUNT = "AC" + "10ca1" * 6 + "00"  # the account of the local telephone exchange
_KEY_LIKE = re.compile(r"\b(?:sk|pplx|pk|rk)[-_][\w*.-]{6,}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is asked. The key shows in no repr; `variable` is what sets it."""

    provider: str
    base_url: str
    variable: str
    key: SecretStr | None = None
    user: str = ""
    local: bool = False

    @property
    def label(self) -> str:
        """The provider as results and bills name it: local answers are never called real."""
        return f"local:{self.provider}" if self.local else self.provider

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine (then no proxy of the environment is used)."""
        return _host_kind(self.base_url) == "loopback"

    @property
    def bearer(self) -> dict[str, str]:
        """The authorization header, empty without a key."""
        if self.key is None:
            return {}
        return {"Authorization": f"Bearer {self.key.get_secret_value()}"}

    @property
    def api_key_header(self) -> dict[str, str]:
        """The key as ElevenLabs wants it, empty without a key."""
        return {} if self.key is None else {"xi-api-key": self.key.get_secret_value()}

    def redact(self, text: str) -> str:
        """`text` without the key, nor anything that looks like one."""
        if self.key is not None and self.key.get_secret_value():
            text = text.replace(self.key.get_secret_value(), "***")
        return _KEY_LIKE.sub("***", text)


def is_configured(provider: str, settings: Settings) -> bool:
    """Whether the environment names the real provider."""
    if provider == "compatible":
        return settings.compatible_base_url is not None
    if provider == "wordpress":
        return settings.wordpress_url is not None
    if provider == "twilio":
        return settings.twilio_account_sid is not None
    return _key(provider, settings) is not None


def resolve(provider: str, settings: Settings, catalog: Catalog) -> Endpoint:
    """Address and key of `provider`; `Permanent` NOT_CONFIGURED names the variable to set."""
    if is_configured(provider, settings):
        return _real(provider, settings, catalog)
    if settings.local_providers_url is not None:
        return Endpoint(
            provider=provider,
            base_url=settings.local_providers_url.rstrip("/") + LOCAL_PATHS[provider],
            variable="LOCAL_PROVIDERS_KEY",
            key=settings.local_providers_key,
            user=LOCAL_TWILIO_ACCOUNT if provider == "twilio" else LOCAL_USER,
            local=True,
        )
    raise _not_configured(provider, _first_variable(provider))


def serving(purpose: str, settings: Settings, catalog: Catalog) -> tuple[Model, ...]:
    """The models of a chain that can be asked: the configured ones, else those served locally.

    So a stack with one real key uses that provider and never mixes in local stand-ins.
    """
    chain = catalog.chain(purpose)
    real = tuple(model for model in chain if is_configured(model.provider, settings))
    if real:
        return real
    if settings.local_providers_url is not None:
        return chain
    raise _not_configured(purpose, _first_variable(chain[0].provider))


def _real(provider: str, settings: Settings, catalog: Catalog) -> Endpoint:
    entry = catalog.providers.get(provider)  # pyright: ignore[reportArgumentType, reportCallIssue]
    override: str | None = getattr(settings, f"{provider}_base_url", None)
    if provider == "wordpress":
        override = settings.wordpress_url
    base_url = override or (entry.base_url if entry else None)
    if base_url is None:
        raise _not_configured(provider, f"{provider.upper()}_BASE_URL")
    key = _key(provider, settings)
    variable = _variable(provider)
    if key is not None and not _may_carry_a_key(base_url):
        raise Permanent(
            "INSECURE_ADDRESS",
            f"the address of {provider} is neither https nor in a private network",
            advice=f"Use https in the address: the secret of {variable} would be readable.",
            user_action_required=True,
        )
    if provider == "wordpress" and (key is None or not settings.wordpress_user):
        missing = variable if key is None else "WORDPRESS_USER"
        raise _not_configured(provider, missing)
    if provider == "twilio" and key is None:
        raise _not_configured(provider, variable)
    users = {"wordpress": settings.wordpress_user, "twilio": settings.twilio_account_sid}
    user = users.get(provider) or ""
    return Endpoint(provider, base_url.rstrip("/"), variable, key=key, user=user)


def _key(provider: str, settings: Settings) -> SecretStr | None:
    return getattr(settings, _variable(provider).lower())


def _variable(provider: str) -> str:
    secrets = {"wordpress": "WORDPRESS_APP_PASSWORD", "twilio": "TWILIO_AUTH_TOKEN"}
    return secrets.get(provider) or f"{provider.upper()}_API_KEY"


def _first_variable(provider: str) -> str:
    """The variable whose presence makes a provider configured."""
    by_address = {
        "wordpress": "WORDPRESS_URL",
        "compatible": "COMPATIBLE_BASE_URL",
        "twilio": "TWILIO_ACCOUNT_SID",
    }
    return by_address.get(provider) or _variable(provider)


def _not_configured(what: str, variable: str) -> Permanent:
    return Permanent(
        "NOT_CONFIGURED",
        f"nothing is configured for {what}: {variable} is not set",
        advice=f"Set {variable}, or start the embedded stack with `pipeline up`.",
        user_action_required=True,
    )


def _may_carry_a_key(url: str) -> bool:
    return urlsplit(url).scheme == "https" or _host_kind(url) != "public"


def _host_kind(url: str) -> str:
    """loopback, private (an address or a bare name as in container networks) or public."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return "loopback"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "public" if "." in host else "private"
    if address.is_loopback:
        return "loopback"
    return "private" if address.is_private else "public"
