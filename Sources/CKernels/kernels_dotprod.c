// The kernels for 64-bit ARM with dot products of four bytes: Armv8.2 with FEAT_DotProd.
#if defined(__aarch64__)
#include "neon.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

ALWAYS_INLINE i32x16 add_dot(i32x16 sum, u8x64 codes, i32x16 x) {
  const union { u8x64 v; int8x16_t quarter[4]; } q = {codes};
  const union { i32x16 v; int8x16_t quarter[4]; } y = {x};
  union { i32x16 v; int32x4_t quarter[4]; } s = {sum};
  for (int i = 0; i < 4; i++) s.quarter[i] = vdotq_s32(s.quarter[i], q.quarter[i], y.quarter[i]);
  return s.v;
}

#define HAS_BYTE_DOTS
#define DOTS_TAKE_SIGNED
#define BYTE_PANELS
#define BASE_SET pare_kernels_neon
#define PRODUCTS pare_products_dotprod
#define PRODUCTS_NAME "neon-dotprod"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "derived.inc"
#pragma clang attribute pop
#endif
