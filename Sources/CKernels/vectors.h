// Vectors of 64 bytes for every instruction set: the compiler splits them where registers are narrower.
#pragma once
#include <float.h>
#include <math.h>
#include <string.h>
#include "layout.h"

// Every function that takes or returns a vector is inlined, so how they would be passed does not matter.
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
