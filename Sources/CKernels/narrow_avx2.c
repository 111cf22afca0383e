// Products with narrow activations, for x86-64 with AVX2: see byte_products.inc.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define ADD_PRODUCTS(w, s) "vpmaddubsw %[x], " w ", %[p]\n vpaddw %[p], " s ", " s "\n"
#define PAIRS_OF_STEP 2
#include "avx2.h"

ALWAYS_INLINE i16x32 add_bytes(i16x32 sum, u8x64 codes, i32x16 x) {
  const word_halves q = {(i16x32)codes}, y = {(i16x32)x};
  word_halves products;
  products.half[0] = _mm256_maddubs_epi16(q.half[0], y.half[0]);
  products.half[1] = _mm256_maddubs_epi16(q.half[1], y.half[1]);
  return sum + products.v;
}

#define NARROW
#define HAS_BYTE_PRODUCTS
#define BASE_SET pare_kernels_avx2
#define PRODUCTS pare_narrow_avx2
#define PRODUCTS_NAME NULL
#define UNROLL _Pragma("clang loop unroll(full)")
#include "derived.inc"
#pragma clang attribute pop
#endif
