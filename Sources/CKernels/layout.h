// Offsets inside a packed tile; see CKernels.h for the layout in words.
#pragma once
#include "include/CKernels.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

// A set of kernels that differs from another in its products alone.
typedef struct {
  const char *name;
  const pare_kernels *base;
  int32_t codes_of_one, codes_of_many, takes_pairs_too;
  pare_multiply_kernel *multiply;
} pare_products;

#define BLOCKS_IN_GROUP (PARE_GROUP_COLUMNS / PARE_BLOCK_COLUMNS)

// Bytes of the code planes of a block of 16 × 32.
ALWAYS_INLINE size_t plane_bytes(int bits) { return (size_t)bits * PARE_TILE_ROWS * PARE_BLOCK_COLUMNS / 8; }

// Bytes of the scales of a block; K32: 16 s, 16 m; K16: 2 × 16 pairs of nibbles; I16: 2 × 16 s.
#define SCALE_BYTES(scales)                                                        \
  ((scales) == PARE_SCALE_DM || (scales) == PARE_SCALE_D16                    ? 64 \
   : (scales) == PARE_SCALE_I32 || (scales) == PARE_SCALE_E32                 ? 16 \
   : (scales) == PARE_SCALE_ONE                                               ? 0  \
                                                                              : 32)
// Bytes of the scales of 8 blocks, before them.
#define SUPER_BYTES(scales)                                      \
  ((scales) == PARE_SCALE_K32 || (scales) == PARE_SCALE_K16 ? 64 \
   : (scales) == PARE_SCALE_I16 || (scales) == PARE_SCALE_I32 ? 32 : 0)

ALWAYS_INLINE size_t scale_bytes(int scales) { return SCALE_BYTES(scales); }
ALWAYS_INLINE size_t super_bytes(int scales) { return SUPER_BYTES(scales); }
ALWAYS_INLINE size_t block_bytes(int bits, int scales) { return scale_bytes(scales) + plane_bytes(bits); }

// Scales that hold for 16 columns, not 32.
ALWAYS_INLINE int has_halves(int scales) {
  return scales == PARE_SCALE_K16 || scales == PARE_SCALE_I16 || scales == PARE_SCALE_D16;
}
// Values of the form d·q + m.
ALWAYS_INLINE int is_affine(int scales) {
  return scales == PARE_SCALE_DM || scales == PARE_SCALE_K32 || scales == PARE_SCALE_K16;
}

// The number of columns over which integer sums of products fit 32 bits, where weights are whole numbers
// times the scale of their super-block and that is more columns than share a whole scale; else 0.
ALWAYS_INLINE int whole_run(int bits, int scales, int zero) {
  if (scales == PARE_SCALE_ONE) return PARE_GROUP_COLUMNS;
  if (zero == PARE_TABLE || zero == PARE_TRELLIS || !SUPER_BYTES(scales)) return 0;
  const int64_t codes = (1 << bits) - 1;
  const int64_t largest = scales == PARE_SCALE_K32   ? codes * (bits == 4 ? 127 : 255)
                          : scales == PARE_SCALE_K16 ? codes * 15
                                                     : 128 * zero;
  const int64_t fit = INT32_MAX / (largest * PARE_CODE_MAX);
  if (fit >= PARE_GROUP_COLUMNS) return PARE_GROUP_COLUMNS;
  return has_halves(scales) && fit >= PARE_BLOCK_COLUMNS ? PARE_BLOCK_COLUMNS : 0;
}

// Levels of trellis codes of a width, in rising order.
ALWAYS_INLINE const int8_t *trellis_levels(int bits) {
  static const int8_t one[4] = {-127, -35, 35, 127};
  static const int8_t three[16] = {-127, -91, -70, -54, -40, -28, -16, -6, 6, 16, 28, 40, 54, 70, 91, 127};
  return bits == 1 ? one : three;
}
// The coset, one of four, that a window of first bits selects: its own bit above, the two before it below.
ALWAYS_INLINE int trellis_coset(int window) {
  return (window >> 1 & 1) | ((window ^ window >> 1 ^ window >> 2) & 1) << 1;
}

// Widths of the two planes of a code: the low bits, then the high ones (0: none).
ALWAYS_INLINE int low_plane(int bits) { return bits == 3 ? 2 : bits == 5 || bits == 6 ? 4 : bits; }
ALWAYS_INLINE int high_plane(int bits) { return bits - low_plane(bits); }

// The column of a block that comes n-th in the chains of trellis codes, even and odd columns by turns.
ALWAYS_INLINE int trellis_column(int n) { return n / 16 * 8 + n / 8 % 2 * 16 + n % 8; }

// Columns that a group of keys or values with `n` columns left has room for, its bytes, and those of a tile.
ALWAYS_INLINE int kv_columns(int bits, int n) { return n > 16 || bits == 4 ? 32 : 16; }
ALWAYS_INLINE size_t kv_group_bytes(int bits, int n) {
  return (size_t)kv_columns(bits, n) * PARE_KV_TILE * (size_t)bits / 8 + (bits == 16 ? 0 : 32);
}
ALWAYS_INLINE size_t kv_tile_bytes(int bits, int width) {
  size_t bytes = (size_t)(width / 32) * kv_group_bytes(bits, 32);
  return width % 32 ? bytes + kv_group_bytes(bits, width % 32) : bytes;
}
