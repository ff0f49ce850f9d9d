"""`python -m eval calibrate`: who is fitted on, what is promised, and the others' rules."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.calibrate import SHIPPED, calibrate, divided
from eval.cases import Case, grouped, read_cases
from eval.fit import fit, fitted_on, followed
from eval.peer_rules import RULES
from eval.policies import chance, chances_of, right_of, row
from eval.queries import Label, read_queries
from graph.settings import settings
from nodes.rules.deciding.chances import LOGIT, SURE, chance_right, of_company
from nodes.rules.deciding.features import FEATURES, FOLLOWS, LACKS
from nodes.rules.deciding.policy_file import load_policy
from tests.eval.knowledge import Write
from tests.fakes.kefu import POLICY
from tests.fakes.turn import at, passage

RIGHT = {
    "refund": ("退款多久到账", "退款几天到账", "退款多久能到账户", "退款到账要多久"),
    "freight": ("退款时运费谁出", "运费由谁出", "退款的运费谁来出", "退款时谁出运费"),
    "invoice": ("电子发票怎么开", "怎么开电子发票", "发票怎么开", "电子发票在哪开"),
}
FOUND = dict.fromkeys(FEATURES, 0.5) | {FOLLOWS: 0.0, LACKS: 0.0}
WRONG = ("今天天气怎么样", "怎么安装灯泡", "你会唱歌吗", "地铁几点停运", "附近有什么好吃的")


def labelled(write: Write, *, split: str = "") -> Path:
    asked = [(text, "answerable", entry) for entry, texts in RIGHT.items() for text in texts]
    return write(*asked, *((text, "offdomain", "") for text in WRONG), split=split)


def parted(queries: Path) -> Path:
    """Put invoices into another split than the rest."""
    lines = [json.loads(line) for line in queries.read_text("utf-8").splitlines()]
    for line in lines:
        line["split"] = "test" if line["relevant_ids"] == ["invoice"] else "dev"
    queries.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return queries


def case(label: Label = "answerable", group: str = "a", split: str = "") -> Case:
    found = at(passages=[passage("三天。", id="a")])
    return Case(found, {}, {}, 0.0, 0.0, label, group, split, relevant=frozenset("a"))


async def test_the_policy_is_fitted_on_what_the_deployment_finds(
    kb: Path, write: Write, spark: str
) -> None:
    asked = read_queries(write((spark, "answerable", "freight")))

    (only,) = (await read_cases(kb, asked, settings())).cases

    assert [passage["id"] for passage in only.state["passages"]] == ["freight"]


def test_queries_that_share_an_entry_over_others_are_one_group() -> None:
    groups = grouped([["a"], ["a", "b"], ["c"], ["b", "d"], [], []])

    assert groups[0] == groups[1] == groups[3] != groups[2]
    assert len(set(groups)) == 4


@pytest.mark.parametrize("split", ["", "dev"])
def test_no_entry_is_in_both_parts(split: str) -> None:
    cases = [
        case(group=f"e{n % 40}", split="dev" if n % 3 else "test", label="answerable")
        for n in range(120)
    ]

    fitted, calibration = divided(cases, split)

    assert not {c.group for c in fitted} & {c.group for c in calibration}


@pytest.mark.parametrize("label", ["handoff", "ambiguous", "account_specific"])
def test_what_no_passage_should_settle_is_not_fitted_on(label: Label) -> None:
    cases = [case(label, group="#1", split="dev"), case(group="b", split="test")]

    fitted, calibration = divided(cases, "dev")

    assert (fitted, [c.group for c in calibration]) == ([], ["b"])


def test_the_fit_finds_what_tells_right_from_wrong() -> None:
    random = np.random.default_rng(1)
    rows = random.random((300, len(FEATURES)))
    right = rows[:, FEATURES.index("overlap")] > 0.5

    bias, weights = fit(rows, right, keep=("overlap", "margin"))

    named = dict(zip(FEATURES, weights, strict=True))
    chances = 1 / (1 + np.exp(-(rows @ weights + bias)))
    assert named["overlap"] > 5 * abs(named["margin"])
    assert named["dense"] == 0.0
    assert np.mean((chances > 0.5) == right) > 0.95


def test_writes_policy_report_and_picture(
    kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, told, plot = (tmp_path / name for name in ("policy.json", "told.json", "told.png"))
    arguments = ["--kb", str(kb), "--queries", str(labelled(write)), "--out", str(out)]

    code = main(["calibrate", *arguments, "--json", str(told), "--plot", str(plot)])

    result = json.loads(told.read_text("utf-8"))
    (crossed,) = result["report"]["cross_fitted"]
    assert code == 0
    assert load_policy(out).fitted_on["kb"] == "kb.jsonl"
    assert result["policy"] == json.loads(out.read_text("utf-8"))
    assert (result["report"]["needed"], crossed["n"]) == (45, 17)
    assert list(crossed["policies"]) == ["Kefu", *RULES, "one cosine"]
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert "these queries can't show 5% wrong with 90% confidence" in capsys.readouterr().out


def test_a_bound_that_can_be_shown_is_told_and_kept(
    kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries, out = parted(labelled(write)), tmp_path / "policy.json"
    places = ["--kb", str(kb), "--queries", str(queries), "--out", str(out), "--split", "dev"]

    code = main(["calibrate", *places, "--risk", "0.6", "--confidence", "0.5", "--strict"])

    policy = load_policy(out)
    bound = policy.fitted_on["bound"]
    assert code == 0
    assert isinstance(bound, dict)
    assert policy.answer_at == policy.clear_at == pytest.approx(bound["threshold"], abs=1e-4)
    assert "at most 60% of the answers are wrong, with 50% confidence" in capsys.readouterr().out


def test_what_is_less_than_sure_is_never_quoted_unread(
    kb: Path, write: Write, tmp_path: Path
) -> None:
    queries, out = parted(labelled(write)), tmp_path / "policy.json"
    places = ["--kb", str(kb), "--queries", str(queries), "--out", str(out), "--split", "dev"]

    code = main(["calibrate", *places, "--risk", "0.6", "--confidence", "0.5"])

    policy = load_policy(out)
    bound = policy.fitted_on["bound"]
    assert code == 0
    assert isinstance(bound, dict)
    assert bound["threshold"] < SURE <= policy.clear_at


def test_strict_without_a_bound_writes_nothing_and_says_what_it_takes(
    kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "policy.json"
    arguments = ["--kb", str(kb), "--queries", str(labelled(write)), "--out", str(out)]

    assert main(["calibrate", *arguments, "--strict"]) == 2

    assert "at least 45 answers, all right: label more" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("split", ["dev", "test"])
def test_without_queries_on_both_sides_of_the_split_it_exits_2(
    split: str, kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries, out = labelled(write, split="test"), tmp_path / "policy.json"
    arguments = ["--kb", str(kb), "--queries", str(queries), "--out", str(out), "--split", split]

    assert main(["calibrate", *arguments]) == 2

    assert f"split '{split}'" in capsys.readouterr().err
    assert not out.exists()


def test_without_matplotlib_the_picture_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    assert main(["calibrate", "--plot", str(tmp_path / "out.png")]) == 2

    assert "pip install -e '.[plots]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "far", "near"),
    [
        ("RAGFlow", "fallback", "answer"),
        ("WeKnora", "fallback", "answer"),
        ("QnABot", "answer", "answer"),
        ("Captain", "fallback", "answer"),
        ("Fin", "answer", "answer"),
    ],
)
def test_the_rules_of_others_tell_near_from_far(name: str, far: str, near: str) -> None:
    decides = RULES[name].decides

    assert decides(at(passages=[passage("三天。", words=0.05, dense=0.1)])) == far
    assert decides(at(passages=[passage("三天。", words=0.9, dense=0.95)])) == near


def test_the_rules_of_others_do_besides_what_they_publish() -> None:
    weak = [passage("三天。", id=name, product=name, words=0.1, dense=0.3) for name in ("锅", "壶")]
    unknown = [passage("抱歉，我不知道。", words=0.9, dense=0.9)]

    assert RULES["Captain"].decides(at(passages=weak)) == "clarify"
    assert RULES["Captain"].decides(at(passages=weak, clarify_count=1)) == "fallback"
    assert RULES["QnABot"].decides(at(passages=unknown)) == "fallback"
    assert RULES["Fin"].decides(at(passages=weak, signals=["angry"])) == "fallback"
    assert RULES["Fin"].decides(at(passages=weak, stalled_count=3)) == "fallback"
    assert RULES["Fin"].decides(at(passages=weak, route="handoff")) == "handoff"


def test_a_rule_is_judged_as_by_hand() -> None:
    wrong = replace(case("offdomain"), relevant=frozenset())
    cases = [case(), case(), wrong, case("handoff")]

    figures = row(cases, [True, False, True, False], np.array([0.9, 0.2, 0.5, 0.0]), 0.05)

    assert figures == {
        "coverage": 0.5,
        "wrong_among_answered": 0.5,
        "wrong_alone": 0.5,
        "wrongly_answered": 1.0,
        "false_refusal": 0.5,
        "coverage_at_risk": 0.25,
        "area": pytest.approx((0 + 0.5 + 0.3333) / 3, abs=1e-4),
    }


def test_kefu_is_right_where_a_relevant_entry_is_among_those_it_shows() -> None:
    behind = replace(case(), lag=0.05, relevant=frozenset("b"))
    policies = [POLICY._replace(words_lead_at=lead) for lead in (0.1, 0.01)]

    assert right_of([behind, behind], policies).tolist() == [True, False]


def test_the_lead_that_is_fitted_leaves_few_right_entries_behind() -> None:
    lags = [0.0] * 498 + [0.06, 0.3]
    cases = [replace(case(), lag=lag, words_lag=lag, found=FOUND, words=FOUND) for lag in lags]
    wrong = replace(case("offdomain"), lag=None, words_lag=None, found=FOUND, words=FOUND)

    assert 0.06 < fitted_on([*cases, wrong]).lead_at < 0.3


def test_every_company_counts_the_same() -> None:
    def cases(company: str, n: int, lag: float | None) -> list[Case]:
        made = replace(case(), found=FOUND, words=FOUND, lag=lag, words_lag=lag, company=company)
        return [made] * n

    large, small = cases("large", 90, 0.0), cases("small", 10, None)
    policy = fitted_on([*large, *small])

    assert chance_right(policy, FOUND, has_vector=True) == pytest.approx(0.5, abs=0.02)


def later(lag: float | None, **found: float) -> Case:
    label: Label = "answerable" if lag is not None else "indomain_no_answer"
    return replace(case(label), found=FOUND | found, lag=lag, is_later=True)


def test_what_a_hit_lacks_of_a_follow_up_speaks_against_it() -> None:
    alone = fitted_on([replace(case(), found=FOUND, words=FOUND, lag=lag) for lag in (0.0, None)])
    told = [later(0.0, follows=1.0)] * 9 + [later(None, follows=1.0, lacks=1.0)] * 9

    policy = followed(alone, told)

    right, wrong = (
        chance_right(policy, FOUND | {FOLLOWS: 1.0, LACKS: lacks}, has_vector=True)
        for lacks in (0.0, 1.0)
    )
    assert right >= policy.follow_at > wrong


def test_a_follow_up_is_told_by_what_its_own_words_find() -> None:
    alone = fitted_on([replace(case(), found=FOUND, words=FOUND, lag=lag) for lag in (0.0, None)])
    told = [later(0.0, follows=2.0 + n / 10) for n in range(9)] + [later(None, follows=-2.0)] * 9
    policy = followed(alone, told)
    right, wrong = (
        chance_right(policy, FOUND | {FOLLOWS: follows}, has_vector=True) for follows in (4.0, -4.0)
    )

    assert right > policy.follow_at > wrong
    assert chance_right(policy, FOUND, has_vector=True) == chance_right(
        alone, FOUND, has_vector=True
    )
    assert followed(alone, told[:9]) == alone  # nothing to tell apart


def embedded() -> Case:
    made = case()
    return replace(made, state={**made.state, "vector": [1.0]})


def test_each_company_has_its_own_chances_of_the_same_features() -> None:
    random = np.random.default_rng(2)

    def cases(company: str, edge: float) -> list[Case]:
        drawn = random.random(200)
        return [
            replace(
                embedded(),
                company=company,
                found=FOUND | {"dense": float(value), "agreement": 0.0, "answers": 0.0},
                words=FOUND,
                lag=0.0 if value + random.normal(0, 0.1) > edge else None,
            )
            for value in drawn
        ]

    easy, hard = cases("easy", 0.3), cases("hard", 0.7)

    policy = fitted_on([*easy, *hard])

    for company, own in (("easy", easy), ("hard", hard)):
        expected = np.mean([chance(each, policy) for each in own])
        joint = np.mean([chance(each, policy._replace(scales={})) for each in own])
        share = np.mean([each.lag is not None for each in own])
        assert abs(expected - share) < 0.03 < abs(joint - share), company


def test_a_company_that_is_not_fitted_on_has_the_chances_of_the_one_that_serves_it() -> None:
    policy = POLICY._replace(scales={"own": (-1.0, 1.0)}, bars={"own": 0.5})
    apart = replace(embedded(), company="later", found=FOUND)

    served = chance(replace(apart, served="own"), policy)

    assert served == chance(replace(apart, company="own"), policy) < chance(apart, policy)


@pytest.mark.parametrize("scale", [(0.0, 1.0), (-0.7, 0.5), (0.4, 2.0)])
@pytest.mark.parametrize("bias", [-2.0, 6.0])  # 6: beyond what a logit counts for, if it is scaled
@pytest.mark.parametrize("has_vector", [True, False])
def test_what_a_follow_up_leans_on_means_the_same_in_every_company(
    scale: tuple[float, float], bias: float, has_vector: bool
) -> None:
    policy = POLICY._replace(
        together_bias=bias,
        words_bias=bias,
        together_weights={"dense": 3.0},
        follow_bias=-1.0,
        follow_weights={LOGIT: 0.3, FOLLOWS: 0.4},
        scales={"own": scale},
    )
    found = FOUND | {FOLLOWS: 1.5}

    own = chance_right(of_company(policy, "own"), found, has_vector=has_vector)

    assert own == pytest.approx(chance_right(policy, found, has_vector=has_vector))


def test_words_alone_meet_a_companys_bar_at_its_chances_too() -> None:
    policy = POLICY._replace(scales={"own": (1.0, 2.0)}, bars={"own": 0.6})
    found = FOUND | {"overlap": 0.2}

    joint, own = (
        chance_right(each, found, has_vector=False) for each in (policy, of_company(policy, "own"))
    )

    assert np.log(own / (1 - own)) == pytest.approx(1 + 2 * np.log(joint / (1 - joint)))


def test_what_the_serving_company_answers_is_what_counts_in_a_bound() -> None:
    """Hits for several products are asked back about, unless the chance, its own, is high."""
    prices = {"甲机": "卖一千元整。", "乙机": "每台两百。", "丙机": "现在免费领取。"}
    several = [
        passage(price, id=name, product=name, question=f"{name}售价")
        for name, price in prices.items()
    ]
    state = at(said="多少钱", passages=several, vector=[1.0], outcome="found")
    sure, unsure = (
        POLICY._replace(weights={}, bias=0.0, lead_at=1.0, scales={"own": (shift, 1.0)})
        for shift in (4.0, -1.0)
    )
    turn = replace(case(), state=state, found=FOUND, company="own")

    assert chances_of([turn], sure).tolist() == [chance(turn, sure)]
    assert chances_of([turn], unsure).tolist() == [0.0]


async def test_conversations_change_no_other_weight_and_are_no_company(
    kb: Path, write: Write
) -> None:
    asked = labelled(write, split="dev").read_text("utf-8")
    (kb.parent / "first.jsonl").write_text(asked, "utf-8")
    rows = [
        {
            "qid": "l1",
            "earlier": ["电子发票怎么开？"],
            "query": "运费呢",
            "relevant_ids": ["freight"],
        },
        {"qid": "l2", "earlier": ["退款多久到账？"], "query": "多少钱", "relevant_ids": []},
    ]
    labels = ("answerable", "indomain_no_answer")
    lines = [{**row, "label": label} for row, label in zip(rows, labels, strict=True)]
    later = kb.parent / "later.jsonl"
    later.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    files = [(kb, kb.parent / "first.jsonl")]

    without = (await calibrate(files, settings()))["policy"]
    beside = (await calibrate([*files, (kb, later)], settings()))["policy"]

    assert beside["together_weights"] == without["together_weights"]
    assert beside["bars"] == without["bars"]
    for count in ("n", "calibrated_on"):
        assert beside["fitted_on"][count] == without["fitted_on"][count]
    assert without["follow_weights"] == load_policy(SHIPPED).follow_weights


def test_a_company_whose_queries_name_no_split_is_fitted_on_as_a_whole() -> None:
    cases = [
        replace(case(group="a", split="test"), company="one"),
        replace(case(group="b", split="dev"), company="one"),
        replace(case(group="c"), company="two"),
    ]

    fitted, calibration = divided(cases, "dev")

    assert [c.group for c in fitted] == ["b", "c"]
    assert [c.group for c in calibration] == ["a"]


def test_fits_on_several_companies(
    kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, told, queries = tmp_path / "policy.json", tmp_path / "told.json", str(labelled(write))
    company = ["--kb", str(kb), "--queries", queries]

    code = main(["calibrate", *company, *company, "--out", str(out), "--json", str(told)])

    crossed = json.loads(told.read_text("utf-8"))["report"]["cross_fitted"]
    assert code == 0
    assert [row["n"] for row in crossed] == [17, 17]
    policy = load_policy(out)
    assert len(policy.fitted_on["knowledge"]) == 2  # type: ignore[arg-type]
    assert list(policy.bars) == [f"0/{kb.name}", f"1/{kb.name}"]
    assert all(0 < bar <= policy.careful_at for bar in policy.bars.values())


def test_a_file_of_another_split_is_calibrated_on_and_not_judged_by(
    kb: Path, write: Write, tmp_path: Path
) -> None:
    told, own = tmp_path / "told.json", tmp_path / "own.jsonl"
    own.write_text(parted(labelled(write)).read_text("utf-8"), "utf-8")
    later = labelled(write, split="later")
    files = ["--kb", str(kb), "--queries", str(own), "--kb", str(kb), "--queries", str(later)]
    out = ["--out", str(tmp_path / "policy.json"), "--json", str(told)]

    assert main(["calibrate", "--split", "dev", *files, *out]) == 0

    report = json.loads(told.read_text("utf-8"))["report"]
    assert (report["fitted"], report["calibration"]) == (13, 4 + 17)
    assert [row["n"] for row in report["cross_fitted"]] == [17]


def test_knowledge_without_queries_is_no_company(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", "--kb", "a", "--kb", "b", "--queries", "q"]) == 2

    assert "got 2 of knowledge and 1 of queries" in capsys.readouterr().err
