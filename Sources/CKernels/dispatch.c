#include "layout.h"

extern const pare_kernels pare_kernels_scalar;
#if defined(__x86_64__)
extern const pare_kernels pare_kernels_avx2, pare_kernels_avx512vnni;
extern const pare_products pare_products_avxvnni, pare_products_avx512, pare_narrow_avxvnni, pare_narrow_avx512,
    pare_narrow_avx2;
#elif defined(__aarch64__)
#include "neon.h"
#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

extern const pare_kernels pare_kernels_neon;
extern const pare_products pare_products_dotprod, pare_narrow_dotprod;

int pare_has_dot_products(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__APPLE__)
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname("hw.optional.arm.FEAT_DotProd", &has, &size, NULL, 0) == 0 && has;
#else
  return 0;
#endif
}
#endif

// Before main, since threads that ask later must find the same tables.
#if defined(__x86_64__)
static pare_kernels avx2, avxvnni, avx512, avx512vnni;
#elif defined(__aarch64__)
static pare_kernels dotprod;
#endif
static pare_kernels derived(const pare_products *from, const pare_products *narrow) {
  pare_kernels set = *narrow->base;
  set.narrow_of_one = narrow->codes_of_one;
  set.narrow_of_many = narrow->codes_of_many;
  set.takes_pairs_too = narrow->takes_pairs_too;
  set.multiply_narrow = narrow->multiply;
  if (!from) return set;
  set.name = from->name;
  set.codes_of_one = from->codes_of_one;
  set.codes_of_many = from->codes_of_many;
  set.multiply = from->multiply;
  return set;
}
__attribute__((constructor)) static void derive_sets(void) {
#if defined(__x86_64__)
  avxvnni = derived(&pare_products_avxvnni, &pare_narrow_avxvnni);
  avx512 = derived(&pare_products_avx512, &pare_narrow_avx512);
  avx512vnni = derived(NULL, &pare_narrow_avx512);
  avx2 = derived(NULL, &pare_narrow_avx2);
#elif defined(__aarch64__)
  dotprod = derived(&pare_products_dotprod, &pare_narrow_dotprod);
#endif
}

const pare_kernels *pare_kernels_at(int index) {
  const pare_kernels *sets[5];
  int count = 0;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni")) {
    if (__builtin_cpu_supports("avx512vbmi")) sets[count++] = &avx512;
    sets[count++] = &avx512vnni;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")) {
    if (__builtin_cpu_supports("avxvnni")) sets[count++] = &avxvnni;
    sets[count++] = &avx2;
  }
#elif defined(__aarch64__)
  if (pare_has_dot_products()) sets[count++] = &dotprod;
  sets[count++] = &pare_kernels_neon;  // every such CPU has it
#endif
  sets[count++] = &pare_kernels_scalar;
  return index >= 0 && index < count ? sets[index] : 0;
}
