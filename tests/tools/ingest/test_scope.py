"""For whom an entry is: as editors write it, and as customers have it."""

import pytest

from tools.errors import BadEntry
from tools.ingest.fields import to_entry


def entry(**fields: str) -> dict[str, object]:
    return dict(to_entry({"id": "a", "question": "运费？", "answer": "六元。"} | fields, "a.csv:2"))


@pytest.mark.parametrize(
    ("written", "region"),
    [
        ("浙江", "浙江"),
        ("浙江省", "浙江"),
        ("北京市", "北京"),
        ("新疆维吾尔自治区", "新疆"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("香港特别行政区", "香港"),
        ("east", "east"),
        ("华东/自提", "华东/自提"),
    ],
)
def test_a_region_is_called_as_customers_regions_are(written: str, region: str) -> None:
    assert entry(region=written)["region"] == region


@pytest.mark.parametrize("field", ["region", "channel"])
@pytest.mark.parametrize("written", ["全国", "全部", "不限", "All"])
def test_what_is_for_all_has_no_limit(field: str, written: str) -> None:
    assert field not in entry(**{field: written})


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("region", "浙江、江苏"),
        ("region", "浙江省|江苏省"),
        ("region", "浙江/江苏"),
        ("region", "浙江和江苏"),
        ("region", "华东,华北"),
        ("channel", "app、小程序"),
    ],
)
def test_a_list_would_be_found_by_nobody_and_is_rejected(field: str, written: str) -> None:
    with pytest.raises(BadEntry, match=f"{field}: expected one, got"):
        entry(**{field: written})


@pytest.mark.parametrize("written", ["2026-11-11 23:59:59", "2026/11/11 23:59", "2026-11-11 0:00"])
def test_a_last_day_may_be_written_to_its_end(written: str) -> None:
    assert entry(effective_to=written)["effective_to"] == "2026-11-11"


@pytest.mark.parametrize("written", ["长期", "永久有效"])
def test_what_holds_for_ever_has_no_last_day(written: str) -> None:
    assert "effective_to" not in entry(effective_to=written)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("effective_from", "2026-11-11 23:59:59"),  # a day later, or not?
        ("effective_from", "长期"),
        ("effective_to", "2026-11-11 12:00"),
        ("effective_to", "2026-11-31"),
        ("effective_to", "1762819200"),
    ],
)
def test_a_time_within_a_day_or_no_date_is_rejected(field: str, written: str) -> None:
    with pytest.raises(BadEntry, match=f"{field}: expected a date"):
        entry(**{field: written})
