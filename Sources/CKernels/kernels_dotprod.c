// The kernels for 64-bit ARM with dot products of four bytes: Armv8.2 with FEAT_DotProd.
#if defined(__aarch64__)
#include "neon.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "dotprod.h"

#define BYTE_PANELS
#define BASE_SET pare_kernels_neon
#define PRODUCTS pare_products_dotprod
#define PRODUCTS_NAME "neon-dotprod"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "derived.inc"
#pragma clang attribute pop
#endif
