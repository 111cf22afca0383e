// Products with narrow activations, for x86-64 with AVX-512 and VNNI.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#include "avx512.h"

#define NARROW
#define BYTE_PANELS
#define BASE_SET pare_kernels_avx512vnni
#define PRODUCTS pare_narrow_avx512
#define PRODUCTS_NAME NULL
#include "derived.inc"
#pragma clang attribute pop
#endif
