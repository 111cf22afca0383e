// ARM's dot products of bytes, besides neon.h; to be included where functions have them.
#pragma once
#include "neon.h"

ALWAYS_INLINE i32x16 add_dot(i32x16 sum, u8x64 codes, i32x16 x) {
  const union { u8x64 v; int8x16_t quarter[4]; } q = {codes};
  const union { i32x16 v; int8x16_t quarter[4]; } y = {x};
  union { i32x16 v; int32x4_t quarter[4]; } s = {sum};
  for (int i = 0; i < 4; i++) s.quarter[i] = vdotq_s32(s.quarter[i], q.quarter[i], y.quarter[i]);
  return s.v;
}

#define HAS_BYTE_DOTS
#define DOTS_TAKE_SIGNED
