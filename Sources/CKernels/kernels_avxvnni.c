// The kernels for x86-64 with AVX-VNNI besides AVX2: Intel's since 2021 that have no AVX-512, and AMD's since
// Zen 5.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)
#define ADD_PRODUCTS(w, s) "%{vex%} vpdpwssd %[x], " w ", " s "\n"
#include "avxvnni.h"

ALWAYS_INLINE i32x16 add_madd(i32x16 sum, i16x32 a, i16x32 b) {
  // One instruction, where AVX2 has two for a product and its addition. By inline assembly, as with AVX-512.
  const word_halves x = {a}, y = {b};
  sum_halves s = {sum};
  __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(s.half[0]) : "x"(x.half[0]), "x"(y.half[0]));
  __asm__("%{vex%} vpdpwssd %2, %1, %0" : "+x"(s.half[1]) : "x"(x.half[1]), "x"(y.half[1]));
  return s.v;
}

#define BASE_SET pare_kernels_avx2
#define PRODUCTS pare_products_avxvnni
#define PRODUCTS_NAME "avxvnni"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "derived.inc"
#pragma clang attribute pop
#endif
