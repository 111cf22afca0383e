// One case for each kernel: random input of a random shape, from `next_random` alone, so that two sets of
// kernels that are run from the same seed are given the same; what they compute goes to `put`.
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>
#include "CKernels.h"

typedef void check_case(const pare_kernels *kernels);

// The sets' results: numbers, or bytes as numbers.
void put(float value);
uint64_t next_random(void);
// Zeroed memory that lasts until the case ends, 64-byte aligned.
void *scratch(size_t bytes);

static inline int up_to(int bound) { return 1 + (int)(next_random() % (uint64_t)bound); }
static inline int padded(int columns) { return (columns + 31) / 32 * 32; }
static inline int whole_groups(int columns) {
  return (columns + PARE_GROUP_COLUMNS - 1) / PARE_GROUP_COLUMNS * PARE_GROUP_COLUMNS;
}

static inline float *floats(int count) {
  float *x = scratch((size_t)count * sizeof *x);
  for (int i = 0; i < count; i++) x[i] = (float)(next_random() >> 40) * 0x1p-22f - 2;
  return x;
}
// As above, some of them numbers of any size, and no numbers.
static inline float *wild_floats(int count) {
  float *x = floats(count);
  for (int i = 0; i < count; i++)
    if (next_random() % 16 == 0) {
      const uint32_t bits = (uint32_t)next_random();
      memcpy(&x[i], &bits, 4);
    }
  return x;
}
static inline uint8_t *random_bytes(size_t count) {
  uint8_t *bytes = scratch(count);
  for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)next_random();
  return bytes;
}

static inline void put_floats(const float *x, int count) {
  for (int i = 0; i < count; i++) put(x[i]);
}
static inline void put_bytes(const void *x, size_t count) {
  for (size_t i = 0; i < count; i++) put(((const uint8_t *)x)[i]);
}

// Of each format and width of the cache.
check_case multiply_case, attention_case, store_case, encode_case, pack_case;
check_case elementwise_case, quantize_case, half_case, logarithm_case;
