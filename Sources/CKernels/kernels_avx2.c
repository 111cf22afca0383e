// The kernels for x86-64 with AVX2, FMA and F16C.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define ADD_PRODUCTS(w, s) "vpmaddwd %[x], " w ", %[p]\n vpaddd %[p], " s ", " s "\n"
#include "avx2.h"

#define KERNEL_SET pare_kernels_avx2
#define KERNEL_SET_NAME "avx2"
#define UNROLL _Pragma("clang loop unroll(full)")
#include "kernels.inc"
#pragma clang attribute pop
#endif
