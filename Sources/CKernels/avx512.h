// The common part of the sets of kernels with 512-bit vectors; to be included where functions have AVX-512's
// byte and word instructions and VNNI.
#pragma once
#include <immintrin.h>
#include "vectors.h"

// By inline assembly: from an intrinsic the compiler makes a product and a sum where it can, to shorten
// dependency chains that are not the bottleneck.
ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
  return sum;
}
ALWAYS_INLINE i32x16 add_dot(i32x16 sum, u8x64 codes, i32x16 x) {
  __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(codes), "v"(x));
  return sum;
}

ALWAYS_INLINE f32x16 load_half(const void *p) {
  return (f32x16)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

ALWAYS_INLINE void store_half(uint16_t *p, f32x16 v) {
  _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT));
}

ALWAYS_INLINE i16x32 look_up_bytes(i16x32 table, i16x32 indices) {
  return (i16x32)_mm512_shuffle_epi8((__m512i)table, (__m512i)indices);
}

#define HAS_BYTE_DOTS
#define TILES_AT_ONCE 2
#define UNROLL _Pragma("clang loop unroll(full)")
