// The kernels for 64-bit ARM with dot products of four bytes: Armv8.2 with FEAT_DotProd.
#if defined(__aarch64__)
#include "neon.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

typedef union { u8x64 v; uint8x16_t u[4]; int8x16_t i[4]; } byte_quarters;
typedef union { i32x16 v; uint32x4_t u[4]; int32x4_t i[4]; } sum_quarters;

// sum + Σ over the four bytes of each of 16 lanes, times those of lane k of x.
ALWAYS_INLINE i32x16 add_signed_dot(i32x16 sum, u8x64 w, u8x16 x, int k) {
  const byte_quarters quarters = {w};
  const int8x16_t by = vreinterpretq_s8_s32(vdupq_n_s32(((int32x4_t)x)[k]));
  sum_quarters s = {sum};
  for (int i = 0; i < 4; i++) s.i[i] = vdotq_s32(s.i[i], quarters.i[i], by);
  return s.v;
}
ALWAYS_INLINE i32x16 add_unsigned_dot(i32x16 sum, u8x64 w, u8x16 x, int k) {
  const byte_quarters quarters = {w};
  const uint8x16_t by = vreinterpretq_u8_s32(vdupq_n_s32(((int32x4_t)x)[k]));
  sum_quarters s = {sum};
  for (int i = 0; i < 4; i++) s.u[i] = vdotq_u32(s.u[i], quarters.u[i], by);
  return s.v;
}
ALWAYS_INLINE int32_t sum_of_bytes(u8x16 x) {
  return (int32_t)vaddvq_u32(vdotq_u32(vdupq_n_u32(0), (uint8x16_t)x, vdupq_n_u8(1)));
}

// The bytes of activations in quads of pairs: those of the first pair and the second by turns.
ALWAYS_INLINE u8x16 low_bytes(int32x4_t first, int32x4_t second) {
  return (u8x16)vtrn1q_u8(vreinterpretq_u8_s32(first), vreinterpretq_u8_s32(second));
}
ALWAYS_INLINE u8x16 high_bytes(int32x4_t first, int32x4_t second) {
  return (u8x16)vtrn2q_u8(vreinterpretq_u8_s32(first), vreinterpretq_u8_s32(second));
}
ALWAYS_INLINE int32x4_t load_pairs(const int16_t *x) { return vreinterpretq_s32_s16(vld1q_s16(x)); }

// Of 16 columns, of which those 8 apart are together.
ALWAYS_INLINE u8x16 low_quads(const int16_t *x) { return low_bytes(load_pairs(x), load_pairs(x + 8)); }
ALWAYS_INLINE u8x16 high_quads(const int16_t *x) { return high_bytes(load_pairs(x), load_pairs(x + 8)); }

// Of a block, in the order of quads whose pairs are `step` apart.
typedef struct { u8x16 low[2], high[2]; } byte_quads;
ALWAYS_INLINE byte_quads quads_of_block(int step, const int16_t *x) {
  byte_quads quads;
  for (int i = 0; i < 2; i++) {
    const int32x4_t a = load_pairs(x + (step == 8 ? 8 * i : 16 * i));
    const int32x4_t b = load_pairs(x + (step == 8 ? 8 * i + 16 : 16 * i + 8));
    const int64x2_t wide_a = vreinterpretq_s64_s32(a), wide_b = vreinterpretq_s64_s32(b);
    const int32x4_t first = step == 1   ? vuzp1q_s32(a, b)
                            : step == 2 ? vreinterpretq_s32_s64(vuzp1q_s64(wide_a, wide_b))
                                        : a;
    const int32x4_t second = step == 1   ? vuzp2q_s32(a, b)
                             : step == 2 ? vreinterpretq_s32_s64(vuzp2q_s64(wide_a, wide_b))
                                         : b;
    quads.low[i] = low_bytes(first, second);
    quads.high[i] = high_bytes(first, second);
  }
  return quads;
}

#define KERNEL_SET pare_kernels_dotprod
#define KERNEL_SET_NAME "neon-dotprod"
#define UNROLL _Pragma("clang loop unroll(full)")
#define HAS_BYTE_DOTS
#include "kernels.inc"
#pragma clang attribute pop
#endif
