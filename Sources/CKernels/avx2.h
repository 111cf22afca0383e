// What the sets of kernels with 256-bit vectors have in common; to be included where functions have AVX2, FMA and F16C.
#pragma once
#include <immintrin.h>
#include "vectors.h"

typedef union { i16x32 v; __m256i half[2]; } word_halves;
typedef union { i32x16 v; __m256i half[2]; } sum_halves;
typedef union { f32x16 v; __m256 half[2]; } float_halves;

ALWAYS_INLINE f32x16 load_half(const void *p) {
  float_halves x;
  x.half[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
  x.half[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p + 1));
  return x.v;
}

ALWAYS_INLINE void store_half(uint16_t *p, f32x16 v) {
  const float_halves x = {v};
  _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(x.half[0], _MM_FROUND_TO_NEAREST_INT));
  _mm_storeu_si128((__m128i *)p + 1, _mm256_cvtps_ph(x.half[1], _MM_FROUND_TO_NEAREST_INT));
}

ALWAYS_INLINE i16x32 look_up_bytes(i16x32 table, i16x32 indices) {
  const word_halves t = {table};
  word_halves q = {indices};
  q.half[0] = _mm256_shuffle_epi8(t.half[0], q.half[0]);
  q.half[1] = _mm256_shuffle_epi8(t.half[1], q.half[1]);
  return q.v;
}
