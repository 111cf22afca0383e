// The kernels for 64-bit ARM with NEON alone, which all such processors have.
#if defined(__aarch64__)
#include "neon.h"

#pragma STDC FP_CONTRACT OFF

// Even and odd columns of 8 rows are separated for widening multiply-adds. For weights that are multiplied by
// many tokens the compiler does it once.
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

#define KERNEL_SET pare_kernels_neon
#define KERNEL_SET_NAME "neon"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#endif
