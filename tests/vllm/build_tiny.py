"""Build a tiny random Qwen3 with its tokenizer: the real architecture, nonsense for text.

It proves the shape of requests and answers, nothing about their quality. Runs in vLLM's own
environment, which brings torch and transformers:

    .venv-vllm/bin/python tests/vllm/build_tiny.py var/tiny-qwen3
"""

import sys
from pathlib import Path

CORPUS = [
    "您好,请问怎么重置密码?在登录页点击忘记密码,按短信提示操作。",
    "退款会在一到三个工作日内原路退回,运费由商家承担。",
    "请问我的订单什么时候发货?订单付款后二十四小时内发货。",
    "抱歉,这个问题我需要转接人工客服为您处理,请稍候。",
]
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
PLAIN = [
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
]
# Qwen3's template without tools: an empty think block switches thinking off
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
    "{% endif %}"
)
VOCABULARY = 512
CONTEXT_TOKENS = 4096


def main(folder: Path) -> None:
    """Write a loadable Hugging Face folder of about 1 MB."""
    import torch
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import (
        GenerationConfig,
        PreTrainedTokenizerFast,
        Qwen3Config,
        Qwen3ForCausalLM,
    )

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(PLAIN),
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_tokens(PLAIN)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        model_max_length=CONTEXT_TOKENS,
    )
    fast.chat_template = TEMPLATE

    torch.manual_seed(0)
    ends = fast.convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=VOCABULARY,
            hidden_size=128,
            intermediate_size=384,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=64,
            max_position_embeddings=CONTEXT_TOKENS,
            tie_word_embeddings=False,  # tied, random weights repeat the last token for ever
            eos_token_id=ends[0],
            pad_token_id=ends[1],
        )
    ).to(torch.bfloat16)
    model.generation_config = GenerationConfig(eos_token_id=ends, pad_token_id=ends[1])
    model.save_pretrained(folder)
    fast.save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
