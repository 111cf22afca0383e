// The kernels for x86-64 with AVX-512, VNNI and VBMI: from Ice Lake and Zen 4 on.
#if defined(__x86_64__)
#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(                                                                            \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512vbmi,avx2,fma,f16c"))), \
    apply_to = function)
#include "avx512.h"

#define HAS_TABLES_OF_32
ALWAYS_INLINE u8x64 look_up_32(i16x32 table, u8x64 indices) {
  return (u8x64)_mm512_permutexvar_epi8((__m512i)indices, (__m512i)table);
}

#define KERNEL_SET pare_kernels_avx512
#define KERNEL_SET_NAME "avx512"
#include "kernels.inc"
#pragma clang attribute pop
#endif
