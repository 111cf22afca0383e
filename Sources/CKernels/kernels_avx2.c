// The kernels for x86-64 with AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  union { i16x32 v; __m256i half[2]; } x = {a}, y = {b};
  union { i32x16 v; __m256i half[2]; } products;
  products.half[0] = _mm256_madd_epi16(x.half[0], y.half[0]);
  products.half[1] = _mm256_madd_epi16(x.half[1], y.half[1]);
  return sum + products.v;
}

ALWAYS_INLINE f32x16 load_half(const void *p) {
  union { f32x16 v; __m256 half[2]; } x;
  x.half[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
  x.half[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1));
  return x.v;
}

ALWAYS_INLINE void store_half(uint16_t *p, f32x16 v) {
  union { f32x16 v; __m256 half[2]; } x = {v};
  _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(x.half[0], _MM_FROUND_TO_NEAREST_INT));
  _mm_storeu_si128((__m128i *)p + 1, _mm256_cvtps_ph(x.half[1], _MM_FROUND_TO_NEAREST_INT));
}

ALWAYS_INLINE i16x32 look_up_bytes(i16x32 table, i16x32 indices) {
  union { i16x32 v; __m256i half[2]; } t = {table}, q = {indices};
  q.half[0] = _mm256_shuffle_epi8(t.half[0], q.half[0]);
  q.half[1] = _mm256_shuffle_epi8(t.half[1], q.half[1]);
  return q.v;
}

#define KERNEL_SET pare_kernels_avx2
#define KERNEL_SET_NAME "avx2"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#pragma clang attribute pop
#endif
