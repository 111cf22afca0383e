// Offsets inside a packed tile; see CKernels.h for the layout in words.
#pragma once
#include "include/CKernels.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// Bytes of the code planes of a block of 16 × 32.
ALWAYS_INLINE size_t plane_bytes(int bits) { return (size_t)bits * PARE_TILE_ROWS * PARE_BLOCK_COLUMNS / 8; }

ALWAYS_INLINE size_t scale_bytes(int scales) {
  switch (scales) {
    case PARE_SCALE_D: return 32;
    case PARE_SCALE_DM: return 64;
    default: return 32;  // K32: 16 s, 16 m; K16: 2 × 16 nibble pairs; I16: 2 × 16 s
  }
}

ALWAYS_INLINE size_t super_bytes(int scales) {
  switch (scales) {
    case PARE_SCALE_K32:
    case PARE_SCALE_K16: return 64;
    case PARE_SCALE_I16: return 32;
    default: return 0;
  }
}

ALWAYS_INLINE size_t block_bytes(int bits, int scales) { return scale_bytes(scales) + plane_bytes(bits); }

// Scales that hold for 16 columns, not 32.
ALWAYS_INLINE int has_halves(int scales) { return scales == PARE_SCALE_K16 || scales == PARE_SCALE_I16; }
// Values of the form d·q + m.
ALWAYS_INLINE int is_affine(int scales) {
  return scales == PARE_SCALE_DM || scales == PARE_SCALE_K32 || scales == PARE_SCALE_K16;
}

// Widths of the two planes of a code: the low bits, then the high ones (0: none).
ALWAYS_INLINE int low_plane(int bits) { return bits == 3 ? 2 : bits == 5 || bits == 6 ? 4 : bits; }
ALWAYS_INLINE int high_plane(int bits) { return bits - low_plane(bits); }
