"""Writes sampling.json: what llama.cpp's sampling steps make of logits.

    python make_sampling.py SmolLM2-135M-Instruct.Q4_1.gguf > sampling.json

Needs llama-cpp-python 0.3.36. Each case has the options by Pare's names, the logits, the recent tokens, and the
tokens that are kept with their logits; of DRY, what it takes from the logits of the first tokens of the vocabulary.
"""

import ctypes
import json
import random
import sys

import llama_cpp as llama

VOCABULARY = 400
random.seed(5)


def apply(samplers, logits, recent):
    data = (llama.llama_token_data * len(logits))()
    for token, logit in enumerate(logits):
        data[token].id, data[token].logit = token, logit
    pointer = ctypes.cast(data, ctypes.POINTER(llama.llama_token_data))
    array = llama.llama_token_data_array(pointer, len(logits), -1, False)
    for sampler in samplers:
        for token in recent:
            llama.llama_sampler_accept(sampler, token)
        llama.llama_sampler_apply(sampler, ctypes.byref(array))
    kept = {array.data[i].id: array.data[i].logit for i in range(array.size)}
    return {token: logit for token, logit in sorted(kept.items()) if logit != float("-inf")}


def case(options, logits, recent):
    o, least = options.get, options.get("min_keep", 0)
    samplers = [
        llama.llama_sampler_init_penalties(
            len(logits), o("repeat_window", 64), o("repeat_penalty", 1), o("frequency_penalty", 0),
            o("presence_penalty", 0)),
        llama.llama_sampler_init_top_n_sigma(o("top_n_sigma", 0)),
        llama.llama_sampler_init_top_k(o("top_k", 0)),
        llama.llama_sampler_init_typical(o("typical_p", 1), least),
        llama.llama_sampler_init_top_p(o("top_p", 1), least),
        llama.llama_sampler_init_min_p(o("min_p", 0), least),
        llama.llama_sampler_init_xtc(o("xtc_probability", 0), o("xtc_threshold", 0.1), least, 1),
    ]
    return {"options": options, "logits": logits, "recent": recent, "kept": apply(samplers, logits, recent)}


def cases():
    choices = [
        {"top_n_sigma": 1.0}, {"top_n_sigma": 0.5}, {"top_k": 7}, {"typical_p": 0.3}, {"typical_p": 0.9},
        {"top_p": 0.5}, {"top_p": 0.95}, {"min_p": 0.1}, {"min_p": 0.9, "min_keep": 6},
        {"xtc_probability": 1, "xtc_threshold": 0.05}, {"xtc_probability": 1, "min_keep": 38},
        {"repeat_penalty": 1.3}, {"frequency_penalty": 0.4}, {"presence_penalty": 0.6, "repeat_window": 5},
        {"repeat_penalty": 1.2, "frequency_penalty": -0.3, "presence_penalty": 0.2, "top_k": 20},
        {"top_n_sigma": 2.0, "top_k": 20, "typical_p": 0.9, "top_p": 0.9, "min_p": 0.1, "xtc_probability": 1},
        {"top_k": 12, "typical_p": 0.7, "top_p": 0.8, "min_keep": 3, "repeat_penalty": 1.1},
    ]
    for options in choices:
        for spread in (1, 3):
            logits = [round(random.gauss(0, spread), 4) for _ in range(40)]
            yield case(options, logits, [random.randrange(40) for _ in range(30)])


def dry_cases(vocabulary):
    breakers = ["\n", ":", '"', "*"]
    common = []
    for text in ["a", "b", "c"] + breakers:
        tokens = (llama.llama_token * 8)()
        llama.llama_tokenize(vocabulary, text.encode(), 1, tokens, 8, False, False)
        common.append(tokens[0])
    for length in (3, 10, 30, 64, 100):
        for pool in (common[:3], common[:3] * 4 + common[3:], common):
            for allowed, window in ((2, 64), (1, 1000), (4, 40)):
                recent = [random.choice(pool) for _ in range(length)]
                strings = (ctypes.c_char_p * len(breakers))(*[text.encode() for text in breakers])
                sampler = llama.llama_sampler_init_dry(
                    vocabulary, 0.8, 1.75, allowed, window, strings, len(breakers))
                logits = apply([sampler], [0.0] * VOCABULARY, recent)
                yield {
                    "options": {"dry_multiplier": 0.8, "dry_allowed_length": allowed, "dry_window": window},
                    "recent": recent,
                    "penalties": {token: -logit for token, logit in logits.items() if logit != 0},
                }


parameters = llama.llama_model_default_params()
parameters.vocab_only = True
model = llama.llama_model_load_from_file(sys.argv[1].encode(), parameters)
json.dump(
    {"cases": list(cases()), "dry": list(dry_cases(llama.llama_model_get_vocab(model)))}, sys.stdout,
    separators=(",", ":"))
