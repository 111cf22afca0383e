// The kernels for 64-bit ARM: NEON, which all such processors have.
#if defined(__aarch64__)
#include <arm_neon.h>
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF

// Even and odd columns of 8 rows are parted, so that widening multiply-adds take them. Of weights that many tokens are
// multiplied by, the compiler does it once.
ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  union { i16x32 v; int16x8_t quarter[4]; } x = {a}, y = {b};
  union { i32x16 v; int32x4_t quarter[4]; } s = {sum};
  for (int i = 0; i < 4; i += 2) {
    const int16x8_t x_even = vuzp1q_s16(x.quarter[i], x.quarter[i + 1]);
    const int16x8_t x_odd = vuzp2q_s16(x.quarter[i], x.quarter[i + 1]);
    const int16x8_t y_even = vuzp1q_s16(y.quarter[i], y.quarter[i + 1]);
    const int16x8_t y_odd = vuzp2q_s16(y.quarter[i], y.quarter[i + 1]);
    s.quarter[i] = vmlal_s16(s.quarter[i], vget_low_s16(x_even), vget_low_s16(y_even));
    s.quarter[i] = vmlal_s16(s.quarter[i], vget_low_s16(x_odd), vget_low_s16(y_odd));
    s.quarter[i + 1] = vmlal_high_s16(s.quarter[i + 1], x_even, y_even);
    s.quarter[i + 1] = vmlal_high_s16(s.quarter[i + 1], x_odd, y_odd);
  }
  return s.v;
}

ALWAYS_INLINE f32x16 load_half(const void *p) {
  union { f32x16 v; float32x4_t quarter[4]; } x;
  for (int i = 0; i < 4; i++) x.quarter[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8((const uint8_t *)p + 8 * i)));
  return x.v;
}

ALWAYS_INLINE void store_half(uint16_t *p, f32x16 v) {
  union { f32x16 v; float32x4_t quarter[4]; } x = {v};
  for (int i = 0; i < 4; i++) vst1_u16(p + 4 * i, vreinterpret_u16_f16(vcvt_f16_f32(x.quarter[i])));
}

ALWAYS_INLINE i16x32 look_up_bytes(i16x32 table, i16x32 indices) {
  union { i16x32 v; uint8x16_t quarter[4]; } t = {table}, q = {indices};
  for (int i = 0; i < 4; i++) q.quarter[i] = vqtbl1q_u8(t.quarter[0], q.quarter[i]);
  return q.v;
}

#define KERNEL_SET pare_kernels_neon
#define KERNEL_SET_NAME "neon"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#endif
