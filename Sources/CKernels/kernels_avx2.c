// The kernels for x86-64 with AVX2, FMA and F16C.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define ADD_PRODUCTS(w, s) "vpmaddwd %[x], " w ", %[p]\n vpaddd %[p], " s ", " s "\n"
#include "avx2.h"

ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  const word_halves x = {a}, y = {b};
  sum_halves products;
  products.half[0] = _mm256_madd_epi16(x.half[0], y.half[0]);
  products.half[1] = _mm256_madd_epi16(x.half[1], y.half[1]);
  return (i32x16)((u32x16)sum + (u32x16)products.v);
}

#define KERNEL_SET pare_kernels_avx2
#define KERNEL_SET_NAME "avx2"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#pragma clang attribute pop
#endif
