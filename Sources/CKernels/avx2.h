// The common part of the sets of kernels with 256-bit vectors; to be included where functions have AVX2, FMA
// and F16C, and ADD_PRODUCTS is defined; PAIRS_OF_STEP, 2 or 4, may be.
#pragma once
#include <immintrin.h>
#include "vectors.h"

typedef union { i16x32 v; __m256i half[2]; } word_halves;
typedef union { i32x16 v; __m256i half[2]; } sum_halves;
typedef union { f32x16 v; __m256 half[2]; } float_halves;

#ifndef HAS_ADD_MADD  // sets with an instruction for it have their own
ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  const word_halves x = {a}, y = {b};
  sum_halves products;
  products.half[0] = _mm256_madd_epi16(x.half[0], y.half[0]);
  products.half[1] = _mm256_madd_epi16(x.half[1], y.half[1]);
  return (i32x16)((u32x16)sum + (u32x16)products.v);
}
#endif

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

#ifndef PAIRS_OF_STEP
#define PAIRS_OF_STEP 4
#endif

// The sums of six tokens over `pairs` pairs of columns, a multiple of PAIRS_OF_STEP, of the weights of a panel. They fill
// the registers; when the compiler unrolls such a loop it regroups sums, and spills some. ADD_PRODUCTS(w, s)
// stands for s += w × x, with p for the products.
#define HAS_RUNS_OF_SIX
ALWAYS_INLINE void add_run(i32x16 sums[6], const i16x32 *weights, const int16_t *codes, int pairs) {
  sum_halves s[6];
  for (int t = 0; t < 6; t++) s[t].v = sums[t];
  __m256i w0, w1, x, p;
#define TEXT(x) TEXT_OF(x)
#define TEXT_OF(x) #x
#define ADD_TOKEN(place, t) \
  "vpbroadcastd " #place "(%[codes]), %[x]\n"                              \
      ADD_PRODUCTS("%[w0]", "%[s" #t "]") ADD_PRODUCTS("%[w1]", "%[r" #t "]")
#define ADD_PAIR(at, c0, c1, c2, c3, c4, c5)                                                 \
  "vmovdqa " #at "(%[weights]), %[w0]\n vmovdqa " #at "+32(%[weights]), %[w1]\n" ADD_TOKEN(c0, 0) \
      ADD_TOKEN(c1, 1) ADD_TOKEN(c2, 2) ADD_TOKEN(c3, 3) ADD_TOKEN(c4, 4) ADD_TOKEN(c5, 5)
#define SUMS_OF(t) [s##t] "+x"(s[t].half[0]), [r##t] "+x"(s[t].half[1])
  __asm__ volatile(
      ".p2align 5\n1:\n"
      ADD_PAIR(0, 0, 4, 8, 12, 16, 20) ADD_PAIR(64, 24, 28, 32, 36, 40, 44)
#if PAIRS_OF_STEP == 4
      ADD_PAIR(128, 48, 52, 56, 60, 64, 68) ADD_PAIR(192, 72, 76, 80, 84, 88, 92)
#endif
      "add $(64*" TEXT(PAIRS_OF_STEP) "), %[weights]\n add $(24*" TEXT(PAIRS_OF_STEP) "), %[codes]\n"
      "sub $" TEXT(PAIRS_OF_STEP) ", %[pairs]\n jnz 1b\n"
      : SUMS_OF(0), SUMS_OF(1), SUMS_OF(2), SUMS_OF(3), SUMS_OF(4), SUMS_OF(5), [w0] "=&x"(w0),
        [w1] "=&x"(w1), [x] "=&x"(x), [p] "=&x"(p), [weights] "+r"(weights), [codes] "+r"(codes),
        [pairs] "+r"(pairs)
      :
      : "memory", "cc");
#undef SUMS_OF
#undef ADD_PAIR
#undef ADD_TOKEN
#undef TEXT_OF
#undef TEXT
  for (int t = 0; t < 6; t++) sums[t] = s[t].v;
}
