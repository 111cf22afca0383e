"""Makes words.json: how the regular expressions that models were trained with cut nasty strings into words.

Usage: python make_words.py [COUNT SEED] > words.json
Needs the package tokenizers (made with 0.23.3), whose engine is Oniguruma. With COUNT, random strings of a
rough alphabet are cut instead of the committed ones, for a longer search.

The expressions are those of the models' own tokenizer.json files; of `default` and `falcon`, llama.cpp's.
"""

import json
import random
import sys

from tokenizers import Regex, pre_tokenizers

from make_smollm import texts

CONTRACTIONS = r"'s|'t|'re|'ve|'m|'ll|'d"
GPT2 = CONTRACTIONS + r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASED_TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
PREFIX = r"[^\r\n\p{L}\p{N}]?"
SUFFIX = rf"(?i:{CONTRACTIONS})?"
# In hexadecimal, since editors normalise some of these letters.
CASED = "".join(
    "-".join(f"\\x{{{bound}}}" for bound in item.split("-"))
    for item in """
    41-5A 61-7A B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376 377 37B-37D 37F 386 388-38A 38C 38E-3A1
    3A3-3F5 3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF 1D00-1D2B 1D6B-1D77
    1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE
    1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC 1FF2-1FF4 1FF6-1FFC 2102 2107 210A-2113 2115 2119-211D 2124
    2126 2128 212A-212D 212F-2134 2139 213C-213F 2145-2149 214E 2183 2184 2C00-2C7B 2C7E-2CE4 2CEB-2CEE 2CF2 2CF3
    A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 FB13-FB17 FF21-FF3A FF41-FF5A
    10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF 1E900-1E943
    """.split()
)

PATTERNS = {
    "gpt-2": [GPT2],
    "smollm": [r"\p{N}", GPT2],
    "llama-bpe": [rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}|" + TAIL],
    "minicpm5": [
        r"\p{N}{1,3}", rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}+|" + TAIL
    ],
    "qwen2": [rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}|" + TAIL],
    "qwen35": [
        rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}|"
        r" ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ],
    "gpt-4o": [
        f"{PREFIX}{UPPER}*{LOWER}+{SUFFIX}|{PREFIX}{UPPER}+{LOWER}*{SUFFIX}" + r"|\p{N}{1,3}|" + CASED_TAIL
    ],
    "tekken": [f"{PREFIX}{UPPER}*{LOWER}+|{PREFIX}{UPPER}+{LOWER}*" + r"|\p{N}|" + CASED_TAIL],
    "deepseek-v3": [
        r"\p{N}{1,3}",
        "[一-龥぀-ゟ゠-ヿ]+",
        r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
        r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ],
    "deepseek-coder": ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", r"\p{N}"],
    "deepseek-llm": [
        "[\r\n]", rf"\s?[{CASED}]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", "[一-龥ࠀ-一가-퟿]+", r"\p{N}+",
    ],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
}

# Characters of the properties that the expressions tell apart. Those assigned after Unicode 15 are left to the
# standard library, which is newer than Oniguruma.
ALPHABET = (
    list("abzABZ'''sStTdDmMrevELl  \n\r\t.,;:!?/-_()<>=+$^`|~@#\"\\019")
    + list("éßÉµſıİǅʰªºñŁд日本語一龥かカー가각ﾊאבعनकิไ𝐀𝒻𐐀𐐨ꭰᲐა")
    + list("\u0301\u093f\u0903\u20dd\u064b\ufe0f\U000e0101٣५²½Ⅳ①〇𝟘𑁦")
    + list("\u00a0\u3000\u2028\u2009\u0085\u000b\u000c\u1680 ")
    + list("…“”‘’。、！～€©™→∀😀🇩\u200d\u200b\u00ad\ufeff\ue000\ufffd\u0378\x00\x1c\x1f\x7f")
)


def random_texts(count, seed):
    random.seed(seed)
    for _ in range(count):
        alphabet = random.sample(ALPHABET, random.choice([3, 6, 12, len(ALPHABET)]))
        yield "".join(random.choice(alphabet) for _ in range(random.randint(1, 24)))


def without_long_s(text):
    """A long s after an apostrophe is an s to Oniguruma's (?i:), but not to llama.cpp and us."""
    return text.replace("ſ", "s") if "'ſ" in text else text


def main():
    if len(sys.argv) > 2:
        chosen = list(random_texts(int(sys.argv[1]), int(sys.argv[2])))
    else:
        everything = list(dict.fromkeys(t for t in texts() if 0 < len(t) < 120))
        random.seed(3)
        chosen = random.sample(everything, 200) + list(random_texts(300, 4))
    chosen = [without_long_s(text) for text in chosen]
    result = {"texts": chosen, "words": {}}
    for name, patterns in PATTERNS.items():
        cut = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(p), "isolated") for p in patterns])
        result["words"][name] = [
            [len(word.encode()) for word, _ in cut.pre_tokenize_str(text)] for text in chosen
        ]
    print(json.dumps(result, ensure_ascii=True, separators=(",", ":")))


if __name__ == "__main__":
    main()
