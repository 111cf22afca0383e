// The kernels for x86-64 with AVX-512, VNNI and VBMI: from Ice Lake and Zen 4 on. VBMI makes a difference to trellis codes.
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

#define FORMATS PARE_TRELLIS_FORMATS
#define PANEL_KINDS(X) X(D, PARE_SCALE_D, 0)
#define BASE_SET pare_kernels_avx512vnni
#define PRODUCTS pare_products_avx512
#define PRODUCTS_NAME "avx512"
#include "derived.inc"
#pragma clang attribute pop
#endif
