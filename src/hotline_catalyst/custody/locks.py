"""Passphrases and keys: what is strong enough, and how bytes are locked and opened with them (age, through pyrage)."""

from __future__ import annotations

import unicodedata
from typing import Any

from ..errors import CatalystError, ContentError

# Twelve letters of at least six kinds: age makes each guess cost a second, which short phrases do not survive.
LEAST_LETTERS, LEAST_KINDS = 12, 6
HOW_TO_CHOOSE = (
    "Take five or six words that have nothing to do with each other or with the work, drawn by dice or from a book "
    "opened at random, and tell them to the other person by another way than the file."
)


def new_key() -> tuple[str, str]:
    """Return a new secret key and its public key: the first is kept by who opens packs, the second given away."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def weakness(passphrase: str) -> str | None:
    """Return what is wrong with a passphrase, or None when it is long enough and no single letter repeated.

    >>> weakness("summer2027")
    'The passphrase has 10 letters; it needs 12.'
    >>> weakness("lamp river seven coat moss") is None
    True
    """
    letters = unicodedata.normalize("NFC", passphrase).strip()
    if len(letters) < LEAST_LETTERS:
        return f"The passphrase has {len(letters)} letters; it needs {LEAST_LETTERS}."
    if len(set(letters)) < LEAST_KINDS:
        return f"The passphrase repeats {len(set(letters))} letters; it is too easy to guess."
    return None


class Lock:
    """Encrypts for a passphrase or for keys, and can open again what it encrypted."""

    def __init__(self, passphrase: str | None, keys: list[str]):
        from pyrage import RecipientError, x25519

        self._passphrase = _typed(passphrase) if passphrase else None
        # A key that lives only in this object lets the pack be checked without anybody's secret key.
        self._own = x25519.Identity.generate()
        self._keys: list[Any] = []
        problems = []
        for key in keys:
            try:
                self._keys.append(x25519.Recipient.from_str(key))
            except RecipientError:
                problems.append(f"'{key[:12]}…' is not a public key; it begins with age1 and has 62 characters")
        if problems:
            raise ContentError("the public keys", problems)

    def encrypt(self, plain: bytes) -> bytes:
        """Return the bytes locked."""
        import pyrage

        if self._passphrase:
            return bytes(pyrage.passphrase.encrypt(plain, self._passphrase))
        return bytes(pyrage.encrypt(plain, [*self._keys, self._own.to_public()]))

    def decrypt(self, content: bytes) -> bytes | None:
        """Return what was locked, or None when it cannot be opened."""
        import pyrage

        try:
            if self._passphrase:
                return bytes(pyrage.passphrase.decrypt(content, self._passphrase))
            return bytes(pyrage.decrypt(content, [self._own]))
        except pyrage.DecryptError:
            return None


def _typed(passphrase: str) -> str:
    """Return a passphrase in one form, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", passphrase).strip()


def opened(content: bytes, passphrase: str | None, identities: list[str], where: str) -> bytes:
    """Return what an age file holds, opened with a passphrase or with secret keys (or the text of key files).

    Raises
    ------
    CatalystError
        When neither or both are given, a key is none, or the file cannot be opened.
    """
    import pyrage
    from pyrage import x25519

    words = [line.strip() for text in identities for line in text.splitlines()]
    words = [word for word in words if word and not word.startswith("#")]
    if bool(passphrase) == bool(words):
        raise CatalystError("Give the passphrase or the secret key that opens it: one of the two.")
    try:
        if passphrase:
            return bytes(pyrage.passphrase.decrypt(content, _typed(passphrase)))
        return bytes(pyrage.decrypt(content, [x25519.Identity.from_str(word) for word in words]))
    except pyrage.IdentityError as error:
        raise CatalystError("That is not a secret key; it begins with AGE-SECRET-KEY-1.") from error
    except pyrage.DecryptError as error:
        raise CatalystError(
            f"{where} cannot be opened: the passphrase or key is another one, or the file was changed or cut off on "
            "the way. Nothing was written. Compare the file's SHA-256 with the sender's, then ask for it again."
        ) from error
