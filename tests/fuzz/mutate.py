"""How valid input is made wrong: bytes, texts and JSON."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

_BYTES = (0, 1, 2, 4, 15, 31, 32, 63, 64, 127, 128, 191, 192, 254, 255)
_NUMBERS = (0, 1, 3, 4, 7, 8, 255, 256, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF)


def noise(rng: Random, most: int = 1500) -> bytes:
    """Bytes without any structure, mostly few."""
    return rng.randbytes(int(most ** rng.random()))


def broken(rng: Random, data: bytes, others: Sequence[bytes], *, most: int = 4) -> bytes:
    """The bytes after one to `most` mutations; `others` are spliced in now and then."""
    found = bytearray(data)
    for _ in range(rng.randrange(1, most + 1)):
        rng.choice(_MUTATIONS)(rng, found, others)
    return bytes(found)


def _flip(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.choice(_BYTES)


def _lie(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    """A 16-bit number that may be a length says something else."""
    if len(data) > 2:
        at = rng.randrange(len(data) - 1)
        true = int.from_bytes(data[at : at + 2], "big")
        told = rng.choice((*_NUMBERS, true + 1, true - 1, len(data), true * 2)) & 0xFFFF
        data[at : at + 2] = told.to_bytes(2, "big")


def _cut(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _drop(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    del data[at : at + rng.randrange(1, 9)]


def _repeat(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    piece = data[at : at + rng.randrange(1, 64)]
    if len(data) < 8000:
        data[at:at] = piece * rng.choice((1, 1, 2, 30))


def _insert(rng: Random, data: bytearray, _others: Sequence[bytes]) -> None:
    at = rng.randrange(len(data) + 1)
    data[at:at] = rng.choice((rng.randbytes(rng.randrange(1, 16)), bytes(4), b"\xff" * 4))


def _splice(rng: Random, data: bytearray, others: Sequence[bytes]) -> None:
    other = rng.choice(others) if others else b""
    data[rng.randrange(len(data) + 1) :] = other[rng.randrange(len(other) + 1) :]


_MUTATIONS: tuple[Callable[[Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip, _flip, _set, _set, _lie, _lie, _cut, _drop, _repeat, _insert, _splice,
)  # fmt: skip


# -- text -----------------------------------------------------------------------------------------

_ODD_TEXT = (
    "", " ", "\0", "\r", "\n", "\x0b", "\u2028", "\ufeff", "é", "e\u0301", "ﬀ", "ß", "İ", "٣", "²",
    "-1", "0", "99999999999999999999", "1e9", "%00", "../", "x" * 300, "\U0001f9d1\u200d\u2695",
)  # fmt: skip


def broken_lines(rng: Random, text: str, others: Sequence[str]) -> str:
    """A text of lines with some of them gone, doubled, swapped, borrowed or rewritten."""
    lines = text.splitlines()
    borrowed = rng.choice(others).splitlines() if others else lines
    for _ in range(rng.randrange(1, 5)):
        if not lines:
            break
        at = rng.randrange(len(lines))
        match rng.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines[at:at] = [lines[at]] * rng.choice((1, 2, 50))
            case 2:
                to = rng.randrange(len(lines))
                lines[at], lines[to] = lines[to], lines[at]
            case 3:
                lines.insert(at, rng.choice(borrowed))
            case 4:
                words = lines[at].split(" ")
                words[rng.randrange(len(words))] = rng.choice(_ODD_TEXT)
                lines[at] = " ".join(words)
            case 5:
                head, colon, _ = lines[at].partition(":")
                lines[at] = head + colon + rng.choice(_ODD_TEXT)
            case _:
                lines[at] = broken_text(rng, lines[at])
    return rng.choice(("\r\n", "\r\n", "\r\n", "\n", "\r")).join(lines) + "\r\n"


def broken_text(rng: Random, text: str) -> str:
    """A text with something odd in it, cut or repeated."""
    at = rng.randrange(len(text) + 1)
    match rng.randrange(4):
        case 0:
            return text[:at] + rng.choice(_ODD_TEXT) + text[at + rng.randrange(3) :]
        case 1:
            return text[:at]
        case 2:
            return text[:at] + text[at : at + 8] * rng.randrange(2, 20) + text[at:]
        case _:
            return text[:at] + chr(rng.choice((rng.randrange(1, 128), rng.randrange(1, 0xD800))))


# -- JSON -----------------------------------------------------------------------------------------

# Texts that stand in for JSON that Python's values can't be. Swapped in after the dump.
_RAW = {
    "@deep@": "[" * 120 + "]" * 120,
    "@deeper@": "[" * 3000 + "]" * 3000,
    "@deep-objects@": '{"a":' * 1500 + "1" + "}" * 1500,
    "@open@": "[" * 500,
    "@half@": '"\\ud83d"',
    "@halves@": '"\\udc00\\ud800x"',
    "@escape@": '"\\x41"',
    "@twice@": '{"id":1,"id":2,"op":"ping","op":"stats"}',
    "@huge-number@": "9" * 400,
    "@exponent@": "1e999",
    "@minus@": "-",
    "@infinite@": "-Infinity",
    "@nan@": "NaN",
}
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 0.5, -0.0, 1e308, [], {},
    "", "\0", "\ud800", "a\udfff", "x" * 5000, "\u202e", [[]], [None], {"": None}, {"\0": 1},
    {"_placeholder": True, "num": 0}, {"__proto__": {}}, *_RAW,
)  # fmt: skip


def broken_json(rng: Random, value: Any) -> Any:
    """A JSON value with one to three of its parts replaced, gone, added, renamed or wrapped."""
    for _ in range(rng.randrange(1, 4)):
        value = _change(rng, value, depth=0)
    return value


def _change(rng: Random, value: Any, depth: int) -> Any:
    deeper = rng.random() < 0.75 and depth < 6
    if isinstance(value, dict) and value and deeper:
        found = dict(value)
        key = rng.choice(list(found))
        match rng.randrange(6):
            case 0:
                del found[key]
            case 1:
                found[rng.choice(("x", "id", "type", "", "\0", "\ud800", key + " "))] = _odd(rng)
            case 2:
                other = rng.choice(list(found))
                found[other] = found.pop(key)
            case _:
                found[key] = _change(rng, found[key], depth + 1)
        return found
    if isinstance(value, list) and value and deeper:
        items = list(value)
        at = rng.randrange(len(items))
        match rng.randrange(4):
            case 0:
                del items[at]
            case 1:
                items *= rng.choice((2, 30))
            case _:
                items[at] = _change(rng, items[at], depth + 1)
        return items
    if isinstance(value, str) and deeper:
        return broken_text(rng, value)
    if isinstance(value, int) and not isinstance(value, bool) and deeper:
        return value + rng.choice((-1, 1, 2**16, 2**53, 2**64, 0.5))
    return rng.choice(([value], {"a": value}, str(value), _odd(rng), _odd(rng), _odd(rng)))


def _odd(rng: Random) -> Any:
    return rng.choice(_ODD)


def dump(rng: Random, value: Any) -> str:
    """JSON, or what somebody may take for it: NaN, lone surrogates, nesting without end."""
    spread = rng.random() < 0.05
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=1 if spread else None)
    if "@" in text:
        for mark, raw in _RAW.items():
            text = text.replace(f'"{mark}"', raw)
    return text


def encode(text: str) -> bytes:
    """The text's bytes, also of half a character."""
    return text.encode("utf-8", "surrogatepass")
