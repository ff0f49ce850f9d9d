"""Three entries whose words tell them apart."""

from collections.abc import Callable
from pathlib import Path

KNOWLEDGE = [
    {"id": "refund", "question": "退款多久到账？", "answer": "退款 3 个工作日到账。"},
    {"id": "freight", "question": "退款时运费谁出？", "answer": "质量问题由我们出运费。"},
    {"id": "invoice", "question": "电子发票怎么开？", "answer": "在订单详情页申请开票。"},
]

Write = Callable[..., Path]  # (query, label, relevant id or "") each -> file of labelled queries
