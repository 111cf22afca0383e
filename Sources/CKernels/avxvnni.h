// AVX-VNNI's dot products of bytes, besides avx2.h.
#pragma once
#define HAS_ADD_MADD
#include "avx2.h"

#define HAS_BYTE_DOTS
ALWAYS_INLINE i32x16 add_dot(i32x16 sum, u8x64 codes, i32x16 x) {
  const word_halves q = {(i16x32)codes}, y = {(i16x32)x};
  sum_halves s = {sum};
  __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(s.half[0]) : "x"(q.half[0]), "x"(y.half[0]));
  __asm__("%{vex%} vpdpbusd %2, %1, %0" : "+x"(s.half[1]) : "x"(q.half[1]), "x"(y.half[1]));
  return s.v;
}
