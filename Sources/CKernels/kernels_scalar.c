// The kernels for any CPU: plain C, the yardstick for every other set.
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF

ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  i32x16 products;
  for (int i = 0; i < 16; i++) products[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return (i32x16)((u32x16)sum + (u32x16)products);
}

// Rounds to nearest even, as the hardware does.
ALWAYS_INLINE uint16_t float_to_half(float f) {
  uint32_t bits;
  memcpy(&bits, &f, 4);
  uint32_t sign = bits >> 16 & 0x8000, rest = bits & 0x7fffffff;
  if (rest > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (rest >> 13 & 0x3ff));
  if (rest >= 0x477ff000) return (uint16_t)(sign | 0x7c00);  // rounds to 2^16 or more
  if (rest < 0x38800000) {                                    // subnormal: add 0.5, where f32 has 2^-24 steps
    float magnitude;
    memcpy(&magnitude, &rest, 4);
    magnitude += 0.5f;
    memcpy(&rest, &magnitude, 4);
    return (uint16_t)(sign | (rest - 0x3f000000));
  }
  rest += 0xfff + (rest >> 13 & 1);
  return (uint16_t)(sign | (rest - (112u << 23)) >> 13);
}

ALWAYS_INLINE f32x16 load_half(const void *p) {
  uint16_t half[16];
  memcpy(half, p, 32);
  f32x16 v;
  for (int i = 0; i < 16; i++) v[i] = half_to_float(half[i]);
  return v;
}

ALWAYS_INLINE void store_half(uint16_t *p, f32x16 v) {
  for (int i = 0; i < 16; i++) p[i] = float_to_half(v[i]);
}

ALWAYS_INLINE i16x32 look_up_bytes(i16x32 table, i16x32 indices) {
  const uint8_t *values = (const uint8_t *)&table;
  uint8_t *bytes = (uint8_t *)&indices;
  for (int i = 0; i < 64; i++) bytes[i] = values[bytes[i] & 15];
  return indices;
}

#define KERNEL_SET pare_kernels_scalar
#define KERNEL_SET_NAME "scalar"
#define UNROLL
#define ONE_CODE_FOR_ALL
#include "kernels.inc"
