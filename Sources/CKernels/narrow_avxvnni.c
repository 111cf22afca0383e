// Products with narrow activations, for x86-64 with AVX-VNNI.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)
#define ADD_PRODUCTS(w, s) "%{vex%} vpdpwssd %[x], " w ", " s "\n"
#include "avxvnni.h"

#define NARROW
#define BYTE_PANELS
#define BASE_SET pare_kernels_avx2
#define PRODUCTS pare_narrow_avxvnni
#define PRODUCTS_NAME NULL
#define UNROLL _Pragma("clang loop unroll(full)")
#include "derived.inc"
#pragma clang attribute pop
#endif
