// The kernels for x86-64 with AVX-512: its byte and word instructions, and VNNI's fused multiply-add of pairs.
#if defined(__x86_64__)
#include <immintrin.h>
#include "vectors.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                            \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  // By name: where it can, the compiler makes a product and a sum of it, to shorten chains that are not what is waited for.
  __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
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

#define HAS_WORD_TABLES
ALWAYS_INLINE i16x32 look_up_words(i16x32 table, i16x32 indices) {
  return (i16x32)_mm512_permutexvar_epi16((__m512i)indices, (__m512i)table);
}

#define TILES_AT_ONCE 2
#define KERNEL_SET pare_kernels_avx512
#define KERNEL_SET_NAME "avx512"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#pragma clang attribute pop
#endif
