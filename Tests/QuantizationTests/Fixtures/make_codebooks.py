"""Writes Codebooks+Tables.swift: the points of the IQ formats' codebooks, as the gguf package has them.

    python3 make_codebooks.py > ../../../Sources/Quantization/BlockFormats/Codebooks+Tables.swift

A point is two characters. With three values to choose from (IQ1, IQ2) a character is four digits of base 3,
of the eight (IQ3) two of base 8; the least significant digit comes first. Digits start at "(".
"""
import numpy as np
from gguf import quants

TABLES = [
    ("iq1Text", "IQ1_S and IQ1_M: 2048 points of 8 values", quants.IQ1_S, 3),
    ("iq2XXSText", "IQ2_XXS: 256 points of 8 values", quants.IQ2_XXS, 3),
    ("iq2XSText", "IQ2_XS: 512 points of 8 values", quants.IQ2_XS, 3),
    ("iq2SText", "IQ2_S: 1024 points of 8 values", quants.IQ2_S, 3),
    ("iq3XXSText", "IQ3_XXS: 256 points of 4 values", quants.IQ3_XXS, 8),
    ("iq3SText", "IQ3_S: 512 points of 4 values", quants.IQ3_S, 8),
]

print("// Made by make_codebooks.py, which explains the encoding.")
print()
print("extension Codebooks {")
for i, (name, title, kind, base) in enumerate(TABLES):
    kind.init_grid()
    points = kind.grid.reshape(kind.grid_shape)
    digits = np.searchsorted(np.array(kind.grid_map), points)
    per_character = digits.shape[1] // 2
    weights = base ** np.arange(per_character)
    codes = (digits.reshape(-1, per_character) * weights).sum(axis=1)
    text = "".join(chr(ord("(") + c) for c in codes)
    assert '"' not in text and "#" not in text
    print(f"  /// {title}.")
    print(f'  static let {name} = #"""')
    for start in range(0, len(text), 104):
        print(f"    {text[start:start + 104]}")
    print('    """#' + ("\n" if i + 1 < len(TABLES) else ""))
print("}")
