// The blocks of GGUF types that hold codes directly; those of codebooks.h hold indices of points.
// Block layouts: GGUF's, as the `gguf` package documents them; I2_S is bitnet.cpp's.
#pragma once
#include "vectors.h"

// X(type, id in GGUF, packed format, elements and bytes of a block, factor, table)
#define PACKED_TYPES(X)                                 \
  X(Q4_0, 2, D4, 32, 18, 1, NULL)                       \
  X(Q4_1, 3, DM4, 32, 20, 1, NULL)                      \
  X(Q5_0, 6, D5, 32, 22, 1, NULL)                       \
  X(Q5_1, 7, DM5, 32, 24, 1, NULL)                      \
  X(Q8_0, 8, D8, 32, 34, 1, NULL)                       \
  X(Q2_K, 10, K2, 256, 84, 1, NULL)                     \
  X(Q3_K, 11, I3, 256, 110, 1, NULL)                    \
  X(Q4_K, 12, K4, 256, 144, 1, NULL)                    \
  X(Q5_K, 13, K5, 256, 176, 1, NULL)                    \
  X(Q6_K, 14, I6, 256, 210, 1, NULL)                    \
  X(IQ2_XXS, 16, T4_I32, 256, 66, 0.125f, iq2_table)    \
  X(IQ2_XS, 17, T4_I16, 256, 74, 0.125f, iq2_table)     \
  X(IQ3_XXS, 18, T4_I32, 256, 98, 0.25f, iq3_xxs_table) \
  X(IQ1_S, 19, T4_I32, 256, 50, 0.125f, iq1_table)      \
  X(IQ4_NL, 20, T4, 32, 18, 1, iq4_table)               \
  X(IQ3_S, 21, T4_I32, 256, 110, 1, iq3_s_table)        \
  X(IQ2_S, 22, T4_I16, 256, 82, 0.125f, iq2_table)      \
  X(IQ4_XS, 23, T4_I32, 256, 136, 1, iq4_table)         \
  X(IQ1_M, 29, T4_I16, 256, 56, 0.125f, iq1_table)      \
  X(TQ1_0, 34, D2, 256, 54, 1, NULL)                    \
  X(TQ2_0, 35, D2, 256, 66, 1, NULL)                    \
  X(I2_S, 36, T2, 128, 32, 1, NULL)                     \
  X(MXFP4, 39, T4_E32, 32, 17, 1, fp4_table)            \
  X(NVFP4, 40, T4_D16, 64, 36, 1, fp4_table)            \
  X(Q1_0, 41, D1, 128, 18, 1, NULL)                     \
  X(Q2_0, 42, D2, 64, 18, 1, NULL)

enum {
  F32 = 0, F16 = 1, BF16 = 30,
#define TYPE_ID(type, id, format, elements, bytes, factor, table) type = id,
  PACKED_TYPES(TYPE_ID)
#undef TYPE_ID
};

ALWAYS_INLINE uint16_t u16_at(const uint8_t *p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return v;
}

ALWAYS_INLINE void nibbles(const uint8_t *bytes, uint8_t *codes) {
  for (int i = 0; i < 16; i++) codes[i] = bytes[i] & 15, codes[16 + i] = bytes[i] >> 4;
}
ALWAYS_INLINE void add_fifth_bits(const uint8_t *bits, uint8_t *codes) {
  for (int i = 0; i < 32; i++) codes[i] |= (bits[i / 8] >> (i % 8) & 1) << 4;
}

// The 6-bit scale and offset of sub-block j of Q4_K and Q5_K.
ALWAYS_INLINE void k4_scale(const uint8_t *s, int j, uint8_t *scale, uint8_t *offset) {
  if (j < 4) {
    *scale = s[j] & 63;
    *offset = s[j + 4] & 63;
  } else {
    *scale = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
    *offset = s[j + 4] >> 4 | (s[j] >> 6) << 4;
  }
}

// Half of an unsigned E4M3 number as f16; 0x7F, which is NaN there, reads as zero.
ALWAYS_INLINE uint16_t half_of_e4m3(uint8_t x) {
  static const uint16_t subnormal[8] = {0, 0x1400, 0x1800, 0x1A00, 0x1C00, 0x1D00, 0x1E00, 0x1F00};
  return x == 0x7F ? 0 : x & 0x78 ? (uint16_t)((x & 0x7F) << 7) + (7 << 10) : subnormal[x & 7];
}

// Digit n of a byte that holds five digits of base 3 as a fraction.
ALWAYS_INLINE uint8_t trit(uint8_t byte, int n) {
  static const uint8_t power[5] = {1, 3, 9, 27, 81};
  return (uint8_t)((uint8_t)(byte * power[n]) * 3 >> 8);
}

// Run `b` of 32 elements of a block of row `r`: its codes, and its scales where the packed block has them.
ALWAYS_INLINE void read_block(int type, const uint8_t *in, int b, int r, uint8_t *codes, uint8_t *out,
                              uint8_t *super) {
  const int half = b / 4, quarter = b % 4;
  switch (type) {
    case Q4_0:
    case IQ4_NL:
      memcpy(out + 2 * r, in, 2);
      nibbles(in + 2, codes);
      break;
    case Q4_1:
      memcpy(out + 2 * r, in, 2);
      memcpy(out + 32 + 2 * r, in + 2, 2);
      nibbles(in + 4, codes);
      break;
    case Q5_0:
      memcpy(out + 2 * r, in, 2);
      nibbles(in + 6, codes);
      add_fifth_bits(in + 2, codes);
      break;
    case Q5_1:
      memcpy(out + 2 * r, in, 2);
      memcpy(out + 32 + 2 * r, in + 2, 2);
      nibbles(in + 8, codes);
      add_fifth_bits(in + 4, codes);
      break;
    case Q8_0:
      memcpy(out + 2 * r, in, 2);
      memcpy(codes, in + 2, 32);
      break;
    case MXFP4:
      out[r] = in[0];
      nibbles(in + 1, codes);
      break;
    case NVFP4:
      for (int h = 0; h < 2; h++) {
        uint16_t d = half_of_e4m3(in[2 * b + h]);
        memcpy(out + 32 * h + 2 * r, &d, 2);
        for (int i = 0; i < 8; i++) {
          uint8_t pair = in[4 + 8 * (2 * b + h) + i];
          codes[16 * h + i] = pair & 15, codes[16 * h + 8 + i] = pair >> 4;
        }
      }
      break;
    case TQ1_0:
      memcpy(out + 2 * r, in + 52, 2);
      for (int i = 0; i < 32; i++) {
        int e = 32 * b + i;
        codes[i] = e < 160   ? trit(in[e % 32], e / 32)
                   : e < 240 ? trit(in[32 + e % 16], (e - 160) / 16)
                             : trit(in[48 + e % 4], (e - 240) / 4);
      }
      break;
    case TQ2_0:
      memcpy(out + 2 * r, in + 64, 2);
      for (int i = 0; i < 32; i++) codes[i] = in[32 * half + i] >> (2 * quarter) & 3;
      break;
    case Q2_0:
      memcpy(out + 2 * r, in, 2);
      for (int i = 0; i < 32; i++) codes[i] = in[2 + 8 * b + i / 4] >> (2 * (i % 4)) & 3;
      break;
    case Q1_0:
      memcpy(out + 2 * r, in, 2);
      for (int i = 0; i < 32; i++) codes[i] = in[2 + 4 * b + i / 8] >> (i % 8) & 1;
      break;
    case I2_S:
      for (int i = 0; i < 32; i++) codes[i] = in[i] >> (6 - 2 * b) & 3;
      break;
    case IQ4_XS:
      if (b == 0) memcpy(super + 2 * r, in, 2);
      out[r] = (uint8_t)(((in[4 + b / 2] >> (4 * (b % 2)) & 15) | (u16_at(in + 2) >> (2 * b) & 3) << 4) - 32);
      nibbles(in + 8 + 16 * b, codes);
      break;
    case Q4_K:
    case Q5_K: {
      if (b == 0) memcpy(super + 2 * r, in, 2);
      if (b == 0) memcpy(super + 32 + 2 * r, in + 2, 2);
      k4_scale(in + 4, b, out + r, out + 16 + r);
      const uint8_t *low = in + (type == Q4_K ? 16 : 48) + 32 * (b / 2);
      for (int i = 0; i < 32; i++) codes[i] = b % 2 ? low[i] >> 4 : low[i] & 15;
      if (type == Q5_K)
        for (int i = 0; i < 32; i++) codes[i] |= (in[16 + i] >> b & 1) << 4;
      break;
    }
    case Q2_K:
      if (b == 0) memcpy(super + 2 * r, in + 80, 2);
      if (b == 0) memcpy(super + 32 + 2 * r, in + 82, 2);
      out[r] = in[2 * b];
      out[16 + r] = in[2 * b + 1];
      for (int i = 0; i < 32; i++) codes[i] = in[16 + 32 * half + i] >> (2 * quarter) & 3;
      break;
    case Q3_K:
      if (b == 0) memcpy(super + 2 * r, in + 108, 2);
      for (int h = 0; h < 2; h++) {
        int j = 2 * b + h;
        const uint8_t *s = in + 96;
        int scale = (j < 8 ? s[j] & 15 : s[j - 8] >> 4) | (s[8 + j % 4] >> (2 * (j / 4)) & 3) << 4;
        out[16 * h + r] = (uint8_t)(scale - 32);
      }
      for (int i = 0; i < 32; i++)
        codes[i] = (in[32 + 32 * half + i] >> (2 * quarter) & 3) | (in[i] >> b & 1) << 2;
      break;
    case Q6_K:
      if (b == 0) memcpy(super + 2 * r, in + 208, 2);
      out[r] = in[192 + 2 * b];
      out[16 + r] = in[192 + 2 * b + 1];
      for (int i = 0; i < 32; i++) {
        uint8_t low = in[64 * half + 32 * (quarter & 1) + i];
        codes[i] = (quarter >= 2 ? low >> 4 : low & 15) | (in[128 + 32 * half + i] >> (2 * quarter) & 3) << 4;
      }
      break;
  }
}
