// The roofs of a core, memory and arithmetic, that the speed of the engine is compared with.
#include "vectors.h"

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static int64_t read_avx2(const uint8_t *p, size_t bytes) {
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (size_t i = 0; i + 128 <= bytes; i += 128) {
    a = _mm256_xor_si256(a, _mm256_loadu_si256((const __m256i *)(p + i)));
    b = _mm256_xor_si256(b, _mm256_loadu_si256((const __m256i *)(p + i + 32)));
    c = _mm256_xor_si256(c, _mm256_loadu_si256((const __m256i *)(p + i + 64)));
    d = _mm256_xor_si256(d, _mm256_loadu_si256((const __m256i *)(p + i + 96)));
  }
  return _mm256_extract_epi64(_mm256_xor_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(c, d)), 0);
}

#define TIMES_6(X) X(0) X(1) X(2) X(3) X(4) X(5)  // as many chains as fit the registers

// Products of bytes, widened twice and added: 3 instructions for 32 of them. The factors change, or the
// compiler would hoist the product out of the loop.
__attribute__((target("avx2"))) static double int8_avx2(int rounds, int32_t *result) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i codes = _mm256_set1_epi8(3);
#define SUM(i) __m256i sum##i = _mm256_setzero_si256(), w##i = _mm256_set1_epi8(i + 1);
  TIMES_6(SUM)
#undef SUM
  for (int r = 0; r < rounds; r++) {
#define ADD(i) \
  sum##i = _mm256_add_epi32(sum##i, _mm256_madd_epi16(_mm256_maddubs_epi16(codes, w##i), ones)); \
  __asm__("" : "+x"(w##i));
    TIMES_6(ADD)
#undef ADD
  }
#define COLLECT(i) codes = _mm256_xor_si256(codes, sum##i);
  TIMES_6(COLLECT)
#undef COLLECT
  *result = _mm256_extract_epi32(codes, 0);
  return 6.0 * 32 * rounds;
}

__attribute__((target("avx2,fma"))) static double fma_avx2(int rounds, float *result) {
  __m256 x = _mm256_set1_ps(0.5f);
  __m256 sum[12] = {x, x, x, x, x, x, x, x, x, x, x, x};
  for (int r = 0; r < rounds; r++) {
    __asm__("" : "+x"(x));
#pragma clang loop unroll(full)
    for (int i = 0; i < 12; i++) sum[i] = _mm256_fmadd_ps(sum[i], x, x);
  }
  for (int i = 1; i < 12; i++) sum[0] = _mm256_add_ps(sum[0], sum[i]);
  *result = _mm256_cvtss_f32(sum[0]);
  return 12.0 * 8 * rounds;
}
#elif defined(__aarch64__)
#include "neon.h"

// Enough sums side by side to hide the latency of an instruction, few enough for the registers. The factors
// change, or the compiler would hoist the product out of the loop.
#define CHAINS 24
#define FOR_EACH_CHAIN _Pragma("clang loop unroll(full)") for (int i = 0; i < CHAINS; i++)

ALWAYS_INLINE int32_t sum_of_chains(int32x4_t sum[CHAINS]) {
  FOR_EACH_CHAIN sum[0] = i ? vaddq_s32(sum[0], sum[i]) : sum[0];
  return vaddvq_s32(sum[0]);
}

__attribute__((target("dotprod"))) static double int8_dotprod(int rounds, int32_t *result) {
  int8x16_t codes = vdupq_n_s8(3);
  int32x4_t sum[CHAINS] = {};
  for (int r = 0; r < rounds; r++) {
    __asm__("" : "+w"(codes));
    FOR_EACH_CHAIN sum[i] = vdotq_s32(sum[i], codes, codes);
  }
  *result = sum_of_chains(sum);
  return CHAINS * 16.0 * rounds;
}

// Products of bytes in pairs, which fit 16 bits, and their sums: 3 instructions for 16.
static double int8_neon(int rounds, int32_t *result) {
  int8x16_t codes = vdupq_n_s8(3);
  int32x4_t sum[CHAINS] = {};
  for (int r = 0; r < rounds; r++)
    FOR_EACH_CHAIN {
      __asm__("" : "+w"(codes));
      const int16x8_t low = vmull_s8(vget_low_s8(codes), vget_low_s8(codes));
      sum[i] = vpadalq_s16(sum[i], vmlal_high_s8(low, codes, codes));
    }
  *result = sum_of_chains(sum);
  return CHAINS * 16.0 * rounds;
}

static double fma_neon(int rounds, float *result) {
  float32x4_t x = vdupq_n_f32(0.5f), sum[CHAINS] = {};
  for (int r = 0; r < rounds; r++) {
    __asm__("" : "+w"(x));
    FOR_EACH_CHAIN sum[i] = vfmaq_f32(sum[i], x, x);
  }
  FOR_EACH_CHAIN sum[0] = i ? vaddq_f32(sum[0], sum[i]) : sum[0];
  *result = vaddvq_f32(sum[0]);
  return CHAINS * 4.0 * rounds;
}
#endif

int64_t pare_roof_read(const uint8_t *p, size_t bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return read_avx2(p, bytes);
#endif
  int64_t sum = 0;
  for (size_t i = 0; i + 8 <= bytes; i += 8) {
    int64_t word;
    memcpy(&word, p + i, 8);
    sum ^= word;
  }
  return sum;
}

double pare_roof_int8(int rounds, int32_t *result) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return int8_avx2(rounds, result);
#elif defined(__aarch64__)
  return pare_has_dot_products() ? int8_dotprod(rounds, result) : int8_neon(rounds, result);
#endif
  int32_t sums[64] = {0};
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < 64; i++) sums[i] += (int8_t)(r + i) * (int8_t)i;
  for (int i = 0; i < 64; i++) *result ^= sums[i];
  return 64.0 * rounds;
}

double pare_roof_fma(int rounds, float *result) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fma_avx2(rounds, result);
#elif defined(__aarch64__)
  return fma_neon(rounds, result);
#endif
  float sums[64] = {0};
  for (int r = 0; r < rounds; r++)
    for (int i = 0; i < 64; i++) sums[i] = sums[i] * 0.5f + (float)i;
  for (int i = 0; i < 64; i++) *result += sums[i];
  return 64.0 * rounds;
}
