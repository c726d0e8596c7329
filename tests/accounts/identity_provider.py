"""An identity provider of our own, on this machine: honest, until a test tells it how to lie."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import make_server

from core import clock
from tests.browser.live import Quiet

OURS = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})
STRANGERS = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig"})
CLIENT = RSAKey.generate_key(2048, {"kid": "kith", "use": "sig"})
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class IdentityProvider:
    """Issues codes, sees that they are redeemed properly, and signs what its `lie` makes of it."""

    def __init__(self) -> None:
        self.lie: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.asked: dict[str, dict[str, str]] = {}
        self.spent: set[str] = set()
        self.said_issuer = ""
        self.seconds = 0
        self._server = make_server("127.0.0.1", 0, self._app(), request_handler=Quiet)
        self.issuer = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def sign_in(self, subject: str, asked: dict[str, str]) -> dict[str, str]:
        """What the browser brings back when somebody has signed in here."""
        code = f"code-{len(self.asked)}"
        self.asked[code] = {**asked, "sub": subject}
        return {"code": code, "state": asked["state"]}

    def signed(self, claims: dict[str, Any], *, key: RSAKey = OURS, **header: Any) -> str:
        head = {"alg": "RS256", "kid": "ours", **header}
        return jwt.encode(head, claims, key, algorithms=["RS256", "PS256"])

    def unsigned(self, claims: dict[str, Any]) -> str:
        """As honest as can be, but for the signature: alg none."""
        _, body, _ = self.signed(claims).split(".")
        return f"{urlsafe_b64encode(json.dumps({'alg': 'none'}).encode()).decode()}.{body}."

    def with_key_inside(self, claims: dict[str, Any]) -> str:
        """Signed by a stranger, whose key comes along in the header (CVE-2026-27962)."""
        return self.signed(claims, key=STRANGERS, jwk=STRANGERS.as_dict(private=False))

    def logout_token(self, **claims: Any) -> str:
        now = int(clock.now().timestamp())
        said = {"iss": self.issuer, "aud": "kith", "iat": now, "exp": now + 120, "jti": "1"}
        return self.signed({**said, "events": {LOGOUT: {}}, **claims}, typ="logout+jwt")

    def _app(self) -> Flask:
        app = Flask("identity provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._configuration)
        app.add_url_rule("/keys", view_func=self._keys)
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        return app

    def _configuration(self) -> Any:
        return jsonify(
            issuer=self.said_issuer or self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
        )

    def _keys(self) -> Any:
        return jsonify(KeySet([OURS]).as_dict(private=False))

    def _token(self) -> Any:
        code, asked = request.form["code"], self.asked.get(request.form["code"], {})
        told = jwt.decode(request.form["client_assertion"], CLIENT, algorithms=["RS256"])
        is_right = (
            code not in self.spent
            and told.claims["iss"] == "kith"
            and _challenge(request.form["code_verifier"]) == asked.get("code_challenge")
        )
        if not is_right:
            return jsonify(error="invalid_grant"), 400
        self.spent.add(code)
        now = int(clock.now().timestamp()) + self.seconds
        claims = {
            "iss": self.issuer,
            "aud": "kith",
            "sub": asked["sub"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "sid": f"session of {asked['sub']}",
            "acr": "AAL3",
        }
        token = self.sign(self.lie(claims))
        return jsonify(id_token=token, access_token="a", token_type="Bearer", expires_in=60)


def _challenge(verifier: str) -> str:
    return str(create_s256_code_challenge(verifier))
