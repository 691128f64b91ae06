"""The whole language model, where it is installed: worked out as its paper says, and refused in a line where it is damaged."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from newsletter.errors import SettingsError
from newsletter.text.language_model import HEAD, PIECES, WEIGHTS, LanguageModel, decoded, find
from newsletter.text.model_weights import PACKAGE, VERSION, folder, install_command

WIDTH, INNER, LAYERS = 2 * HEAD, 48, 2
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "kite", "##s", "fly", "-", "$", "中", "cafe", "."]


def arrays() -> dict[str, np.ndarray]:
    dice = np.random.default_rng(7)
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": (512, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
        "embeddings.LayerNorm.bias": (WIDTH,),
    }
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        linear = {f"{name}.attention.self.{part}": (WIDTH, WIDTH) for part in ("query", "key", "value")}
        linear |= {f"{name}.attention.output.dense": (WIDTH, WIDTH), f"{name}.intermediate.dense": (INNER, WIDTH)}
        linear |= {f"{name}.output.dense": (WIDTH, INNER)}
        for one, shape in linear.items():
            shapes |= {f"{one}.weight": shape, f"{one}.bias": shape[:1]}
        for one in ("attention.output", "output"):
            shapes |= {f"{name}.{one}.LayerNorm.weight": (WIDTH,), f"{name}.{one}.LayerNorm.bias": (WIDTH,)}
    middle = {name: 1.0 if name.endswith("LayerNorm.weight") else 0.0 for name in shapes}
    return {name: dice.normal(middle[name], 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model, in the form in which the large one comes."""
    where = tmp_path_factory.mktemp("model")
    head: dict[str, object] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, values in arrays().items():
        offsets = [len(content), len(content) + values.nbytes]
        head[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": offsets}
        content += values.tobytes()
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    (where / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text + content)
    (where / PIECES).write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    return where


def by_the_book(places: list[int]) -> np.ndarray:
    """The same, a piece and a head at a time, as https://arxiv.org/abs/1810.04805 and https://arxiv.org/abs/1706.03762 say."""
    known = {name: one.astype(np.float64) for name, one in arrays().items()}

    def normed(row: np.ndarray, name: str) -> np.ndarray:
        spread = math.sqrt(row.var() + 1e-12)
        return (row - row.mean()) / spread * known[f"{name}.LayerNorm.weight"] + known[f"{name}.LayerNorm.bias"]

    def linear(row: np.ndarray, name: str) -> np.ndarray:
        return known[f"{name}.weight"] @ row + known[f"{name}.bias"]

    word, place, kind = (known[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type"))
    rows = [normed(word[piece] + place[at] + kind[0], "embeddings") for at, piece in enumerate(places)]
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        query, key, value = ([linear(row, f"{layer}.attention.self.{one}") for row in rows] for one in ("query", "key", "value"))
        seen = [np.zeros(WIDTH) for _ in rows]
        for at in range(len(rows)):
            for head in (slice(start, start + HEAD) for start in range(0, WIDTH, HEAD)):
                worth = [math.exp(query[at][head] @ one[head] / math.sqrt(HEAD)) for one in key]
                seen[at][head] = sum(part * one[head] for part, one in zip(worth, value, strict=True)) / sum(worth)
        rows = [
            normed(row + linear(one, f"{layer}.attention.output.dense"), f"{layer}.attention.output")
            for row, one in zip(rows, seen, strict=True)
        ]
        inner = [linear(row, f"{layer}.intermediate.dense") for row in rows]
        inner = [np.array([one * (1 + math.erf(one / math.sqrt(2))) / 2 for one in row]) for row in inner]
        rows = [
            normed(row + linear(one, f"{layer}.output.dense"), f"{layer}.output") for row, one in zip(rows, inner, strict=True)
        ]
    mean = np.mean(rows, axis=0)
    return mean / np.linalg.norm(mean)


def test_a_vector_is_what_the_papers_say(weights: Path) -> None:
    model = LanguageModel(weights)
    places = model.places("Kites fly. Café")
    kept = model.of("Kites fly. Café")
    assert len(kept) == WIDTH
    assert decoded(kept) @ by_the_book(places) > 0.9995
    assert decoded(kept) @ by_the_book(places[:3] + places[:3]) < 0.98


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Kites  KITE\tfly", ["kite", "##s", "kite", "fly"]),
        ("Café-café", ["cafe", "-", "cafe"]),
        ("$fly$ 中中", ["$", "fly", "$", "中", "中"]),
        ("kitesfly fl\u00ady\u200b zebra", ["[UNK]", "fly", "[UNK]"]),
        ("kite" + "s" * 100, ["[UNK]"]),
        ("", []),
    ],
)
def test_a_text_is_cut_as_the_models_own_tokenizer_cuts_it(weights: Path, text: str, pieces: list[str]) -> None:
    assert [VOCABULARY[place] for place in LanguageModel(weights).places(text)] == ["[CLS]", *pieces, "[SEP]"]


def test_a_long_text_is_read_to_its_limit(weights: Path) -> None:
    assert len(LanguageModel(weights).places("kite " * 400)) == 128


@pytest.mark.parametrize("fault", ["nothing", "no weights", "half", "another", "not even numbers"])
def test_damaged_weights_are_told_in_a_line_with_the_mend(
    tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    content = (weights / WEIGHTS).read_bytes()
    if fault == "nothing":
        if folder() is None:
            assert find() is None
        return
    model = tmp_path / PACKAGE / "model"
    model.mkdir(parents=True)
    # Its own code needs PyTorch: it must not even be imported.
    (model.parent / "__init__.py").write_text("raise ImportError('torch')")
    wrong = {"half": content[: len(content) // 2], "another": content, "not even numbers": b"version https://git-lfs"}
    if fault in wrong:
        (model / WEIGHTS).write_bytes(wrong[fault])
    with pytest.raises(SettingsError) as told:
        find()
    assert str(model / WEIGHTS) in str(told.value)
    assert "install it anew" in str(told.value)
    assert "\n" not in str(told.value)


def test_what_is_to_be_typed_names_a_tool_of_this_environment() -> None:
    tool, *words = install_command().split()
    assert (Path(tool).resolve().parent if tool != "uv" else Path(words[3]).absolute().parent) == Path(sys.executable).parent
    assert words[-1] == VERSION
