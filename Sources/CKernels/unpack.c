// Unpacking: the codes and scales of packed weights, for exports to other formats.
#include "vectors.h"

static float half_at(const uint8_t *halves, int index) {
  uint16_t bits;
  memcpy(&bits, halves + 2 * index, 2);
  return half_to_float(bits);
}

// The bits of a code that lie in a plane of `bits`; see put_plane in pack.c.
static int part(const uint8_t *plane, int bits, int row, int column) {
  const int quad = column / 16 * 4 + column % 8 / 2, byte = column % 2 * 2 + column % 16 / 8,
      per_vector = 8 / bits;
  return plane[64 * (quad / per_vector) + 4 * row + byte] >> bits * (quad % per_vector) & ((1 << bits) - 1);
}

static int code(int bits, const uint8_t *planes, int row, int column) {
  const int low = low_plane(bits), high = high_plane(bits);
  return part(planes, low, row, column) |
      (high ? part(planes + plane_bytes(low), high, row, column) << low : 0);
}

// The levels of a block of trellis codes, whose chains begin in blocks before it: `super_block` is the first
// one's codes.
static void trellis(const pare_format_info *info, const uint8_t *super_block, int block, int row,
                    int16_t *levels) {
  int windows[2] = {0, 0};  // first bits of even and of odd columns
  for (int b = 0; b <= block; b++) {
    const uint8_t *planes = super_block + (size_t)b * info->block_bytes;
    for (int n = 0; n < PARE_BLOCK_COLUMNS; n++) {
      const int column = trellis_column(n), parity = column % 2;
      windows[parity] = (windows[parity] << 1 | part(planes, 1, row, column)) & 7;
      if (b < block) continue;
      const int rest = info->bits == 3 ? part(planes + plane_bytes(1), 2, row, column) : 0;
      levels[column] = trellis_levels(info->bits)[4 * rest + trellis_coset(windows[parity])];
    }
  }
}

void pare_unpack_block(const pare_matrix *matrix, int row, int block, int16_t codes[PARE_BLOCK_COLUMNS],
                       float scales[2], float offsets[2]) {
  const pare_format_info *info = pare_format_info_of(matrix->format);
  const size_t super_block = info->super_bytes + 8 * info->block_bytes;
  const size_t scale_size = scale_bytes(info->scales);
  const size_t tile_size = pare_tile_bytes(matrix->format, matrix->columns);
  const uint8_t *super = matrix->data + row / PARE_TILE_ROWS * tile_size + block / 8 * super_block;
  const uint8_t *first = super + info->super_bytes, *own = first + block % 8 * info->block_bytes;
  const int r = row % PARE_TILE_ROWS;
  if (info->zero == PARE_TRELLIS)
    trellis(info, first + scale_size, block % 8, r, codes);
  else
    for (int c = 0; c < PARE_BLOCK_COLUMNS; c++) {
      const int q = code(info->bits, own + scale_size, r, c);
      codes[c] = (int16_t)(info->bits == 8 ? (int8_t)q : q - info->zero);
    }
  for (int h = 0; h < 2; h++) {
    float d = 0, m = 0;
    switch (info->scales) {
      case PARE_SCALE_D: d = half_at(own, r); break;
      case PARE_SCALE_K32:
        d = half_at(super, r) * own[r];
        m = -half_at(super, 16 + r) * own[16 + r];
        break;
      case PARE_SCALE_K16:
        d = half_at(super, r) * (own[16 * h + r] & 15);
        m = -half_at(super, 16 + r) * (own[16 * h + r] >> 4);
        break;
      case PARE_SCALE_I32: d = half_at(super, r) * (int8_t)own[r]; break;
    }
    scales[h] = d * matrix->factor;
    offsets[h] = m * matrix->factor;
  }
}
