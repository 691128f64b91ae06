"""Vectors of whole texts by all-MiniLM-L6-v2 (Apache 2.0), where its weights are installed; the ordinary installation has none.

The extra ``vectors`` brings them in a package whose own code needs PyTorch. Nothing of it is imported: its weights are mapped
into memory and multiplied by numpy, so the package alone, without what it depends on, is enough. It learns and keeps nothing, and
is never needed: whoever asks gets None where there is none, and goes on without.

What is worked out: six layers of attention (https://arxiv.org/abs/1810.04805) and the mean of what comes out of the pieces
(https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2).
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import structlog

from newsletter.errors import SettingsError
from newsletter.text.model_weights import folder
from newsletter.text.vectors import split_into_pieces

log = structlog.get_logger(__name__)

WEIGHTS, PIECES = "model.safetensors", "vocab.txt"
# The published weights. With others, or damaged ones, no model was learned.
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Numbers of a vector, and of each head of attention (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/blob/main/config.json).
SIZE, HEAD = 384, 32
# So many pieces of a text are read. An abstract has some 230; all of them take twice as long, and topics are found no better.
MOST_PIECES = 128
_LONGEST_WORD = 100
Floats = npt.NDArray[np.float32]


class LanguageModel:
    """The weights in ``folder``, mapped into memory: processes of one machine share them. Safe to share between threads.

    Raises OSError, ValueError or KeyError for a folder that does not hold such weights.
    """

    def __init__(self, folder: Path) -> None:
        self._weights = _read(folder / WEIGHTS)
        pieces = (folder / PIECES).read_text(encoding="utf-8").split("\n")
        self._places = {piece: place for place, piece in enumerate(pieces)}
        self._first, self._last, self._unknown = (self._places[name] for name in ("[CLS]", "[SEP]", "[UNK]"))
        self._layers = sum(name.endswith("intermediate.dense.weight") for name in self._weights)
        self._pieces_of = lru_cache(maxsize=50_000)(self._split)

    def of(self, text: str) -> bytes:
        """The vector of ``text``, a signed byte a number; ``decoded`` makes it one of length 1."""
        places = self.places(text)
        words, order, kind = (
            self._weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
        )
        found = self._normed(words[places] + order[: len(places)] + kind[0], "embeddings")
        for number in range(self._layers):
            found = self._layer(found, f"encoder.layer.{number}")
        mean = found.mean(axis=0)
        kept: npt.NDArray[np.int8] = np.rint(mean * (127 / np.abs(mean).max())).astype(np.int8)
        return kept.tobytes()

    def places(self, text: str) -> list[int]:
        """The places of the text's pieces in the vocabulary, between the marks of its beginning and its end."""
        found = [place for word in _words(text) for place in self._pieces_of(word)]
        return [self._first, *found[: MOST_PIECES - 2], self._last]

    def _split(self, word: str) -> tuple[int, ...]:
        return split_into_pieces(word, self._places, longest=_LONGEST_WORD) or (self._unknown,)

    def _layer(self, found: Floats, name: str) -> Floats:
        """One layer: each piece looks at all others, then is worked on by itself."""
        pieces = len(found)
        query, key, value = (
            self._linear(found, f"{name}.attention.self.{part}").reshape(pieces, -1, HEAD).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        worth = query @ key.transpose(0, 2, 1) * np.float32(1 / math.sqrt(HEAD))
        worth = np.exp(worth - worth.max(axis=-1, keepdims=True))
        seen = (worth / worth.sum(axis=-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(pieces, -1)
        found = self._normed(found + self._linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output")
        inner = _gelu(self._linear(found, f"{name}.intermediate.dense"))
        return self._normed(found + self._linear(inner, f"{name}.output.dense"), f"{name}.output")

    def _linear(self, rows: Floats, name: str) -> Floats:
        return np.asarray(rows @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"], np.float32)

    def _normed(self, rows: Floats, name: str) -> Floats:
        centred = rows - rows.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        return np.asarray(centred / spread * self._weights[f"{name}.LayerNorm.weight"] + self._weights[f"{name}.LayerNorm.bias"])


def decoded(vector: bytes) -> Floats:
    """The vector that was kept, of length 1; zeros for none."""
    if not vector:
        return np.zeros(SIZE, np.float32)
    numbers = np.frombuffer(vector, np.int8).astype(np.float32)
    return np.asarray(numbers / max(float(np.linalg.norm(numbers)), 1e-9), np.float32)


def find() -> LanguageModel | None:
    """The model that is installed; None where none is. Raises SettingsError naming the file where its weights are damaged."""
    where = folder()
    if where is None:
        return None
    try:
        with (where / WEIGHTS).open("rb") as weights:
            if hashlib.file_digest(weights, "sha256").hexdigest() != SHA256:
                raise ValueError("it is not the file that was published")
        return LanguageModel(where)
    except (OSError, ValueError, KeyError) as exc:
        raise SettingsError(
            f"{where / WEIGHTS} cannot be used ({exc}), and papers are matched without it: install it anew"
        ) from exc


@lru_cache(maxsize=1)
def installed() -> LanguageModel | None:
    """The model, found once a process; None where none is installed, or where it is damaged, which is logged."""
    try:
        return find()
    except SettingsError as error:
        log.error("papers get no vectors", problem=str(error))
        return None


def _read(path: Path) -> dict[str, Floats]:
    """The arrays of a file of the form safetensors (https://huggingface.co/docs/safetensors/index#format)."""
    content = np.memmap(path, np.uint8, "r")
    begin = 8 + int.from_bytes(content[:8].tobytes(), "little")
    head = json.loads(content[8:begin].tobytes())
    return {
        name.removeprefix("bert."): content[begin + start : begin + end].view(np.float32).reshape(about["shape"])
        for name, about in head.items()
        if about.get("dtype") == "F32"
        for start, end in [about["data_offsets"]]
    }


def _gelu(rows: Floats) -> Floats:
    """By its usual approximation (https://arxiv.org/abs/1606.08415), whose vectors differ in the fourth digit."""
    inner = rows * rows
    inner *= np.float32(0.044715)
    inner += np.float32(1)
    inner *= rows
    inner *= np.float32(math.sqrt(2 / math.pi))
    np.tanh(inner, out=inner)
    inner += np.float32(1)
    inner *= rows
    inner *= np.float32(0.5)
    return inner


def _words(text: str) -> list[str]:
    """As the model's own tokenizer cuts: no accents, lower case, each sign of punctuation and each Chinese sign by itself."""
    plain = "".join(_cleaned(one) for one in unicodedata.normalize("NFD", text))
    return plain.lower().split()


@lru_cache(maxsize=5000)
def _cleaned(one: str) -> str:
    kind = unicodedata.category(one)
    if one.isspace():
        return " "
    if kind == "Mn" or kind in ("Cc", "Cf") or one == "\ufffd":
        return ""
    alone = kind.startswith("P") or (one.isascii() and not one.isalnum()) or "\u4e00" <= one <= "\u9fff"
    return f" {one} " if alone else one
