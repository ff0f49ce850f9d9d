"""Tiny random models in Hugging Face folders: the shape of bge-m3 and bge-reranker, not the wit."""

import json
from pathlib import Path
from typing import Any

LINES = [
    "退款多久到账？退款在 1 个工作日内到账。",
    "加湿器每周清洗一次水箱。",
    "How long does a refund take? One day.",
]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]  # ids 0 to 4, as XLM-RoBERTa has them
DIMS = 32
TOKENS = 128


def build_m3(folder: Path) -> Path:
    """Write a bge-m3 with random weights into `folder` and return it."""
    import torch
    from transformers import XLMRobertaModel

    torch.manual_seed(0)
    tokenizer = _tokenizer(folder)
    XLMRobertaModel(_config(tokenizer)).save_pretrained(folder)
    for name, width in (("colbert_linear", DIMS), ("sparse_linear", 1)):
        torch.save(torch.nn.Linear(DIMS, width).state_dict(), folder / f"{name}.pt")
    types = ["Transformer", "Pooling", "Normalize"]
    modules = [
        {"idx": at, "name": str(at), "path": f"{at}_{name}" if at else "",
         "type": f"sentence_transformers.models.{name}"}
        for at, name in enumerate(types)
    ]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(modules))
    pooling = {"word_embedding_dimension": DIMS, "pooling_mode_cls_token": True}
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    return folder


def build_reranker(folder: Path) -> Path:
    """Write a bge-reranker with random weights into `folder` and return it."""
    import torch
    from transformers import XLMRobertaForSequenceClassification

    torch.manual_seed(0)
    config = _config(_tokenizer(folder), num_labels=1)
    XLMRobertaForSequenceClassification(config).save_pretrained(folder)
    return folder


def _tokenizer(folder: Path) -> Any:  # noqa: ANN401 of transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(LINES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    made = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=TOKENS,
    )
    made.save_pretrained(folder)
    return made


def _config(tokenizer: Any, **changes: Any) -> Any:  # noqa: ANN401 of transformers
    from transformers import XLMRobertaConfig

    return XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=DIMS,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=TOKENS + 2,
        type_vocab_size=1,
        pad_token_id=1,
        **changes,
    )
