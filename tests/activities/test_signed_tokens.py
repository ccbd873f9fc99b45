"""Keys of tokens: a replaced key still reads its tokens, and no key is accepted for what another one signs."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from api.identity.tokens import AccessClaims, RefreshClaims, Tokens
from domain.people.accounts import TokenPurpose
from ops.embedded.secrets import new_key
from stores.quotes.links import quote_token
from stores.signed_tokens import ExpiredToken, InvalidToken, SignedTokens

NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)


def pem(key: Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public(key: str) -> str:
    return SignedTokens(key).public_keys


def test_a_key_is_replaced_and_nothing_ends() -> None:
    first, second, third = new_key(), new_key(), new_key()
    claims = RefreshClaims(uuid4(), uuid4(), uuid4())
    token = Tokens(first).issue_refresh(claims, LATER)

    assert Tokens(second, earlier_public_keys=public(first)).read_refresh(token) == claims
    both = Tokens(third, earlier_public_keys=public(second) + public(first))
    assert both.read_refresh(token) == claims
    assert both.read_refresh(Tokens(second).issue_refresh(claims, LATER)) == claims
    with pytest.raises(InvalidToken):
        Tokens(third, earlier_public_keys=public(second)).read_refresh(token)


def test_every_token_names_its_key_and_those_from_before_are_read() -> None:
    old, new = Ed25519PrivateKey.generate(), new_key()
    named = SignedTokens(new).sign("a", {"sub": "x"}, at=NOW, expires_at=LATER)
    assert jwt.get_unverified_header(named)["kid"]
    payload = {"iss": "casewright", "aud": "a", "sub": "x", "iat": NOW, "exp": LATER}
    nameless = jwt.encode(payload, old, algorithm="EdDSA")

    reading = SignedTokens(new, public(pem(old)))
    assert reading.read("a", nameless, ["sub"])["sub"] == "x"
    with pytest.raises(InvalidToken):
        SignedTokens(new).read("a", nameless, ["sub"])
    over = jwt.encode(payload | {"exp": NOW - timedelta(seconds=5)}, old, algorithm="EdDSA")
    with pytest.raises(ExpiredToken):
        reading.read("a", over, ["sub"])


def test_a_strangers_key_under_a_known_name_opens_nothing() -> None:
    ours, stranger = SignedTokens(new_key()), Ed25519PrivateKey.generate()
    kid = jwt.get_unverified_header(ours.sign("a", {}, at=NOW, expires_at=LATER))["kid"]
    for headers in ({"kid": kid}, {"kid": "unknown"}, {"kid": ""}, {}):
        forged = jwt.encode(
            {"iss": "casewright", "aud": "a", "exp": LATER}, stranger, algorithm="EdDSA", headers=headers
        )
        with pytest.raises(InvalidToken):
            ours.read("a", forged, [])


def test_who_signs_mail_signs_no_login() -> None:
    login_key, link_key = new_key(), new_key()
    api, worker = Tokens(login_key, link_private_key_pem=link_key), SignedTokens(link_key)
    ids = {"sub": str(uuid4()), "tid": str(uuid4()), "jti": str(uuid4()), "sid": str(uuid4())}

    mailed = worker.sign(TokenPurpose.RESET_PASSWORD, ids, at=NOW, expires_at=LATER)
    assert str(api.read_mailed(mailed, TokenPurpose.RESET_PASSWORD).token_id) == ids["jti"]
    quote_id = uuid4()
    assert api.read_quote(quote_token(worker, uuid4(), quote_id, sent_at=NOW, valid_until=LATER)).quote_id == quote_id
    for audience, read in (("access", api.read), ("refresh", api.read_refresh)):
        with pytest.raises(InvalidToken):
            read(worker.sign(audience, ids, at=NOW, expires_at=LATER))
    access, _ = api.issue(AccessClaims(uuid4(), uuid4(), uuid4()), within=LATER)
    assert api.read(access)


def test_links_that_are_out_there_stay_good_when_links_get_a_key_of_their_own() -> None:
    login_key, first, second = new_key(), new_key(), new_key()
    before = [SignedTokens(key) for key in (login_key, first)]
    now = Tokens(login_key, link_private_key_pem=second, earlier_link_public_keys=public(first))
    for signed in before:
        quote_id = uuid4()
        token = quote_token(signed, uuid4(), quote_id, sent_at=NOW, valid_until=LATER)
        assert now.read_quote(token).quote_id == quote_id


def test_what_is_no_key_is_said() -> None:
    other = generate_private_key(SECP256R1()).public_key()
    foreign = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for earlier in ("nonsense", new_key(), foreign):
        with pytest.raises(ValueError):
            SignedTokens(new_key(), earlier)
