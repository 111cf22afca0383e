// The common part of the sets of kernels for 64-bit ARM.
#pragma once
#include <arm_neon.h>
#include "vectors.h"

// Whether this CPU has dot products of four bytes.
int pare_has_dot_products(void);

ALWAYS_INLINE f32x16 load_half(const void *p) {
  union { f32x16 v; float32x4_t quarter[4]; } x;
  for (int i = 0; i < 4; i++)
    x.quarter[i] = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8((const uint8_t *)p + 8 * i)));
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

#define HAS_TABLES_OF_32
ALWAYS_INLINE u8x64 look_up_32(i16x32 table, u8x64 indices) {
  const union { i16x32 v; uint8x16x2_t half[2]; } t = {table};
  union { u8x64 v; uint8x16_t quarter[4]; } q = {indices & 31};
  for (int i = 0; i < 4; i++) q.quarter[i] = vqtbl2q_u8(t.half[0], q.quarter[i]);
  return q.v;
}
