// Vectors of 64 bytes for every instruction set: the compiler splits them where registers are narrower.
#pragma once
#include <float.h>
#include <math.h>
#include <string.h>
#include "layout.h"

// Every function that takes or returns a vector is inlined, so the calling convention does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float f32x16 __attribute__((vector_size(64)));
typedef int32_t i32x16 __attribute__((vector_size(64)));
typedef uint32_t u32x16 __attribute__((vector_size(64)));
typedef int16_t i16x32 __attribute__((vector_size(64)));
typedef uint16_t u16x32 __attribute__((vector_size(64)));
typedef uint16_t u16x16 __attribute__((vector_size(32)));
typedef int16_t i16x16 __attribute__((vector_size(32)));
typedef uint8_t u8x64 __attribute__((vector_size(64)));
typedef int8_t i8x64 __attribute__((vector_size(64)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int8_t i8x16 __attribute__((vector_size(16)));

// The same, at any address.
typedef float f32x16u __attribute__((vector_size(64), aligned(4)));
typedef u16x32 u16x32u __attribute__((aligned(2)));
typedef u16x16 u16x16u __attribute__((aligned(2)));
typedef i16x16 i16x16u __attribute__((aligned(2)));
typedef u8x16 u8x16u __attribute__((aligned(1)));
typedef i8x16 i8x16u __attribute__((aligned(1)));

ALWAYS_INLINE float half_to_float(uint16_t h) {
  uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff, bits;
  float f;
  if (rest < 0x400) {  // subnormal: a multiple of 2^-24
    f = (float)rest * 5.9604644775390625e-8f;
    memcpy(&bits, &f, 4);
  } else {
    bits = rest >= 0x7c00 ? 0x7f800000 | (rest & 0x3ff) << 13 : (rest << 13) + (112u << 23);
  }
  bits |= sign;
  memcpy(&f, &bits, 4);
  return f;
}
