"""Makes smollm.json: nasty strings with the ids that Hugging Face's tokenizers gives them.

Usage: python make_smollm.py SmolLM2-135M-Instruct.Q4_1.gguf > smollm.json
Needs the packages gguf and tokenizers (made with 0.19.0 and 0.23.3).

Vocabulary and merges are those of the model file. The pre-tokenizer is that of SmolLM2's own
tokenizer.json: every digit apart, then GPT-2's pattern. Text that is not UTF-8 is given to it with
U+FFFD for each byte that is not part of a character, as llama.cpp does; Hugging Face's takes only text.
"""

import base64
import json
import random
import sys
import unicodedata

from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers


def tokenizer(path, special):
    fields = GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    kinds = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(m.split(" ", 1)) for m in fields["tokenizer.ggml.merges"].contents()]
    result = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
    result.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    if special:
        result.add_special_tokens(
            [AddedToken(t, normalized=False, special=True) for t, k in zip(tokens, kinds) if k == 3])
    return result


def repaired(data):
    """Each byte that is not part of a well-formed scalar becomes U+FFFD."""
    text = ""
    while data:
        try:
            return text + data.decode()
        except UnicodeDecodeError as error:
            text += data[: error.start].decode() + "\ufffd"
            data = data[error.start + 1 :]
    return text


SENTENCES = """
The quick brown fox jumps over the lazy dog.
I'm sure they'll say we've won, but he'd rather it's DON'T, WE'LL, I'D, you'Re 'tis o'clock rock'n'roll 'S 'sS
Don’t use ’s curly ‘quotes’ “here” — or … do
def f(x: int) -> str:\\n    return f"{x!r:>10}"  # comment\\n\\n\\nclass A(B):\\n\\tpass\\n
for (int i = 0; i < n; ++i) { a[i] += b[i] * 0x1F; } // 1e-5
https://example.org/a/b?c=d&e=%20f#g user@host.example C:\\\\path\\\\to\\\\file
3.14159 1,234,567.89 1e10 0xDEADBEEF 2026-11-24T07:31:00Z v1.2.3-rc.4+5 ½ ¾ x² H₂O Ⅳ ⅷ ① ㊿ 〇
$100 €200 £300 ¥400 ₿1 ₹5 ¢ 100% 50‰ #hashtag @mention a_b_c snake_case camelCase PascalCase SCREAMING_CASE kebab-case
<html><body class="x">&amp;&#x27;</body></html> {"key": [1, 2.5, null, true], "s": "\\\\u00e9\\\\n"}
Ça alors ! L’été à la plage, où naïveté, cœur, Noël, garçon, ÉCOLE, œuvre.
Größe Übermaß Straße ẞ ÄÖÜ äöü fließend Donaudampfschifffahrtsgesellschaft
¿Qué? ¡Año nuevo! El niño y la cigüeña
Dobrý den, Příliš žluťoučký kůň úpěl ďábelské ódy
Zażółć gęślą jaźń ŁÓDŹ
Árvíztűrő tükörfúrógép ÁRVÍZTŰRŐ
Pijamalı hasta yağız şoföre çabucak güvendi İstanbul ıI iİ
Væringjar ærlig Þór ðau øre Ångström åäö
Ljubezen ǆ ǅ Ǆ ĳ Ĳ ŀ ŉ ſs ß
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία ΣΊΣΥΦΟΣ ς ἀρχῇ ὁ λόγος
Съешь же ещё этих мягких французских булок, да выпей чаю. ЁЖ Ї ґ Ў ђ ј
Բարեւ աշխարհ Հայերեն և
გამარჯობა მსოფლიო ᲡᲐᲥᲐᲠᲗᲕᲔᲚᲝ
דג סקרן שט בים מאוכזב שָׁלוֹם עֲלֵיכֶם ״ציטוט״
نص حكيم له سر قاطع وذو شأن عظيم مَرْحَبًا ٣١٤ ۱۲۳ العربية‏ ﷺ ﷽ ک گ پ چ
ދިވެހި ބަސް
ܫܠܡܐ ܥܠܡܐ
नमस्ते दुनिया क्षत्रिय ज्ञान श्री १२३४५ ॐ हिन्दी में
আমি বাংলায় গান গাই ১২৩ ক্ষ
ਸਤ ਸ੍ਰੀ ਅਕਾਲ ੧੨੩
નમસ્તે વિશ્વ ૧૨૩
ନମସ୍କାର ଓଡ଼ିଆ ୧୨୩
வணக்கம் உலகம் தமிழ் ௧௨௩ ஸ்ரீ
తెలుగు లిపి నమస్కారం ౧౨౩
ಕನ್ನಡ ನಮಸ್ಕಾರ ೧೨೩
മലയാളം നമസ്കാരം ൧൨൩ ൺ
සිංහල ආයුබෝවන් ෧
สวัสดีชาวโลก ภาษาไทย ๑๒๓ น้ำ
ສະບາຍດີ ໑໒໓
བཀྲ་ཤིས་བདེ་ལེགས། ༡༢༣
မြန်မာ မင်္ဂလာပါ ၁၂၃
ភាសាខ្មែរ សួស្តី ១២៣
Xin chào Việt Nam, tiếng Việt đẹp quá ƯƠẢẠẤ
ሰላም ዓለም አማርኛ ፩፪፫
ᎣᏏᏲ ᏣᎳᎩ ꭰꭱ
ᐃᓄᒃᑎᑐᑦ ᐊᐃ
ᚠᛇᚻ᛫ᛒᛦᚦ ᛫ ᛮ ᚛ᚉᚑᚅ᚜
ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ ᠑᠒
ᬅᬓ᭄ᬱᬭ ᭑ ꦲꦏ꧀ꦱꦫ ꧑ ᮞᮥᮔ᮪ᮓ ᮱
ꓡꓲ-ꓢꓴ ꕙꔤ ꔀ ꕞ ꚠ ߒߞߏ ߁߂
ⴰⵎⴰⵣⵉⵖ ⵣ ⵯ
ⲁⲃⲅ Ⲁ Ⳁ ⰀⰁ Ⱒ ⴀⴁ
𐌀𐌁𐌂 𐌰𐌱 𐎀𐎁 𐎠𐎡 𐏓 𐐀𐐨 𐑐 𐒀 𐒠 𐓘 𐡀 𐤀 𐦠 𐩠
𒀀𒁀 𒐀 𓀀𓁐𓂀 𔐀 𖤍 𖬀 𖭐 𖼀 𗀀 𘠀 𛀀𛀁
𝐀𝐁 𝑎 𝒜 𝔄 𝕬 𝖆 𝗔 𝟎𝟏𝟗 𝟬 𝟶 𝛂 𝜴 𝞱
𑀅 𑀓 𑁧 𑂃 𑄄 𑄶 𑆑 𑈀 𑊄 𑌅 𑐀 𑑐 𑒁 𑓑 𑖀 𑘀 𑙐 𑚀 𑛀 𑜀 𑠀 𑢠 𑣠 𑤀 𑥐 𑧀 𑨀 𑩐 𑫀 𑰀 𑱐 𑱰 𑴀 𑵐
𞀀 𞄀 𞅀 𞋀 𞋰 𞠀 𞣇 𞤀𞤢 𞥐 𞱱 𞴁 𞸀 𞺡
こんにちは世界 カタカナ ｶﾀｶﾅ 漢字かな交じり文。「引用」、・々〆ゝヾー １２３ＡＢＣａｂｃ
你好，世界！这是一个测试。繁體中文「引號」——……《书名》１２３
𠀀𠀁𪚥 㐀㐁 豈更 𫝀 𰀀 ⺀ ⼀ ㍿ ㌔ ㈱ ㊙
안녕하세요 세계 한국어 ㄱㄴㄷ ㅏㅑ 각각 ᄀᄀᄀ
ㄅㄆㄇㄈ ㆠ ꀀꀁ ꒐
😀😁😂🤣 👍🏽 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷🇯🇵 1️⃣ #️⃣ ❤️ ☠︎ ☺️ 👨🏿‍🚀 🧑‍🤝‍🧑 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🫠 🪿 ‍
∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α∧¬β=¬(¬α∨β), ∑∏∫√∞≈≠≤≥±×÷ ℵ ℏ ℃ ™ © ® № ℡
←↑→↓ ⇒ ⟶ ■□▪▫ ◆◇ ★☆ ♠♣♥♦ ♪♫ ✓✗ ✔️ ❌ ░▒▓█ ─│┌┐└┘ ╔═╗ ⠓⠑⠇ ⏎ ⌘ 🀄 🂡 🜁
""".strip().split("\n")

SPACES = [chr(c) for c in (
    0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, 0x180E, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
    0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x202F, 0x205F,
    0x2060, 0x3000, 0xFEFF, 0x1C, 0x1D, 0x1E, 0x1F)]

INVALID = [
    b"\x80", b"\xbf", b"\xc0", b"\xc1", b"\xf5", b"\xff", b"\xfe", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80",
    b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf",
    b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80",
    b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9f", b"\xf0\x9f\x98", b"\xc3(", b"\xe2\x82(", b"\xe2(\xa1",
    b"\xf0\x9f\x98(", b"\xf0(\x8c\xbc", b"abc\xff def", b"caf\xe9 au lait", b"\xe9t\xe9", b"na\xefve", b"\xff\xfea\x00",
    b"\xef\xbb\xbfBOM", b"\xef\xbb", b"a\x80b\x80c", b"  \xff  ", b"\xff\xff\xff\xff", b"\x80" * 40, b"1\xff2", b"'\xffs",
    b"\xf0\x9f\x98\x80\xf0\x9f\x98", b"\xe4\xbd\xa0\xe5\xa5", b"\xd0\x9f\xd1", b"\n\xc3\n", b"<|im_\xffstart|>",
    b"\xc3\x28\xa0\xa1\xe2\x28\xa1\xe2\x82\x28\xf0\x28\x8c\xbc\xf0\x90\x28\xbc\xf0\x28\x8c\x28", b"\x00\xff\x00",
    bytes(range(256)), bytes(range(255, -1, -1)), bytes(range(128, 256)) * 2,
]

SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|", "|im_start|>", "< |im_start|>", "<|im_start |>", "<|IM_START|>", "<<|im_start|>>",
    "<|im_start|><|im_start|>", "a<|im_end|>b", " <|im_end|> ", "\n<|im_end|>\n", "<|im_<|im_end|>end|>",
    "<repo_name>x<file_sep>y<reponame>", "<filename><gh_stars>1<issue_start>", "<empty_output>\n<jupyter_code>",
    "<|im_start|>" * 5, "<s></s><unk><pad>", "[INST] [/INST] <<SYS>>", "<|eot_id|><|end|><end_of_turn>", "<0x0A><0x-1>",
    "<｜im_start｜>", "<|im_start|\u200b>", "1<|im_end|>2", "'s<|im_end|>'s", "<|im_end|>\u0301",
]


def texts():
    random.seed(2)
    for sentence in SENTENCES:
        sentence = sentence.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")
        yield sentence
        yield unicodedata.normalize("NFD", sentence) + " " + sentence.upper()
        words = sentence.split(" ")
        random.shuffle(words)
        yield "".join(random.choice(SPACES) * random.choice([1, 1, 2, 3]) + w for w in words)[:200]
    yield ""
    for space in SPACES:
        yield space
        yield f"a{space}b"
        yield f"{space * 2}word {space}1{space}!{space * 3}"
    for a in ["\n", "\r", "\r\n", "\t", " ", "\u00a0", "\u3000", "\u2028"]:
        for b in ["\n", "\r\n", "\t", " ", "\u00a0"]:
            yield f"x{a}{b}{a}y"
            yield f"{a}{b}{b}"
    for count in (1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100):
        yield " " * count
        yield " " * count + "x"
        yield "\n" * count + "x"
    for text in ("a", "ab", "=", "-", "!?", "0", "12", "é", "你", "😀", "\u0301", "'", "''s", "\t\n", "ha", "the ", "aA1 "):
        yield text * 150
    for code in list(range(0x00, 0x20)) + [0x7F] + list(range(0x80, 0xA0)) + [0xAD, 0x61C, 0x200E, 0x202E, 0x2066, 0xE0001]:
        yield f"a{chr(code)}b {chr(code)}"
    for code in (0x660, 0x6F0, 0x966, 0xE50, 0x1D7CE, 0xFF10, 0x104A0, 0x2160, 0x2460, 0xBD, 0x3007, 0x4E00, 0x10107, 0x1F101):
        yield f"x{chr(code)}{chr(code + 1)} {chr(code)}7{chr(code)}"
    for code in (0x300, 0x483, 0x591, 0x93C, 0x20DD, 0xFE0F, 0x1F3FB, 0x200D, 0xE0101, 0x1D165):
        yield f"e{chr(code)} {chr(code)} x{chr(code) * 3}y 1{chr(code)}"
    for code in (0xE000, 0xF8FF, 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF, 0xF0000, 0x378, 0x2FE0, 0x5FFFF, 0xD7FF):
        yield f"{chr(code)} a{chr(code)}b"
    yield "e\u0301" + "Z" + "".join(chr(0x300 + i) for i in range(60)) + "algo"
    yield from SPECIAL
    alphabet = "abcXYZ 019'.,!?-_\n\t\r éßñ日本語가나😀\u0301\u00a0\u3000٣²<|>"
    for _ in range(60):
        yield "".join(random.choice(alphabet) for _ in range(random.randint(1, 60)))


def main():
    plain, special = (tokenizer(sys.argv[1], s) for s in (False, True))
    cases, seen = [], set()
    for text in texts():
        if text in seen:
            continue
        seen.add(text)
        case = {"text": text, "ids": plain.encode(text, add_special_tokens=False).ids}
        ids = special.encode(text, add_special_tokens=False).ids
        if ids != case["ids"]:
            case["special"] = ids
        cases.append(case)
    for data in INVALID:
        ids = plain.encode(repaired(data), add_special_tokens=False).ids
        cases.append({"base64": base64.b64encode(data).decode(), "ids": ids})
    print("[\n" + ",\n".join(json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases) + "\n]")


if __name__ == "__main__":
    main()
