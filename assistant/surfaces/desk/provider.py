"""An OpenID Connect provider: authorisation code with PKCE, the identity token checked against the provider's keys."""

from typing import Any

import httpx
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

SECONDS = 10.0
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


class ProviderError(Exception):
    """The provider cannot be reached, or what it says does not hold."""


class IdentityProvider:
    """One provider, known by its issuer address. `transport` replaces the network in tests of the wire format."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._issuer, self._id, self._secret, self._transport = issuer.rstrip("/"), client_id, client_secret, transport

    async def address(self, state: str, nonce: str, verifier: str, return_to: str) -> str:
        """Where to send the browser. Raises ProviderError."""
        described = await self._described()
        if "authorization_endpoint" not in described:
            raise ProviderError("the provider's description names no authorization_endpoint")
        async with self._client(return_to) as client:
            to, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
            return str(to)

    async def names(self, code: str, nonce: str, verifier: str, return_to: str) -> list[str]:
        """The names that the provider vouches for: preferred_username, then a verified e-mail address. Raises
        ProviderError."""
        described = await self._described()
        try:
            async with self._client(return_to) as client:
                token: dict[str, Any] = await client.fetch_token(
                    described["token_endpoint"], code=code, code_verifier=verifier, grant_type="authorization_code"
                )
            async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport) as client:
                keys = (await client.get(described["jwks_uri"])).json()
            identity = jwt.decode(str(token["id_token"]), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": str(described["issuer"])},
                aud={"essential": True, "value": self._id},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(identity.claims)
        except (OAuthError, JoseError, httpx.HTTPError, KeyError, ValueError) as error:
            raise ProviderError(f"{type(error).__name__}: {error}") from error
        claims = identity.claims
        return [
            str(name)
            for name in (
                claims.get("preferred_username"),
                claims.get("email") if claims.get("email_verified") is True else None,
            )
            if name
        ]

    async def _described(self) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=SECONDS, transport=self._transport) as client:
                response = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                response.raise_for_status()
                described: dict[str, Any] = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderError(f"{self._issuer}: {type(error).__name__}") from error
        if str(described.get("issuer", "")).rstrip("/") != self._issuer:
            raise ProviderError(f"{self._issuer} calls itself {described.get('issuer')!r}")
        return described

    def _client(self, return_to: str) -> Any:
        return AsyncOAuth2Client(
            self._id,
            self._secret or None,
            redirect_uri=return_to,
            scope="openid profile email",
            code_challenge_method="S256",
            timeout=SECONDS,
            transport=self._transport,
        )
