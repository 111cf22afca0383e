#include "include/CKernels.h"

extern const pare_kernels pare_kernels_scalar;
#if defined(__x86_64__)
extern const pare_kernels pare_kernels_avx2, pare_kernels_avx512;
#elif defined(__aarch64__)
extern const pare_kernels pare_kernels_neon;
#endif

const pare_kernels *pare_kernels_at(int index) {
  const pare_kernels *sets[4];
  int count = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
    sets[count++] = &pare_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
    sets[count++] = &pare_kernels_avx2;
#elif defined(__aarch64__)
  sets[count++] = &pare_kernels_neon;  // a part of the architecture
#endif
  sets[count++] = &pare_kernels_scalar;
  return index >= 0 && index < count ? sets[index] : 0;
}
