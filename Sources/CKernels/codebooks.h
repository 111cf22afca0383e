// The blocks of IQ1, IQ2 and IQ3: indices of points, 4 or 8 values that a codebook holds side by side, under
// odd scales 2s + 1. The sizes of a type's values are few enough for 3 bits, and the sign makes a code of 4.
#pragma once
#include "blocks.h"

ALWAYS_INLINE int is_codebook(int type) {
  return type == IQ1_S || type == IQ1_M || type == IQ2_XXS || type == IQ2_XS || type == IQ2_S ||
         type == IQ3_XXS || type == IQ3_S;
}

ALWAYS_INLINE uint32_t u32_at(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return v;
}

ALWAYS_INLINE uint8_t odd(unsigned s) { return (uint8_t)(2 * s + 1); }

// Signs of 8 values from 7 bits: the eighth makes the number of minus signs even.
ALWAYS_INLINE unsigned even_signs(uint32_t bits) {
  bits &= 127;
  return bits | (unsigned)(__builtin_popcount(bits) & 1) << 7;
}

// Codes of `count` values of a point. Its values are at least `step` apart, and the smallest is below `step`.
ALWAYS_INLINE void put_point(const void *codebook, int index, int count, int step, unsigned signs,
                             uint8_t *codes) {
  const uint8_t *values = (const uint8_t *)codebook + index * count;
  for (int i = 0; i < count; i++) codes[i] = (uint8_t)(values[i] / step | (signs >> i & 1) << 3);
}

// Codes of a point of values −1, 0, 1, all of them moved down by 1/8 (or up).
ALWAYS_INLINE void put_moved(const void *codebook, int index, int down, uint8_t *codes) {
  const uint8_t *values = (const uint8_t *)codebook + index * 8;
  for (int i = 0; i < 8; i++) codes[i] = (uint8_t)(values[i] + 1) | (uint8_t)(down << 3);
}

// Run `b` of 32 elements of a block of row `r`: see read_block.
ALWAYS_INLINE void read_points(int type, const uint8_t *in, int b, int r, const void *codebook,
                               uint8_t *codes, uint8_t *out, uint8_t *super) {
  if (b == 0 && type != IQ1_M) memcpy(super + 2 * r, in, 2);
  switch (type) {
    case IQ1_S: {
      const unsigned high = u16_at(in + 34 + 2 * b);
      out[r] = odd(high >> 12 & 7);
      for (int k = 0; k < 4; k++)
        put_moved(codebook, in[2 + 4 * b + k] | (high >> (3 * k) & 7) << 8, high >> 15, codes + 8 * k);
      break;
    }
    case IQ1_M: {
      if (b == 0)  // d lies in the top bits of the four words of scales
        for (int i = 0; i < 2; i++) super[2 * r + i] = (in[49 + 4 * i] >> 4) | (in[51 + 4 * i] & 0xF0);
      const unsigned scales = u16_at(in + 48 + 2 * (b / 2)) >> (6 * (b % 2));
      for (int k = 0; k < 4; k++) {
        const unsigned high = in[32 + 2 * b + k / 2] >> (4 * (k % 2));
        out[16 * (k / 2) + r] = odd(scales >> (3 * (k / 2)) & 7);
        put_moved(codebook, in[4 * b + k] | (high & 7) << 8, high >> 3 & 1, codes + 8 * k);
      }
      break;
    }
    case IQ2_XXS: {
      const uint32_t rest = u32_at(in + 6 + 8 * b);
      out[r] = odd(rest >> 28);
      for (int k = 0; k < 4; k++)
        put_point(codebook, in[2 + 8 * b + k], 8, 17, even_signs(rest >> (7 * k)), codes + 8 * k);
      break;
    }
    case IQ2_XS:
      for (int k = 0; k < 4; k++) {
        const unsigned word = u16_at(in + 2 + 8 * b + 2 * k);
        out[16 * (k / 2) + r] = odd(in[66 + b] >> (4 * (k / 2)) & 15);
        put_point(codebook, word & 511, 8, 17, even_signs(word >> 9), codes + 8 * k);
      }
      break;
    case IQ2_S:
      for (int k = 0; k < 4; k++) {
        const int index = in[2 + 4 * b + k] | (in[66 + b] >> (2 * k) & 3) << 8;
        out[16 * (k / 2) + r] = odd(in[74 + b] >> (4 * (k / 2)) & 15);
        put_point(codebook, index, 8, 17, in[34 + 4 * b + k], codes + 8 * k);
      }
      break;
    case IQ3_XXS: {
      const uint32_t rest = u32_at(in + 66 + 4 * b);
      out[r] = odd(rest >> 28);
      for (int k = 0; k < 8; k++)
        put_point(codebook, in[2 + 8 * b + k], 4, 8, even_signs(rest >> (7 * (k / 2))) >> (4 * (k % 2)),
                  codes + 4 * k);
      break;
    }
    case IQ3_S:
      out[r] = odd(in[106 + b / 2] >> (4 * (b % 2)) & 15);
      for (int k = 0; k < 8; k++) {
        const int index = in[2 + 8 * b + k] | (in[66 + b] >> k & 1) << 8;
        put_point(codebook, index, 4, 2, in[74 + 4 * b + k / 2] >> (4 * (k % 2)), codes + 4 * k);
      }
      break;
  }
}
