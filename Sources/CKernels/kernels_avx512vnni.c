// The kernels for x86-64 with AVX-512 and VNNI, but without VBMI: Cascade Lake and Cooper Lake.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                            \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), \
    apply_to = function)
#include "avx512.h"

#define KERNEL_SET pare_kernels_avx512vnni
#define KERNEL_SET_NAME "avx512vnni"
#include "kernels.inc"
#pragma clang attribute pop
#endif
